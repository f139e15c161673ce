//! `version read`, `set` and `check` on the tree of facts/NEXY.md "Version points": SPEC S3, §5.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../support/mod.rs"]
mod support;

mod died;
mod drift;
mod refused;
mod set;
mod tree;
