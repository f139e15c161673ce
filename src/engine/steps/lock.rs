//! `lock`: keep others out of this workspace, and finish what an earlier run left half written.

use super::Summary;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::world::lock::Lock;
use crate::world::workspace::Writer;

/// Takes the lock, then finishes an interrupted manifest update.
pub async fn run(workspace: &Writer, run: &str, events: &Events) -> Result<(Summary, Lock), Failure> {
    let (writer, run) = (workspace.clone(), run.to_owned());
    let taken = tokio::task::spawn_blocking(move || writer.lock(&run)).await;
    let lock = taken.map_err(|error| crate::engine::snapshot::panicked(&error))??;
    let finished = workspace.finish_manifests()?;
    for path in &finished {
        events.marker(format!("Manifest updated at {}", workspace.reader().root().join(path).display()));
    }
    let summary = match finished.len() {
        0 => "taken".to_owned(),
        count => format!("taken; finished an interrupted update of {count} manifest files"),
    };
    Ok((Summary::ok(summary), lock))
}
