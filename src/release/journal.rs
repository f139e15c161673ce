//! What the journal says of one run, and whether its lines are as they were written: each names the SHA-256 of the one
//! before, and a note beside the journal names the last (facts/TRUST.md row 30).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fingerprint::{Digest, Fingerprint};
use super::json;
use super::plan::Action;
use super::text::Clean;
use super::version::Version;

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub time: Timestamp,
    /// Run id.
    pub run: Clean,
    /// Who ran it.
    #[serde(default)]
    pub who: Who,
    /// e.g. `publish`, `manifest point`.
    pub command: Clean,
    /// How it ended.
    pub outcome: Ending,
    /// `OWNER/NAME`.
    pub repo: Clean,
    /// Tag.
    pub tag: Option<Clean>,
    /// Its version.
    pub version: Option<Version>,
    /// The plan's hash.
    pub plan: Option<Digest>,
    /// The version that clients were offered before, where the manifests went back to an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Version>,
    /// Why, where a reason was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Clean>,
    /// Every asset of the plan.
    #[serde(default)]
    pub assets: Vec<Asset>,
    /// Every manifest file of the plan.
    #[serde(default)]
    pub manifest: Vec<File>,
    /// Checks that a person waived, with the reasons.
    #[serde(default)]
    pub waived: std::collections::BTreeMap<Clean, Clean>,
    /// Whether clients could see the version when it failed; `None`: not known, or not said.
    #[serde(default)]
    pub public: Option<bool>,
    /// What stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Clean>,
    /// The same in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Clean>,
}

/// Who ran it: as the release host knows them, and as this machine does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Who {
    /// Login at the release host; `None` where it does not tell, or was not asked.
    pub login: Option<Clean>,
    /// User of this machine.
    pub user: Option<Clean>,
    /// This machine.
    pub host: Option<Clean>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Not ended yet, or killed: another line of the same run says how it ended.
    Begun,
    /// As planned.
    Done,
    /// Not.
    Failed,
}

/// One asset, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Asset name.
    pub name: Clean,
    /// Bytes.
    pub size: u64,
    /// Of the bytes that the plan was about.
    pub sha256: Digest,
    /// What was planned.
    pub action: Action,
    /// What clients could download under this name before the run; `None`: nothing.
    #[serde(default)]
    pub before: Option<Digest>,
    /// What they can download after it; `None`: nothing, or it is not known.
    #[serde(default)]
    pub after: Option<Digest>,
}

/// One file, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Relative to the workspace.
    pub path: Clean,
    /// Of its bytes; `None`: it was not there.
    pub before: Option<Digest>,
    /// Of its bytes; `None`: it is not there, or cannot be read.
    pub after: Option<Digest>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// Whether it is as it was written.
    pub state: State,
    /// What it says; `None` for a torn one.
    pub entry: Option<Value>,
}

/// Whether a line is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is.
    Sound,
    /// A crash cut it off while it was written.
    Torn,
    /// It was changed since, or lines beside it were added or removed.
    Edited,
}

/// The journal, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// Every line.
    pub lines: Vec<Line>,
    /// Lines are missing at its end, or the last one was changed.
    pub end_edited: bool,
}

impl Journal {
    /// Reads a journal. `heads` are the digests that its last line may have, as they were noted beside it: one, or two
    /// where a crash came between; `None`: no line at all.
    pub fn judge(bytes: &[u8], heads: &[Option<Digest>]) -> Self {
        let texts: Vec<&[u8]> = lines(bytes).collect();
        let digests: Vec<_> = texts.iter().map(|text| Some(Digest::of(text))).collect();
        let before = |index: usize| index.checked_sub(1).and_then(|before| digests[before]);
        let entries: Vec<_> = texts.iter().map(|text| json::parse(text).ok().filter(Value::is_object)).collect();
        let mut lines: Vec<_> = (1..)
            .zip(entries)
            .map(|(number, entry)| {
                let state = if entry.is_some() { State::Sound } else { State::Torn };
                Line { number, state, entry }
            })
            .collect();
        for index in 0..lines.len() {
            let Some(entry) = &lines[index].entry else { continue };
            if !names(entry, before(index)) {
                // Either of the two is not what it was; where there is one before, that is what the next one denies.
                lines[index.saturating_sub(1)].state = State::Edited;
            }
        }
        let last = digests.last().copied().flatten();
        let end_edited = match lines.last_mut() {
            // Cut off in the middle: a crash, whatever is noted.
            Some(line) if line.state == State::Torn && !bytes.ends_with(b"\n") => false,
            // A whole line that is no entry was written by nobody here.
            Some(line) if line.state == State::Torn => {
                line.state = State::Edited;
                true
            }
            _ => !heads.contains(&last),
        };
        Self { lines, end_edited }
    }

    /// Whether every line is as it was written; torn ones are.
    pub fn holds(&self) -> bool {
        !self.end_edited && self.lines.iter().all(|line| line.state != State::Edited)
    }

    /// The bytes that were published under this name, by the first run that tells: they are the same for ever.
    pub fn published(&self, version: &Version, name: &str) -> Option<Fingerprint> {
        let public = |entry: &Entry| entry.public == Some(true) && entry.outcome != Ending::Begun;
        let entries = self.entries().filter(|entry| public(entry) && entry.version == Some(*version));
        let mut assets = entries.flat_map(|entry| entry.assets);
        let asset = assets.find(|asset| asset.name.as_str() == name && asset.after == Some(asset.sha256))?;
        Some(Fingerprint { size: asset.size, sha256: asset.sha256 })
    }

    /// The run that took this version back from clients, if no other version was offered since: offering the same one
    /// again, to mend a copy or after a crash, brings nothing back.
    pub fn withdrawal(&self, version: &Version) -> Option<Entry> {
        let done: Vec<_> =
            self.entries().filter(|entry| entry.outcome == Ending::Done && entry.tag.is_some()).collect();
        let offered = done.last()?.tag.clone();
        let mut offering = done.into_iter().rev().take_while(|entry| entry.tag == offered);
        offering.find(|entry| entry.withdrawn == Some(*version))
    }

    /// The highest version that was taken back for what is offered now, where that is the version of `tag`: whoever
    /// pointed there said why.
    pub fn withdrawn_for(&self, tag: &str) -> Option<Version> {
        let done: Vec<_> =
            self.entries().filter(|entry| entry.outcome == Ending::Done && entry.tag.is_some()).collect();
        let is_offered = |entry: &&Entry| entry.tag.as_ref().is_some_and(|offered| offered.as_str() == tag);
        done.iter().rev().take_while(is_offered).filter_map(|entry| entry.withdrawn).max()
    }

    /// What the runs say of themselves; entries of an unknown form are left out.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.lines.iter().filter_map(|line| serde_json::from_value(line.entry.clone()?).ok())
    }
}

/// The lines of a journal, without their line feeds.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let count = if bytes.is_empty() { 0 } else { usize::MAX };
    whole.split(|byte| *byte == b'\n').take(count)
}

/// The digest of the last line of what a journal ends with; `None` for an empty one.
pub fn last_digest(bytes: &[u8]) -> Option<Digest> {
    lines(bytes).last().map(Digest::of)
}

/// Whether an entry names this digest as that of the line before; `None`: that there is none.
fn names(entry: &Value, before: Option<Digest>) -> bool {
    match entry.get("previous") {
        Some(Value::Null) => before.is_none(),
        Some(Value::String(text)) => before.is_some_and(|before| text.parse() == Ok(before)),
        _ => false,
    }
}
