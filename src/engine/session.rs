//! The console's engine: a preview that stands until a person asks for more. Readers only, no lock, until a release is
//! confirmed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedReceiver;

use super::base::Base;
use super::checks::Waivers;
use super::event::{Check, CheckId, CheckState, Command, Event, Mode, NoteKind, Outcome, RunResult, StepId, StepState};
use super::pipeline::{conclude, ensure_inbox};
use super::preview::{self, Preview, Request};
use super::readers::Writers;
use super::snapshot::Known;
use super::{execute, feed, steps};
use crate::release::code::Exit;
use crate::release::text::Clean;
use crate::world::stop::Stop;
use crate::world::workspace;

/// The wish to stop whatever is under way now; the next thing begins with a new one, until it is locked.
#[derive(Debug, Clone, Default)]
pub struct Brake(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stop: Stop,
    locked: bool,
}

impl Brake {
    /// Asks what is under way to stop.
    pub fn pull(&self) {
        self.lock().stop.stop();
    }

    /// The same, and nothing is begun any more.
    pub fn park(&self) {
        let mut state = self.lock();
        state.locked = true;
        state.stop.stop();
    }

    /// What is stopped by it now.
    pub fn stop(&self) -> Stop {
        self.lock().stop.clone()
    }

    fn release(&self) -> Stop {
        let mut state = self.lock();
        if state.stop.is_stopped() && !state.locked {
            state.stop = Stop::default();
        }
        state.stop.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere left nothing half-changed: each of the two is set as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands on the home screen.
struct Home {
    preview: Preview,
    waivers: Waivers,
}

/// Previews, and does what is asked for, until a person leaves. Answers how the last release ended.
///
/// `writable`: the workspace has a `release.toml`; else nothing is ever published from it.
pub async fn run(mut base: Base, writable: bool, brake: &Brake, mut commands: UnboundedReceiver<Command>) -> RunResult {
    let mut last = RunResult::bare(Outcome::Done, Exit::Done as u8);
    let mut waivers = Waivers::new();
    let mut known = Known::new();
    loop {
        base.stop = brake.release();
        base.start("console", if writable { Mode::Live } else { Mode::ReadOnly });
        let request = request(&base, &waivers, known).await;
        let mut home = Home { preview: Box::pin(preview::run(request, &base.events)).await, waivers };
        while let Some(command) = commands.recv().await {
            base.stop = brake.release();
            match command {
                Command::Leave => return last,
                Command::Recheck(None) => break,
                Command::Recheck(Some(id)) => home.recheck(&base, id).await,
                Command::Waive(id, reason) => home.waive(&base, id, reason).await,
                Command::MakeInbox if writable => {
                    home.make_inbox(&base);
                    break;
                }
                Command::DryRun => home.dry_run(&base),
                Command::Publish | Command::MakeInbox if !writable => base.events.note(
                    NoteKind::Warning,
                    "This workspace is READ-ONLY: it has no release.toml. Leave, then: nexy-release config init",
                ),
                Command::Publish => {
                    if let Some(result) = Box::pin(home.publish(&base, &mut commands)).await {
                        last = result;
                    }
                }
                // An answer to a question that is over.
                Command::Confirm(_) | Command::Decline | Command::MakeInbox => {}
            }
        }
        if commands.is_closed() {
            return last;
        }
        known = home.preview.snapshot.known().await;
        waivers = home.waivers;
    }
}

/// Waits until a person leaves.
pub async fn closed(mut commands: UnboundedReceiver<Command>) {
    while commands.recv().await.is_some_and(|command| command != Command::Leave) {}
}

async fn request(base: &Base, waivers: &Waivers, known: Known) -> Request {
    let readers = base.readers().await;
    let only = CheckId::ALL.to_vec();
    Request { settings: base.settings.clone(), readers, only, waivers: waivers.clone(), known }
}

impl Home {
    /// Looks again, with new facts, and says what came out differently; `id` is seen to be looked at.
    async fn recheck(&mut self, base: &Base, id: CheckId) {
        if let Some(check) = self.preview.checks.iter().find(|check| check.id == id) {
            base.events.send(Event::Check(Check { state: CheckState::Running, elapsed_ms: 0, ..check.clone() }));
        }
        let known = self.preview.snapshot.known().await;
        let request = request(base, &self.waivers, known).await;
        let (quiet, _unread) = feed::channel();
        let preview = Box::pin(preview::run(request, &quiet)).await;
        self.replace(base, preview, Some(id));
    }

    /// A reason for going on; the facts stay.
    async fn waive(&mut self, base: &Base, id: CheckId, reason: Clean) {
        self.waivers.insert(id, reason);
        let (quiet, _unread) = feed::channel();
        let snapshot = &self.preview.snapshot;
        let (checks, blocked) = steps::checks::run(snapshot, CheckId::ALL, &self.waivers, &quiet).await;
        for check in changed(&self.preview.checks, &checks, Some(id)) {
            base.events.send(Event::Check(check.clone()));
        }
        (self.preview.checks, self.preview.blocked) = (checks, blocked);
        self.summarize(base);
    }

    fn replace(&mut self, base: &Base, preview: Preview, seen: Option<CheckId>) {
        for check in changed(&self.preview.checks, &preview.checks, seen) {
            base.events.send(Event::Check(check.clone()));
        }
        match &preview.plan {
            Ok(plan) if self.preview.plan.as_ref().ok() != Some(plan) => {
                base.events.marker(format!("Plan: {}", plan.hash));
                base.events.send(Event::Plan(Box::new(plan.clone())));
                base.events.send(finished(StepId::Plan, StepState::Ok, steps::plan::summary(plan).text));
            }
            Ok(_) => {}
            Err(failure) => base.events.send(finished(StepId::Plan, StepState::Failed, failure.what.clone())),
        }
        self.preview = preview;
        self.summarize(base);
    }

    fn summarize(&self, base: &Base) {
        let Preview { checks, blocked, .. } = &self.preview;
        let state = if blocked.is_some() { StepState::Failed } else { StepState::Ok };
        base.events.send(finished(StepId::Checks, state, steps::checks::summary(checks)));
    }

    fn make_inbox(&self, base: &Base) {
        let writer = workspace::Writer::new(self.preview.snapshot.readers.workspace.clone());
        if let Err(failure) = ensure_inbox(&writer, &base.events) {
            base.events.note(NoteKind::Warning, failure.what);
        }
    }

    fn dry_run(&self, base: &Base) {
        if let Some(failure) = &self.preview.blocked {
            let text = format!("Nothing would be done: blocked by [{}] {}", failure.code, failure.what);
            base.events.note(NoteKind::Warning, text);
            return;
        }
        match &self.preview.plan {
            Ok(plan) => {
                let acts: Vec<_> = plan.acts().into_iter().map(|act| format!("[dry-run] would {act}")).collect();
                for act in &acts {
                    base.events.note(NoteKind::Would, act.as_str());
                }
                base.events.note(NoteKind::Marker, "DRY RUN COMPLETE");
                base.events.send(Event::Report { kind: "dry-run".into(), data: serde_json::json!(acts) });
            }
            Err(failure) => base.events.note(NoteKind::Warning, format!("There is no plan: {}", failure.what)),
        }
    }

    /// Confirmation and execution; `None`: a person went back.
    async fn publish(&mut self, base: &Base, commands: &mut UnboundedReceiver<Command>) -> Option<RunResult> {
        let events = &base.events;
        let plan = match (&self.preview.blocked, &self.preview.plan) {
            (Some(failure), _) | (None, Err(failure)) => {
                events.note(NoteKind::Warning, format!("Blocked [{}]: {}", failure.code, failure.what));
                return None;
            }
            (None, Ok(plan)) => plan.clone(),
        };
        if plan.nothing_to_do() {
            steps::skip(events, StepId::Confirm, "nothing to do");
        } else {
            events.send(Event::StepStarted { step: StepId::Confirm });
            match steps::confirm::run(&plan, commands, events, &base.stop).await {
                Ok((summary, ())) => events.send(finished(StepId::Confirm, summary.state, summary.text)),
                Err(failure) => {
                    events.send(finished(StepId::Confirm, StepState::Skipped, failure.what));
                    return None;
                }
            }
        }
        let known = self.preview.snapshot.known().await;
        let request = request(base, &self.waivers, known).await;
        let writers = Writers::new(&request.readers);
        let ended = Box::pin(execute::run(request, &plan, writers, &base.caller(), events)).await;
        Some(base.end(conclude(&plan, ended)))
    }
}

fn changed<'a>(before: &'a [Check], after: &'a [Check], seen: Option<CheckId>) -> impl Iterator<Item = &'a Check> {
    let same =
        |check: &Check| before.iter().any(|known| Check { elapsed_ms: check.elapsed_ms, ..known.clone() } == *check);
    after.iter().filter(move |check| Some(check.id) == seen || !same(check))
}

fn finished(step: StepId, state: StepState, summary: Clean) -> Event {
    Event::StepFinished { step, state, summary, elapsed_ms: 0 }
}
