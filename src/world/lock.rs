//! The exclusive lock on a workspace: an advisory lock on its folder, gone with the process that holds it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::failpoints::{Operation, passing};
use super::{files, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;

/// A probe holds the lock, shared, for microseconds: a publisher that meets one tries again for so long.
const PROBED: Duration = Duration::from_millis(500);

/// Who holds the lock; noted beside it for people, never trusted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Owner {
    /// Run id.
    pub run: Clean,
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: Clean,
    /// Since when.
    pub since: Timestamp,
}

impl Owner {
    /// This process.
    pub fn this(run: &str) -> Self {
        Self { run: run.into(), pid: std::process::id(), host: host(), since: Timestamp::now() }
    }
}

/// The user of this process, by number: for where no variable tells the name.
pub fn user() -> Clean {
    format!("uid {}", rustix::process::getuid().as_raw()).into()
}

/// The name of this machine.
pub fn host() -> Clean {
    rustix::system::uname().nodename().to_string_lossy().into_owned().into()
}

/// The lock; released when it is dropped.
#[derive(Debug)]
pub struct Lock {
    folder: File,
    owner: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock itself goes with the open folder; a note left behind is only a note.
        let _ = files::remove(&self.owner);
        let _ = self.folder.unlock();
    }
}

impl Lock {
    /// Notes who holds it.
    pub fn note(&self, owner: &Owner) -> Result<(), Failure> {
        let note = serde_json::to_vec(owner).map_err(|error| unusable(&self.owner, &error.into()))?;
        files::write(&self.owner, &note)
    }
}

/// Takes the lock, or says who has it.
pub fn acquire(root: &Path) -> Result<Lock, Failure> {
    let folder = open(root)?;
    let started = Instant::now();
    loop {
        match folder.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if started.elapsed() < PROBED => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Err(held(root, noted(root).as_ref())),
            Err(TryLockError::Error(error)) => return Err(unusable(root, &error)),
        }
    }
    Ok(Lock { folder, owner: owner_path(root) })
}

/// Fails when somebody holds the lock, without taking it for longer than a look.
pub fn probe(root: &Path) -> Result<(), Failure> {
    let folder = open(root)?;
    match folder.try_lock_shared() {
        Ok(()) => folder.unlock().map_err(|error| unusable(root, &error)),
        Err(TryLockError::WouldBlock) => Err(held(root, noted(root).as_ref())),
        Err(TryLockError::Error(error)) => Err(unusable(root, &error)),
    }
}

fn open(root: &Path) -> Result<File, Failure> {
    passing(&Operation::Read(root)).and_then(|()| File::open(root)).map_err(|error| unusable(root, &error))
}

/// Who noted that they hold it; a killed run leaves its note behind.
pub fn noted(root: &Path) -> Option<Owner> {
    serde_json::from_slice(&files::read(&owner_path(root)).ok()??).ok()
}

fn owner_path(root: &Path) -> PathBuf {
    state::path(root, "owner.json")
}

fn held(root: &Path, owner: Option<&Owner>) -> Failure {
    let who = owner.map_or_else(
        || "Another nexy-release".to_owned(),
        |owner| format!("Process {} on {}, since {:.0},", owner.pid, owner.host, owner.since),
    );
    Failure::new(Code::LockHeld, format!("{who} is at work in this workspace"))
        .why(format!("Two at once would write the same files: {}", root.display()))
        .fix("Wait until it is finished, then run the same command again")
}

fn unusable(root: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::LocalFile, format!("{} cannot be locked: {error}", root.display()))
        .why("The lock keeps two consoles from publishing at once.")
        .fix("Put the workspace on a file system with advisory locks")
}
