//! The one door to child processes: a clean environment, no input, a process group of its own, a deadline, and nothing
//! left behind.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_current_process_group, kill_process_group, waitid};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::stop::Stop;

/// What a child may print, in bytes, before the rest is left unread.
const MAX_OUTPUT: u64 = 1024 * 1024;
/// What a child that is ended early gets to clean up after itself: git removes its lock files then.
const GRACE: Duration = Duration::from_millis(500);

/// How a child ended, and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, at most 1 MiB.
    pub stdout: String,
    /// Standard error, at most 1 MiB.
    pub stderr: String,
}

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No such program.
    #[error("`{0}` is not installed, or not on PATH")]
    NotFound(String),
    /// It could not be started or read.
    #[error("`{0}` could not be run: {1}")]
    Io(String, std::io::Error),
    /// It took longer than its deadline, and was killed with its children.
    #[error("`{0}` did not end within {1:?}")]
    Deadline(String, Duration),
    /// The run was stopped; it was killed with its children.
    #[error("`{0}` was interrupted")]
    Interrupted(String),
}

/// Runs `argv` with these variables and no others.
pub async fn run(
    argv: &[&str],
    variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    deadline: Duration,
    stop: &Stop,
) -> Result<Output, ProcessError> {
    run_in(Path::new("."), argv, variables, deadline, stop).await
}

/// The same, in a folder.
pub async fn run_in(
    folder: &Path,
    argv: &[&str],
    variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    deadline: Duration,
    stop: &Stop,
) -> Result<Output, ProcessError> {
    let name = argv.join(" ");
    let [program, arguments @ ..] = argv else { return Err(ProcessError::NotFound(name)) };
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ProcessError::NotFound((*program).to_owned()),
            _ => ProcessError::Io(name.clone(), error),
        })?;
    tracing::debug!(argv = name, "child");
    let mut group = Group(child);
    let ended = async {
        let (stdout, stderr) = (group.0.stdout.take(), group.0.stderr.take());
        let (stdout, stderr) = tokio::try_join!(read(stdout), read(stderr))?;
        let status = group.0.wait().await?;
        Ok(Output { code: status.code(), stdout, stderr })
    };
    let early = tokio::select! {
        biased;
        () = stop.stopped() => ProcessError::Interrupted(name),
        output = ended => return output.map_err(|error| ProcessError::Io(name, error)),
        () = tokio::time::sleep(deadline) => ProcessError::Deadline(name, deadline),
    };
    group.signal(Signal::TERM);
    // Ended or not: what is left of the group is killed when it is dropped.
    let _ = tokio::time::timeout(GRACE, group.exited()).await;
    Err(early)
}

/// Whether a program of this name lies in one of the folders of `path`, a value of the variable PATH.
pub fn is_installed(program: &str, path: &str) -> bool {
    path.split(':').any(|folder| Path::new(folder).join(program).is_file())
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MAX_OUTPUT).read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A child and all that it started; killed together when it is dropped before its end.
struct Group(Child);

impl Group {
    /// `None` once the child was waited for: then the number may be somebody else's.
    fn pid(&self) -> Option<Pid> {
        self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            // It may have ended by itself in between.
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Returns when the child has exited. It is not waited for: as long as it is not, its number is nobody else's.
    async fn exited(&self) {
        let Some(pid) = self.pid() else { return };
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while let Ok(None) = waitid(WaitId::Pid(pid), look) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// The signal that comes when it is brought back.
pub const RESUMED: i32 = Signal::CONT.as_raw();

/// Stops this process and whoever started it together with it, cargo or a script, as the terminal's own Ctrl-Z does;
/// returns when the shell brings them back.
pub fn suspend() {
    // Without job control there is nobody to go back to, and nothing happens.
    let _ = kill_current_process_group(Signal::TSTP);
}

/// As `kill -9` from outside: nothing is flushed, dropped or said.
#[cfg(feature = "failpoints")]
pub fn die() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::KILL);
    loop {
        std::thread::park();
    }
}
