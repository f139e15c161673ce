//! `checks`: run the pre-checks side by side.

use std::time::Instant;

use futures::future::join_all;

use super::millis;
use crate::engine::checks::Waivers;
use crate::engine::event::{Check, CheckId, CheckState, Event, StepId, StepState};
use crate::engine::feed::Events;
use crate::engine::finding::Finding;
use crate::engine::snapshot::Snapshot;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;

/// Answers the checks in their order, and the failure that blocks, if one does.
pub async fn run(
    snapshot: &Snapshot,
    ids: &[CheckId],
    waivers: &Waivers,
    events: &Events,
) -> (Vec<Check>, Option<Failure>) {
    let started = Instant::now();
    events.send(Event::StepStarted { step: StepId::Checks });
    let looked = join_all(ids.iter().map(|id| look(*id, snapshot, waivers, events))).await;
    let decisive = looked.iter().filter(|(check, _)| check.blocks()).filter_map(|(_, failure)| failure.as_ref());
    // `min_by_key` keeps the first of equals: the checks' own order.
    let blocked = decisive.min_by_key(|failure| failure.exit().precedence()).cloned();
    let checks: Vec<Check> = looked.into_iter().map(|(check, _)| check).collect();
    events.send(Event::StepFinished {
        step: StepId::Checks,
        state: if blocked.is_some() { StepState::Failed } else { StepState::Ok },
        summary: summary(&checks),
        elapsed_ms: millis(started),
    });
    (checks, blocked)
}

/// In a few words.
pub fn summary(checks: &[Check]) -> Clean {
    let fine = checks.iter().filter(|check| !check.blocks()).count();
    format!("{fine} of {} in order", checks.len()).into()
}

async fn look(id: CheckId, snapshot: &Snapshot, waivers: &Waivers, events: &Events) -> (Check, Option<Failure>) {
    let started = Instant::now();
    let mut check = Check {
        id,
        state: CheckState::Running,
        found: Clean::default(),
        why: Clean::default(),
        fix: Vec::new(),
        code: None,
        waivable: false,
        waived: None,
        elapsed_ms: 0,
    };
    events.send(Event::Check(check.clone()));
    let Finding { state, found, mut failure, waivable, own } = id.look(snapshot).await;
    (check.state, check.found, check.waivable, check.elapsed_ms) = (state, found, waivable, millis(started));
    if let Some(failure) = failure.as_ref().filter(|_| own) {
        check.why = failure.why.clone();
        check.fix.clone_from(&failure.fix);
        check.code = Some(failure.code);
    }
    if let Some(reason) = waivers.get(&id).filter(|_| check.blocks()) {
        if waivable {
            check.waived = Some(reason.clone());
        } else if state == CheckState::Failed {
            // What could not be found out is not there to be waived yet: the command is right, and is run again.
            failure = failure.map(|failure| not_waivable(id, &failure));
        }
    }
    events.send(Event::Check(check.clone()));
    (check, failure)
}

/// A check was waived that cannot be waived, as it stands.
fn not_waivable(id: CheckId, found: &Failure) -> Failure {
    let mut failure = Failure::new(Code::UsageWaive, format!("`{id}` cannot be waived: {}", found.what))
        .why(found.why.clone())
        .fix(format!("Leave out --waive {id}=…"));
    failure.fix.extend(found.fix.iter().cloned());
    failure
}
