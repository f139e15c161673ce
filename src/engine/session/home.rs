//! What stands on the home screen, and what can be done with it.

use tokio::sync::mpsc::UnboundedReceiver;

use super::waived::Waived;
use crate::engine::base::Base;
use crate::engine::checks::Waivers;
use crate::engine::event::{
    Check, CheckId, CheckState, Command, Event, NoteKind, Outcome, RunResult, StepId, StepState,
};
use crate::engine::pipeline::{conclude, describe, ensure_inbox};
use crate::engine::preview::{self, Preview, Request};
use crate::engine::readers::Writers;
use crate::engine::snapshot::{Known, VmFacts};
use crate::engine::{execute, feed, requests, steps, versions};
use crate::release::text::Clean;
use crate::world::workspace;

/// Before what a check found, where a look again was stopped.
const OF_BEFORE: &str = "of before: ";

/// A preview, and what a person waived in it.
pub(super) struct Home {
    preview: Preview,
    waived: Waived,
    /// Something was published since: the plan speaks of the time before.
    stale: bool,
}

impl Home {
    /// Looks at everything.
    pub async fn open(base: &Base, waived: Waived, known: Known) -> Self {
        let request = request(base, waived.reasons(), known, Vec::new()).await;
        let preview = Box::pin(preview::run(request, &base.events)).await;
        let mut home = Self { preview, waived, stale: false };
        home.forget_waivers(base).await;
        home
    }

    /// What the next one need not look at again.
    pub async fn close(self) -> (Waived, Known) {
        (self.waived, self.preview.snapshot.known().await)
    }

    /// Looks again, with new facts, and says what came out differently; `id` is seen to be looked at. Stopped, it leaves
    /// everything as it was.
    pub async fn recheck(&mut self, base: &Base, id: Option<CheckId>) {
        let seen = self.preview.checks.iter().find(|check| Some(check.id) == id).cloned();
        if let Some(check) = &seen {
            base.events.send(Event::Check(Check { state: CheckState::Running, elapsed_ms: 0, ..check.clone() }));
        }
        let known = self.preview.snapshot.known().await;
        let request = request(base, self.waived.reasons(), known, Vec::new()).await;
        let (quiet, _unread) = feed::channel();
        let preview = Box::pin(preview::run(request, &quiet)).await;
        if base.stop.is_stopped() {
            self.stopped(base, seen, preview.snapshot.was_vm_stopped()).await;
            return;
        }
        self.replace(base, preview, id).await;
        versions::report(base);
        self.stale = false;
        self.forget_waivers(base).await;
    }

    /// A look again was stopped: the row of it says that it is of before. What was asked of the VM may still be running
    /// there, so what it said before is no answer any more.
    async fn stopped(&mut self, base: &Base, seen: Option<Check>, on_vm: bool) {
        base.events.note(NoteKind::Warning, "Stopped. What was found before stands.");
        if on_vm {
            self.preview.snapshot.forget_vm();
            self.judge(base, seen.as_ref().map(|check| check.id)).await;
        }
        let judged = |id| on_vm && matches!(id, CheckId::VmRunCommand | CheckId::VmGeminiKey);
        let Some(mut check) = seen.filter(|check| !judged(check.id)) else { return };
        if !check.found.as_str().starts_with(OF_BEFORE) {
            check.found = format!("{OF_BEFORE}{}", check.found).into();
        }
        self.preview.checks.iter_mut().filter(|known| known.id == check.id).for_each(|known| *known = check.clone());
        base.events.send(Event::Check(check));
    }

    /// A reason for going on, or none any more; the facts stay.
    pub async fn waive(&mut self, base: &Base, id: CheckId, reason: Clean) {
        let Some(seen) = self.preview.checks.iter().find(|check| check.id == id).cloned() else { return };
        if reason.is_empty() {
            self.waived.remove(id);
        } else {
            self.waived.insert(seen, reason);
        }
        self.judge(base, Some(id)).await;
    }

    /// What is waived is what was seen: where a check finds something else now, it blocks again.
    async fn forget_waivers(&mut self, base: &Base) {
        let forgotten = self.waived.forget_others(&self.preview.checks);
        if forgotten.is_empty() {
            return;
        }
        for id in &forgotten {
            base.events.note(NoteKind::Warning, format!("{id} finds something else than what was waived."));
        }
        self.judge(base, None).await;
    }

