//! A terminal with the console on it: what it shows, what was sent to it, and how it was left.

use std::io::{Read as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nexy_release::sandbox::host::{Action, Fault, Stage};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use super::support::{Practice, TAG};

const DEADLINE: Duration = Duration::from_secs(20);

/// What the terminal was sent.
pub struct Shown {
    pub parser: vt100::Parser,
    pub raw: Vec<u8>,
}

impl Shown {
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    pub fn sent(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

/// The console on a terminal.
pub struct Console {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    /// Held, so that the terminal outlives whoever ran on it.
    slave: Option<Box<dyn SlavePty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    before: String,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    /// Its temporary files.
    folder: tempfile::TempDir,
    closing: Arc<AtomicBool>,
    reading: Option<JoinHandle<()>>,
    pressed: usize,
}

/// A command on the binary, with nothing in its environment but what a terminal gives.
pub fn binary(args: &[&str]) -> CommandBuilder {
    command(env!("CARGO_BIN_EXE_nexy-release"), args)
}

pub fn command(program: &str, args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env_clear();
    command.env("PATH", "/usr/bin:/bin");
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command
}

/// The same on the workspace of a practice world that is open in this process.
pub fn on(practice: &Practice, args: &[&str]) -> CommandBuilder {
    let mut command = binary(args);
    command.arg("--workspace");
    command.arg(practice.workspace());
    for (name, value) in practice.variables() {
        command.env(name, value);
    }
    command
}

impl Console {
    pub fn open(practice: &Practice) -> Self {
        Self::start(on(practice, &[]))
    }

    pub fn start(command: CommandBuilder) -> Self {
        Self::sized(command, 110, 34)
    }

    pub fn sized(mut command: CommandBuilder, cols: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        command.env("TMPDIR", folder.path());
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shown = Shown { parser: vt100::Parser::new(rows, cols, 0), raw: Vec::new() };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let written = shown.clone();
        let closing = Arc::new(AtomicBool::new(false));
        let closes = closing.clone();
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 1 << 13];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if closes.load(Ordering::SeqCst) {
                    break;
                }
                let mut shown = written.0.lock().unwrap_or_else(PoisonError::into_inner);
                shown.raw.extend(&buffer[..read]);
                shown.parser.process(&buffer[..read]);
                written.1.notify_all();
            }
        });
        let writer = Some(pair.master.take_writer().unwrap());
        let (master, slave) = (Some(pair.master), Some(pair.slave));
        Self { child, master, slave, writer, before, shown, folder, closing, reading: Some(reading), pressed: 0 }
    }

    pub fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until what is shown is as it should be.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn(&Shown) -> bool) {
        let until = Instant::now() + DEADLINE;
        let mut shown = self.shown();
        while !is(&shown) {
            assert!(Instant::now() < until, "never came: {what}\n{}\n", shown.text());
            shown = self.shown.1.wait_timeout(shown, Duration::from_millis(50)).unwrap().0;
        }
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn see(&self, text: &str) {
        self.until(text, |shown| shown.text().contains(text));
    }

    /// Waits until the screen does not show `text` any more.
    #[track_caller]
    pub fn gone(&self, text: &str) {
        self.until(&format!("an end of {text}"), |shown| !shown.text().contains(text));
    }

    /// Presses one key.
    pub fn press(&mut self, key: &str) {
        self.pressed += 1;
        self.send(key);
    }

    /// Presses a key until it has done what it does: whatever is under way before takes no keys.
    #[track_caller]
    pub fn press_until(&mut self, key: &str, text: &str) {
        let until = Instant::now() + DEADLINE;
        while !self.shown().text().contains(text) {
            assert!(Instant::now() < until, "never came: {text}\n{}", self.shown().text());
            self.press(key);
            let shown = self.shown();
            drop(self.shown.1.wait_timeout(shown, Duration::from_millis(200)).unwrap());
        }
    }

    /// How many keys were pressed one by one.
    pub fn pressed(&self) -> usize {
        self.pressed
    }

    /// All of it at once, as a paste or a queue does.
    pub fn send(&mut self, text: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Types into the field as a person does: each character is seen before the next.
    #[track_caller]
    pub fn type_in(&mut self, text: &str) {
        self.see("> ");
        // What is typed while the question is being read is left out; so the first character is typed until it is seen.
        let until = Instant::now() + DEADLINE;
        let first = &text[..1];
        let begun = format!(" > {first}");
        while !self.shown().text().contains(&begun) {
            assert!(Instant::now() < until, "the field takes nothing:\n{}", self.shown().text());
            self.send(first);
            let shown = self.shown();
            drop(self.shown.1.wait_timeout(shown, Duration::from_millis(100)).unwrap());
        }
        let typed = |shown: &Shown| {
            let text = shown.text();
            let field = text.rsplit(" > ").next().unwrap_or_default();
            field.split([' ', '\n', '│', '|']).next().unwrap_or_default().len()
        };
        // Behind every one of them: whatever was still on its way is away with it.
        self.send("\u{15}");
        self.until("an empty field", |shown| typed(shown) == 0);
        for (at, c) in text.char_indices() {
            self.send(&c.to_string());
            self.see(&format!(" > {}", &text[..at + c.len_utf8()]));
        }
    }

    /// Another size of the window, not above the first: the picture of it here stays as large as it was.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.master.as_ref().unwrap().resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
    }

    /// Sets the terminal's modes as a shell likes them.
    pub fn cook(&self) {
        let name = self.master.as_ref().unwrap().tty_name().unwrap();
        assert!(std::process::Command::new("stty").arg("-F").arg(name).arg("sane").status().unwrap().success());
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// The terminal closes, as a window does.
    pub fn close(&mut self) {
        // Whoever reads holds the terminal open, and sees that it closes when something comes.
        self.closing.store(true, Ordering::SeqCst);
        self.send("?");
        self.reading.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
        self.slave = None;
    }

    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end.
    #[track_caller]
    pub fn code(&mut self) -> u32 {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            if Instant::now() > until {
                self.child.kill().unwrap();
                panic!("it does not end:\n{}", self.shown().text());
            }
            let shown = self.shown();
            drop(self.shown.1.wait_timeout(shown, Duration::from_millis(10)).unwrap());
        }
    }

    /// The temporary files that are left.
    pub fn left_behind(&self) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// The terminal is as it was before.
    #[track_caller]
    pub fn assert_restored(&self) {
        let restored = |shown: &Shown| {
            let screen = shown.parser.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        };
        self.until("the terminal as it was", restored);
        if let Some(master) = &self.master {
            assert_eq!(format!("{:?}", master.get_termios().unwrap()), self.before, "the terminal's modes");
        }
        let sent = self.shown().sent();
        let last = |what: &str| sent.rfind(what);
        assert!(last("\u{1b}]9;4;0;0\u{1b}\\") > last("\u{1b}]9;4;1;"), "the progress is cleared");
        let title = last("\u{1b}]0;").unwrap();
        assert!(sent[title..].starts_with("\u{1b}]0;\u{7}"), "the title is cleared");
        assert!(last("\u{1b}[?2026l") >= last("\u{1b}[?2026h"), "no frame is half sent");
        assert_eq!(self.left_behind(), Vec::<std::path::PathBuf>::new(), "temporary files");
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// A console that waits for a person.
pub fn ready(practice: &Practice) -> Console {
    let console = Console::open(practice);
    console.see("enter release");
    console
}

/// A console in the middle of an upload that takes as long as the test does.
pub fn publishing(practice: &Practice) -> Console {
    publishing_by(practice, on(practice, &[]))
}

/// The same console, started in another way.
pub fn publishing_by(practice: &Practice, command: CommandBuilder) -> Console {
    practice.set("github.idle_timeout_s", "60");
    practice.faults([Fault::new(Action::Stall { after: Stage::Head }).on("POST", "/assets")]);
    let mut console = Console::start(command);
    console.see("enter release");
    console.press("\r");
    console.type_in(TAG);
    console.press("\r");
    console.until("an upload", |shown| shown.text().contains(" upload    █") || shown.text().contains(" upload    ░"));
    console
}
