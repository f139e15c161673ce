//! What is published, served and under way, as it was last seen: what `status` shows. Each part says when it was seen, or
//! why it is not known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fingerprint::Digest;
use super::journal::Ending;
use super::offer::Offer;
use super::text::Clean;
use super::verification::Cell;
use super::version::Version;

/// Everything that is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Status {
    /// The artifact repository.
    pub repo: Clean,
    /// The version that is to be everywhere: what was published last, or what clients were taken back to.
    pub judged: Option<Version>,
    /// Every source, the published ones first.
    pub rows: Vec<Row>,
    /// The version that was published last.
    pub latest: Part<Latest>,
    /// The newest versions.
    pub versions: Part<Vec<Published>>,
    /// Drafts in flight.
    pub drafts: Part<Vec<Draft>>,
    /// The VM.
    pub vm: Part<Clean>,
    /// The last runs of this workspace, the newest first.
    pub journal: Part<Vec<Done>>,
    /// The run that is under way in this workspace.
    pub run: Option<UnderWay>,
    /// What clients of some versions are offered, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Part<Vec<Offer>>>,
    /// When it is looked at again; `None`: not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

impl Status {
    /// The newest run, where it has no end and nobody is at work here: it was killed.
    pub fn cut_off(&self) -> Option<&Done> {
        let newest = self.journal.value.as_ref()?.first()?;
        (newest.outcome == Ending::Begun && !newest.under_way && self.run.is_none()).then_some(newest)
    }
}

/// Something, when it was seen, and why it is not known, or not any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part<T> {
    /// When it was seen as it is.
    pub seen: Option<Timestamp>,
    /// What was seen; `None`: nothing yet.
    pub value: Option<T>,
    /// Why nothing could be seen the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Clean>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { seen: None, value: None, unknown: None }
    }
}

impl<T> Part<T> {
    /// Seen.
    pub fn known(seen: Timestamp, value: T) -> Self {
        Self { seen: Some(seen), value: Some(value), unknown: None }
    }

    /// Not known.
    pub fn unknown(why: impl Into<Clean>) -> Self {
        Self { seen: None, value: None, unknown: Some(why.into()) }
    }
}

/// A source of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub source: Clean,
    /// When it was seen; `None`: not yet.
    pub seen: Option<Timestamp>,
    /// Its fields.
    pub cells: Vec<Cell>,
}

/// The release that is public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latest {
    /// Its tag.
    pub tag: Clean,
    /// Its version.
    pub version: Version,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// Its page.
    pub url: Clean,
    /// Its assets.
    pub assets: Vec<Asset>,
}

/// An asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Its name.
    pub name: Clean,
    /// Bytes.
    pub size: u64,
    /// As the host reports it.
    pub sha256: Option<Digest>,
    /// Whether it is whole.
    pub uploaded: bool,
}

/// A version that is public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Its version.
    pub version: Version,
    /// When it was made.
    pub made: Option<Timestamp>,
}

/// A release that is not public yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its tag.
    pub tag: Clean,
    /// Who made it.
    pub owner: Clean,
    /// When.
    pub made: Option<Timestamp>,
    /// Whether it is this workspace's.
    pub ours: bool,
    /// How many assets are whole, and how many there are.
    pub assets: (usize, usize),
}

/// A run that has ended, has left no end, or is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// When it was written.
    pub time: Timestamp,
    /// What was run.
    pub command: Clean,
    /// The tag or version that it was about.
    pub about: Clean,
    /// Who ran it.
    pub who: Clean,
    /// How it ended.
    pub outcome: Ending,
    /// It has not ended yet: it is the one under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
    /// What stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Clean>,
}

impl Done {
    /// The command that goes on with it.
    pub fn again(&self) -> String {
        format!("nexy-release {}", self.command)
    }
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnderWay {
    /// Who holds the lock, in a sentence.
    pub who: Clean,
    /// What it is about, by its plan.
    pub tag: Option<Clean>,
    /// What was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Clean>,
    /// The step that it is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<At>,
    /// When it last said anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Timestamp>,
}

/// How far a step of a run under way is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct At {
    /// Which.
    pub name: Clean,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Bytes done and in all, where it transfers any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<(u64, u64)>,
    /// Seconds left at the rate so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// Until when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Timestamp>,
}
