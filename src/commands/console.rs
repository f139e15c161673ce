//! The console: settings, then the engine's session on a terminal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Notify;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use uuid::Uuid;

use super::{Setting, base, begin, end, manner, open as opened, refused};
use crate::cli::Global;
use crate::engine::event::{Outcome, RunResult};
use crate::engine::session;
use crate::front::drive::Hands;
use crate::front::tui::keys::Keys;
use crate::front::tui::model::Ground;
use crate::front::tui::theme::Theme;
use crate::front::tui::trace::ToLog;
use crate::front::tui::{self, Opening, Seat};
use crate::release::failure::Failure;
use crate::release::journal::Ending;
use crate::world::workspace::Reader;

/// A practice world that is opened behind the first frame: answers its workspace, and what the environment gets on top.
pub type World = BoxFuture<'static, Result<(PathBuf, Vec<(String, String)>), Failure>>;

/// Opens the console, on this workspace or on a practice world, and answers the exit code.
pub async fn console(global: Global, mut setting: Setting, world: Option<World>) -> u8 {
    // Keys belong to the first frame: those of a workspace that is there are read before it.
    let prepared = match &world {
        Some(_) => Keys::new(&BTreeMap::new()).map(|keys| (keys, true)),
        None => opened(global.workspace.as_deref(), &setting).and_then(|(root, loaded)| {
            let first = is_first(&Reader::new(&root, &loaded.settings.release.inbox));
            Ok((Keys::new(&loaded.settings.keys)?, first))
        }),
    };
    let (keys, guided) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refused(&global, &setting.environment, "console", failure).await,
    };
    let woken = Arc::new(Notify::new());
    let ours = tracing_subscriber::filter::Targets::new().with_target("nexy_release", tracing::Level::DEBUG);
    // With --verbose the lines go to stderr already, and a second subscriber is refused.
    let _ = tracing_subscriber::registry().with(ToLog { woken: woken.clone() }).with(ours).try_init();
    let theme = Theme::new(manner(&global, &setting.environment).color, &setting.environment);
    let ground = if world.is_some() { Ground::Kept } else { Ground::Real };
    let opening = Opening { ground, guided, theme, keys, woken };
    let session = move |seat: Seat| async move {
        let Seat { mut hands, brake } = seat;
        let explicit = match world {
            None => global.workspace,
            Some(world) => match world.await {
                Ok((folder, variables)) => {
                    for (name, value) in variables {
                        setting.environment = setting.environment.clone().with(name, value);
                    }
                    Some(folder)
                }
                Err(failure) => {
                    let result = unopened(&hands, &failure);
                    while session::retried(&mut hands.commands).await {}
                    return result;
                }
            },
        };
        loop {
            let failure = match opened(explicit.as_deref(), &setting) {
                Ok((root, loaded)) => {
                    let writable = loaded.file.is_some();
                    let base = base(root, loaded, setting, Uuid::now_v7().to_string(), &hands);
                    return session::run(base, writable, &brake, hands.commands).await;
                }
                Err(failure) => failure,
            };
            let result = unopened(&hands, &failure);
            if !session::retried(&mut hands.commands).await {
                return result;
            }
        }
    };
    tui::run(opening, session).await
}

/// Whether nothing was published from here yet: whoever releases for the first time is led.
fn is_first(workspace: &Reader) -> bool {
    let journal = workspace.journal();
    journal.is_ok_and(|journal| !journal.entries().any(|entry| entry.outcome == Ending::Done))
}

/// Nothing can be done but read it, mend it, and look again.
fn unopened(hands: &Hands, failure: &Failure) -> RunResult {
    begin(&hands.events, "console", "");
    end(&hands.events, RunResult::bare(Outcome::Failed, 0).failed(failure))
}