    /// Runs the checks over the same facts, with the waivers as they are now.
    async fn judge(&mut self, base: &Base, seen: Option<CheckId>) {
        let (quiet, _unread) = feed::channel();
        let waivers = self.waived.reasons();
        let (checks, blocked) = steps::checks::run(&self.preview.snapshot, CheckId::ALL, &waivers, &quiet).await;
        for check in changed(&self.preview.checks, &checks, seen) {
            base.events.send(Event::Check(check.clone()));
        }
        (self.preview.checks, self.preview.blocked) = (checks, blocked);
        self.summarize(base);
    }

    async fn replace(&mut self, base: &Base, preview: Preview, seen: Option<CheckId>) {
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
        let inspected = steps::inspect::summary(&self.preview.snapshot).await;
        base.events.send(match inspected {
            Ok(summary) => finished(StepId::Inspect, summary.state, summary.text),
            Err(failure) => finished(StepId::Inspect, StepState::Failed, failure.what),
        });
        self.summarize(base);
    }

    fn summarize(&self, base: &Base) {
        let Preview { checks, blocked, .. } = &self.preview;
        let state = if blocked.is_some() { StepState::Failed } else { StepState::Ok };
        base.events.send(finished(StepId::Checks, state, steps::checks::summary(checks)));
    }

    /// The fix that the inbox's check offers.
    pub fn make_inbox(&self, base: &Base) {
        let writer = workspace::Writer::new(self.preview.snapshot.readers.workspace.clone());
        if let Err(failure) = ensure_inbox(&writer, &base.events) {
            base.events.note(NoteKind::Warning, failure.what);
        }
    }

    /// Says every request and every file of a release.
    pub async fn dry_run(&mut self, base: &Base) {
        if self.stale {
            self.recheck(base, None).await;
        }
        if let Some(failure) = &self.preview.blocked {
            let text = format!("Nothing would be done: blocked by [{}] {}", failure.code, failure.what);
            base.events.note(NoteKind::Warning, text);
            return;
        }
        let told = async {
            let plan = self.preview.plan.as_ref().map_err(Clone::clone)?;
            let acts = requests::acts(plan, &self.preview.snapshot).await;
            Ok((acts, requests::of(plan, &self.preview.snapshot).await?))
        };
        match told.await {
            Ok((acts, requests)) => {
                let data = serde_json::json!({
                    "acts": acts, "requests": requests.sent, "files": requests.written,
                });
                base.events.send(Event::Report { kind: "dry-run".into(), data });
            }
            Err::<_, crate::release::failure::Failure>(failure) => {
                base.events.note(NoteKind::Warning, format!("There is no plan: {}", failure.what));
            }
        }
    }

    /// Confirmation and execution; `None`: a person went back.
    pub async fn publish(&mut self, base: &Base, commands: &mut UnboundedReceiver<Command>) -> Option<RunResult> {
        let events = &base.events;
        if self.stale {
            // Asked for before the one that has ended was begun.
            return None;
        }
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
        if let Err(failure) = base.ensure_settings() {
            return Some(base.end(describe(RunResult::bare(Outcome::Failed, 0), Some(&plan), false).failed(&failure)));
        }
        let vm = self.preview.snapshot.vm_facts();
        let request = request(base, self.waived.reasons(), known, self.preview.checks.clone()).await;
        let request = Request { vm, ..request };
        let writers = Writers::new(&request.readers);
        let ended = Box::pin(execute::run(request, &plan, writers, &base.caller(), events)).await;
        self.stale = true;
        Some(base.end(conclude(&plan, ended)))
    }
}

async fn request(base: &Base, waivers: Waivers, known: Known, seen: Vec<Check>) -> Request {
    let readers = base.readers().await;
    let (settings, vm) = (base.settings.clone(), VmFacts::default());
    Request { settings, readers, only: CheckId::ALL.to_vec(), waivers, seen, known, vm }
}

fn changed<'a>(before: &'a [Check], after: &'a [Check], seen: Option<CheckId>) -> impl Iterator<Item = &'a Check> {
    let same =
        |check: &Check| before.iter().any(|known| Check { elapsed_ms: check.elapsed_ms, ..known.clone() } == *check);
    after.iter().filter(move |check| Some(check.id) == seen || !same(check))
}

fn finished(step: StepId, state: StepState, summary: Clean) -> Event {
    Event::StepFinished { step, state, summary, elapsed_ms: 0 }
}
