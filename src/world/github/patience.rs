//! How long the release host is waited for (settings `github.idle_timeout_s`, `github.max_wait_s`).

use std::time::Duration;

/// How long the door waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// No byte for so long: the request is given up.
    pub idle: Duration,
    /// All waiting for a limited or busy host, per request.
    pub max_wait: Duration,
}
