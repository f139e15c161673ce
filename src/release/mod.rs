//! What a release is: values and decisions. No IO, no async, no clock.

pub mod code;
pub mod failure;
pub mod fingerprint;
pub mod text;
pub mod version;
