//! The console through the real binary, on a terminal of its own.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../support/mod.rs"]
mod support;

mod dashboard;
mod going_on;
mod hostile;
mod keys;
mod leaving;
mod looks;
mod newcomer;
mod panicking;
mod practising;
mod refusing;
mod resize;
mod screen;
mod verbose;
mod versions;
