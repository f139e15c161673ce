//! Everything outside the process: one client each, one real implementation each.

pub mod azure;
pub mod claim;
pub mod event_log;
pub mod failpoints;
pub mod files;
pub mod git;
pub mod github;
pub mod inbox;
pub mod intent;
pub mod journal;
pub mod lock;
pub mod platform;
pub mod points;
pub mod process;
pub mod signing;
pub mod state;
pub mod stop;
pub mod token;
pub mod updates;
pub mod workspace;
