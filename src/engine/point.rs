//! `manifest point`: the manifests set to a published version from its verified public bytes, without an inbox. Forward
//! after a run that died, or back, to withdraw a bad release.

use tokio::sync::mpsc::UnboundedReceiver;

use super::account;
use super::base::Base;
use super::event::{Command, Event, Mode, NoteKind, Outcome, RunResult, StepId};
use super::execute::note_unwritten;
use super::execution::Public;
use super::pipeline::{Consent, confirm, describe};
use super::routing;
use super::snapshot::Snapshot;
use super::steps::{self, Summary, timed};
use super::target::{self, Target};
use crate::release::checklist::Item;
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::journal::Entry;
use crate::release::manifest::Manifest;
use crate::release::plan::Plan;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::world::git::writer as git;
use crate::world::workspace::Writer;

/// What `manifest point` was asked for.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where the manifests are to point.
    pub version: Version,
    /// Why; needed for going back.
    pub reason: Option<Clean>,
    /// How it is confirmed.
    pub consent: Consent,
}

/// Preview, one confirmation, then the manifests.
pub async fn run(base: &Base, job: &Job, mut commands: UnboundedReceiver<Command>) -> RunResult {
    let dry_run = job.consent == Consent::DryRun;
    base.start("manifest point", if dry_run { Mode::DryRun } else { Mode::Live });
    let snapshot = base.open_snapshot().await;
    let withdrawn = match withdrawn(&snapshot, job).await {
        Ok(withdrawn) => withdrawn,
        Err(failure) => return base.fail(&failure),
    };
    base.announce(&job.version);
    let delivers = base.settings.git.commit_manifest;
    let found = async {
        if delivers {
            routing::ready(&base.settings, snapshot.routing().await?, &snapshot.readers.git).await?;
        }
        let target = timed(&base.events, StepId::Verify, target::find(&snapshot, &job.version)).await?;
        let plan = timed(&base.events, StepId::Plan, async {
            let plan = target::plan(&snapshot, &target).await?;
            base.events.marker(format!("Plan: {}", plan.hash));
            base.events.send(Event::Plan(Box::new(plan.clone())));
            Ok((Summary::ok(format!("{} files to write", plan.files_to_write().count())), plan))
        })
        .await?;
        if let Some(from) = withdrawn {
            warn_of_withdrawal(&snapshot, &job.version, from).await?;
        }
        if let Some(entry) = snapshot.journal().await?.withdrawal(&job.version) {
            let reason = entry.reason.unwrap_or_default();
            let text = format!("{} was withdrawn on {:.0}: {reason}. It is offered again.", job.version, entry.time);
            base.events.note(NoteKind::Warning, text);
        }
        Ok((target, plan))
    };
    // What an earlier run left half written is finished under the lock.
    let interrupted = matches!(snapshot.pending().await, Ok(Some(_)));
    let (target, plan) = match Box::pin(found).await {
        Ok(found) => found,
        Err(failure) => return base.fail(&failure),
    };
    let end = |outcome, written| describe(RunResult::bare(outcome, Exit::Done as u8), Some(&plan), written);
    if dry_run {
        if let Err(failure) = snapshot.readers.workspace.probe_lock() {
            base.events.note(NoteKind::Warning, failure.what);
        }
        let routing = snapshot.routing().await;
        let by_git = routing.map(|routing| routing::acts(&base.settings, routing, &plan.tag));
        for act in plan.file_acts().into_iter().chain(by_git.unwrap_or_default()) {
            base.events.note(NoteKind::Would, format!("[dry-run] would {act}"));
        }
        return base.end(end(Outcome::DryRun, false));
    }
    // A withdrawal is worth a line of its own: the VM goes back only where the journal has one.
    let vouched = match snapshot.journal().await {
        Ok(journal) => withdrawn.is_none_or(|from| journal.withdrawn_for(&plan.tag) >= Some(from)),
        Err(failure) => return base.fail(&failure),
    };
    if plan.nothing_to_do() && !interrupted && !delivers && vouched {
        base.events.note(NoteKind::Info, format!("The manifests offer {} already", job.version));
        return base.end(end(Outcome::Nothing, false));
    }
    let carried_out = async {
        confirm(base, job.consent, &plan, &mut commands).await?;
        Box::pin(carry_out(base, job, &target, &plan, withdrawn)).await
    };
    base.end(match carried_out.await {
        Ok(false) => end(Outcome::Nothing, false),
        Ok(true) => end(Outcome::Done, true),
        Err(mut failure) => {
            let interrupted = failure.code == Code::Interrupted;
            if interrupted {
                failure = failure.fix("Run the same command again");
            }
            if interrupted && failure.why.is_empty() {
                failure = failure.why("The manifests are as they were.");
            }
            let outcome =
                if interrupted || failure.code == Code::NotConfirmed { Outcome::Interrupted } else { Outcome::Failed };
            end(outcome, false).failed(&failure)
        }
    })
}

