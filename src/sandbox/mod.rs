//! The practice world: a release host on loopback and a workspace to publish from.

mod error;
pub mod host;
mod lay;
pub mod samples;
mod scenario;
pub mod world;

pub use error::SandboxError;
pub use host::{Config, Host};
pub use scenario::{Scenario, UnknownScenario};
pub use world::{Options, World};
