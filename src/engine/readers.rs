//! All that a preview may hold: it cannot change anything with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::event::{Event, NoteKind};
use super::feed::Events;
use crate::release::failure::Failure;
use crate::settings::{Environment, Settings};
use crate::world::github::hosts::Hosts;
use crate::world::github::http::{Door, OnWait};
use crate::world::github::patience::Patience;
use crate::world::github::{reader as github, writer};
use crate::world::stop::Stop;
use crate::world::{token, workspace};

/// Readers of everything that a plan is made from.
#[derive(Debug, Clone)]
pub struct Readers {
    /// The workspace.
    pub workspace: workspace::Reader,
    /// The release host; without a token there is none to ask, and the failure says why.
    pub github: Result<github::Reader, Failure>,
    /// Where the token comes from.
    pub token_source: String,
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
}

impl Readers {
    /// Opens the workspace at `root` and the release host of the settings. Sends nothing yet.
    pub async fn open(
        root: &Path,
        settings: &Settings,
        environment: &Environment,
        events: &Events,
        stop: &Stop,
    ) -> Self {
        let workspace = workspace::Reader::new(root, &settings.release.inbox);
        let mut token_source = String::new();
        let github = match token::find(&settings.github, environment, stop).await {
            Err(failure) => Err(failure),
            Ok(token) => {
                token_source.clone_from(&token.source);
                let patience = Patience {
                    idle: Duration::from_secs(settings.github.idle_timeout_s),
                    max_wait: Duration::from_secs(settings.github.max_wait_s),
                };
                let hosts = Hosts::new(&settings.github);
                Door::new(hosts, Some(token), patience, stop.clone(), announce(events))
                    .map(|door| github::Reader::new(door, settings.release.repo.as_str()))
            }
        };
        Self { workspace, github, token_source, stop: stop.clone() }
    }

    /// The release host, or why it cannot be asked.
    pub fn github(&self) -> Result<&github::Reader, Failure> {
        self.github.as_ref().map_err(Clone::clone)
    }
}

impl Writers {
    /// Writers for what these readers read.
    pub fn new(readers: &Readers) -> Self {
        Self {
            workspace: workspace::Writer::new(readers.workspace.clone()),
            github: readers.github.clone().map(writer::Writer::new),
        }
    }
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
