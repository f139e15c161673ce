//! Locks of git that a run of ours left when it was killed: they would stop every git after it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::writer::Writer;
use crate::release::failure::Failure;
use crate::world::{files, platform, state};

/// How often it is asked what a git works on that cannot be looked at: it may be ending just now.
const LOOKS: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Noted before git changes anything, and gone when it has: what is left of it says that git was killed in between.
#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    /// What a branch was to be moved to.
    commit: String,
    /// Where git makes its locks for that.
    locks: Vec<PathBuf>,
}

impl Writer {
    /// Notes that git is going to change these for `commit`, e.g. `refs/heads/main` or `index`; answers `false` where the
    /// note of a killed run still stands.
    pub async fn note(&self, names: &[&str], commit: &str) -> Result<bool, Failure> {
        if files::read(&self.noted())?.is_some() {
            return Ok(false);
        }
        let names: Vec<_> = names.iter().map(|name| format!("{name}.lock")).collect();
        let asked: Vec<_> = ["rev-parse"].into_iter().chain(names.iter().flat_map(|n| ["--git-path", n])).collect();
        let locks = self.reader().ask(&asked).await?.lines().map(|line| self.reader().path(line)).collect();
        let noted = serde_json::to_vec(&Noted { commit: commit.to_owned(), locks }).unwrap_or_default();
        files::write(&self.noted(), &noted).map(|()| true)
    }

    /// It has.
    pub fn settled(&self) -> Result<(), Failure> {
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
