//! `status`: what is published, served and under way, once or again and again. Readers only; what they may not see is
//! unknown, and no error.

mod compose;
mod facts;
mod rhythm;
mod target;
mod under_way;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

pub use self::facts::Facts;
pub use self::rhythm::Rhythm;
use super::base::Base;
use super::event::{Command, Event, Mode, Outcome, RunResult};
use crate::release::code::Exit;
use crate::release::status::Status;

/// A run under way here says how far it is about so often.
const FOLLOW: Duration = Duration::from_secs(1);
/// Seconds without a byte, or of waiting to be let in again, after which a look goes on without that source.
const LOOK_S: u64 = 10;

/// `status`: looks once. `installed`: the versions whose clients are simulated.
pub async fn once(base: &Base, installed: Vec<String>) -> RunResult {
    // Whoever looks wants to see what there is; what does not answer soon is unknown.
    let base = &hurried(base, LOOK_S);
    base.start("status", Mode::ReadOnly);
    let mut facts = Facts::new(base, installed).await;
    if let Err(failure) = facts.look().await {
        return base.fail(&failure);
    }
    let status = facts.status().await;
    let mut result = RunResult::bare(Outcome::Done, Exit::Done as u8);
    result.version = status.judged;
    result.tag = status.judged.map(|version| base.settings.release.tag.tag(&version));
    show(base, &status);
    base.end(result)
}

/// `status --watch`: looks again and again, until a person leaves.
pub async fn watch(base: &Base, installed: Vec<String>, mut commands: UnboundedReceiver<Command>) -> RunResult {
    // A dashboard that waits for a busy host shows nothing meanwhile: it is looked again instead.
    let base = &hurried(base, 0);
    base.start("status", Mode::ReadOnly);
    let mut facts = Facts::new(base, installed).await;
    // What lies here is shown before anybody else answers.
    show(base, &facts.status().await);
    let mut rhythm = Rhythm::default();
    loop {
        if facts.look().await.is_err() {
            break;
        }
        let pause = rhythm.next(&facts.cost, facts.missed.as_ref(), uuid::Uuid::new_v4().as_u128());
        let next = SignedDuration::try_from(pause).ok().and_then(|pause| Timestamp::now().checked_add(pause).ok());
        let status = Status { next, ..facts.status().await };
        show(base, &status);
        let goes_on = tokio::select! {
            again = asked_again(&mut commands) => again,
            () = tokio::time::sleep(pause) => true,
            // Whoever was at work here has changed what is shown.
            () = follow(base, &facts, status) => true,
            () = base.stop.stopped() => false,
        };
        if !goes_on {
            break;
        }
    }
    base.end(RunResult::bare(Outcome::Done, Exit::Done as u8))
}

/// The same, and nobody is waited for longer than this.
fn hurried(base: &Base, max_wait_s: u64) -> Base {
    let mut settings = (*base.settings).clone();
    settings.github.max_wait_s = settings.github.max_wait_s.min(max_wait_s);
    settings.github.idle_timeout_s = settings.github.idle_timeout_s.min(LOOK_S);
    Base { settings: settings.into(), ..base.clone() }
}

/// Shows how far the run under way here is, until it ends; for ever where none is.
async fn follow(base: &Base, facts: &Facts, mut status: Status) {
    if facts.look_at_the_run().is_none() {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(FOLLOW).await;
        status.run = facts.look_at_the_run();
        if status.run.is_none() {
            return;
        }
        show(base, &status);
    }
}

/// Waits until a person wants it looked at again; `false`: until they leave.
async fn asked_again(commands: &mut UnboundedReceiver<Command>) -> bool {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Recheck(_) | Command::Again => return true,
            Command::Leave => return false,
            _ => {}
        }
    }
    false
}

fn show(base: &Base, status: &Status) {
    base.events.send(Event::Report { kind: "status".into(), data: json!(status) });
}
