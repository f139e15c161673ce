//! The order of things: preview, confirmation, execution, and the one result at the end.

use tokio::sync::mpsc::UnboundedReceiver;

use super::base::Base;
use super::checks::Waivers;
use super::event::{CheckId, Command, Mode, NoteKind, Outcome, ResultAsset, ResultFile, RunResult, StepId};
use super::execute::{self, Ended};
use super::execution::Public;
use super::feed::Events;
use super::preview::{self, Preview, Request};
use super::readers::Writers;
use super::requests;
use super::snapshot::{Known, Snapshot, VmFacts};
use super::steps::{self, Summary, timed};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::plan::{Action, Plan};
use crate::world::workspace::Writer;

/// How a publication is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nothing is written: there is nothing to confirm.
    DryRun,
    /// `--yes`.
    Given,
    /// A person types the tag.
    Typed,
}

/// `check`: runs pre-checks, and nothing else.
pub async fn check(base: &Base, only: &[CheckId]) -> RunResult {
    base.start("check", Mode::ReadOnly);
    let snapshot = Snapshot::new(base.settings.clone(), base.readers().await, base.events.clone(), Known::new());
    let (_, blocked) = steps::checks::run(&snapshot, only, &Waivers::new(), &base.events).await;
    let mut result = RunResult::bare(Outcome::Done, Exit::Done as u8);
    result.version = snapshot.version().await.ok();
    result.tag = snapshot.tag_name().await.ok();
    base.end(match blocked {
        None => result,
        Some(failure) => blocked_or_interrupted(result, &failure),
    })
}

/// What `publish` was asked for.
#[derive(Debug, Clone)]
pub struct Publish {
    /// How it is confirmed.
    pub consent: Consent,
    /// `--expect-plan`: refuse any other.
    pub expect: Option<Digest>,
    /// `--waive`.
    pub waivers: Waivers,
}

/// `publish`: preview, confirmation, execution.
pub async fn publish(base: &Base, job: Publish, mut commands: UnboundedReceiver<Command>) -> RunResult {
    let dry_run = job.consent == Consent::DryRun;
    base.start("publish", if dry_run { Mode::DryRun } else { Mode::Live });
    let readers = base.readers().await;
    let writers = (!dry_run).then(|| Writers::new(&readers));
    if let Some(writers) = &writers
        && let Err(failure) = ensure_inbox(&writers.workspace, &base.events)
    {
        return base.end(RunResult::bare(Outcome::Failed, 0).failed(&failure));
    }
    let mut request = Request {
        settings: base.settings.clone(),
        readers,
        only: CheckId::ALL.to_vec(),
        waivers: job.waivers,
        seen: Vec::new(),
        known: Known::new(),
        vm: VmFacts::default(),
    };
    let Preview { snapshot, plan, blocked, checks } = Box::pin(preview::run(request.clone(), &base.events)).await;
    let known_plan = plan.as_ref().ok();
    let result = |outcome| describe(RunResult::bare(outcome, 0), known_plan, false);
    if let Some(failure) = blocked {
        return base.end(blocked_or_interrupted(result(Outcome::Blocked), &failure));
    }
    let plan = match plan {
        Ok(plan) => plan,
        Err(failure) => return base.end(RunResult::bare(Outcome::Failed, 0).failed(&failure)),
    };
    if let Some(expected) = job.expect.filter(|expected| *expected != plan.hash) {
        let failure = execute::other_plan(&expected.to_string(), &plan.hash.to_string());
        return base.end(describe(RunResult::bare(Outcome::Failed, 0), Some(&plan), false).failed(&failure));
    }
    let Some(writers) = writers else {
        for act in requests::acts(&plan, &snapshot).await {
            base.events.note(NoteKind::Would, format!("[dry-run] would {act}"));
        }
        return base.end(describe(RunResult::bare(Outcome::DryRun, 0), Some(&plan), false));
    };
    if let Err(mut failure) = confirm(base, job.consent, &plan, &mut commands).await {
        if failure.code == Code::Interrupted {
            failure = failure
                .why(format!("{} is not public, nothing was changed.", plan.tag))
                .fix("Run the same command again to go on");
        }
        return base.end(describe(RunResult::bare(Outcome::Interrupted, 0), Some(&plan), false).failed(&failure));
    }
    if let Err(failure) = base.ensure_settings() {
        return base.end(describe(RunResult::bare(Outcome::Failed, 0), Some(&plan), false).failed(&failure));
    }
    (request.known, request.seen) = (snapshot.known().await, checks);
    request.vm = snapshot.vm_facts();
    let ended = Box::pin(execute::run(request, &plan, writers, &base.caller(), &base.events)).await;
    base.end(conclude(&plan, ended))
}

