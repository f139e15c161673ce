//! What mends servers that clients are updated from: on the VM `SERVER_VERSION` and `SERVER_BUILD` in `config.env` win over
//! the manifests, and these over VERSION; and a service reads some of it only when it starts.

use crate::release::version::Version;
use crate::settings::Vm;

/// Takes the variables away that win over the manifests. Brought along once, they would be stale after the next release.
pub fn unpin(vm: &Vm) -> String {
    let files: Vec<_> = vm.env_files.iter().map(|file| format!(" '{}/{file}'", vm.app_dir)).collect();
    format!(
        "sudo sed -i.bak -E '/^\\s*(export\\s+)?SERVER_(VERSION|BUILD)\\b/d'{} && sudo systemctl restart {}   (on the VM, \
         where they win over the manifests: without them these decide, after the next release too)",
        files.concat(),
        vm.service
    )
}

/// Has the service read again what is there.
pub fn restart(vm: &Vm) -> String {
    format!(
        "sudo systemctl restart {}   (on the VM, where the files are right: the service has not read them)",
        vm.service
    )
}

/// Has the file found that says a version a second time.
pub fn doubled(vm: &Vm, version: &Version) -> String {
    let folder = vm.manifests.first().and_then(|path| path.rsplit_once('/')).map_or(".", |(folder, _)| folder);
    format!(
        "On the VM several files say {version}: grep -l '{version}' {}/{folder}/manifest_*.json; keep \
         manifest_{version}.json, move the others away",
        vm.app_dir
    )
}

/// A look by hand.
pub fn look(url: &str) -> String {
    format!("curl -fsS '{url}'")
}
