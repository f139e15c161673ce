//! `manifest push-vm`: the canonical manifest of the workspace brought to the VM, without a publication.

use super::account;
use super::base::Base;
use super::event::{Mode, NoteKind, Outcome, ResultFile, RunResult, StepId};
use super::manifests::sound;
use super::readers::Writers;
use super::snapshot::Snapshot;
use super::steps::{self, timed, vm};
use super::verification;
use crate::release::code::Exit;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::File;
use crate::release::version::Version;
use crate::world::azure::manifests::Target;

/// Compares, then writes what differs; `dry_run`: only compares.
pub async fn run(base: &Base, dry_run: bool) -> RunResult {
    base.start("manifest push-vm", if dry_run { Mode::DryRun } else { Mode::Live });
    let snapshot = base.open_snapshot().await;
    let result = if dry_run { look(base, &snapshot).await } else { push(base, &snapshot).await };
    match result {
        Err(failure) => base.fail(&failure),
        Ok((outcome, files)) => {
            let mut result = RunResult::bare(outcome, Exit::Done as u8);
            result.version = snapshot.version().await.ok();
            result.manifest = Some(files);
            base.end(result)
        }
    }
}

async fn look(base: &Base, snapshot: &Snapshot) -> Result<(Outcome, Vec<ResultFile>), Failure> {
    let reader = snapshot.readers.vm.clone().ok_or_else(vm::none)?;
    if let Err(failure) = snapshot.readers.workspace.probe_lock() {
        base.events.note(NoteKind::Warning, failure.what);
    }
    let (_, targets) = targets(snapshot).await?;
    for target in reader.to_write(&targets).await? {
        base.events.note(NoteKind::Would, format!("[dry-run] would write {} on the VM", target.path));
    }
    Ok((Outcome::DryRun, files(&targets, false)))
}

async fn push(base: &Base, snapshot: &Snapshot) -> Result<(Outcome, Vec<ResultFile>), Failure> {
    let writers = Writers::new(&snapshot.readers);
    let caller = base.caller();
    let _lock = timed(&base.events, StepId::Lock, steps::lock::run(&writers.workspace, &caller, &base.events)).await?;
    let (version, targets) = targets(snapshot).await?;
    let written = timed(&base.events, StepId::Vm, vm::send(writers.vm.as_ref(), &targets, &base.events)).await?;
    if !written {
        return Ok((Outcome::Nothing, files(&targets, false)));
    }
    let mut entry = account::blank("manifest push-vm", &caller, base.settings.release.repo.as_str());
    entry.version = Some(version);
    let file = |target: &Target| File {
        path: format!("VM: {}", target.path).into(),
        before: None,
        after: Some(Digest::of(&target.content)),
    };
    entry.manifest = targets.iter().map(file).collect();
    writers.workspace.record(&entry)?;
    Ok((Outcome::Done, files(&targets, true)))
}

/// What the VM should have: of a version that is published, so that nobody is offered what is not there.
async fn targets(snapshot: &Snapshot) -> Result<(Version, Vec<Target>), Failure> {
    let (version, text) = sound(snapshot).await?;
    verification::ensure_offers_what_is_published(snapshot, &version).await?;
    Ok((version, vm::targets(&snapshot.settings.vm, &version, &text)))
}

fn files(targets: &[Target], written: bool) -> Vec<ResultFile> {
    targets.iter().map(|target| ResultFile { path: target.path.clone(), written }).collect()
}
