//! `version set`: every place rewritten, or none. Everything is computed and checked before the first byte is written.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Looks, State, look, wrong};
use crate::engine::account;
use crate::engine::base::Base;
use crate::engine::event::{Command, Event, Mode, NoteKind, Outcome, RunResult, StepId};
use crate::engine::pipeline::Consent;
use crate::engine::snapshot::tell_interrupted;
use crate::engine::steps::{self, Summary, timed};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::manifest::Manifest;
use crate::release::point::replaced;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::world::intent::{Act, Pending};
use crate::world::workspace::{Reader, Writer};

/// Longer lines are shown cut.
const MAX_LINE: usize = 160;

/// What setting a version would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// VERSION's now.
    pub from: Version,
    /// Asked for.
    pub to: Version,
    /// The files that change, in the order in which they are written.
    pub files: Vec<Rewrite>,
    /// What is to be known before.
    pub warnings: Vec<Clean>,
    /// Whether the step is one that a release does not usually take.
    pub unusual: bool,
}

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// Relative to the workspace.
    pub path: Clean,
    /// The lines that change.
    pub lines: Vec<Line>,
}

/// A line that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// From 1.
    pub line: usize,
    /// As it is.
    pub before: Clean,
    /// As it will be.
    pub after: Clean,
}

/// `version set`: shows the difference, then writes all of it.
pub async fn set(base: &Base, to: Version, consent: Consent, mut commands: UnboundedReceiver<Command>) -> RunResult {
    let dry_run = consent == Consent::DryRun;
    base.start("version set", if dry_run { Mode::DryRun } else { Mode::Live });
    let workspace = Reader::new(&base.root, &base.settings.release.inbox);
    if let Ok(Some(intent)) = workspace.pending() {
        tell_interrupted(&intent, &base.events);
    }
    let proposed = match proposal(base, &workspace, to) {
        Ok((proposal, _, looks)) => {
            looks.tell_missing(&base.events);
            proposal
        }
        Err(failure) => return base.fail(&failure),
    };
    show(base, &proposed);
    if dry_run {
        if let Err(failure) = workspace.probe_lock() {
            base.events.note(NoteKind::Warning, failure.what);
        }
        for file in &proposed.files {
            base.events.note(NoteKind::Would, format!("[dry-run] would set {to} in {}", file.path));
        }
        return base.end(super::ended(base, Outcome::DryRun, to));
    }
    let written = async {
        if proposed.unusual && consent == Consent::Typed {
            timed(&base.events, StepId::Confirm, confirm(base, to, &mut commands)).await?;
        }
        accept(base, &proposed).await
    };
    match written.await {
        Ok(0) => base.end(super::ended(base, Outcome::Nothing, to)),
        Ok(_) => base.end(super::ended(base, Outcome::Done, to)),
        Err(failure) if failure.code == Code::NotConfirmed => {
            base.end(super::ended(base, Outcome::Interrupted, to).failed(&failure))
        }
        Err(failure) => base.fail(&failure),
    }
}

/// What setting this version would do, shown as a report; writes nothing.
pub fn propose(base: &Base, to: Version) -> Result<Proposal, Failure> {
    let workspace = Reader::new(&base.root, &base.settings.release.inbox);
    let (proposal, ..) = proposal(base, &workspace, to)?;
    show(base, &proposal);
    Ok(proposal)
}

/// Carries out what was shown, under the lock; answers how many files were written.
pub async fn accept(base: &Base, shown: &Proposal) -> Result<usize, Failure> {
    let events = &base.events;
    let writer = Writer::new(Reader::new(&base.root, &base.settings.release.inbox));
    let (summary, _lock) = steps::lock::run(&writer, &base.caller(), events).await?;
    events.note(NoteKind::Info, format!("lock {}", summary.text));
    let (proposal, files, _) = proposal(base, writer.reader(), shown.to)?;
    if proposal.files != shown.files {
        return Err(Failure::new(Code::VersionPoint, "The files changed after they were shown")
            .why("Somebody else writes in this workspace. Nothing was overwritten.")
            .fix("Run the same command again: it shows what is to be done now"));
    }
    if files.is_empty() {
        return Ok(0);
    }
    let mut entry = account::blank("version set", &base.caller(), base.settings.release.repo.as_str());
    (entry.version, entry.manifest) = (Some(shown.to), account::files(&files));
    let pending = files.iter().filter_map(|file| still_of(base, file, shown.to)).collect::<Vec<_>>();
    let count = files.len();
    writer.write_files(Act::Version, files, Some(entry))?;
    events.note(NoteKind::Info, format!("{} is set in {count} files", shown.to));
    for text in pending {
        events.note(NoteKind::Warning, text);
    }
    Ok(count)
}

