//! The VM: one script at a time, run to its end whether anybody still waits for it or not.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::KEPT;

/// Runs a script as the agent of the VM does, with `/bin/sh`; answers the ends of its two streams. `None`: another one
/// is running.
pub(super) fn run(vm: &Path, script: &str, wait: Duration) -> io::Result<Option<(String, String)>> {
    let lock = File::options().read(true).write(true).create(true).truncate(false).open(vm.join("running"))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    let runs = vm.join("runs");
    let run = runs.join(format!("{:04}", fs::read_dir(&runs)?.count() + 1));
    fs::create_dir(&run)?;
    let file = run.join("script.sh");
    fs::write(&file, script)?;
    let seconds = format!("{}.{:03}", wait.as_secs(), wait.subsec_millis());
    let begin = if wait.is_zero() { "exec /bin/sh \"$1\"" } else { "sleep \"$0\"; exec /bin/sh \"$1\"" };
    let mut child = Command::new("/bin/sh")
        .args(["-c", begin, &seconds])
        .arg(&file)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", vm.join("bin").display()))
        .env("HOME", vm)
        .current_dir(vm)
        // The lock lives as long as anybody has the file open: the VM stays busy when the client dies.
        .stdin(lock)
        .stdout(File::create(run.join("stdout"))?)
        .stderr(File::create(run.join("stderr"))?)
        .process_group(0)
        .spawn()?;
    // Its exit status is thrown away, as Azure does.
    child.wait()?;
    Ok(Some((end_of(&run.join("stdout"))?, end_of(&run.join("stderr"))?)))
}

fn end_of(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    Ok(String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(KEPT)..]).into_owned())
}
