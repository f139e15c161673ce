//! A stand-in for the Azure CLI with a VM behind it: a folder in which `/bin/sh` really runs the scripts. It is as honest
//! as facts/AZURE.md asks for: it reports success for scripts that fail, cuts output, and stays busy when its client dies.
//!
//! ```text
//! <vm>/azure.json   what Azure does next; calls.jsonl: what was asked of it
//! <vm>/bin/         systemctl and others, as the VM has them
//! <vm>/service/     what these answer: User, InvocationID, log
//! <vm>/home/…       the application
//! <vm>/runs/        every script that ran, and its output
//! ```

mod arguments;
mod lay;
mod machine;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use arguments::Asked;

pub(super) use lay::{Vm, lay};

/// The last bytes of each stream that Azure keeps.
const KEPT: usize = 4096;
const BUSY: &str = "ERROR: (Conflict) Run command extension execution is in progress. Please wait for completion before invoking a run command.\nCode: Conflict\nMessage: Run command extension execution is in progress. Please wait for completion before invoking a run command.";

/// What Azure does; `azure.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Azure {
    /// The subscription that the account has.
    pub subscription: String,
    /// What is said instead of a token; none: signed in.
    #[serde(default)]
    pub signed_out: Option<String>,
    /// How long each command takes, in milliseconds.
    #[serde(default)]
    pub takes_ms: u64,
    /// What the next run commands meet, in their order; then all goes well.
    #[serde(default)]
    pub turns: Vec<Turn>,
}

/// What one run command meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// All goes well.
    Well,
    /// Somebody else's command is running.
    Busy,
    /// The script runs, and the output of an earlier run comes back.
    Stale,
    /// The VM restarts before the script does anything.
    Unfinished,
    /// The script runs, and the end of its output is lost.
    LostEnd,
    /// az sends the script twice, because the first answer was lost.
    Twice,
    /// The script begins so many milliseconds later; Azure accepted it already.
    Slow(u64),
    /// Azure took the script, which runs to its end; az says this while it waits for it.
    Accepted {
        /// Exit code.
        code: u8,
        /// Standard error.
        text: String,
    },
    /// az says this, and nothing runs.
    Says {
        /// Exit code.
        code: u8,
        /// Standard error.
        text: String,
    },
}

impl Azure {
    /// What Azure does for this VM.
    pub fn load(vm: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(vm.join("azure.json"))?)?)
    }

    /// Sets it.
    pub fn save(&self, vm: &Path) -> io::Result<()> {
        let new = vm.join("azure.json.new");
        fs::write(&new, serde_json::to_vec_pretty(self)?)?;
        fs::rename(new, vm.join("azure.json"))
    }

    /// Takes what the next run command meets. Two at once take two turns.
    fn next_turn(vm: &Path) -> io::Result<Turn> {
        let guard = File::create(vm.join("azure.lock"))?;
        guard.lock()?;
        let mut azure = Self::load(vm)?;
        if azure.turns.is_empty() {
            return Ok(Turn::Well);
        }
        let turn = azure.turns.remove(0);
        azure.save(vm)?;
        Ok(turn)
    }
}

/// How a command ended.
struct Answer {
    code: u8,
    stdout: String,
    stderr: String,
}

impl Answer {
    fn ok(value: &serde_json::Value) -> Self {
        Self { code: 0, stdout: format!("{value:#}\n"), stderr: String::new() }
    }

    fn error(code: u8, text: impl Into<String>) -> Self {
        Self { code, stdout: String::new(), stderr: text.into() + "\n" }
    }
}

/// Runs the stand-in: the VM's folder, then what az is given. Answers the exit code.
pub fn run(line: &[String]) -> u8 {
    let Some((vm, words)) = line.split_first() else { return 2 };
    let answer = answer(Path::new(vm), words)
        .unwrap_or_else(|error| Answer::error(1, format!("ERROR: the practice VM in {vm} does not work: {error}")));
    // A reader that left needs no answer.
    let _ = io::stdout().write_all(answer.stdout.as_bytes());
    let _ = io::stderr().write_all(answer.stderr.as_bytes());
    answer.code
}

