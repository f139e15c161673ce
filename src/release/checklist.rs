//! The final checklist: what has to be true after a release, and the evidence for each line (SPEC §9).

use serde::{Deserialize, Serialize};

use super::text::Clean;

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is true.
    Ok,
    /// Not delivered by this run; the evidence is the command that does, or shows it.
    Pending,
    /// It is false.
    Failed,
    /// Nothing of the kind here.
    NotApplicable,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Stable id.
    pub id: Clean,
    /// How it stands.
    pub state: State,
    /// What shows it.
    pub evidence: Clean,
}

impl Item {
    /// True.
    pub fn ok(id: &str, evidence: impl Into<Clean>) -> Self {
        Self { id: id.into(), state: State::Ok, evidence: evidence.into() }
    }

    /// Not delivered by this run.
    pub fn pending(id: &str, command: impl Into<Clean>) -> Self {
        Self { id: id.into(), state: State::Pending, evidence: command.into() }
    }

    /// False.
    pub fn failed(id: &str, found: impl Into<Clean>) -> Self {
        Self { id: id.into(), state: State::Failed, evidence: found.into() }
    }

    /// Nothing of the kind here.
    pub fn not_applicable(id: &str, why: impl Into<Clean>) -> Self {
        Self { id: id.into(), state: State::NotApplicable, evidence: why.into() }
    }
}