/// The version that clients are offered now, when the job goes back behind it; a reason is needed then.
async fn withdrawn(snapshot: &Snapshot, job: &Job) -> Result<Option<Version>, Failure> {
    let tags = &snapshot.settings.release.tag;
    let mut highest = None;
    for path in &snapshot.settings.manifest.paths {
        // As the file is: an interrupted update that is finished now still takes something back.
        let file = snapshot.readers.workspace.manifest(path, None)?;
        let manifest = file.and_then(|file| Manifest::parse(&file.bytes).ok());
        let offered = manifest.and_then(|manifest| manifest.url_version(tags).or_else(|| manifest.version()));
        // Or what the update server takes, where the two differ.
        let newest = snapshot.readers.workspace.newest_manifest(path, snapshot.pending().await?)?;
        highest = highest.max(offered).max(newest);
    }
    match highest.filter(|offered| *offered > job.version) {
        Some(offered) if job.reason.is_none() => Err(Failure::new(
            Code::UsageArgument,
            format!("Going back from {offered} to {} needs a reason", job.version),
        )
        .why(format!("It withdraws {offered}; the reason goes to the journal, for whoever asks later."))
        .fix(format!(
            "nexy-release manifest point {} --reason 'what is wrong with {offered}'",
            tags.tag(&job.version)
        ))),
        // Nothing here offers a higher one, and a reason is given all the same: what others published is withdrawn.
        None if job.reason.is_some() => {
            let highest = snapshot.published_versions().await?.into_iter().max();
            Ok(highest.filter(|highest| *highest > job.version))
        }
        offered => Ok(offered),
    }
}

/// Who keeps what is withdrawn: clients never go back to a lower version.
async fn warn_of_withdrawal(snapshot: &Snapshot, to: &Version, from: Version) -> Result<(), Failure> {
    let mut kept = snapshot.published_versions().await?;
    kept.push(from);
    kept.retain(|version| version > to);
    kept.sort_unstable();
    kept.dedup();
    let highest = kept.last().copied().unwrap_or(from);
    let kept = kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let events = snapshot.events();
    events.note(
        NoteKind::Warning,
        format!(
            "Clients that have {kept} keep it: nobody is sent back to {to}. To reach them publish a version above {highest}."
        ),
    );
    for path in &snapshot.settings.manifest.paths {
        let higher = snapshot.readers.workspace.versioned_manifests(path)?.into_iter().filter(|found| found > to);
        for found in higher.map(|found| steps::plan::versioned(path, &found)) {
            events.note(
                NoteKind::Warning,
                format!("{found} stays for going back. The update server takes the newest file; where file times are lost, as in a clone, remove it: git rm '{found}'"),
            );
        }
    }
    Ok(())
}

