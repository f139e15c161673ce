//! The steps of a publication (SPEC §6.1), one file each, named by its id.

pub mod checks;
pub mod confirm;
pub mod draft;
pub mod gate;
pub mod git;
pub mod inspect;
pub mod lock;
pub mod manifest;
pub mod plan;
pub mod publish;
pub mod record;
pub mod seal;
pub mod upload;
pub mod verify;
pub mod vm;

use std::future::Future;
use std::time::Instant;

use super::event::{Event, StepId, StepState};
use super::feed::Events;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::world::failpoints::{Operation, passing};

/// How a step ended well.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Done, or not needed.
    pub state: StepState,
    /// In a few words.
    pub text: Clean,
}

impl Summary {
    /// Done.
    pub fn ok(text: impl Into<Clean>) -> Self {
        Self { state: StepState::Ok, text: text.into() }
    }

    /// Not needed.
    pub fn skipped(text: impl Into<Clean>) -> Self {
        Self { state: StepState::Skipped, text: text.into() }
    }
}

/// Runs a step between its two events.
pub async fn timed<T>(
    events: &Events,
    step: StepId,
    work: impl Future<Output = Result<(Summary, T), Failure>>,
) -> Result<T, Failure> {
    let started = Instant::now();
    events.send(Event::StepStarted { step });
    let boundary = || passing(&Operation::Step(step.as_str()));
    // Nothing is refused between steps; a run can only be killed there.
    let _ = boundary();
    let result = work.await;
    let _ = boundary();
    let (state, summary) = match &result {
        Ok((summary, _)) => (summary.state, summary.text.clone()),
        Err(failure) => (StepState::Failed, failure.what.clone()),
    };
    events.send(Event::StepFinished { step, state, summary, elapsed_ms: millis(started) });
    result.map(|(_, value)| value)
}

/// Says that a step is not needed.
pub fn skip(events: &Events, step: StepId, why: &str) {
    events.send(Event::StepFinished { step, state: StepState::Skipped, summary: why.into(), elapsed_ms: 0 });
}

/// Milliseconds since then.
pub fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
