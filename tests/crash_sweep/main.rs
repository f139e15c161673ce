//! Killed, or refused, at every operation on a file and between any two steps: facts/TRUST.md rows 13, 14 and 30, and
//! the "Manifest update protocol". Needs the feature `failpoints`; `NEXY_SWEEP=all` tries every case.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../support/mod.rs"]
mod support;

mod acts;
mod disk;
mod kills;
mod power;
mod refusals;
