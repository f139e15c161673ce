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
use crate::world::azure::manifests::Delivery;

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
    let delivery = delivery(snapshot).await?;
    for target in reader.to_write(&delivery).await? {
        let act = vm::act(&base.settings.vm, &target.path);
        base.events.note(NoteKind::Would, format!("[dry-run] would {act}"));
    }
    Ok((Outcome::DryRun, files(&delivery, false)))
}

async fn push(base: &Base, snapshot: &Snapshot) -> Result<(Outcome, Vec<ResultFile>), Failure> {
    let writers = Writers::new(&snapshot.readers);
    let caller = base.caller();
    let _lock = timed(&base.events, StepId::Lock, steps::lock::run(&writers.workspace, &caller, &base.events)).await?;
    let delivery = delivery(snapshot).await?;
    let written = timed(&base.events, StepId::Vm, vm::send(writers.vm.as_ref(), &delivery, &base.events)).await?;
    if written.is_empty() {
        return Ok((Outcome::Nothing, files(&delivery, false)));
    }
    let mut entry = account::blank("manifest push-vm", &caller, base.settings.release.repo.as_str());
    (entry.version, entry.manifest) = (Some(delivery.version), written);
    writers.workspace.record(&entry)?;
    Ok((Outcome::Done, files(&delivery, true)))
}

/// What the VM should have: of a version that is published, so that nobody is offered what is not there.
async fn delivery(snapshot: &Snapshot) -> Result<Delivery, Failure> {
    let (version, text) = sound(snapshot).await?;
    verification::ensure_offers_what_is_published(snapshot, &version).await?;
    Ok(vm::delivery(&snapshot.settings, snapshot.journal().await?, &version, &text))
}

fn files(delivery: &Delivery, written: bool) -> Vec<ResultFile> {
    delivery.files.iter().map(|target| ResultFile { path: target.path.clone(), written }).collect()
}
