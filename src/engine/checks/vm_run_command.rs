//! `vm-run-command`: no other command runs on the VM. Only an attempt shows it: the key check is the attempt.

use super::vm_signin::NO_VM;
use super::{Finding, Snapshot};

pub(super) async fn look(facts: &Snapshot) -> Finding {
    if !facts.settings.vm.enabled {
        return Finding::skipped(NO_VM);
    }
    if let Err(failure) = facts.vm_sign_in().await {
        return Finding::unjudged(&failure).waivable();
    }
    match facts.vm_keys().await {
        Err(failure) => Finding::failed(failure).waivable(),
        Ok(_) => Finding::ok(format!("{} is free: it ran the key check", facts.settings.vm.name)),
    }
}
