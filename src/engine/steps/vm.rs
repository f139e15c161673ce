//! `vm`: the manifests and VERSION on the VM, in one locked script (SPEC §10).

use super::Summary;
use super::plan::own_files;
use crate::engine::event::NoteKind;
use crate::engine::execution::Execution;
use crate::engine::feed::Events;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::{File, Journal};
use crate::release::manifest::Manifest;
use crate::release::version::Version;
use crate::settings::{Settings, Vm};
use crate::world::azure::manifests::{Delivery, Pushed, Target, Writer};
use crate::world::files;

/// Sends what the manifest step left in the workspace; answers the files that were written, for the journal.
pub async fn run(x: &Execution) -> Result<(Summary, Vec<File>), Failure> {
    if !x.plan.delivery.push_vm {
        return Ok((Summary::skipped("vm.push_manifest = false"), Vec::new()));
    }
    let Some(canonical) = x.plan.manifest.as_ref().and_then(|manifest| manifest.files.first()) else {
        return Ok((Summary::skipped("no DMG"), Vec::new()));
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
    let delivery = delivery(&x.snapshot.settings, x.snapshot.journal().await?, &x.plan.version, &text);
    send(x.vm.as_ref(), &delivery, &x.events).await
}

/// What has to be on the VM, and how far it may go back there: only what the journal says was withdrawn is taken back.
pub fn delivery(settings: &Settings, journal: &Journal, version: &Version, text: &str) -> Delivery {
    let manifest = |path: String| Target { path, content: text.to_owned() };
    let number = Target { path: "VERSION".into(), content: format!("{version}\n") };
    let files = std::iter::once(number).chain(paths(&settings.vm, version).into_iter().skip(1).map(manifest)).collect();
    let tag = settings.release.tag.tag(version);
    let up_to = journal.withdrawn_for(&tag).filter(|withdrawn| withdrawn > version).unwrap_or(*version);
    Delivery { version: *version, tag, up_to, files }
}

/// The files of a version on the VM. What the update server reads, the versioned copies, comes last.
pub fn paths(vm: &Vm, version: &Version) -> Vec<String> {
    let own = own_files(&vm.manifests, version);
    let copies = vm.manifests.iter().filter(|path| !own.contains(*path)).cloned();
    std::iter::once("VERSION".to_owned()).chain(copies).chain(own.iter().cloned()).collect()
}

/// What a run would write there, an act a file.
pub fn acts(vm: &Vm, version: &Version) -> Vec<String> {
    paths(vm, version).iter().map(|path| act(vm, path)).collect()
}

/// The same of one file.
pub fn act(vm: &Vm, path: &str) -> String {
    format!("write {path} on the VM {}/{}, in {}", vm.resource_group, vm.name, vm.app_dir)
}

/// Sends it, and says so of each file; answers the files that were written, for the journal.
pub async fn send(vm: Option<&Writer>, delivery: &Delivery, events: &Events) -> Result<(Summary, Vec<File>), Failure> {
    let vm = vm.ok_or_else(none)?;
    let (place, count) = (vm.place(), delivery.files.len());
    let sent = vm.push(delivery).await?;
    let summary = match sent.how {
        Pushed::Already => {
            return Ok((Summary::skipped(format!("already right on the VM {place}")), Vec::new()));
        }
        Pushed::Written => Summary::ok(format!("{count} files written and read back on the VM {place}")),
        Pushed::Reconciled => {
            let text = "Azure did not tell how the script ended; a look at the VM shows that it wrote every file";
            events.note(NoteKind::Warning, text);
            Summary::ok(format!("{count} files written on the VM {place}, as a look shows"))
        }
    };
    for (path, ahead) in &sent.overtook {
        let text = format!(
            "{ahead} on the VM has a time in the future; {path} was given a later one: the update server takes the newest"
        );
        events.note(NoteKind::Warning, text);
    }
    let file = |(target, before): (&Target, &Option<Digest>)| File {
        path: format!("VM {place}: {}", target.path).into(),
        before: *before,
        after: Some(Digest::of(&target.content)),
    };
    for target in &delivery.files {
        events.note(NoteKind::Info, format!("On the VM {place}: {}", target.path));
    }
    Ok((summary, delivery.files.iter().zip(&sent.before).map(file).collect()))
}

/// The failure where the settings know no VM.
pub fn none() -> Failure {
    Failure::new(Code::VmNone, "There is no VM to send the manifest to")
        .why("vm.enabled = false.")
        .fix("nexy-release config show   (vm.enabled)")
}
