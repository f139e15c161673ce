//! git, the installed program: what it knows of the workspace, and the one commit that a release makes there.

pub mod address;
mod locks;
pub mod obstacles;
pub mod reader;
pub mod writer;
