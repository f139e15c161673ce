//! What holds for every input, tried on many: one file per subject. A case that fails is written to
//! `tests/proptest-regressions/`; it is committed with what mends it, and tried first from then on.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the report")]

mod events;
mod fold;
mod journal;
mod json;
mod manifest;
mod plan;
mod point;
#[allow(dead_code, reason = "the values' own tests use the rest")]
#[path = "../values/sample.rs"]
mod sample;
mod version;
