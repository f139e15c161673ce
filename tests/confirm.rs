//! The typed confirmation on a real terminal: nothing but the tag, typed after the question, publishes.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::Read as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use support::{Practice, TAG};

const DEADLINE: Duration = Duration::from_secs(30);

/// The binary on a terminal of its own.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    screen: Arc<(Mutex<String>, Condvar)>,
}

impl Terminal {
    fn start(practice: &Practice, args: &[&str]) -> Self {
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
    fn wait_for(&self, text: &str, times: usize) {
        let until = Instant::now() + DEADLINE;
        let mut screen = self.screen.0.lock().unwrap();
        while screen.matches(text).count() < times {
            assert!(Instant::now() < until, "`{text}` did not come {times} times:\n{screen}");
            screen = self.screen.1.wait_timeout(screen, Duration::from_millis(100)).unwrap().0;
        }
    }

    fn keys(&self, writer: &mut dyn std::io::Write, keys: &str) {
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
        assert!(self.master.get_size().is_ok(), "the terminal is there");
    }

    fn code(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

fn is_public(practice: &Practice) -> bool {
    practice.host().releases().iter().any(|release| release.tag == TAG && !release.draft)
}

#[test]
fn the_tag_is_typed_and_a_wrong_text_says_what_is_wrong() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.44", 1);
    assert!(practice.mutations().is_empty(), "nothing is changed before the confirmation");
    terminal.keys(&mut writer, "yes\n");
    terminal.wait_for("`yes` is not v1.6.1.44", 1);
    terminal.wait_for("Type v1.6.1.44", 2);
    assert!(practice.mutations().is_empty());
    terminal.keys(&mut writer, "v1.6.1.44\n");
    terminal.wait_for("RELEASE COMPLETE", 1);
    assert_eq!(terminal.code(), 0);
    assert!(is_public(&practice));
}

#[test]
fn row_27_what_was_typed_before_the_question_never_confirms() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.keys(&mut writer, "v1.6.1.44\n\n\n");
    terminal.wait_for("Type v1.6.1.44", 1);
    // Ctrl-D: the end of input, and no confirmation.
    terminal.keys(&mut writer, "\u{4}");
    terminal.wait_for("NX-STOP-02", 1);
    assert_eq!(terminal.code(), 130);
    assert!(!is_public(&practice) && practice.mutations().is_empty());
}

#[test]
fn ctrl_c_at_the_question_leaves_without_a_trace() {
    let practice = Practice::first_release();
    let mut terminal = Terminal::start(&practice, &["publish"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.44", 1);
    terminal.keys(&mut writer, "\u{3}");
    terminal.wait_for("NX-STOP-01", 1);
    terminal.wait_for("v1.6.1.44 is not public, nothing was changed.", 1);
    assert_eq!(terminal.code(), 130);
    assert!(!is_public(&practice) && practice.mutations().is_empty());
}

#[test]
fn the_questions_of_config_init_can_be_left_without_a_file() {
    for (keys, code) in [("\u{3}", "NX-STOP-01"), ("\u{4}", "NX-STOP-02")] {
        let practice = Practice::first_release();
        std::fs::remove_file(practice.path("release.toml")).unwrap();
        let mut terminal = Terminal::start(&practice, &["config", "init"]);
        let mut writer = terminal.master.take_writer().unwrap();
        terminal.wait_for("Artifact repository", 1);
        terminal.keys(&mut writer, keys);
        terminal.wait_for(code, 1);
        assert_eq!(terminal.code(), 130);
        assert!(!practice.path("release.toml").exists());
    }
}

#[test]
fn config_init_writes_what_was_answered() {
    let practice = Practice::first_release();
    std::fs::remove_file(practice.path("release.toml")).unwrap();
    let mut terminal = Terminal::start(&practice, &["config", "init"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Artifact repository", 1);
    terminal.keys(&mut writer, "no repo\n");
    terminal.wait_for("`no repo` is not OWNER/NAME", 1);
    terminal.keys(&mut writer, "Somebody/Artifacts\n\nmaybe\nn\n");
    terminal.wait_for("`maybe` is neither y nor n", 1);
    terminal.wait_for("Wrote ", 1);
    assert_eq!(terminal.code(), 0);
    let written = practice.read("release.toml");
    assert!(
        written.contains("\nrepo = \"Somebody/Artifacts\"\n") && written.contains("\nenabled = false\n"),
        "{written}"
    );
}
