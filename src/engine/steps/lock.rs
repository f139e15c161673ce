//! `lock`: keep others out of this workspace, and finish what an earlier run left half written.

use super::Summary;
use crate::engine::account;
use crate::engine::execution::Caller;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::File;
use crate::world::intent::Pending;
use crate::world::lock::Lock;
use crate::world::workspace::Writer;

/// Takes the lock, then finishes an interrupted manifest update.
pub async fn run(workspace: &Writer, caller: &Caller, events: &Events) -> Result<(Summary, Lock), Failure> {
    let (writer, run) = (workspace.clone(), caller.run.clone());
    let taken = tokio::task::spawn_blocking(move || writer.lock(&run)).await;
    let lock = taken.map_err(|error| crate::engine::snapshot::panicked(&error))??;
    let finished = workspace.finish_manifests()?;
    for file in &finished {
        events.marker(format!("Manifest updated at {}", workspace.reader().root().join(&file.path).display()));
    }
    if !finished.is_empty() {
        let mut entry = account::blank("manifest finish", caller, "");
        let file = |file: &Pending| File {
            path: file.path.as_str().into(),
            before: file.before,
            after: Some(Digest::of(&file.after)),
        };
        entry.manifest = finished.iter().map(file).collect();
        workspace.record(&entry)?;
    }
    let summary = match finished.len() {
        0 => "taken".to_owned(),
        count => format!("taken; finished an interrupted update of {count} manifest files"),
    };
    Ok((Summary::ok(summary), lock))
}
