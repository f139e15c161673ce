//! How a release happens: `Preview(readers) → Plan`, a confirmation, `Execute(Plan, writers)`.

pub mod account;
pub mod base;
pub mod checks;
pub mod event;
pub mod execute;
pub mod execution;
pub mod feed;
pub mod finding;
pub mod pipeline;
pub mod preview;
pub mod readers;
pub mod run;
pub mod snapshot;
pub mod steps;
