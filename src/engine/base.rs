//! What every command works with, and how it begins and ends.

use std::sync::Arc;

use super::event::{Event, Mode, Outcome, RunResult};
use super::execution::Caller;
use super::feed::Events;
use super::readers::Readers;
use super::snapshot::{Known, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::journal::Who;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::settings::{self, Environment, Settings};
use crate::world::lock;
use crate::world::stop::Stop;
use crate::world::token::{self, Token};

/// What every command needs.
#[derive(Debug, Clone)]
pub struct Base {
    /// Absolute path of the workspace.
    pub root: std::path::PathBuf,
    /// In force.
    pub settings: Arc<Settings>,
    /// The process's variables.
    pub environment: Environment,
    /// Run id.
    pub run: String,
    /// The wish to stop.
    pub stop: Stop,
    /// Where events go.
    pub events: Events,
}

impl Base {
    /// Says what is begun.
    pub fn start(&self, command: &str, mode: Mode) {
        self.events.send(Event::RunStarted {
            command: command.into(),
            mode,
            workspace: self.root.to_string_lossy().into_owned().into(),
            tool: env!("CARGO_PKG_VERSION").into(),
        });
    }

    /// Says which version of which repository this is about.
    pub fn announce(&self, version: &Version) {
        self.events.marker(format!("Release Tag: {}", self.settings.release.tag.tag(version)));
        self.events.marker(format!("Target Repo: {}", self.settings.release.repo));
    }

    /// No facts yet of what lies in the workspace; no token is looked for, and the release host is not asked.
    pub fn local_snapshot(&self) -> Snapshot {
        self.snapshot(Ok(None))
    }

    /// No facts yet of what anybody may read: no token is needed where the repository is public.
    pub async fn open_snapshot(&self) -> Snapshot {
        self.snapshot(self.token_if_any().await)
    }

    /// Readers of what anybody may read, and of more where there is a token.
    pub async fn open_readers(&self) -> Readers {
        self.readers_for(self.token_if_any().await)
    }

    async fn token_if_any(&self) -> Result<Option<Token>, Failure> {
        match self.token().await {
            Err(failure) if failure.code == Code::AuthMissing => Ok(None),
            token => token.map(Some),
        }
    }

    /// Readers of its workspace and release host.
    pub async fn readers(&self) -> Readers {
        self.readers_for(self.token().await.map(Some))
    }

    async fn token(&self) -> Result<Token, Failure> {
        token::find(&self.settings.github, &self.environment, &self.stop).await
    }

    fn readers_for(&self, token: Result<Option<Token>, Failure>) -> Readers {
        Readers::new(token, &self.root, &self.settings, &self.environment, &self.events, &self.stop)
    }

    fn snapshot(&self, token: Result<Option<Token>, Failure>) -> Snapshot {
        Snapshot::new(self.settings.clone(), self.readers_for(token), self.events.clone(), Known::new())
    }

    /// Fails where the settings in force are not those that this was begun with.
    pub fn ensure_settings(&self) -> Result<(), Failure> {
        if settings::load(&self.root, &self.environment)?.settings == *self.settings {
            return Ok(());
        }
        Err(Failure::new(Code::PlanOther, format!("{} changed after it was read", settings::FILE))
            .why("The plan was made with the settings as they were. Nothing was done.")
            .fix("Run the same command again: it reads them anew"))
    }

    /// Says how it ended.
    pub fn end(&self, result: RunResult) -> RunResult {
        self.events.send(Event::Result(result.clone()));
        result
    }

    /// Ends with a failure, before anything was found out of a release.
    pub fn fail(&self, failure: &Failure) -> RunResult {
        let interrupted = failure.code == Code::Interrupted;
        let outcome = if interrupted { Outcome::Interrupted } else { Outcome::Failed };
        self.end(RunResult::bare(outcome, 0).failed(failure))
    }

    /// Who runs it, as this machine knows them; the login is the release host's to tell.
    pub fn caller(&self) -> Caller {
        let user = self.environment.get("USER").or_else(|| self.environment.get("LOGNAME"));
        let user = user.map_or_else(lock::user, |user| Clean::line(user, 60));
        let who = Who { login: None, user: Some(user), host: Some(lock::host()) };
        Caller { run: self.run.clone(), who }
    }
}