fn show(base: &Base, proposal: &Proposal) {
    base.events.marker(format!("Current Version: {}", proposal.from));
    for warning in &proposal.warnings {
        base.events.note(NoteKind::Warning, warning.clone());
    }
    base.events.send(Event::Report { kind: "version-set".into(), data: json!(proposal) });
}

/// A step that nobody usually takes is typed once more.
async fn confirm(
    base: &Base,
    to: Version,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<(Summary, ()), Failure> {
    let typed = steps::confirm::typed(&to.to_string(), "version", commands, &base.events, &base.stop).await;
    typed.map_err(|failure| match failure.code {
        Code::NotConfirmed => failure.why("Nothing was changed.").fix(format!("nexy-release version set {to} --yes")),
        _ => failure,
    })
}

/// Every file as it is and as it will be. Fails where a place is not found or is no version: all of them, or none.
fn proposal(base: &Base, workspace: &Reader, to: Version) -> Result<(Proposal, Vec<Pending>, Looks), Failure> {
    let pending = workspace.pending()?;
    let from = workspace.version(pending.as_ref())?;
    let looks = look(workspace, &base.settings, pending.as_ref(), to);
    if let Some(failure) = refusal(&looks) {
        return Err(failure);
    }
    let mut spans: BTreeMap<&str, BTreeSet<(usize, usize)>> = BTreeMap::new();
    for look in looks.looks.iter().filter(|look| look.point.state == State::Drifted) {
        let span = look.span.iter().map(|span| (span.start, span.end));
        spans.entry(look.path.as_str()).or_default().extend(span);
    }
    // The manifest goes last but VERSION: whoever reads one of the two half-way finds what was there before.
    let late = |path: &str| (path == "VERSION", base.settings.manifest.paths.iter().any(|known| known == path));
    let mut changed: Vec<_> = spans.iter().map(|(path, spans)| (*path, spans)).collect();
    changed.sort_by_key(|(path, _)| late(path));
    let mut files = Vec::new();
    let mut rewrites = Vec::new();
    for (path, spans) in changed {
        let text = looks.texts.get(path).map(String::as_str).unwrap_or_default();
        let after = replaced(text, spans, &to);
        rewrites.push(Rewrite { path: path.into(), lines: lines(text, &after) });
        files.push(Pending { path: path.to_owned(), before: Some(Digest::of(text)), after });
    }
    let unusual = to < from || (to > from && !to.follows(&from));
    let mut warnings = Vec::new();
    if to < from {
        warnings.push(format!("{to} is lower than {from}: clients never go back to a lower version."));
    } else if unusual {
        warnings.push(format!("{from} → {to} is an unusual jump: usually one number goes up by one."));
    }
    let warnings = warnings.into_iter().map(Clean::from).collect();
    Ok((Proposal { from, to, files: rewrites, warnings, unusual }, files, looks))
}

/// Why nothing can be set: what could not be read, or a place that is not found or is no version.
fn refusal(looks: &Looks) -> Option<Failure> {
    if let Some(failure) = looks.looks.iter().find_map(|look| look.failure.clone()) {
        return Some(failure);
    }
    let unfit: Vec<_> =
        looks.points().filter(|point| matches!(point.state, State::Absent | State::Malformed)).collect();
    let first = unfit.first()?;
    let failure =
        Failure::new(Code::VersionPoint, wrong(&unfit)).why("All places are set, or none: nothing was changed.");
    Some(
        failure
            .fix("nexy-release version check")
            .fix(format!("Mend {}, or its entry under [[version.point]] in release.toml", first.file)),
    )
}

/// The lines that differ; both texts have as many.
fn lines(before: &str, after: &str) -> Vec<Line> {
    let pairs = before.lines().zip(after.lines()).zip(1..).filter(|((before, after), _)| before != after);
    let line = |((before, after), line): ((&str, &str), usize)| Line {
        line,
        before: Clean::line(before.trim(), MAX_LINE),
        after: Clean::line(after.trim(), MAX_LINE),
    };
    pairs.map(line).collect()
}

/// A manifest that is ahead of the package that it offers (SPEC §7 `pending`).
fn still_of(base: &Base, file: &Pending, to: Version) -> Option<String> {
    base.settings.manifest.paths.iter().find(|path| **path == file.path)?;
    let manifest = Manifest::parse(file.after.as_bytes()).ok()?;
    let offered = manifest.url_version(&base.settings.release.tag).filter(|offered| *offered != to)?;
    Some(format!(
        "{} is pending: it says {to}, but URL, size and SHA-256 are still those of {offered}, until {to} is published. It is neither committed nor sent like this.",
        file.path
    ))
}
