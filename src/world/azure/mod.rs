//! The VM, by way of the Azure CLI: one command at a time, and only a script's own end mark counts (facts/AZURE.md).

mod activity;
mod client;
mod gate;
mod keys;
pub mod manifests;
mod script;
mod symptom;
mod turn;

pub use client::{Reader, Said, Say};
pub use keys::{KeyFile, Keys, Log, Verdict};
pub use symptom::quoted;
