//! All that a front end sees, and all that it can say (SPEC §6.5). `assets/events.schema.json` describes the same.

mod ids;
pub mod line;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::ids::{CheckId, StepId};
pub use super::command::Command;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::plan::Plan;
use crate::release::text::Clean;
use crate::release::version::Version;

/// How a check stands. `Failed` and `Unknown` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    /// Not begun.
    Waiting,
    /// Looking.
    Running,
    /// In order.
    Ok,
    /// In order, with something to know.
    Warning,
    /// Not in order.
    Failed,
    /// Not needed here.
    Skipped,
    /// Could not be found out.
    Unknown,
}

/// A check, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which.
    pub id: CheckId,
    /// How it stands.
    pub state: CheckState,
    /// What was found.
    pub found: Clean,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "Clean::is_empty")]
    pub why: Clean,
    /// Commands that mend it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Clean>,
    /// Failure code, where it blocks or warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Whether a person may waive it as it stands.
    pub waivable: bool,
    /// The reason it was waived for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Clean>,
    /// Milliseconds from its start.
    pub elapsed_ms: u64,
}

impl Check {
    /// Whether it keeps a release from going on.
    pub fn blocks(&self) -> bool {
        matches!(self.state, CheckState::Failed | CheckState::Unknown) && self.waived.is_none()
    }

    /// Whether both found the same, but for how long ago it was.
    pub fn finds_the_same(&self, other: &Self) -> bool {
        let without_age = |check: &Self| {
            let parts = check.found.as_str().split(", ").filter(|part| !part.ends_with(" old"));
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        self.id == other.id && self.code == other.code && without_age(self) == without_age(other)
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Done.
    Ok,
    /// Not needed in this run.
    Skipped,
    /// Failed.
    Failed,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteKind {
    /// A line that other programs look for (SPEC §6.4).
    Marker,
    /// An act that a dry-run leaves undone.
    Would,
    /// A wait of `seconds`.
    Wait,
    /// The typed confirmation was not the tag; it may be typed again.
    Mistyped,
    /// Good to know.
    Info,
    /// To be looked at.
    Warning,
}

/// How far one item of a step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Artifact.
    pub name: Clean,
    /// Bytes.
    pub done: u64,
    /// Bytes.
    pub total: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done.
    Done,
    /// Nothing was left to do.
    Nothing,
    /// A dry-run: nothing was written.
    DryRun,
    /// A pre-check blocks.
    Blocked,
    /// Failed.
    Failed,
    /// A person or a signal stopped it.
    Interrupted,
}

/// An asset in the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultAsset {
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: Digest,
    /// Public download.
    pub url: String,
}

/// A manifest file in the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    /// Relative to the workspace.
    pub path: String,
    /// Whether this run wrote it.
    pub written: bool,
}

/// The end of a run; what does not apply is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunResult {
    /// How it ended.
    pub outcome: Outcome,
    /// Of the process.
    pub exit_code: u8,
    /// The version.
    pub version: Option<Version>,
    /// Its tag.
    pub tag: Option<String>,
    /// The plan's hash.
    pub plan: Option<Digest>,
    /// Every asset that is public now, or would be.
    pub assets: Option<Vec<ResultAsset>>,
    /// Every manifest file.
    pub manifest: Option<Vec<ResultFile>>,
    /// Failure code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Clean>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Clean>,
    /// Commands that mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Vec<Clean>>,
}

impl RunResult {
    /// A result without anything released.
    pub fn bare(outcome: Outcome, exit_code: u8) -> Self {
        Self {
            outcome,
            exit_code,
            version: None,
            tag: None,
            plan: None,
            assets: None,
            manifest: None,
            code: None,
            message: None,
            why: None,
            fix: None,
        }
    }

    /// Ends with a failure.
    #[must_use]
    pub fn failed(mut self, failure: &Failure) -> Self {
        self.exit_code = failure.exit() as u8;
        self.code = Some(failure.code);
        self.message = Some(failure.what.clone());
        self.why = Some(failure.why.clone()).filter(|why| !why.is_empty());
        self.fix = Some(failure.fix.clone());
        self
    }
}

/// Whether a run may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It may.
    Live,
    /// It shows what it would do.
    DryRun,
    /// It only reads.
    ReadOnly,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First.
    RunStarted {
        /// e.g. `publish`.
        command: Clean,
        /// Whether it may change anything.
        mode: Mode,
        /// Absolute path; empty where there is none.
        workspace: Clean,
        /// The tool's own version.
        tool: Clean,
    },
    /// A check changed its state.
    Check(Check),
    /// A step began.
    StepStarted {
        /// Which.
        step: StepId,
    },
    /// How far a step is; only the latest counts.
    Progress {
        /// Which.
        step: StepId,
        /// Its items.
        items: Vec<Item>,
    },
    /// The plan was made.
    Plan(Box<Plan>),
    /// A step ended.
    StepFinished {
        /// Which.
        step: StepId,
        /// How.
        state: StepState,
        /// In a few words.
        summary: Clean,
        /// Milliseconds.
        elapsed_ms: u64,
    },
    /// Something to read.
    Note {
        /// What about.
        kind: NoteKind,
        /// The line.
        text: Clean,
        /// For a wait: how long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
    },
    /// What a reading command shows.
    Report {
        /// Which report.
        kind: Clean,
        /// Its data.
        data: Value,
    },
    /// Last.
    Result(RunResult),
}

/// An event and when it happened, by the wall clock; for display, nothing is ordered by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// UTC.
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}
