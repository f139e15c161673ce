//! `manifest`: all copies as one, after the public download was found equal (SPEC §6.2 rule 8, §8).

use jiff::Timestamp;

use super::Summary;
use crate::engine::event::NoteKind;
use crate::engine::execution::Execution;
use crate::release::failure::Failure;
use crate::release::plan::PlannedManifest;
use crate::world::intent::Pending;

/// Writes what the plan says has to be written.
pub async fn run(x: &Execution) -> Result<(Summary, ()), Failure> {
    let Some(planned) = &x.plan.manifest else {
        x.events.marker("No DMG found -> manifest sync skipped");
        return Ok((Summary::skipped("no DMG"), ()));
    };
    x.verify_inputs().await?;
    let root = x.workspace.reader().root();
    let text = text(x, planned).await?;
    let writes: Vec<_> = planned
        .files
        .iter()
        .filter(|file| file.write)
        .map(|file| Pending { path: file.path.clone(), before: file.before, after: text.clone() })
        .collect();
    let count = writes.len();
    if count > 0 {
        x.workspace.write_manifests(writes)?;
    }
    for file in &planned.files {
        let path = root.join(&file.path);
        let word = if file.write { "Manifest updated at" } else { "Manifest already synced, skip:" };
        x.events.marker(format!("{word} {}", path.display()));
    }
    if planned.signature_cleared {
        x.events.note(
            NoteKind::Warning,
            "The signature of the earlier DMG was cleared from the manifest: it belongs to other bytes. Clients that ask for a signature will refuse this one.",
        );
    }
    match count {
        0 => Ok((Summary::skipped("already right"), ())),
        _ => Ok((Summary::ok(format!("{count} files written")), ())),
    }
}

/// The text of every file. A document that says nothing new keeps its bytes, and so its `release_date`.
async fn text(x: &Execution, planned: &PlannedManifest) -> Result<String, Failure> {
    if !planned.is_changed() {
        let copies = x.snapshot.manifests().await?;
        let kept = copies.iter().find_map(|copy| copy.file.as_ref());
        if let Some(text) = kept.and_then(|file| String::from_utf8(file.bytes.clone()).ok()) {
            return Ok(text);
        }
    }
    Ok(planned.after.dated(&format!("{:.6}", Timestamp::now().display_with_offset(jiff::tz::Offset::UTC))).render())
}
