//! What went wrong, in one type: a stable code, what happened, why, and the commands that fix it.

use serde::{Deserialize, Serialize};

use super::code::{Code, Exit};
use super::nearest::nearest;
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

    /// A word of the command line that is not one of the `known` ones.
    pub fn unknown<'a>(
        what: impl Into<Clean>,
        word: &str,
        those: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        let near = nearest(word, known.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("Did you mean `{near}`? "));
        Self::new(Code::UsageArgument, what).why(format!("{near}{those}: {}", known.join(", ")))
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
