//! Our turn on the VM: through the gate, then scripts one after the other, each once, with a single retry while the VM is
//! busy.

use std::time::Duration;

use uuid::Uuid;

use super::client::{Reader, Said};
use super::gate::Gate;
use super::script::{self, Ran};
use super::symptom::{self, Reached};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::world::files;
use crate::world::process::{Output, ProcessError};

/// The gate is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    reader: &'a Reader,
    gate: Gate,
}

/// A script and what a person calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script<'a> {
    /// e.g. `The key check`.
    pub what: &'static str,
    /// Its text, of `assets/vm`.
    pub body: &'static str,
    /// Its parameters besides `NX_APP_DIR`.
    pub parameters: &'a [(&'a str, &'a str)],
    /// How long it may take.
    pub deadline: Duration,
    /// Whether it changes anything: then every doubt whether it ran is one.
    pub writes: bool,
}

/// How a script ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// It came back, well or not.
    Ran(Ran),
    /// It was never begun.
    Refused(Failure),
    /// Not known; it may still be running.
    Unknown(Failure),
}

impl Reader {
    /// Waits for our turn.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, Failure> {
        Ok(Turn { reader: self, gate: Gate::enter(self).await? })
    }
}

impl Turn<'_> {
    /// Runs a script that only reads: what came back, or why nothing did.
    pub async fn read(&self, script: Script<'_>) -> Result<Vec<String>, Failure> {
        match self.run(script).await? {
            Ended::Ran(ran) if ran.rc == 0 => Ok(ran.lines),
            Ended::Ran(ran) => Err(self.failed(script.what, &ran)),
            Ended::Refused(failure) | Ended::Unknown(failure) => Err(failure),
        }
    }

    /// Runs a script. `Err`: a stop, or something on this machine; before or after it was sent.
    pub async fn run(&self, script: Script<'_>) -> Result<Ended, Failure> {
        let reader = self.reader;
        let nonce = Uuid::new_v4().simple().to_string();
        let app_dir = [("NX_APP_DIR", reader.vm.app_dir.as_str())];
        let text = script::wrap(script.body, &[&app_dir, script.parameters].concat(), &nonce);
        // az would send the name itself where there is no such file, and answer success.
        let file = files::Private::new("nexy-release-vm-", text.as_bytes())?;
        let at_file = format!("@{}", file.path().display());
        let mut retries = reader.vm.busy_retries;
        loop {
            self.gate.sent(script.what)?;
            let (group, name) = (reader.vm.resource_group.as_str(), reader.vm.name.as_str());
            let asked = ["vm", "run-command", "invoke", "--resource-group", group, "--name", name];
            let how = ["--command-id", "RunShellScript", "--scripts", &at_file];
            let output = match reader.az(&[&asked[..], &how].concat(), script.deadline).await {
                Ok(output) => output,
                Err(error) => return self.unanswered(script, &error),
            };
            if !symptom::is_busy(&output) {
                return self.judge(script, &output, &nonce);
            }
            if retries > 0 || !script.writes {
                self.gate.unsent()?;
            }
            if retries == 0 {
                if retries != reader.vm.busy_retries {
                    (reader.say)(Said::Waited(
                        format!("{} was refused again: the VM {name} is still busy", script.what).into(),
                    ));
                }
                let mut failure =
                    symptom::busy(&reader.vm, format!("Another command is still running on the VM {name}"));
                if let Some(who) = reader.who_is_busy().await {
                    let why = format!("{} {who}", failure.why);
                    failure = failure.why(why);
                }
                if script.writes {
                    // What is running may be ours: az repeats requests that got no answer.
                    self.gate.unknown(true)?;
                    return Ok(Ended::Unknown(failure));
                }
                return Ok(Ended::Refused(failure));
            }
            retries -= 1;
            let wait = Duration::from_secs(reader.vm.busy_wait_s);
            let text = format!("{} waits: another command is running on the VM {name}", script.what);
            (reader.say)(Said::Wait(text.into(), wait));
            reader.stop.pause(wait).await?;
            let text = format!("waited {} s for the VM {name}; sent again: {}", wait.as_secs(), script.what);
            (reader.say)(Said::Waited(text.into()));
        }
    }

    fn unanswered(&self, script: Script<'_>, error: &ProcessError) -> Result<Ended, Failure> {
        let vm = &self.reader.vm;
        match error {
            // The note of the gate stays: killing az does not stop what runs on the VM.
            ProcessError::Interrupted(_) => {
                let text = format!("Interrupted. {} may still be running on the VM {}", script.what, vm.name);
                (self.reader.say)(Said::Warning(text.clone().into()));
                Err(Failure::new(Code::Interrupted, text))
            }
            ProcessError::Deadline(..) => {
                let seconds = script.deadline.as_secs();
                self.gate.unknown(script.writes)?;
                Ok(Ended::Unknown(symptom::unknown(vm, format!("az did not answer within {seconds} s."))))
            }
            error => {
                self.gate.unsent()?;
                Ok(Ended::Refused(symptom::unstarted(vm, error)))
            }
        }
    }

    fn judge(&self, script: Script<'_>, output: &Output, nonce: &str) -> Result<Ended, Failure> {
        let vm = &self.reader.vm;
        if output.code != Some(0) {
            let symptom = symptom::of(vm, output);
            let refused = match symptom.reached {
                Reached::Never => true,
                Reached::Refused => !script.writes,
                Reached::Perhaps => false,
            };
            if !refused {
                self.gate.unknown(script.writes)?;
                return Ok(Ended::Unknown(symptom.failure));
            }
            self.gate.unsent()?;
            return Ok(Ended::Refused(symptom.failure));
        }
        match script::read(&output.stdout, nonce) {
            Ok(ran) => {
                self.gate.settled()?;
                Ok(Ended::Ran(ran))
            }
            Err(why) => {
                self.gate.unknown(script.writes)?;
                let why =
                    format!("Azure reports success, but {why}. It reports success for scripts that failed as well.");
                Ok(Ended::Unknown(symptom::unknown(vm, why)))
            }
        }
    }

    /// A script failed, whatever Azure says.
    pub fn failed(&self, what: &str, ran: &Ran) -> Failure {
        let said = Clean::line(&ran.stderr, 300);
        let why = match ran.rc {
            66 => format!("There is no folder {} on the VM.", self.reader.vm.app_dir),
            75 => "Another script of nexy-release is at work on the VM.".to_owned(),
            _ if said.is_empty() => {
                "Azure reports success all the same; the script's own exit status counts.".to_owned()
            }
            _ => format!("It says: {said}. Azure reports success all the same; the script's own exit status counts."),
        };
        Failure::new(
            Code::VmScript,
            format!("{what} failed on the VM {} (exit status {})", self.reader.vm.name, ran.rc),
        )
        .why(why)
        .fix("nexy-release config show   (vm.app_dir, vm.env_files, vm.manifests)")
        .fix("Run the same command again")
    }
}
