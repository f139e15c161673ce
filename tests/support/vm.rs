//! The practice VM as a test sees it from inside, and what was asked of Azure.

use std::fs;
use std::path::PathBuf;

use nexy_release::sandbox::azure::{Azure, Turn};
use nexy_release::world::platform;

use super::{Practice, eventually};

impl Practice {
    /// A file of the application on the VM.
    pub fn on_vm(&self, relative: &str) -> PathBuf {
        self.vm().join("home/azureuser/voice-assistant").join(relative)
    }

    /// Changes what Azure does.
    pub fn azure(&self, change: impl FnOnce(&mut Azure)) {
        let mut azure = Azure::load(&self.vm()).unwrap();
        change(&mut azure);
        azure.save(&self.vm()).unwrap();
    }

    /// What the next run commands meet.
    pub fn turns(&self, turns: impl IntoIterator<Item = Turn>) {
        self.azure(|azure| azure.turns = turns.into_iter().collect());
    }

    /// az says this to the next run command.
    pub fn az_says(&self, code: u8, text: &str) {
        self.turns([Turn::Says { code, text: text.into() }]);
    }

    /// Every command that az was given.
    pub fn az_calls(&self) -> Vec<Vec<String>> {
        let calls = fs::read_to_string(self.vm().join("calls.jsonl")).unwrap_or_default();
        calls.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How many run commands were asked for, whatever became of them.
    pub fn invocations(&self) -> usize {
        self.az_calls().iter().filter(|call| call.get(2).is_some_and(|word| word == "invoke")).count()
    }

    /// Waits until the VM runs its `number`th script: from then on it ends whether anybody waits for it or not.
    #[track_caller]
    pub fn until_on_vm(&self, number: usize) {
        let script = self.vm().join(format!("runs/{number:04}/script.sh")).to_str().unwrap().to_owned();
        eventually("the script on the VM", || {
            platform::processes().into_iter().any(|(_, words)| words.contains(&script)).then_some(())
        });
    }

    /// Waits until nothing of a run that was killed is at work with the VM any more: the next run would wait for it.
    #[track_caller]
    pub fn until_vm_is_free(&self) {
        let vm = self.vm().to_str().unwrap().to_owned();
        eventually("the end of what was left at work", || {
            let at_work = |words: &[String]| words.iter().any(|word| word.contains(&vm));
            (!platform::processes().into_iter().any(|(_, words)| at_work(&words))).then_some(())
        });
    }

    /// Every script that ran on the VM, the first one first.
    pub fn scripts(&self) -> Vec<String> {
        let runs = fs::read_dir(self.vm().join("runs")).unwrap().map(|run| run.unwrap().path());
        let mut runs: Vec<_> = runs.collect();
        runs.sort();
        runs.iter().map(|run| fs::read_to_string(run.join("script.sh")).unwrap()).collect()
    }
}
