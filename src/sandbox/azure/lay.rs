//! What is on the practice VM at the beginning.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Asked, Azure, Turn};
use crate::release::fingerprint::Digest;
use crate::release::version::Version;
use crate::sandbox::Scenario;

/// The application, below the VM's folder.
const APP_DIR: &str = "home/azureuser/voice-assistant";
const GROUP: &str = "NetworkWatcherRG";
/// Not the real one's: what somebody runs there keeps no practice waiting.
const NAME: &str = "Nexy-practice";

/// Programs of the VM: systemd's, which answer from files, and what a Mac lacks.
const PROGRAMS: [(&str, &str); 6] = [
    (
        "systemctl",
        // A service that was started anew reads everything again.
        "# show -p PROPERTY --value -- SERVICE; restart SERVICE\nservice=$(dirname -- \"$0\")/../service\nif [ \"$1\" = restart ]; then exec rm -rf -- \"$service/loaded\"; fi\ncat -- \"$service/$3\" 2>/dev/null || echo\n",
    ),
    ("journalctl", "cat -- \"$(dirname -- \"$0\")/../service/log\"\n"),
    // -u USER -- test -r FILE, or -x FOLDER: the user owns all that is on the way.
    (
        "runuser",
        "case $5 in -r) perm=-0400 ;; *) perm=-0100 ;; esac\n[ -n \"$(find \"$6\" -prune -perm $perm)\" ] || exit 1\nat=${6%/*}\nset --\nwhile [ -n \"$at\" ]; do\n  set -- \"$@\" \"$at\"\n  at=${at%/*}\ndone\n[ $# = 0 ] || [ -z \"$(find \"$@\" -prune ! -perm -0100)\" ]\n",
    ),
    (
        "flock",
        "# -w SECONDS FD\nexec perl -e 'use Fcntl \":flock\"; open(F, \"<&=\", $ARGV[2]) && flock(F, LOCK_EX) || exit 1' -- \"$@\"\n",
    ),
    ("sha256sum", "exec shasum -a 256 \"$@\"\n"),
    ("timeout", "shift\nexec \"$@\"\n"),
];

/// What the VM is laid from.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct Vm<'a> {
    /// The version that it serves.
    pub version: Version,
    /// Its manifest.
    pub manifest: &'a str,
    /// How long each command takes, in milliseconds.
    pub takes_ms: u64,
    /// What is wrong with it.
    pub scenario: Scenario,
}

/// Lays the VM's folder, and answers the `[vm]` section of the workspace's settings. `console` is the binary that
/// stands in for az.
pub(in crate::sandbox) fn lay(vm: &Path, console: &Path, on_it: Vm<'_>) -> io::Result<String> {
    let Vm { version, manifest, takes_ms, scenario } = on_it;
    let app = vm.join(APP_DIR);
    let manifests = app.join("server/updates/manifests");
    for folder in [&manifests, &vm.join("bin"), &vm.join("service"), &vm.join("runs")] {
        fs::create_dir_all(folder)?;
    }
    fs::write(app.join("VERSION"), format!("{version}\n"))?;
    fs::write(manifests.join("manifest.json"), manifest)?;
    fs::write(manifests.join(format!("manifest_{version}.json")), manifest)?;
    let key = if scenario == Scenario::KeyMissing { "" } else { "GEMINI_API_KEY=\"AIza-practice-0123456789\"\n" };
    fs::write(app.join("config.env"), format!("# The server's settings.\nSERVER_PORT=8080\n{key}"))?;
    fs::write(vm.join("service/User"), "azureuser\n")?;
    fs::write(vm.join("service/InvocationID"), "1f6a7c0d2b7e4f0f9b1d5a3c8e7f6a5b\n")?;
    fs::write(vm.join("service/log"), "server started\n")?;
    if scenario == Scenario::StaleAppcast {
        // What the running service has read, and holds in its memory until it is restarted.
        let loaded = vm.join("service/loaded");
        fs::create_dir_all(loaded.join("server/updates/manifests"))?;
        fs::write(loaded.join("VERSION"), format!("{version}\n"))?;
        fs::write(loaded.join(format!("server/updates/manifests/manifest_{version}.json")), manifest)?;
    }
    for (name, text) in PROGRAMS {
        let there = ["/usr/bin", "/bin"].iter().any(|folder| Path::new(folder).join(name).exists());
        if there && !matches!(name, "systemctl" | "journalctl" | "runuser") {
            continue;
        }
        let path = vm.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    // Each world has its own VM: what runs on one does not keep another one waiting.
    let subscription = format!("practice-{}", &Digest::of(vm.to_string_lossy().as_bytes()).to_string()[..12]);
    let turns = if scenario == Scenario::VmBusy { vec![Turn::Busy] } else { Vec::new() };
    Azure { subscription: subscription.clone(), signed_out: None, takes_ms, turns }.save(vm)?;
    let text = |path: &Path| serde_json::to_string(&path.to_string_lossy());
    Ok(format!(
        "program = [{}, \"az-stand-in\", {}]\nsubscription = \"{subscription}\"\nname = \"{NAME}\"\napp_dir = {}\npush_manifest = true\nbusy_wait_s = 5\n",
        text(console)?,
        text(vm)?,
        text(&app)?
    ))
}

/// What Azure says of a resource that is not there.
pub(super) fn not_found(asked: &Asked) -> Option<String> {
    let (group, name) =
        (asked.option("--resource-group").unwrap_or_default(), asked.option("--name").unwrap_or_default());
    if !group.eq_ignore_ascii_case(GROUP) {
        let text = format!("Resource group '{group}' could not be found.");
        return Some(format!("ERROR: (ResourceGroupNotFound) {text}\nCode: ResourceGroupNotFound\nMessage: {text}"));
    }
    (!name.eq_ignore_ascii_case(NAME)).then(|| {
        let text = format!(
            "The Resource 'Microsoft.Compute/virtualMachines/{name}' under resource group '{group}' was not found."
        );
        format!("ERROR: (ResourceNotFound) {text}\nCode: ResourceNotFound\nMessage: {text}")
    })
}
