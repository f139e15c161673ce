//! `(Plan, Writers) → Outcome`: lock, look again, then carry out the plan step by step. Nothing is decided here.

use super::account;
use super::event::{CheckId, Event, NoteKind, StepId, StepState};
use super::execution::{Caller, Execution, Public, Reached};
use super::feed::{self, Events};
use super::preview::{self, Preview, Request};
use super::readers::Writers;
use super::steps::{self, skip, timed};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::plan::Plan;

/// How an execution ended.
#[derive(Debug)]
pub struct Ended {
    /// The plan as it was carried out, once it was made under the lock.
    pub plan: Option<Plan>,
    /// How far it came.
    pub reached: Reached,
    /// Done, or what stopped it.
    pub result: Result<(), Failure>,
}

/// Carries out the confirmed plan.
pub async fn run(request: Request, confirmed: &Plan, writers: Writers, caller: &Caller, events: &Events) -> Ended {
    let mut reached = Reached::default();
    let mut carried_out = None;
    let result = async {
        let _lock = timed(events, StepId::Lock, steps::lock::run(&writers.workspace, caller, events)).await?;
        let workspace = writers.workspace.clone();
        let prepared = Box::pin(prepare(request, confirmed, writers, caller, events, &mut reached)).await;
        let execution = match prepared {
            Ok(execution) => execution,
            Err(failure) => {
                // Looking again belongs to it.
                let (state, summary) = (StepState::Failed, failure.what.clone());
                events.send(Event::StepFinished { step: StepId::Lock, state, summary, elapsed_ms: 0 });
                let refused = account::of("publish", caller, confirmed, workspace.reader().root());
                note_unwritten(workspace.record(&account::stopped(refused, &failure, reached.public)), events);
                return Err(failure);
            }
        };
        carried_out = Some(execution.plan.clone());
        let result = Box::pin(carry_out(&execution, &mut reached)).await;
        if let Err(failure) = &result {
            note_unwritten(steps::record::journal(&execution, (failure, reached.public)).await, events);
        }
        result
    }
    .await;
    Ended { plan: carried_out, reached, result }
}

/// Looks at everything again, now that nobody else writes here, and refuses another plan.
async fn prepare(
    mut request: Request,
    confirmed: &Plan,
    writers: Writers,
    caller: &Caller,
    events: &Events,
    reached: &mut Reached,
) -> Result<Execution, Failure> {
    // We hold the lock ourselves now.
    request.only.retain(|id| *id != CheckId::Lock);
    let seen = std::mem::take(&mut request.seen);
    let (quiet, _unread) = feed::channel();
    let Preview { snapshot, checks, plan, blocked } = preview::run(request, &quiet).await;
    if let Ok(state) = snapshot.tag().await {
        reached.public = if state.published.is_some() { Public::Yes } else { Public::No };
    }
    // What is different now is shown where it was shown before.
    for check in checks.iter().filter(|check| !seen.iter().any(|seen| seen.finds_the_same(check))) {
        events.send(Event::Check(check.clone()));
    }
    if let Some(failure) = blocked {
        return Err(failure);
    }
    if let Some(check) = checks.iter().find(|c| c.waived.is_some() && !seen.iter().any(|s| s.finds_the_same(c))) {
        return Err(Failure::new(Code::PlanOther, format!("{} finds something else than what was waived", check.id))
            .why(format!("{}. Nothing was done.", check.found))
            .fix("Run the same command again, and waive what it finds now if that is all right as well"));
    }
    let plan = plan?;
    if plan.hash != confirmed.hash {
        let what = plan.differences(confirmed).join("; ");
        return Err(other_plan(&confirmed.hash.to_string(), &plan.hash.to_string())
            .why(format!("Changed since it was confirmed: {what}. Nothing was done.")));
    }
    if !plan.is_covered_by(confirmed) {
        return Err(Failure::new(Code::PlanOther, "What is to be done changed after it was confirmed")
            .why("Somebody published, completed or withdrew this version meanwhile. Nothing was done.")
            .fix("Run the same command again: it shows what is to be done now"));
    }
    let waivers = checks.into_iter().filter_map(|check| Some((check.id, check.waived?))).collect();
    let Writers { workspace, github, git, vm } = writers;
    Ok(Execution {
        plan,
        snapshot,
        github: github?,
        workspace,
        git,
        vm,
        events: events.clone(),
        caller: caller.clone(),
        waivers,
    })
}

/// The failure for a plan that is not the expected one.
pub fn other_plan(expected: &str, found: &str) -> Failure {
    Failure::new(Code::PlanOther, "The plan is not the one that was expected")
        .why(format!(
            "expected {expected}, found {found}: artifacts, settings or manifests changed since. Nothing was done."
        ))
        .fix("nexy-release publish --dry-run")
        .fix("Look at the plan, then run the command again with its hash")
}

async fn carry_out(x: &Execution, reached: &mut Reached) -> Result<(), Failure> {
    let events = &x.events;
    if x.plan.already_published() {
        events.marker(format!("already published, skip (tag={})", x.plan.tag));
        for step in [StepId::Draft, StepId::Upload, StepId::Seal, StepId::Publish] {
            skip(events, step, "already published");
        }
    } else if let Some(published) = &x.remote().await?.published {
        skip(events, StepId::Draft, "the release is published");
        timed(events, StepId::Upload, steps::upload::run(x, published, "")).await?;
        skip(events, StepId::Seal, "the release is published");
        skip(events, StepId::Publish, "already published");
    } else {
        steps::record::begun(x)?;
        let (draft, nonce) = timed(events, StepId::Draft, steps::draft::run(x)).await?;
        timed(events, StepId::Upload, steps::upload::run(x, &draft, &nonce)).await?;
        timed(events, StepId::Seal, steps::seal::run(x, draft.id, &nonce, &mut reached.public)).await?;
        timed(events, StepId::Publish, steps::publish::run(x, draft.id, &nonce, &mut reached.public)).await?;
    }
    reached.public = Public::Yes;
    if x.plan.nothing_to_do() {
        skip(events, StepId::Verify, "nothing new");
    } else {
        timed(events, StepId::Verify, steps::verify::run(x)).await?;
    }
    timed(events, StepId::Manifest, steps::manifest::run(x)).await?;
    reached.manifests = true;
    let delivered = timed(events, StepId::Git, steps::git::run(x)).await?;
    reached.delivered = delivered.is_new();
    let on_vm = timed(events, StepId::Vm, steps::vm::run(x)).await?;
    let served = match timed(events, StepId::Gate, steps::gate::run(x)).await {
        Ok(served) => served,
        Err(failure) => {
            steps::record::unfinished(x, &delivered, &failure);
            return Err(failure);
        }
    };
    timed(events, StepId::Record, steps::record::run(x, &delivered, served, on_vm)).await?;
    events.marker("RELEASE COMPLETE");
    Ok(())
}

/// The failure itself is what matters; a journal that cannot be written as well is only said.
pub(super) fn note_unwritten(written: Result<(), Failure>, events: &Events) {
    if let Err(error) = written {
        events.note(NoteKind::Warning, format!("The journal could not be written: {}", error.what));
    }
}
