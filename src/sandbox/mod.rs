//! The practice world: a release host on loopback, a VM, and a workspace to publish from.

pub mod azure;
mod error;
mod flaky;
pub mod host;
mod lay;
mod resume;
pub mod samples;
mod scenario;
pub mod world;

pub use error::SandboxError;
pub use host::{Config, Host};
pub use scenario::{Scenario, UnknownScenario};
pub use world::{Options, World};
