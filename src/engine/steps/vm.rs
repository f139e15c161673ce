//! `vm`: the manifests and VERSION on the VM, in one locked script (SPEC §10).

use super::Summary;
use super::plan::own_files;
use crate::engine::event::NoteKind;
use crate::engine::execution::Execution;
use crate::engine::feed::Events;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::manifest::Manifest;
use crate::release::version::Version;
use crate::settings::Vm;
use crate::world::azure::manifests::{Pushed, Target, Writer};
use crate::world::files;

/// Sends what the manifest step left in the workspace.
pub async fn run(x: &Execution) -> Result<(Summary, ()), Failure> {
    if !x.plan.delivery.push_vm {
        return Ok((Summary::skipped("vm.push_manifest = false"), ()));
    }
    let Some(canonical) = x.plan.manifest.as_ref().and_then(|manifest| manifest.files.first()) else {
        return Ok((Summary::skipped("no DMG"), ()));
    };
    let path = x.workspace.reader().root().join(&canonical.path);
    let bytes = files::read(&path)?.unwrap_or_default();
    let planned = x.plan.manifest.as_ref().map(|manifest| manifest.after.undated());
    if Manifest::parse(&bytes).ok().map(|found| found.undated()) != planned {
        let tag = &x.plan.tag;
        return Err(Failure::new(Code::ManifestChanged, format!("{} changed after it was written", canonical.path))
            .why(format!("It does not say any more what was published as {tag}. Nothing was sent to the VM."))
            .fix("nexy-release manifest check")
            .fix(format!("nexy-release manifest point {tag}, then: nexy-release manifest push-vm")));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let targets = targets(&x.snapshot.settings.vm, &x.plan.version, &text);
    let (summary, _) = send(x.vm.as_ref(), &targets, &x.events).await?;
    Ok((summary, ()))
}

/// What has to be on the VM. What the update server reads, the versioned copies, comes last: it must be the newest.
pub fn targets(vm: &Vm, version: &Version, text: &str) -> Vec<Target> {
    let manifest = |path: String| Target { path, content: text.to_owned() };
    let own = own_files(&vm.manifests, version);
    let copies = vm.manifests.iter().filter(|path| !own.contains(*path)).cloned();
    let newest = own.iter().cloned();
    std::iter::once(Target { path: "VERSION".into(), content: format!("{version}\n") })
        .chain(copies.chain(newest).map(manifest))
        .collect()
}

/// Sends it, and says so of each file; answers whether anything was written.
pub async fn send(vm: Option<&Writer>, targets: &[Target], events: &Events) -> Result<(Summary, bool), Failure> {
    let pushed = vm.ok_or_else(none)?.push(targets).await?;
    let (summary, written) = match pushed {
        Pushed::Already => (Summary::skipped("already right on the VM"), false),
        Pushed::Written => (Summary::ok(format!("{} files written and read back", targets.len())), true),
        Pushed::Reconciled => {
            let text = "Azure did not tell how the script ended; a look at the VM shows that it wrote every file";
            events.note(NoteKind::Warning, text);
            (Summary::ok(format!("{} files written, as a look shows", targets.len())), true)
        }
    };
    for target in targets.iter().filter(|_| written) {
        events.note(NoteKind::Info, format!("On the VM: {}", target.path));
    }
    Ok((summary, written))
}

/// The failure where the settings know no VM.
pub fn none() -> Failure {
    Failure::new(Code::VmNone, "There is no VM to send the manifest to")
        .why("vm.enabled = false.")
        .fix("nexy-release config show   (vm.enabled)")
}
