//! `vm-signin`: the Azure CLI is installed, and its sign-in is still good.

use super::{Finding, Snapshot};

/// What every check of the VM answers where there is none.
pub(super) const NO_VM: &str = "vm.enabled = false";

pub(super) async fn look(facts: &Snapshot) -> Finding {
    if !facts.settings.vm.enabled {
        return Finding::skipped(NO_VM);
    }
    match facts.vm_sign_in().await {
        Err(failure) => Finding::failed(failure).waivable(),
        Ok(None) => Finding::ok("signed in"),
        Ok(Some(until)) => Finding::ok(format!("signed in, token until {until:.0}")),
    }
}
