//! The release host: GitHub, or anything that speaks its API.

pub mod answer;
pub mod body;
pub mod download;
pub mod hosts;
pub mod http;
pub mod line;
pub mod model;
pub mod patience;
pub mod reader;
pub mod watch;
pub mod writer;
