//! The console: settings, then the engine's session on a terminal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Notify;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use uuid::Uuid;

use super::{PracticeHost, Setting, base, begin, end, manner, open as opened, refused};
use crate::cli::Global;
use crate::engine::event::{Outcome, RunResult};
use crate::engine::session::{self, Session};
use crate::front::drive::Hands;
use crate::front::tui::keys::Keys;
use crate::front::tui::model::Ground;
use crate::front::tui::theme::Theme;
use crate::front::tui::trace::ToLog;
use crate::front::tui::{self, Opening, Seat};
use crate::release::failure::Failure;
use crate::release::journal::Ending;
use crate::settings;
use crate::world::workspace::Reader;

/// A practice world that is opened behind the first frame.
pub struct World {
    /// Whether it stays.
    pub ground: Ground,
    /// The workspace of a world that was kept.
    pub kept: Option<PathBuf>,
    /// Opens it.
    pub opening: BoxFuture<'static, Result<Opened, Failure>>,
}

/// A practice world that is open.
#[derive(Debug)]
pub struct Opened {
    /// Its workspace.
    pub workspace: PathBuf,
    /// What the environment gets on top.
    pub variables: Vec<(String, String)>,
    /// The only host that may be released to.
    pub host: PracticeHost,
}

/// Opens the console, on this workspace or on a practice world, and answers the exit code.
pub async fn console(global: Global, mut setting: Setting, world: Option<World>) -> u8 {
    // Keys belong to the first frame: those of a workspace that is there are read before it.
    let prepared = match &world {
        Some(World { kept: None, .. }) => Keys::new(&BTreeMap::new()).map(|keys| (keys, true)),
        Some(World { kept: Some(root), .. }) => {
            // What is wrong with the rest of the file is said on the screen, where it can be tried again.
            let rebound = settings::load(root, &setting.environment).map(|loaded| loaded.settings.keys);
            Keys::new(&rebound.unwrap_or_default()).map(|keys| (keys, true))
        }
        None => opened(global.workspace.as_deref(), &setting).and_then(|(root, loaded)| {
            let first = is_first(&Reader::new(&root, &loaded.settings.release.inbox));
            Ok((Keys::new(&loaded.settings.keys)?, first))
        }),
    };
    let (keys, guided) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refused(&global, &setting.environment, "console", failure).await,
    };
    let ground = world.as_ref().map_or(Ground::Real, |world| world.ground);
    let opening = Opening { ground, guided, ..opening(&global, &setting, keys) };
    let session = move |seat: Seat| async move {
        let Seat { mut hands, brake } = seat;
        let explicit = match world {
            None => global.workspace,
            Some(world) => match world.opening.await {
                Ok(world) => {
                    for (name, value) in world.variables {
                        setting.environment = setting.environment.clone().with(name, value);
                    }
                    setting.host = Some(world.host);
                    Some(world.workspace)
                }
                Err(failure) => {
                    let result = unopened(&hands, &failure);
                    while session::retried(&mut hands.commands).await {}
                    return result;
                }
            },
        };
        let (mut session, run) = (Session::default(), Uuid::now_v7().to_string());
        loop {
            match opened(explicit.as_deref(), &setting) {
                Ok((root, loaded)) => {
                    let writable = loaded.file.is_some();
                    let base = base(root, loaded, setting.clone(), run.clone(), &hands);
                    if !Box::pin(session.run(base, writable, &brake, &mut hands.commands)).await {
                        return session.last;
                    }
                }
                Err(failure) => {
                    let result = unopened(&hands, &failure);
                    if !session::retried(&mut hands.commands).await {
                        return result;
                    }
                }
            }
        }
    };
    tui::run(opening, session).await
}

/// How a screen looks and is told of the log, on a workspace of the real world.
pub(super) fn opening(global: &Global, setting: &Setting, keys: Keys) -> Opening {
    let woken = Arc::new(Notify::new());
    let ours = tracing_subscriber::filter::Targets::new().with_target("nexy_release", tracing::Level::DEBUG);
    // In tests there may be a subscriber already.
    let _ = tracing_subscriber::registry().with(ToLog { woken: woken.clone() }).with(ours).try_init();
    let theme = Theme::new(manner(global, &setting.environment).color, &setting.environment);
    Opening { ground: Ground::Real, guided: false, watches: false, theme, keys, verbose: global.verbose, woken }
}

/// Whether nothing was published from here yet: whoever releases for the first time is led.
fn is_first(workspace: &Reader) -> bool {
    let journal = workspace.journal();
    journal.is_ok_and(|journal| !journal.entries().any(|entry| entry.outcome == Ending::Done && entry.tag.is_some()))
}

/// Nothing can be done but read it, mend it, and look again.
fn unopened(hands: &Hands, failure: &Failure) -> RunResult {
    begin(&hands.events, "console", "");
    end(&hands.events, RunResult::bare(Outcome::Failed, 0).failed(failure))
}
