//! What mends servers that clients are updated from: on the VM `SERVER_VERSION` and `SERVER_BUILD` in `config.env` win over
//! the manifests, and these over VERSION; and a service reads some of it only when it starts.

use crate::release::version::Version;
use crate::settings::Vm;

/// Brings the variables of the main server along.
pub fn set_variables(vm: &Vm, version: &Version) -> String {
    let file = vm.env_files.first().map_or("config.env", String::as_str);
    format!(
        "On the VM: SERVER_VERSION={version} and SERVER_BUILD={version} in {}/{file}, which win over the manifests and \
         over VERSION; then: sudo systemctl restart {}",
        vm.app_dir, vm.service
    )
}

/// Has the service read again what is there.
pub fn restart(vm: &Vm) -> String {
    format!("sudo systemctl restart {}   (on the VM: the files are right, the service has not read them)", vm.service)
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
