//! The binary while it runs: waited for, killed, interrupted, many at once.

use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Practice, Promises, Ran};

/// Longer than any run of a test lasts; a run that exceeds it hangs.
const DEADLINE: Duration = Duration::from_secs(90);

/// A run under way; killed when the test ends before it.
pub struct Running<'a> {
    practice: &'a Practice,
    child: Option<Child>,
    promises: Promises,
}

impl Practice {
    pub fn start(&self, args: &[&str]) -> Running<'_> {
        self.start_command(self.command(args))
    }

    pub fn start_command(&self, mut command: Command) -> Running<'_> {
        let promises = Promises::before(self.host());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { practice: self, child: Some(child), promises }
    }

    /// Waits until bytes of an upload have arrived at the host.
    #[track_caller]
    pub fn until_uploading(&self) {
        eventually("bytes of an upload at the host", || {
            self.requests().iter().any(|r| r.path.contains("/assets?name=") && r.received > 0).then_some(())
        });
    }
}

impl Running<'_> {
    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().unwrap();
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    pub fn is_over(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// As `kill -9`, and waits until the process is gone.
    pub fn kill(mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self.promises.assert_kept(self.practice.host(), &self.practice.requests());
    }

    /// Waits for the end.
    #[track_caller]
    pub fn wait(mut self) -> Ran {
        let mut child = self.child.take().unwrap();
        let deadline = Instant::now() + DEADLINE;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
                panic!("the run hangs: {:?}", child.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let ran: Ran = child.wait_with_output().unwrap().into();
        self.promises.assert_kept(self.practice.host(), &self.practice.requests());
        ran
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Looks again and again until there is something.
#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Tries every case, several at once: most of a run is waiting.
pub fn side_by_side<T: Send>(cases: impl IntoIterator<Item = T, IntoIter: Send>, test: impl Fn(T) + Sync) {
    let cases = Mutex::new(cases.into_iter());
    let next = || cases.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(case) = next() {
                    test(case);
                }
            });
        }
    });
}
