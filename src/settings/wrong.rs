//! What is wrong with a value, before it is known where the value stands.

use super::place::{FILE, Origin};
use crate::release::code::Code;
use crate::release::failure::Failure;

/// Why a value is refused. Its `Display` is the sentence without a subject: "is not OWNER/NAME".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{is}")]
pub struct Wrong {
    /// What the value is, without repeating it: it may be a secret in the wrong place.
    pub is: String,
    /// What is expected.
    pub expected: String,
    /// What to do.
    pub fix: String,
}

impl Wrong {
    /// All three parts.
    pub fn new(is: impl Into<String>, expected: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { is: is.into(), expected: expected.into(), fix: fix.into() }
    }

    /// The failure of the setting `key`, which comes from `origin`.
    pub(super) fn at(&self, code: Code, origin: &Origin, key: &str) -> Failure {
        let place = match origin {
            Origin::Default => FILE.to_owned(),
            other => other.to_string(),
        };
        Failure::new(code, format!("{place}: `{key}` {}", self.is)).why(&self.expected).fix(&self.fix)
    }
}