/// Answers whether anything was to be done after all.
async fn carry_out(
    base: &Base,
    job: &Job,
    target: &Target,
    confirmed: &Plan,
    withdrawn: Option<Version>,
) -> Result<bool, Failure> {
    let events = &base.events;
    let snapshot = base.open_snapshot().await;
    let writer = Writer::new(snapshot.readers.workspace.clone());
    let _lock = timed(events, StepId::Lock, steps::lock::run(&writer, &base.caller(), events)).await?;
    if !snapshot.readers.token_source.is_empty() {
        // Who it was, for the journal; a host that does not tell stops nothing.
        let _ = snapshot.who().await;
    }
    let entry = || {
        let mut entry = account::of("manifest point", &base.caller(), confirmed, writer.reader().root());
        (entry.reason, entry.withdrawn) = (job.reason.clone(), withdrawn);
        entry.who.login = snapshot.login();
        for asset in &mut entry.assets {
            (asset.before, asset.after) = (Some(asset.sha256), Some(asset.sha256));
        }
        entry
    };
    let written = async {
        let plan = again(&snapshot, target).await?;
        if plan.hash != confirmed.hash || plan.manifest != confirmed.manifest {
            return Err(Failure::new(Code::ManifestChanged, "The manifests changed after they were shown")
                .why("Somebody else writes manifests in this workspace. Nothing was overwritten.")
                .fix("git diff -- the manifest files")
                .fix("Run the same command again: it shows what is to be done now"));
        }
        for copy in snapshot.manifests().await?.iter().filter(|copy| matches!(copy.manifest, Some(Err(_)))) {
            let kept = writer.keep(&copy.path)?;
            let text = format!("{} was no valid manifest; its bytes are kept in {}", copy.path, kept.display());
            events.note(NoteKind::Warning, text);
        }
        timed(events, StepId::Manifest, async {
            // What is offered and what the journal tells of it change as one: a withdrawal that a crash made the
            // journal forget would be taken back by the next publication.
            let entry = Entry { public: Some(true), ..entry() };
            let count = match &plan.manifest {
                Some(manifest) => steps::manifest::write(&writer, manifest, events, Some(entry))?,
                None => writer.record(&entry).map(|()| 0)?,
            };
            Ok((Summary::ok(format!("{count} files written")), ()))
        })
        .await?;
        let delivery = steps::git::Job { settings: &base.settings, plan: &plan, withdraws: true };
        let git = git::Writer::new(snapshot.readers.git.clone());
        let delivered = timed(events, StepId::Git, steps::git::deliver(delivery, &git, events)).await;
        delivered.map_err(|failure| match failure.code {
            Code::Interrupted => failure.why("The manifests are written; git was interrupted."),
            _ => failure,
        })
    };
    let delivered = match written.await {
        Ok(delivered) => delivered,
        Err(failure) => {
            note_unwritten(writer.record(&account::stopped(entry(), &failure, Public::Yes)), events);
            return Err(failure);
        }
    };
    timed(events, StepId::Record, async { Ok((Summary::ok("journal written"), ())) }).await?;
    let inbox = Item::not_applicable("inbox", "no inbox was needed");
    let lines = [inbox, steps::record::undelivered(&base.settings)];
    let items = steps::record::checklist(confirmed, &base.settings, &base.run, lines, &delivered);
    events.send(Event::Report { kind: "checklist".into(), data: serde_json::json!(items) });
    events.note(NoteKind::Info, format!("The manifests of this workspace offer {} now", job.version));
    Ok(!confirmed.nothing_to_do() || delivered.is_new() || withdrawn.is_some())
}

/// The plan once more, under the lock: the release as it is now, the bytes as they were downloaded.
async fn again(snapshot: &Snapshot, target: &Target) -> Result<Plan, Failure> {
    let now = target::reported(snapshot, &target.version).await?;
    if now != target.fingerprint {
        return Err(Failure::new(Code::VerifyMismatch, format!("{} was exchanged on the host meanwhile", target.name))
            .why(format!("downloaded: {}; now: {now}. The manifests are untouched.", target.fingerprint))
            .fix("nexy-release verify"));
    }
    target::plan(snapshot, target).await
}