fn answer(vm: &Path, words: &[String]) -> io::Result<Answer> {
    let mut calls = File::options().append(true).create(true).open(vm.join("calls.jsonl"))?;
    calls.write_all(format!("{}\n", json!(words)).as_bytes())?;
    let asked = match Asked::read(words) {
        Ok(asked) => asked,
        Err(why) => return Ok(Answer::error(2, why)),
    };
    let azure = Azure::load(vm)?;
    if asked.command == "version" {
        return Ok(Answer::ok(&json!({ "azure-cli": "2.91.0" })));
    }
    if let Some(said) = &azure.signed_out {
        // Only who never signed in is told so here: an expired sign-in still shows its account.
        let shows = asked.command == "account show" && !said.contains("az login");
        if !shows {
            return Ok(Answer::error(1, said));
        }
    }
    if let Some(subscription) =
        asked.option("--subscription").filter(|it| !it.eq_ignore_ascii_case(&azure.subscription))
    {
        let text =
            format!("ERROR: Subscription '{subscription}' not found. Check the spelling and casing and try again.");
        return Ok(Answer::error(1, text));
    }
    Ok(match asked.command.as_str() {
        "account show" => Answer::ok(&json!({ "id": azure.subscription, "user": { "name": "nexy-practice" } })),
        "account get-access-token" => Answer::ok(&json!(4_102_444_800_u64)),
        // Blind to what is run in the old way.
        "vm run-command list" => Answer::ok(&json!([])),
        "monitor activity-log list" => Answer::ok(&json!([
            { "id": "2", "st": "Succeeded", "t": "2026-02-20T09:40:00Z", "who": "boris@nexy.example" },
            { "id": "2", "st": "Started", "t": "2026-02-20T09:39:00Z", "who": "boris@nexy.example" },
            { "id": "1", "st": "Started", "t": "2026-02-20T09:58:00Z", "who": "anna@nexy.example" },
        ])),
        _ => {
            if let Some(missing) = lay::not_found(&asked) {
                return Ok(Answer::error(3, missing));
            }
            std::thread::sleep(Duration::from_millis(azure.takes_ms));
            invoke(vm, &asked, Azure::next_turn(vm)?)?
        }
    })
}

fn invoke(vm: &Path, asked: &Asked, turn: Turn) -> io::Result<Answer> {
    // A file that is not there is taken for the script itself.
    let given = asked.option("--scripts").unwrap_or_default();
    let read = given.strip_prefix('@').and_then(|path| fs::read_to_string(path).ok());
    let script = read.unwrap_or_else(|| given.to_owned());
    let wait = if let Turn::Slow(ms) = turn { Duration::from_millis(ms) } else { Duration::ZERO };
    match turn {
        Turn::Says { code, text } => return Ok(Answer::error(code, text)),
        Turn::Busy => return Ok(Answer::error(1, BUSY)),
        Turn::Unfinished => return Ok(succeeded("Enable succeeded: Last script execution didn't finish.")),
        Turn::Accepted { code, text } => {
            machine::run(vm, &script, wait)?;
            return Ok(Answer::error(code, text));
        }
        Turn::Well | Turn::Stale | Turn::LostEnd | Turn::Twice | Turn::Slow(_) => {}
    }
    let earlier = fs::read_to_string(vm.join("last-message")).unwrap_or_default();
    let mut output = machine::run(vm, &script, wait)?;
    if turn == Turn::Twice {
        output = machine::run(vm, &script, wait)?;
    }
    let Some((stdout, stderr)) = output else { return Ok(Answer::error(1, BUSY)) };
    let message = format!("Enable succeeded: \n[stdout]\n{stdout}\n[stderr]\n{stderr}");
    fs::write(vm.join("last-message"), &message)?;
    Ok(succeeded(&match turn {
        Turn::Stale => earlier,
        Turn::LostEnd => message.split("@@NX-END").next().unwrap_or_default().to_owned(),
        _ => message,
    }))
}

/// Whatever the script's exit status was.
fn succeeded(message: &str) -> Answer {
    let status = json!({
        "code": "ProvisioningState/succeeded",
        "displayStatus": "Provisioning succeeded",
        "level": "Info",
        "message": message,
        "time": null,
    });
    Answer::ok(&json!({ "value": [status] }))
}
