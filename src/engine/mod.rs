//! How a release happens: `Preview(readers) → Plan`, a confirmation, `Execute(Plan, writers)`.

pub mod account;
pub mod base;
pub mod checks;
mod command;
pub mod event;
pub mod execute;
pub mod execution;
pub mod feed;
pub mod finding;
pub mod history;
pub mod manifests;
pub mod pipeline;
pub mod point;
pub mod preview;
pub mod published;
pub mod push_vm;
pub mod readers;
pub mod requests;
pub mod routing;
pub mod run;
pub mod session;
pub mod snapshot;
pub mod steps;
pub mod target;
pub mod verification;
pub mod versions;
