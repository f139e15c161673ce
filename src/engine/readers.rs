//! All that a preview may hold: it cannot change anything with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::event::{Event, NoteKind};
use super::feed::Events;
use crate::release::failure::Failure;
use crate::settings::{Environment, Settings};
use crate::world::azure::{self, Said, Say};
use crate::world::git::{reader as git, writer as git_writer};
use crate::world::github::hosts::Hosts;
use crate::world::github::http::{Door, OnWait};
use crate::world::github::patience::Patience;
use crate::world::github::{reader as github, writer};
use crate::world::stop::Stop;
use crate::world::token::Token;
use crate::world::{updates, workspace};

/// Readers of everything that a plan is made from.
#[derive(Debug, Clone)]
pub struct Readers {
    /// The workspace.
    pub workspace: workspace::Reader,
    /// The release host; without a token there is none to ask, and the failure says why.
    pub github: Result<github::Reader, Failure>,
    /// Where the token comes from.
    pub token_source: String,
    /// git in the workspace.
    pub git: git::Reader,
    /// The process's variables.
    pub environment: Environment,
    /// The VM; `None`: `vm.enabled = false`.
    pub vm: Option<azure::Reader>,
    /// The wish to stop.
    pub stop: Stop,
}

/// Writers for everything that a confirmed plan changes.
#[derive(Debug, Clone)]
pub struct Writers {
    /// The workspace.
    pub workspace: workspace::Writer,
    /// The release host.
    pub github: Result<writer::Writer, Failure>,
    /// git in the workspace.
    pub git: git_writer::Writer,
    /// The VM; `None`: `vm.enabled = false`.
    pub vm: Option<azure::manifests::Writer>,
}

impl Readers {
    /// Opens the workspace at `root` and the release host of the settings, for whom `token` speaks: without one only what
    /// anybody may read is asked for. Sends nothing yet.
    pub fn new(
        token: Result<Option<Token>, Failure>,
        root: &Path,
        settings: &Settings,
        environment: &Environment,
        events: &Events,
        stop: &Stop,
    ) -> Self {
        let git = git::Reader::new(root, environment, stop).with_hooks(settings.git.hooks);
        let workspace = workspace::Reader::new(root, &settings.release.inbox);
        let token_source = token.as_ref().ok().and_then(Option::as_ref).map(|token| token.source.clone());
        let github = token.and_then(|token| {
            let hosts = Hosts::new(&settings.github);
            let door = Door::new(hosts, token, patience(settings), stop.clone(), announce(events))?;
            Ok(github::Reader::new(door, settings.release.repo.as_str()))
        });
        let vm = &settings.vm;
        let vm = vm.enabled.then(|| azure::Reader::new(vm, environment, stop, tell(events)));
        let (token_source, environment) = (token_source.unwrap_or_default(), environment.clone());
        Self { workspace, github, token_source, git, vm, environment, stop: stop.clone() }
    }

    /// The release host, or why it cannot be asked.
    pub fn github(&self) -> Result<&github::Reader, Failure> {
        self.github.as_ref().map_err(Clone::clone)
    }

    /// The servers that clients are updated from. Only `verify --served` asks them: nobody else pays for the way there.
    pub fn updates(&self, settings: &Settings, events: &Events) -> Result<updates::Reader, Failure> {
        updates::Reader::new(settings, patience(settings), self.stop.clone(), announce(events))
    }
}

fn patience(settings: &Settings) -> Patience {
    Patience {
        idle: Duration::from_secs(settings.github.idle_timeout_s),
        max_wait: Duration::from_secs(settings.github.max_wait_s),
    }
}

impl Writers {
    /// Writers for what these readers read.
    pub fn new(readers: &Readers) -> Self {
        Self {
            workspace: workspace::Writer::new(readers.workspace.clone()),
            github: readers.github.clone().map(writer::Writer::new),
            git: git_writer::Writer::new(readers.git.clone()),
            vm: readers.vm.clone().map(azure::manifests::Writer::new),
        }
    }
}

/// Shows what is heard while the VM is asked.
fn tell(events: &Events) -> Say {
    let events = events.clone();
    Arc::new(move |said| match said {
        Said::Warning(text) => events.note(NoteKind::Warning, text),
        Said::Wait(why, time) => {
            let seconds = time.as_secs();
            let text = format!("{why}; waiting for up to {seconds} s").into();
            events.send(Event::Note { kind: NoteKind::Wait, text, seconds: Some(seconds) });
        }
        // Nothing is left to wait for.
        Said::Waited(text) => events.send(Event::Note { kind: NoteKind::Wait, text, seconds: Some(0) }),
    })
}

/// Shows every wait with its length, so that nobody thinks that the console hangs.
fn announce(events: &Events) -> OnWait {
    let events = events.clone();
    Arc::new(move |wait| {
        let seconds = wait.time.as_secs();
        let text = format!("{}; waiting {seconds} s before the next try", wait.reason).into();
        events.send(Event::Note { kind: NoteKind::Wait, text, seconds: Some(seconds) });
    })
}
