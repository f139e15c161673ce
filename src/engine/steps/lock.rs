//! `lock`: keep others out of this workspace, and finish what an earlier run left half written.

use super::Summary;
use crate::engine::account;
use crate::engine::event::NoteKind;
use crate::engine::execution::Caller;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::world::intent::Act;
use crate::world::lock::Lock;
use crate::world::workspace::Writer;

/// Takes the lock, then finishes an interrupted update.
pub async fn run(workspace: &Writer, caller: &Caller, events: &Events) -> Result<(Summary, Lock), Failure> {
    let (writer, run) = (workspace.clone(), caller.run.clone());
    let taken = tokio::task::spawn_blocking(move || writer.lock(&run)).await;
    let lock = taken.map_err(|error| crate::engine::snapshot::panicked(&error))??;
    events.record(workspace.begin_events(), &caller.run);
    let Some(finished) = workspace.finish_files()? else { return Ok((Summary::ok("taken"), lock)) };
    for file in &finished.files {
        let path = workspace.reader().root().join(&file.path);
        match finished.act {
            Act::Manifest => events.marker(format!("Manifest updated at {}", path.display())),
            Act::Version => events.note(NoteKind::Info, format!("Version set in {}", file.path)),
        }
    }
    if finished.entry.is_none() {
        let mut entry = account::blank(&format!("{} finish", finished.act.as_str()), caller, "");
        entry.manifest = account::files(&finished.files);
        workspace.record(&entry)?;
    }
    let (count, what) = (finished.files.len(), finished.act.as_str());
    Ok((Summary::ok(format!("taken; finished an interrupted update of {count} {what} files")), lock))
}
