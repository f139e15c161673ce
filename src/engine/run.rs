//! The state of a run, folded from its events: what every front end draws from, live or from a recording.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::event::{Check, CheckId, CheckState, Event, Item, Mode, NoteKind, RunResult, Stamped, StepId, StepState};
use crate::release::plan::Plan;
use crate::release::text::Clean;

/// How a step stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which.
    pub id: StepId,
    /// When it began; `None` for a step that was skipped at once.
    pub started: Option<Timestamp>,
    /// How it ended; `None` while it runs.
    pub state: Option<StepState>,
    /// How it ended, in a few words.
    pub summary: Clean,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
}

/// Progress, with what its events' own times tell about speed.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Which step.
    pub step: StepId,
    /// Its items.
    pub items: Vec<Item>,
    first: (Timestamp, u64),
    latest: (Timestamp, u64),
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// What was started, where, and whether it may change anything.
    pub started: Option<(Clean, Mode, Clean)>,
    /// Every check that has begun, in the order of its first event.
    pub checks: Vec<Check>,
    /// Since when the checks that run do so.
    pub looking: BTreeMap<CheckId, Timestamp>,
    /// Every step that has begun.
    pub steps: Vec<Step>,
    /// What is being transferred.
    pub transfer: Option<Transfer>,
    /// The latest plan.
    pub plan: Option<Plan>,
    /// Everything that was said, in order.
    pub notes: Vec<(NoteKind, Clean)>,
    /// Until when a wait lasts.
    pub waiting_until: Option<Timestamp>,
    /// Reports by kind, in order.
    pub reports: Vec<(Clean, Value)>,
    /// The end.
    pub result: Option<RunResult>,
}

impl Run {
    /// Takes in one event.
    pub fn apply(&mut self, stamped: &Stamped) {
        let time = stamped.time;
        match &stamped.event {
            Event::RunStarted { command, mode, workspace, .. } => {
                self.started = Some((command.clone(), *mode, workspace.clone()));
            }
            Event::Check(check) => {
                if check.state == CheckState::Running {
                    self.looking.insert(check.id, time);
                } else {
                    self.looking.remove(&check.id);
                }
                match self.checks.iter_mut().find(|known| known.id == check.id) {
                    Some(known) => *known = check.clone(),
                    None => self.checks.push(check.clone()),
                }
            }
            Event::StepStarted { step } => {
                let started = self.step(*step);
                (started.started, started.state) = (Some(time), None);
            }
            Event::Progress { step, items } => self.progress(*step, items, time),
            Event::Plan(plan) => self.plan = Some(Plan::clone(plan)),
            Event::StepFinished { step, state, summary, elapsed_ms } => {
                let finished = self.step(*step);
                finished.state = Some(*state);
                finished.summary = summary.clone();
                finished.elapsed_ms = *elapsed_ms;
                self.transfer.take_if(|transfer| transfer.step == *step);
                // What runs beside it may still wait.
                if self.steps.iter().all(|step| step.state.is_some()) {
                    self.waiting_until = None;
                }
            }
            Event::Note { kind, text, seconds } => {
                if let (NoteKind::Wait, Some(seconds)) = (kind, seconds) {
                    let length = jiff::SignedDuration::from_secs(i64::try_from(*seconds).unwrap_or(i64::MAX));
                    self.waiting_until = time.checked_add(length).ok();
                }
                self.notes.push((*kind, text.clone()));
            }
            Event::Report { kind, data } => self.reports.push((kind.clone(), data.clone())),
            Event::Result(result) => {
                self.transfer = None;
                self.waiting_until = None;
                self.result = Some(result.clone());
            }
        }
    }

    fn step(&mut self, id: StepId) -> &mut Step {
        let index = self.steps.iter().position(|step| step.id == id).unwrap_or_else(|| {
            self.steps.push(Step { id, started: None, state: None, summary: Clean::default(), elapsed_ms: 0 });
            self.steps.len() - 1
        });
        &mut self.steps[index]
    }

    fn progress(&mut self, step: StepId, items: &[Item], time: Timestamp) {
        let running = self.steps.iter().any(|known| known.id == step && known.state.is_none());
        if !running {
            // It was overtaken by the end of its step.
            return;
        }
        let done = sum(items.iter().map(|item| item.done));
        match &mut self.transfer {
            Some(transfer) if transfer.step == step => {
                transfer.items = items.to_vec();
                transfer.latest = (time, done);
            }
            transfer => {
                let begun = Transfer { step, items: items.to_vec(), first: (time, done), latest: (time, done) };
                *transfer = Some(begun);
            }
        }
    }
}

impl Transfer {
    /// Bytes done and in all.
    pub fn bytes(&self) -> (u64, u64) {
        (self.latest.1, sum(self.items.iter().map(|item| item.total)))
    }

    /// Bytes a second since the transfer began; `None` before there is anything to tell.
    pub fn rate(&self) -> Option<u64> {
        let millis = u64::try_from(self.latest.0.duration_since(self.first.0).as_millis()).ok().filter(|ms| *ms > 0)?;
        Some(self.latest.1.saturating_sub(self.first.1).saturating_mul(1000) / millis).filter(|rate| *rate > 0)
    }

    /// Seconds left at that rate.
    pub fn seconds_left(&self) -> Option<u64> {
        let (done, total) = self.bytes();
        Some(total.saturating_sub(done).div_ceil(self.rate()?))
    }
}

/// A recording may say anything.
fn sum(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(0, u64::saturating_add)
}
