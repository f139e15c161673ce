//! The console's engine: a preview that stands until a person asks for more. Readers only, no lock, until a release is
//! confirmed.

mod brake;
mod home;
mod waived;

use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

pub use self::brake::Brake;
use self::home::Home;
use self::waived::Waived;
use super::base::Base;
use super::event::{Command, Mode, NoteKind, Outcome, RunResult};
use super::snapshot::Known;
use super::versions;
use crate::release::code::Exit;
use crate::release::failure::Failure;

/// What goes on from one look at everything to the next: between them the settings are read anew.
#[derive(Debug)]
pub struct Session {
    /// How the last release ended.
    pub last: RunResult,
    waived: Waived,
    known: Known,
    /// What is done without being asked for again, after looking again.
    next: Option<Command>,
}

impl Default for Session {
    fn default() -> Self {
        let last = RunResult::bare(Outcome::Done, Exit::Done as u8);
        Self { last, waived: Waived::default(), known: Known::new(), next: None }
    }
}

impl Session {
    /// Previews, and does what is asked for; `true`: until everything is to be looked at again, else until a person
    /// leaves.
    ///
    /// `writable`: the workspace has a `release.toml`; else nothing is ever published from it.
    pub async fn run(
        &mut self,
        mut base: Base,
        writable: bool,
        brake: &Brake,
        commands: &mut UnboundedReceiver<Command>,
    ) -> bool {
        base.stop = brake.release();
        base.start("console", if writable { Mode::Live } else { Mode::ReadOnly });
        versions::report(&base);
        let (waived, known) = (std::mem::take(&mut self.waived), std::mem::take(&mut self.known));
        let mut home = Home::open(&base, waived, known).await;
        let mut proposed = None;
        loop {
            let Some(command) = (match self.next.take() {
                Some(command) => Some(command),
                None => commands.recv().await,
            }) else {
                return false;
            };
            base.stop = brake.release();
            match command {
                Command::Leave => return false,
                Command::Recheck(None) => break,
                Command::Recheck(id) => home.recheck(&base, id).await,
                Command::Waive(id, reason) => home.waive(&base, id, reason).await,
                Command::MakeInbox if writable => {
                    home.make_inbox(&base);
                    break;
                }
                Command::DryRun => home.dry_run(&base).await,
                Command::Publish
                | Command::Again
                | Command::MakeInbox
                | Command::ProposeVersion(_)
                | Command::SetVersion
                    if !writable =>
                {
                    base.events.note(
                        NoteKind::Warning,
                        "This workspace is READ-ONLY: it has no release.toml. Leave, then: nexy-release config init",
                    );
                }
                Command::ProposeVersion(version) => {
                    proposed = versions::propose(&base, version).map_err(|failure| warn(&base, &failure)).ok();
                }
                Command::SetVersion => {
                    // A run of its own in the journal: the session's id is that of its releases.
                    let own = Base { run: Uuid::now_v7().to_string(), ..base.clone() };
                    if let Some(proposal) = proposed.take()
                        && let Err(failure) = versions::accept(&own, &proposal).await
                    {
                        warn(&base, &failure);
                    }
                    break;
                }
                Command::Again => {
                    self.next = Some(Command::Publish);
                    break;
                }
                Command::Publish => {
                    if let Some(result) = Box::pin(home.publish(&base, commands)).await {
                        self.last = result;
                    }
                }
                // An answer to a question that is over.
                Command::Confirm(_) | Command::Decline | Command::MakeInbox => {}
            }
        }
        (self.waived, self.known) = home.close().await;
        true
    }
}

fn warn(base: &Base, failure: &Failure) {
    base.events.note(NoteKind::Warning, format!("[{}] {}", failure.code, failure.what));
}

/// Waits, where there is nothing that could be done, until a person wants it tried again; `false`: until they leave.
pub async fn retried(commands: &mut UnboundedReceiver<Command>) -> bool {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Leave => return false,
            Command::Recheck(_) | Command::Again => return true,
            _ => {}
        }
    }
    false
}
