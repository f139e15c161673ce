//! `lock`: nobody else is publishing from this workspace.

use super::{Finding, Snapshot};

pub(super) async fn look(facts: &Snapshot) -> Finding {
    if let Err(failure) = facts.readers.workspace.probe_lock() {
        return Finding::failed(failure);
    }
    match facts.pending().await {
        Err(failure) => Finding::failed(failure),
        Ok(None) => Finding::ok("free"),
        Ok(Some(intent)) => Finding::ok(format!(
            "free; an interrupted update of {} {} files is taken as finished",
            intent.files.len(),
            intent.act.as_str()
        )),
    }
}
