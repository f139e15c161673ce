//! Locks of git that a run of ours left when it was killed: they would stop every git after it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::writer::Writer;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::process::Output;
use crate::world::{files, platform, state};

/// How often it is asked what a git works on that cannot be looked at: it may be ending just now.
const LOOKS: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// From here on an exit code is the word of a shell for a signal; git's own are below.
const KILLED: i32 = 129;

/// How git is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// What it gets.
    pub deadline: Duration,
    /// Whether hooks run, where they are wanted.
    pub hooks: bool,
}

/// Noted before git changes anything, and gone when it has: what is left of it says that git was killed in between.
#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    /// What a branch was to be moved to.
    commit: String,
    /// Where git makes its locks for that.
    locks: Vec<PathBuf>,
}

impl Writer {
    /// Has git change these for `commit`, e.g. `refs/heads/main` or `index`. It is noted before: what a git that is killed
    /// in between leaves can be told from what is somebody else's, at once where only git was killed, else by the next run.
    pub(super) async fn change(
        &self,
        names: &[&str],
        commit: &str,
        args: &[&str],
        how: How,
    ) -> Result<Output, Failure> {
        let noted = self.note(self.locks_of(names).await?, commit)?;
        let ended = self.reader().run_with(args, &[], how.deadline, how.hooks).await;
        match &ended {
            // Who exits has taken its locks along; where a note stands from before, that is not known of all of them.
            Ok(output) if output.code.is_some_and(|code| code < KILLED) => {
                if noted {
                    self.settled()?;
                }
            }
            Err(failure) if failure.code == Code::Interrupted => {}
            _ => drop(self.clear_up().await?),
        }
        ended
    }

    /// Why git did not change these; with it the locks of somebody else that are in its way.
    pub(super) async fn unchanged(&self, names: &[&str], failure: Failure) -> Failure {
        let locks = self.locks_of(names).await.unwrap_or_default();
        let held: Vec<_> = locks.into_iter().filter(|lock| lock.exists()).collect();
        if held.is_empty() {
            return failure;
        }
        let bare = Failure { fix: Vec::new(), ..failure };
        held.iter().fold(bare, |failure, lock| {
            let path = lock.to_string_lossy();
            let path = shlex::try_quote(&path).unwrap_or(path.as_ref().into());
            failure.fix(format!("rm {path}   (when no git is at work there)"))
        })
    }

    async fn locks_of(&self, names: &[&str]) -> Result<Vec<PathBuf>, Failure> {
        let names: Vec<_> = names.iter().map(|name| format!("{name}.lock")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        self.reader().own_paths(&names).await
    }

    /// Answers `false` where the note of a killed run still stands.
    fn note(&self, locks: Vec<PathBuf>, commit: &str) -> Result<bool, Failure> {
        if files::read(&self.noted())?.is_some() {
            return Ok(false);
        }
        let noted = serde_json::to_vec(&Noted { commit: commit.to_owned(), locks }).unwrap_or_default();
        files::write(&self.noted(), &noted).map(|()| true)
    }

    fn settled(&self) -> Result<(), Failure> {
        files::remove(&self.noted())
    }

    /// Removes the locks that a killed run of ours left; answers which. One is ours when it was made after our note, holds
    /// what ours would, and no git is at work here that could hold it.
    pub async fn clear_up(&self) -> Result<Vec<PathBuf>, Failure> {
        let Some(noted) = files::read(&self.noted())? else { return Ok(Vec::new()) };
        let since = modified(&self.noted());
        let noted: Option<Noted> = serde_json::from_slice(&noted).ok();
        let mut left = Vec::new();
        for lock in noted.iter().flat_map(|noted| &noted.locks) {
            if since.is_none() || modified(lock) < since {
                continue;
            }
            let held = noted.as_ref().map(|noted| noted.commit.as_bytes());
            // The index itself is written into its lock, whatever it was to become; a branch's holds the commit.
            let is_index = lock.file_name().is_some_and(|name| name == "index.lock");
            let is_ours = |content: Vec<u8>| content.is_empty() || Some(content.trim_ascii_end()) == held;
            if is_index || files::read(lock).is_ok_and(|content| content.is_some_and(is_ours)) {
                left.push(lock.clone());
            }
        }
        if left.is_empty() {
            return self.settled().map(|()| left);
        }
        if self.is_git_at_work().await {
            return Ok(Vec::new());
        }
        for lock in &left {
            files::remove(lock)?;
        }
        self.settled().map(|()| left)
    }

    async fn is_git_at_work(&self) -> bool {
        for _ in 0..LOOKS {
            match platform::works_in("git", self.reader().root()) {
                Some(works) => return works,
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
        true
    }

    fn noted(&self) -> PathBuf {
        state::path(self.reader().root(), "git.json")
    }
}

fn modified(path: &std::path::Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}
