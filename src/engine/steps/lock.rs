//! `lock`: keep others out of this workspace, and finish what an earlier run left half written.

use super::Summary;
use crate::engine::account;
use crate::engine::event::NoteKind;
use crate::engine::execution::Caller;
use crate::engine::feed::Events;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::File;
use crate::world::intent::{Act, Intent, Pending};
use crate::world::lock::Lock;
use crate::world::workspace::Writer;

/// Takes the lock, then finishes an interrupted update.
pub async fn run(workspace: &Writer, caller: &Caller, events: &Events) -> Result<(Summary, Lock), Failure> {
    let (writer, run) = (workspace.clone(), caller.run.clone());
    let taken = tokio::task::spawn_blocking(move || writer.lock(&run)).await;
    let lock = taken.map_err(|error| crate::engine::snapshot::panicked(&error))??;
    let summary = match workspace.finish_files()? {
        None => "taken".to_owned(),
        Some(intent) => {
            tell(workspace, caller, events, &intent)?;
            let (count, what) = (intent.files.len(), intent.act.as_str());
            format!("taken; finished an interrupted update of {count} {what} files")
        }
    };
    Ok((Summary::ok(summary), lock))
}

/// Says what was finished, here and in the journal.
fn tell(workspace: &Writer, caller: &Caller, events: &Events, intent: &Intent) -> Result<(), Failure> {
    for file in &intent.files {
        let path = workspace.reader().root().join(&file.path);
        match intent.act {
            Act::Manifest => events.marker(format!("Manifest updated at {}", path.display())),
            Act::Version => events.note(NoteKind::Info, format!("Version set in {}", file.path)),
        }
    }
    let mut entry = account::blank(&format!("{} finish", intent.act.as_str()), caller, "");
    let file = |file: &Pending| File {
        path: file.path.as_str().into(),
        before: file.before,
        after: Some(Digest::of(&file.after)),
    };
    entry.manifest = intent.files.iter().map(file).collect();
    workspace.record(&entry)
}
