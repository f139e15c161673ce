//! The facts of the VM.

use futures::FutureExt as _;
use jiff::Timestamp;

use super::{Fact, Snapshot};
use crate::engine::steps;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::azure::Keys;

/// What the VM says; each question takes it up to a minute.
#[derive(Debug, Clone, Default)]
pub struct VmFacts {
    sign_in: Fact<Option<Timestamp>>,
    keys: Fact<Keys>,
}

impl Snapshot {
    /// Until when the sign-in to Azure is good, where that is told.
    pub async fn vm_sign_in(&self) -> Result<Option<Timestamp>, Failure> {
        let fetch = async {
            match &self.readers.vm {
                Some(vm) => vm.signed_in().await,
                None => Err(steps::vm::none()),
            }
        };
        self.vm.sign_in.get(fetch.boxed()).await.copied()
    }

    /// What the VM says of its key, and so that it takes commands.
    pub async fn vm_keys(&self) -> Result<&Keys, Failure> {
        let fetch = async {
            self.vm_sign_in().await?;
            match &self.readers.vm {
                Some(vm) => vm.keys().await,
                None => Err(steps::vm::none()),
            }
        };
        self.vm.keys.get(fetch.boxed()).await
    }

    /// Whether the VM was being asked when everything was stopped.
    pub fn was_vm_stopped(&self) -> bool {
        matches!(self.vm.keys.0.get(), Some(Err(failure)) if failure.code == Code::Interrupted)
    }

    /// A question to the VM was stopped: what it would have answered is not known, and what it said before is old.
    pub fn forget_vm(&mut self) {
        let name = &self.settings.vm.name;
        let failure =
            Failure::new(Code::VmUnknown, format!("Its end is not known: a look at the VM {name} was stopped"))
                .why("It may still be running there; stopping az does not stop it.")
                .fix("nexy-release check --only vm-run-command   (looks again, and changes nothing)");
        self.vm.keys = Fact::known(Err(failure));
    }

    /// What the VM was asked so far, for a snapshot a moment later.
    pub fn vm_facts(&self) -> VmFacts {
        self.vm.clone()
    }

    /// The same snapshot with what the VM was asked a moment ago.
    #[must_use]
    pub fn with_vm_facts(mut self, vm: VmFacts) -> Self {
        self.vm = vm;
        self
    }
}
