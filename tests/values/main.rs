//! The values of a release through the library's public face: one file per module of `src/release`.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the report")]

mod appcast;
mod appcast_refused;
mod artifact;
mod code;
mod fingerprint;
mod json;
mod manifest;
mod manifest_changes;
mod notes;
mod plan;
mod plan_hash;
mod point;
mod sample;
mod served;
mod signature;
mod sparkle;
mod text;
mod version;
