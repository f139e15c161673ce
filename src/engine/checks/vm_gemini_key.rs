//! `vm-gemini-key`: the key is in each environment file of the VM, and the service's log holds nothing against it. The
//! value never leaves the VM.

use super::vm_signin::NO_VM;
use super::{Finding, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::Vm;
use crate::world::azure::{KeyFile, Log, Verdict, quoted};

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let vm = &facts.settings.vm;
    if !vm.enabled {
        return Finding::skipped(NO_VM);
    }
    if vm.env_files.is_empty() {
        return Finding::skipped("vm.env_files is empty");
    }
    let keys = match facts.vm_keys().await {
        Err(failure) => return Finding::unjudged(&failure).waivable(),
        Ok(keys) => keys,
    };
    let wrong: Vec<_> = keys.files.iter().filter(|file| file.verdict != Verdict::Ok).collect();
    if !wrong.is_empty() {
        let found = wrong.iter().map(|file| format!("{}: {}", file.path, words(file.verdict)));
        let failure = Failure::new(Code::VmKey, found.collect::<Vec<_>>().join("; "))
            .why("Without GEMINI_API_KEY the server's text processing does not start.");
        let closed = wrong.iter().filter_map(|file| file.folder.as_ref());
        let closed: std::collections::BTreeSet<_> = closed.collect();
        let open = |folder: &String| format!("sudo chmod o+x {}   (on the VM)", quoted(folder));
        let failure = closed.into_iter().fold(failure, |failure, folder| failure.fix(open(folder)));
        let paths = wrong.iter().filter(|file| file.folder.is_none()).map(|file| file.path.as_str());
        return Finding::failed(mend(vm, failure, paths)).waivable();
    }
    match keys.log {
        Log::Expired => refused(vm, "API key expired", &keys.files),
        Log::Invalid => refused(vm, "API_KEY_INVALID", &keys.files),
        Log::Crashed => broken(vm, "the server does not get through config.env: illegal environment variable name"),
        Log::Textless => broken(vm, "the key is there, and the server's text processing did not start"),
        Log::Quiet | Log::Unreadable => judge(&keys.files, keys.log == Log::Unreadable),
    }
}

fn judge(files: &[KeyFile], unread: bool) -> Finding {
    let twice: Vec<_> = files.iter().filter(|file| file.count > 1).map(|file| file.path.as_str()).collect();
    if !twice.is_empty() {
        return Finding::warning(
            Failure::new(Code::VmKey, format!("there, and more than once in {}", twice.join(", ")))
                .why("Of several lines the last one counts.")
                .fix("Remove the older lines from the file on the VM"),
        );
    }
    let count = files.len();
    let log =
        if unread { "; the service's log cannot be read" } else { ", and nothing against it in the service's log" };
    Finding::ok(format!("there in {count} {}{log}", if count == 1 { "file" } else { "files" }))
}

/// A key is there, and Google refuses it: document 004, symptom 4.7.
fn refused(vm: &Vm, says: &str, files: &[KeyFile]) -> Finding {
    let failure = Failure::new(Code::VmKey, format!("the key is there, and Google refuses it: {says}"))
        .why(format!("The log of {} says so since the service was started.", vm.service));
    let paths = files.iter().map(|file| file.path.as_str());
    Finding::failed(mend(vm, failure, paths)).waivable()
}

/// What stops the server is not the key: document 004, §4.
fn broken(vm: &Vm, what: &str) -> Finding {
    let failure = Failure::new(Code::VmKey, what)
        .why(format!("The log of {} says so since the service was started.", vm.service))
        .fix(format!("journalctl -u {} -n 50   (on the VM)", quoted(&vm.service)))
        .fix("nexy-release explain - < LOG");
    Finding::failed(mend(vm, failure, std::iter::empty())).waivable()
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "in order",
        Verdict::Missing => "the file is missing",
        Verdict::NotAFile => "it is no file",
        Verdict::Unreadable => "the service may not read it",
        Verdict::Closed => "the service may not enter a folder above it",
        Verdict::Absent => "GEMINI_API_KEY is missing",
        Verdict::Empty => "GEMINI_API_KEY is empty",
        Verdict::Placeholder => "GEMINI_API_KEY is a placeholder",
    }
}

fn mend<'a>(vm: &Vm, failure: Failure, paths: impl Iterator<Item = &'a str>) -> Failure {
    let edit = |path: &str| format!("sudo nano {}   (on the VM)", quoted(&format!("{}/{path}", vm.app_dir)));
    paths
        .fold(failure, |failure, path| failure.fix(edit(path)))
        .fix(format!("sudo systemctl restart {}   (on the VM)", quoted(&vm.service)))
}