/// Has the plan confirmed, where there is anything to do.
pub(super) async fn confirm(
    base: &Base,
    consent: Consent,
    plan: &Plan,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<(), Failure> {
    if plan.nothing_to_do() {
        steps::skip(&base.events, StepId::Confirm, "nothing to do");
        return Ok(());
    }
    timed(&base.events, StepId::Confirm, async {
        match consent {
            Consent::Given | Consent::DryRun => Ok((Summary::ok("--yes"), ())),
            Consent::Typed => steps::confirm::run(plan, commands, &base.events, &base.stop).await,
        }
    })
    .await
}

/// Makes a missing inbox, and says so.
pub(super) fn ensure_inbox(workspace: &Writer, events: &Events) -> Result<(), Failure> {
    if workspace.ensure_inbox()? {
        let inbox = workspace.reader().inbox().display();
        events.note(NoteKind::Info, format!("The inbox was missing and was made again: {inbox}"));
    }
    Ok(())
}

/// The result of an execution.
pub(super) fn conclude(confirmed: &Plan, ended: Ended) -> RunResult {
    let plan = ended.plan.as_ref().unwrap_or(confirmed);
    let written = ended.reached.manifests;
    match ended.result {
        Ok(()) => {
            let outcome =
                if plan.nothing_to_do() && !ended.reached.delivered { Outcome::Nothing } else { Outcome::Done };
            describe(RunResult::bare(outcome, 0), Some(plan), written)
        }
        Err(failure) => {
            let tag = &plan.tag;
            let behind = plan.files_to_write().next().is_some() && !ended.reached.manifests;
            let public = match ended.reached.public {
                Public::No => format!("{tag} is not public."),
                // What one wants to know then is whether clients are sent there.
                Public::Yes if behind => {
                    format!("{tag} is public, the manifests are not written: clients are not offered it yet.")
                }
                Public::Yes => format!("{tag} is public."),
                Public::Unknown => format!("Whether {tag} is public is not known."),
            };
            let interrupted = failure.code == Code::Interrupted;
            let outcome = if interrupted { Outcome::Interrupted } else { Outcome::Failed };
            let why = match failure.why.as_str().trim_end_matches('.') {
                "" => public,
                why => format!("{why}. {public}"),
            };
            let mut failure = failure.why(why);
            if interrupted {
                failure = failure.fix("Run the same command again: it goes on where this one stopped");
            }
            describe(RunResult::bare(outcome, 0), Some(plan), written).failed(&failure)
        }
    }
}

fn blocked_or_interrupted(mut result: RunResult, failure: &Failure) -> RunResult {
    result.outcome = if failure.code == Code::Interrupted { Outcome::Interrupted } else { Outcome::Blocked };
    let mut failure = failure.clone();
    if failure.code == Code::Interrupted {
        failure = failure.why("Nothing was changed.").fix("Run the same command again");
    }
    result.failed(&failure)
}

/// Adds what the plan says.
pub(super) fn describe(mut result: RunResult, plan: Option<&Plan>, written: bool) -> RunResult {
    let Some(plan) = plan else { return result };
    result.version = Some(plan.version);
    result.tag = Some(plan.tag.clone());
    result.plan = Some(plan.hash);
    let assets = plan.assets.iter().filter(|asset| asset.action != Action::Conflict);
    result.assets = Some(
        assets
            .map(|a| ResultAsset { name: a.name.clone(), size: a.size, sha256: a.sha256, url: a.url.clone() })
            .collect(),
    );
    result.manifest = plan.manifest.as_ref().map(|manifest| {
        let files = manifest.files.iter();
        files.map(|file| ResultFile { path: file.path.clone(), written: written && file.write }).collect()
    });
    result
}
