//! nexy-release: publish one version under one tag as one set of bytes, and move the manifest last.
//!
//! Arrows go one way: `front → engine → world → release`. `sandbox` is reached only over its sockets.

pub mod cli;
pub mod commands;
pub mod engine;
pub mod front;
pub mod guide;
pub mod release;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod settings;
pub mod world;
