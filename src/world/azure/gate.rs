//! One VM command at a time: in this process by a mutex, on this machine by a lock file and a look at other processes.
//! (On the VM the scripts themselves lock.) The lock file also keeps the note of a command whose end is not known.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};

use super::client::{Reader, Said};
use super::symptom::busy;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::text::Clean;
use crate::settings::Vm;
use crate::world::files::{self, Locked};
use crate::world::platform;

static IN_PROCESS: Mutex<()> = Mutex::const_new(());
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// A command and the way to it and back: what a holder of the lock may need besides its waits.
const ONE_COMMAND: u64 = 60;

/// The right to run commands on the VM; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Gate {
    _process: MutexGuard<'static, ()>,
    file: File,
    path: PathBuf,
    /// The note of a command of before whose end is not known.
    earlier: std::sync::Mutex<Vec<u8>>,
}

/// A command that was sent; it stays in the lock file until its end is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sent {
    what: Clean,
    at: Timestamp,
    pid: u32,
}

impl Gate {
    /// Waits for its turn, visibly, and not for ever. Says when the end of an earlier command is not known.
    pub async fn enter(reader: &Reader) -> Result<Self, Failure> {
        let process = reader.stop.or(async { Ok(IN_PROCESS.lock().await) }).await?;
        let vm = &*reader.vm;
        let path = path(vm);
        let rest = vm.busy_wait_s * (u64::from(vm.busy_retries) + 1) + ONE_COMMAND;
        let mine = || match files::lock(&path)? {
            Locked::Ours(file) => Ok(Ok(file)),
            Locked::Others(file) => Ok(Err(holder(&file))),
        };
        let file = wait(reader, rest, mine).await?;
        wait(reader, vm.busy_wait_s, || Ok(competitor(vm).map_or(Ok(()), Err))).await?;
        if let Some(sent) = note(&file) {
            let text = format!("{} of {:.0} may still be running on the VM: its end is not known", sent.what, sent.at);
            (reader.say)(Said::Warning(text.into()));
        }
        let earlier = files::content(&file)?.into();
        Ok(Self { _process: process, file, path, earlier })
    }

    /// A command is sent.
    pub fn sent(&self, what: &str) -> Result<(), Failure> {
        let sent = Sent { what: what.into(), at: Timestamp::now(), pid: std::process::id() };
        files::fill(&self.file, &serde_json::to_vec(&sent).unwrap_or_default())
    }

    /// It was refused.
    pub fn unsent(&self) -> Result<(), Failure> {
        files::fill(&self.file, &self.earlier())
    }

    /// Its end is not known: the note of it stays, whatever is sent next. One that only reads leaves an earlier note.
    pub fn unknown(&self, writes: bool) -> Result<(), Failure> {
        let mut earlier = self.earlier();
        if writes || earlier.is_empty() {
            *earlier = files::content(&self.file)?;
        }
        files::fill(&self.file, &earlier)
    }

    /// Its end is known, and so is that of every earlier one: Azure runs one at a time.
    pub fn settled(&self) -> Result<(), Failure> {
        self.earlier().clear();
        files::fill(&self.file, b"")
    }

    fn earlier(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        // It is set as a whole: a panic elsewhere left nothing half-changed.
        self.earlier.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // Without a note in it nobody needs it.
        if files::content(&self.file).is_ok_and(|note| note.is_empty()) {
            files::discard(&self.path);
        }
    }
}

/// Looks again and again, for `seconds` at most, until nobody is in the way; `Err` of a look is who is.
async fn wait<T>(
    reader: &Reader,
    seconds: u64,
    look: impl Fn() -> Result<Result<T, Clean>, Failure>,
) -> Result<T, Failure> {
    let (started, limit) = (Instant::now(), Duration::from_secs(seconds));
    let mut told = false;
    loop {
        let who = match look()? {
            Ok(free) => {
                if told {
                    let waited = started.elapsed().as_secs();
                    let text =
                        format!("waited {waited} s for the VM {}; nobody is in the way any more", reader.vm.name);
                    (reader.say)(Said::Waited(text.into()));
                }
                return Ok(free);
            }
            Err(who) => who,
        };
        if started.elapsed() >= limit {
            if told {
                let text = format!("waited {seconds} s for the VM {}; {who} is still at work", reader.vm.name);
                (reader.say)(Said::Waited(text.into()));
            }
            return Err(busy(&reader.vm, format!("{who} is still at work on the VM after {seconds} s")));
        }
        if !told {
            (reader.say)(Said::Wait(format!("{who} is at work on the VM").into(), limit));
            told = true;
        }
        reader.stop.pause(LOOK_AGAIN).await?;
    }
}

fn holder(file: &File) -> Clean {
    match note(file) {
        Some(Sent { pid, what, .. }) => format!("nexy-release, process {pid} ({what}),").into(),
        None => "Another nexy-release".into(),
    }
}

/// A run command of this machine on this VM that is none of ours: we hold the lock.
fn competitor(vm: &Vm) -> Option<Clean> {
    let found = platform::processes().into_iter().find(|(_, argv)| is_run_command(argv, vm));
    found.map(|(pid, _)| format!("Process {pid}, `az vm run-command`,").into())
}

/// Whether this command line runs a command on the VM. Names are compared as Azure does, without case.
pub(super) fn is_run_command(argv: &[String], vm: &Vm) -> bool {
    let command = ["vm", "run-command"];
    let Some(start) = argv.windows(3).position(|words| words[..2] == command && words[2] != "list") else {
        return false;
    };
    let value = |long: &str, short: &str| {
        let mut rest = argv[start + 3..].iter();
        rest.by_ref()
            .find_map(|word| match word.split_once('=') {
                Some((name, value)) if name == long => Some(value.to_owned()),
                _ if word == long || word == short => Some(String::new()),
                _ => None,
            })
            .and_then(|value| if value.is_empty() { rest.next().cloned() } else { Some(value) })
    };
    let same = |found: Option<String>, ours: Option<&str>| match (found, ours) {
        (Some(found), Some(ours)) => found.eq_ignore_ascii_case(ours),
        _ => true,
    };
    let short = if argv[start + 2] == "invoke" { "-n" } else { "" };
    same(value("--resource-group", "-g"), Some(&vm.resource_group))
        && same(value("--name", short).or_else(|| value("--vm-name", "")), Some(&vm.name))
        && same(value("--subscription", ""), vm.subscription.as_deref())
}

fn note(file: &File) -> Option<Sent> {
    serde_json::from_slice(&files::content(file).ok()?).ok()
}

/// One file for each VM, the same for everybody on this machine.
fn path(vm: &Vm) -> PathBuf {
    let name = format!("{:?}", [vm.subscription.as_deref().unwrap_or_default(), &vm.resource_group, &vm.name]);
    let digest = Digest::of(name.to_lowercase()).to_string();
    PathBuf::from(format!("/tmp/nexy-release-vm-{}.lock", &digest[..16]))
}
