//! The binary on a terminal of its own.

use std::io::Read as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::Practice;

const DEADLINE: Duration = Duration::from_secs(30);

/// A run on a terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    screen: Arc<(Mutex<String>, Condvar)>,
}

impl Terminal {
    pub fn start(practice: &Practice, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 160, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.args(args);
        command.arg("--workspace");
        command.arg(practice.workspace());
        command.env("TERM", "xterm-256color");
        for (name, value) in practice.variables() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new((Mutex::new(String::new()), Condvar::new()));
        let written = screen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                written.0.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
                written.1.notify_all();
            }
        });
        Self { child, master: pair.master, screen }
    }

    /// Waits until `text` was written `times`.
    #[track_caller]
    pub fn wait_for(&self, text: &str, times: usize) {
        let until = Instant::now() + DEADLINE;
        let mut screen = self.screen.0.lock().unwrap();
        while screen.matches(text).count() < times {
            assert!(Instant::now() < until, "`{text}` did not come {times} times:\n{screen}");
            screen = self.screen.1.wait_timeout(screen, Duration::from_millis(100)).unwrap().0;
        }
    }

    pub fn keys(&self, writer: &mut dyn std::io::Write, keys: &str) {
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
        assert!(self.master.get_size().is_ok(), "the terminal is there");
    }

    pub fn code(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}
