//! `lock`: keep others out of this workspace, and finish what an earlier run left half written.

use super::Summary;
use crate::engine::account;
use crate::engine::execution::Caller;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::world::lock::Lock;
use crate::world::workspace::Writer;

/// Takes the lock, then finishes an interrupted manifest update.
pub async fn run(workspace: &Writer, caller: &Caller, events: &Events) -> Result<(Summary, Lock), Failure> {
    let (writer, run) = (workspace.clone(), caller.run.clone());
    let taken = tokio::task::spawn_blocking(move || writer.lock(&run)).await;
    let lock = taken.map_err(|error| crate::engine::snapshot::panicked(&error))??;
    let Some(finished) = workspace.finish_manifests()? else { return Ok((Summary::ok("taken"), lock)) };
    for file in &finished.files {
        events.marker(format!("Manifest updated at {}", workspace.reader().root().join(&file.path).display()));
    }
    if finished.entry.is_none() {
        let mut entry = account::blank("manifest finish", caller, "");
        entry.manifest = account::files(&finished.files);
        workspace.record(&entry)?;
    }
    let count = finished.files.len();
    Ok((Summary::ok(format!("taken; finished an interrupted update of {count} manifest files")), lock))
}
