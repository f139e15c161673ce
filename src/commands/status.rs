//! `status`: once in lines or JSON, or as a dashboard on the terminal.

use std::path::PathBuf;

use futures::future::BoxFuture;
use uuid::Uuid;

use super::console::opening;
use super::{Setting, Show, base, open, refuse, refused, show};
use crate::cli::Global;
use crate::engine::event::RunResult;
use crate::engine::status;
use crate::front::Output;
use crate::front::drive::Hands;
use crate::front::tui::keys::Keys;
use crate::front::tui::{self, Opening, Seat};
use crate::release::code::Code;
use crate::release::failure::Failure;

/// Looks once.
pub fn once(
    workspace: Option<PathBuf>,
    setting: Setting,
    installed: Vec<String>,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            match open(workspace.as_deref(), &setting) {
                Err(failure) => refuse(&hands.events, "status", &failure),
                Ok((root, loaded)) => status::once(&base(root, loaded, setting, run, &hands), installed).await,
            }
        })
    }
}

/// There is none here: what was asked for leaves no place for one, or there is no terminal.
fn no_dashboard(global: &Global) -> Failure {
    let what = match (global.output, global.plain) {
        (Output::Json, _) => "`--output json` has no dashboard",
        (Output::Text, true) => "`--plain` has no dashboard",
        (Output::Text, false) => "There is no terminal for a dashboard",
    };
    Failure::new(Code::UsageNoTerminal, what)
        .why("`--watch` takes a whole terminal; lines and JSON are shown once.")
        .fix("nexy-release status")
        .fix("nexy-release status --output json")
}

/// Looks again and again, on the whole terminal; answers the exit code.
pub async fn watch(global: Global, setting: Setting, installed: Vec<String>) -> u8 {
    let prepared = match show(&global, &setting.environment) {
        Show::Console => open(global.workspace.as_deref(), &setting),
        Show::Lines | Show::Nothing => Err(no_dashboard(&global)),
    };
    let prepared = prepared.and_then(|(root, loaded)| Ok((Keys::new(&loaded.settings.keys)?, root, loaded)));
    let (keys, root, loaded) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refused(&global, &setting.environment, "status", failure).await,
    };
    let opening = Opening { watches: true, ..opening(&global, &setting, keys) };
    let session = move |seat: Seat| async move {
        let Seat { hands, brake: _ } = seat;
        let base = base(root, loaded, setting, Uuid::now_v7().to_string(), &hands);
        Box::pin(status::watch(&base, installed, hands.commands)).await
    };
    tui::run(opening, session).await
}
