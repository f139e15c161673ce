//! The console: settings first, then the engine's session on a terminal.

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Notify;

use super::{Setting, base, begin, end, open};
use crate::engine::event::{Outcome, RunResult};
use crate::engine::session;
use crate::front::tui::theme::Theme;
use crate::front::tui::{self, Opening, Seat};
use crate::front::tui::keys::Keys;

/// What has to be opened before there is a workspace: a practice world. Answers the workspace and what the environment
/// gets on top.
pub type World = BoxFuture<'static, Result<(PathBuf, Vec<(String, String)>), crate::release::failure::Failure>>;

/// How the console is asked for.
pub struct Asked {
    /// `--workspace`.
    pub workspace: Option<PathBuf>,
    /// The surroundings.
    pub setting: Setting,
    /// Whether colours are used.
    pub color: bool,
    /// Run id.
    pub run: String,
    /// A practice world, opened behind the first frame.
    pub world: Option<World>,
    /// Woken by every line of the log.
    pub woken: Arc<Notify>,
}

/// Runs the console and answers the exit code.
pub async fn run(asked: Asked) -> Result<u8, crate::release::failure::Failure> {
    let Asked { workspace, mut setting, color, run, world, woken } = asked;
    let theme = Theme::new(color, &setting.environment);
    // Keys belong to the first frame: of a workspace that is there, they are read before it.
    let keys = match &world {
        Some(_) => Keys::new(&std::collections::BTreeMap::new())?,
        None => Keys::new(&open(workspace.as_deref(), &setting)?.1.settings.keys)?,
    };
    let opening = Opening { practice: world.is_some(), theme, keys, woken };
    let session = move |seat: Seat| async move {
        let Seat { hands, brake } = seat;
        let opened = async {
            let mut explicit = workspace;
            if let Some(world) = world {
                let (folder, variables) = world.await?;
                explicit = Some(folder);
                for (name, value) in variables {
                    setting.environment = setting.environment.with(name, value);
                }
            }
            let (root, loaded) = open(explicit.as_deref(), &setting)?;
            Ok((root, loaded))
        };
        match opened.await {
            Err(failure) => {
                begin(&hands.events, "console", "");
                end(&hands.events, RunResult::bare(Outcome::Failed, 0).failed(&failure))
            }
            Ok((root, loaded)) => {
                let writable = loaded.file.is_some();
                let base = base(root, loaded, setting, run, &hands);
                session::run(base, writable, &brake, hands.commands).await
            }
        }
    };
    Ok(tui::run(opening, session).await)
}
