//! What a version is found to be, wherever it stands, cell by cell (SPEC §9).

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::text::Clean;
use super::version::Version;

/// A version, looked at everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// The tag.
    pub tag: Clean,
    /// Its version.
    pub version: Version,
    /// Source by source.
    pub cells: Vec<Cell>,
}

/// One field of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Where it stands: `release`, `public`, `journal`, `VERSION`, or the path of a manifest.
    pub source: Clean,
    /// What is compared: an asset's name, or a field of a manifest.
    pub field: Clean,
    /// How it stands.
    pub state: CellState,
    /// What is there.
    pub found: Clean,
    /// What should be there; empty where nothing else was expected.
    #[serde(default, skip_serializing_if = "Clean::is_empty")]
    pub expected: Clean,
    /// Commands that mend it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Clean>,
}

/// How a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// As it should be.
    Aligned,
    /// Something else is there.
    Drifted,
    /// It could not be found out.
    Unknown,
    /// Not delivered yet, and that is known here.
    Pending,
    /// Says nothing about this version.
    NotApplicable,
}

impl CellState {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aligned => "aligned",
            Self::Drifted => "drifted",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl Cell {
    /// As it should be.
    pub fn aligned(source: &str, field: &str, found: impl Into<Clean>) -> Self {
        Self {
            source: source.into(),
            field: field.into(),
            state: CellState::Aligned,
            found: found.into(),
            expected: Clean::default(),
            fix: Vec::new(),
        }
    }

    /// Something else is there.
    pub fn drifted(source: &str, field: &str, found: impl Into<Clean>, expected: impl Into<Clean>) -> Self {
        Self { state: CellState::Drifted, expected: expected.into(), ..Self::aligned(source, field, found) }
    }

    /// It could not be found out.
    pub fn unknown(source: &str, field: &str, failure: &Failure) -> Self {
        let found = failure.what.clone();
        Self { state: CellState::Unknown, fix: failure.fix.clone(), ..Self::aligned(source, field, found) }
    }

    /// Not delivered yet.
    pub fn pending(source: &str, field: &str, found: impl Into<Clean>) -> Self {
        Self { state: CellState::Pending, ..Self::aligned(source, field, found) }
    }

    /// Says nothing about this version.
    pub fn not_applicable(source: &str, field: &str, why: impl Into<Clean>) -> Self {
        Self { state: CellState::NotApplicable, ..Self::aligned(source, field, why) }
    }

    /// Aligned when both are the same.
    pub fn compared(source: &str, field: &str, found: &str, expected: &str) -> Self {
        if found == expected {
            Self::aligned(source, field, found)
        } else {
            Self::drifted(source, field, found, expected)
        }
    }

    /// Adds a command that mends it; a cell that is in order needs none.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Clean>) -> Self {
        if matches!(self.state, CellState::Drifted | CellState::Unknown) {
            self.fix.push(fix.into());
        }
        self
    }
}
