//! `manifest`: all copies as one, after the public download was found equal (SPEC §6.2 rule 8, §8).

use std::path::Path;

use jiff::Timestamp;

use super::Summary;
use crate::engine::account;
use crate::engine::event::NoteKind;
use crate::engine::execution::Execution;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::Entry;
use crate::release::plan::{PlannedFile, PlannedManifest};
use crate::world::files;
use crate::world::intent::{Act, Pending};
use crate::world::workspace::Writer;

/// Writes what the plan says has to be written.
pub async fn run(x: &Execution) -> Result<(Summary, ()), Failure> {
    let Some(planned) = &x.plan.manifest else {
        x.events.marker("No DMG found -> manifest sync skipped");
        return Ok((Summary::skipped("no DMG"), ()));
    };
    x.verify_inputs().await?;
    let count = write(&x.workspace, planned, &x.events, None)?;
    match count {
        0 => Ok((Summary::skipped("already right"), ())),
        _ => Ok((Summary::ok(format!("{count} files written")), ())),
    }
}

/// Writes the files of a plan, the journal's entry with them where it is given, and says so of each; answers how many.
pub fn write(
    workspace: &Writer,
    planned: &PlannedManifest,
    events: &Events,
    entry: Option<Entry>,
) -> Result<usize, Failure> {
    let root = workspace.reader().root();
    let text = text(root, planned)?;
    let pending = |file: &PlannedFile| Pending { path: file.path.clone(), before: file.before, after: text.clone() };
    let all: Vec<_> = planned.files.iter().map(pending).collect();
    let entry = entry.map(|entry| Entry { manifest: account::files(&all), ..entry });
    let writes: Vec<_> = planned.files.iter().filter(|file| file.write).map(pending).collect();
    let count = writes.len();
    match entry {
        Some(entry) if count == 0 => workspace.record(&entry)?,
        None if count == 0 => {}
        entry => workspace.write_files(Act::Manifest, writes, entry)?,
    }
    for file in &planned.files {
        let path = root.join(&file.path);
        let word = if file.write { "Manifest updated at" } else { "Manifest already synced, skip:" };
        events.marker(format!("{word} {}", path.display()));
    }
    if planned.signature_cleared {
        events.note(
            NoteKind::Warning,
            "The signature of the earlier DMG was cleared from the manifest: it belongs to other bytes. Clients that ask for a signature will refuse this one.",
        );
    }
    Ok(count)
}

/// The text of every file: one that is there already, with its `release_date`, or a new one.
fn text(root: &Path, planned: &PlannedManifest) -> Result<String, Failure> {
    for file in planned.files.iter().filter(|file| planned.kept.is_some() && file.before == planned.kept) {
        let bytes = files::read(&root.join(&file.path))?.unwrap_or_default();
        if let Some(text) = String::from_utf8(bytes).ok().filter(|text| Some(Digest::of(text)) == planned.kept) {
            return Ok(text);
        }
    }
    Ok(planned.after.dated(&format!("{:.6}", Timestamp::now().display_with_offset(jiff::tz::Offset::UTC))).render())
}
