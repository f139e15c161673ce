//! Inspect, checks, plan: reads only. The home of the console, `check` and `--dry-run` are this and nothing else.

use std::sync::Arc;

use super::checks::Waivers;
use super::event::{Check, CheckId, Event, StepId};
use super::feed::Events;
use super::readers::Readers;
use super::snapshot::{Known, Snapshot, VmFacts};
use super::steps;
use crate::release::failure::Failure;
use crate::release::plan::Plan;
use crate::settings::Settings;

/// What is looked at, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// In force.
    pub settings: Arc<Settings>,
    /// Where the facts come from.
    pub readers: Readers,
    /// The checks to run; all for a publication.
    pub only: Vec<CheckId>,
    /// Checks that a person waives.
    pub waivers: Waivers,
    /// What the person saw who waived and confirmed; empty for a first look.
    pub seen: Vec<Check>,
    /// Fingerprints of an earlier snapshot.
    pub known: Known,
    /// What the VM said a moment ago; empty: it is asked.
    pub vm: VmFacts,
}

/// The end of a preview.
#[derive(Debug)]
pub struct Preview {
    /// The facts.
    pub snapshot: Snapshot,
    /// Every check, as it ended.
    pub checks: Vec<Check>,
    /// The plan, or why there is none.
    pub plan: Result<Plan, Failure>,
    /// What keeps the release from going on.
    pub blocked: Option<Failure>,
}

/// Looks at everything and decides what a run would do.
pub async fn run(request: Request, events: &Events) -> Preview {
    let Request { settings, readers, only, waivers, known, vm, seen: _ } = request;
    let snapshot = Snapshot::new(settings, readers, events.clone(), known).with_vm_facts(vm);
    announce(&snapshot, events).await;
    let ((), checked) =
        futures::join!(steps::inspect::run(&snapshot, events), steps::checks::run(&snapshot, &only, &waivers, events));
    let plan = steps::timed(events, StepId::Plan, async {
        let plan = steps::plan::run(&snapshot).await?;
        events.marker(format!("Plan: {}", plan.hash));
        events.send(Event::Plan(Box::new(plan.clone())));
        Ok((steps::plan::summary(&plan), plan))
    })
    .await;
    let (checks, blocked) = checked;
    Preview { snapshot, checks, plan, blocked }
}

/// Says what this is about, as soon as VERSION is read.
async fn announce(snapshot: &Snapshot, events: &Events) {
    if let (Ok(version), Ok(tag)) = (snapshot.version().await, snapshot.tag_name().await) {
        events.marker(format!("Current Version: {version}"));
        events.marker(format!("Release Tag: {tag}"));
    }
    events.marker(format!("Target Repo: {}", snapshot.settings.release.repo));
}
