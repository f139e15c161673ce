//! What went wrong, in one type: a stable code, what happened, why, and the commands that fix it.

use serde::{Deserialize, Serialize};

use super::code::{Code, Exit};
use super::text::Clean;

/// A failure as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// Stable code, e.g. `NX-UPLOAD-03`.
    pub code: Code,
    /// What happened, in one sentence.
    pub what: Clean,
    /// Why it matters or where it comes from; may be empty.
    pub why: Clean,
    /// Commands or acts that mend it, in their order.
    pub fix: Vec<Clean>,
}

impl Failure {
    /// A failure without why and fix yet.
    pub fn new(code: Code, what: impl Into<Clean>) -> Self {
        Self { code, what: what.into(), why: Clean::default(), fix: Vec::new() }
    }

    /// Adds the reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<Clean>) -> Self {
        self.why = why.into();
        self
    }

    /// Adds one command or act that mends it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Clean>) -> Self {
        self.fix.push(fix.into());
        self
    }

    /// The process's exit code for this failure.
    pub fn exit(&self) -> Exit {
        self.code.exit()
    }
}
