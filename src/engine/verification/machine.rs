//! What stands on the VM: the files that its servers read.

use crate::engine::manifests;
use crate::engine::snapshot::Snapshot;
use crate::engine::steps::vm;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::verification::Cell;
use crate::release::version::Version;
use crate::world::azure::manifests::Target;

/// As it is written in cells.
pub(super) const VM: &str = "VM";

/// Nothing was asked, and why; with the command that brings it about.
pub(in crate::engine) fn pending(snapshot: &Snapshot, why: &str) -> Vec<Cell> {
    if snapshot.settings.vm.enabled { vec![Cell::pending(VM, "served", why)] } else { vec![none()] }
}

/// The files that a run has brought there, and read back.
pub(super) fn delivered(snapshot: &Snapshot, version: &Version) -> Vec<Cell> {
    let paths = vm::paths(&snapshot.settings.vm, version);
    paths.iter().map(|path| Cell::aligned(VM, field(path), "read back by this run")).collect()
}

/// The files there against the manifest of the workspace; a script that only reads tells.
pub(super) async fn ask(snapshot: &Snapshot, version: &Version) -> Result<Vec<Cell>, Failure> {
    let Some(reader) = &snapshot.readers.vm else { return Ok(vec![none()]) };
    let text = match manifests::sound(snapshot).await {
        Ok((offered, text)) if offered == *version => text,
        Ok((offered, _)) => return Ok(vec![Cell::not_applicable(VM, "served", format!("should offer {offered}"))]),
        Err(failure) => return Ok(vec![Cell::not_applicable(VM, "served", failure.what)]),
    };
    let delivery = vm::delivery(&snapshot.settings, snapshot.journal().await?, version, &text);
    let wanting = match reader.to_write(&delivery).await {
        Ok(wanting) => wanting,
        Err(failure) if failure.code == Code::VmNewer => {
            let newer = Cell::drifted(VM, "version", failure.what, version.to_string());
            return Ok(vec![Cell { fix: failure.fix, ..newer }]);
        }
        Err(failure) if failure.code == Code::Interrupted => return Err(failure),
        Err(failure) => return Ok(vec![Cell::unknown(VM, "served", &failure)]),
    };
    let cell = |target: &Target| {
        if wanting.contains(&target) {
            Cell::drifted(VM, field(&target.path), "other bytes, or a newer manifest beside it", "what is published")
                .fix("nexy-release manifest push-vm --dry-run")
                .fix("nexy-release manifest push-vm")
        } else {
            Cell::aligned(VM, field(&target.path), "as it should be")
        }
    };
    Ok(delivery.files.iter().map(cell).collect())
}

/// VERSION is the version; manifests go by their paths.
fn field(path: &str) -> &str {
    if path == "VERSION" { "version" } else { path }
}

fn none() -> Cell {
    Cell::not_applicable(VM, "served", "vm.enabled = false")
}
