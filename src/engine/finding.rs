//! What a check found.

use super::event::CheckState;
use crate::release::code::Exit;
use crate::release::failure::Failure;
use crate::release::text::Clean;

/// The answer of a check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// How it stands.
    pub state: CheckState,
    /// In a few words.
    pub found: Clean,
    /// What is wrong, why and what mends it: for a block, and for a warning.
    pub failure: Option<Failure>,
    /// Whether a person may waive it.
    pub waivable: bool,
    /// Whether the failure is this check's own; if not, another check shows it.
    pub own: bool,
}

impl Finding {
    /// In order.
    pub fn ok(found: impl Into<Clean>) -> Self {
        Self { state: CheckState::Ok, found: found.into(), failure: None, waivable: false, own: true }
    }

    /// In order, with something to know.
    pub fn warning(failure: Failure) -> Self {
        Self { state: CheckState::Warning, ..Self::failed(failure) }
    }

    /// Not needed here.
    pub fn skipped(why: impl Into<Clean>) -> Self {
        Self { state: CheckState::Skipped, ..Self::ok(why) }
    }

    /// Not in order; `unknown` when the failure is that it could not be found out.
    pub fn failed(failure: Failure) -> Self {
        let state = if failure.exit() == Exit::Unfinished { CheckState::Unknown } else { CheckState::Failed };
        Self { state, found: failure.what.clone(), failure: Some(failure), waivable: false, own: true }
    }

    /// Cannot be judged, because a fact that another check looks at is missing.
    pub fn unjudged(cause: &Failure) -> Self {
        let found = format!("not judged: {}", cause.what).into();
        Self { state: CheckState::Unknown, found, own: false, ..Self::failed(cause.clone()) }
    }

    /// A person may waive it, as it stands.
    #[must_use]
    pub fn waivable(mut self) -> Self {
        self.waivable = true;
        self
    }
}
