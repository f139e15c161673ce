//! What a release is: values and decisions. No IO, no async, no clock.

pub mod appcast;
pub mod artifact;
pub mod checklist;
pub mod code;
pub mod failure;
pub mod fingerprint;
pub mod journal;
pub mod json;
pub mod manifest;
pub mod mark;
pub mod nearest;
pub mod notes;
pub mod offer;
pub mod plan;
pub mod point;
pub mod served;
pub mod signature;
pub mod sparkle;
pub mod status;
pub mod text;
pub mod verification;
pub mod version;
pub mod well_formed;
