//! `history`: reads the journal.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::{Setting, base, open, refuse};
use crate::engine::event::RunResult;
use crate::engine::history;
use crate::front::drive::Hands;

/// Shows the journal.
pub fn run(
    workspace: Option<PathBuf>,
    setting: Setting,
    verify: bool,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            match open(workspace.as_deref(), &setting) {
                Err(failure) => refuse(&hands.events, "history", &failure),
                Ok((root, loaded)) => history::run(&base(root, loaded, setting, run, &hands), verify),
            }
        })
    }
}
