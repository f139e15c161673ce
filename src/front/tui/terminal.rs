//! The terminal: entered, left as it was, and left too when something goes wrong.

use std::io::{self, Stdout, Write as _, stdout};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use tokio::sync::Notify;

/// Whether the screen is ours now: whoever leaves first leaves for all.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Woken by a panic on any thread.
static PANICKED: Notify = Notify::const_new();

/// The screen.
pub struct Screen {
    /// Never dropped: ratatui panics there when the terminal is gone. `leave` does what is to be done.
    terminal: ManuallyDrop<ratatui::Terminal<CrosstermBackend<Stdout>>>,
    title: String,
    progress: Option<u64>,
}

impl Screen {
    /// Takes the screen. A panic on any thread gives it back first.
    pub fn enter() -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            before(panic);
            PANICKED.notify_one();
        }));
        let terminal = ManuallyDrop::new(ratatui::Terminal::new(CrosstermBackend::new(stdout()))?);
        let mut screen = Self { terminal, title: String::new(), progress: None };
        screen.resume()?;
        Ok(screen)
    }

    /// Takes it again, after a suspension.
    pub fn resume(&mut self) -> io::Result<()> {
        // Whoever stopped us from outside left us in the belief that it is raw still.
        let _ = disable_raw_mode();
        enable_raw_mode()?;
        ENTERED.store(true, Ordering::SeqCst);
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        self.title.clear();
        self.forget()
    }

    /// Draws everything anew next time: what the terminal shows is not what was drawn, after a change of its size too,
    /// even if it was changed back.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`: it asks where the cursor is, and waits two seconds for terminals that do not answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Draws one frame, shown as a whole; nothing where the screen is not ours any more.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        // Held to the end, so that a panic elsewhere does not give the screen back in the middle of a frame.
        let mut out = stdout().lock();
        if !ENTERED.load(Ordering::SeqCst) {
            return Ok(());
        }
        queue!(out, BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(render).map(|_| ());
        execute!(out, EndSynchronizedUpdate)?;
        drawn
    }

    /// The window's title, and how far a transfer is, in percent; sent only when it changed.
    pub fn announce(&mut self, title: &str, progress: Option<u64>) -> io::Result<()> {
        let mut out = stdout().lock();
        if !ENTERED.load(Ordering::SeqCst) {
            return Ok(());
        }
        if self.title != title {
            title.clone_into(&mut self.title);
            queue!(out, SetTitle(title))?;
        }
        if self.progress != progress {
            self.progress = progress;
            out.write_all(progress_sequence(progress).as_bytes())?;
        }
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Puts text into the terminal's clipboard, by OSC 52.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(stdout(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
}

/// OSC 9;4, which terminals show on their tab or window.
fn progress_sequence(percent: Option<u64>) -> String {
    percent.map_or_else(|| "\u{1b}]9;4;0;0\u{1b}\\".to_owned(), |percent| format!("\u{1b}]9;4;1;{percent}\u{1b}\\"))
}

/// Returns when anything panicked, on whatever thread; the screen was given back then.
pub async fn panicked() {
    PANICKED.notified().await;
}

/// Gives the screen back as it was; a terminal that is gone cannot be told.
pub fn leave() {
    let mut out = stdout().lock();
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = out.write_all(progress_sequence(None).as_bytes());
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            SetTitle(""),
            LeaveAlternateScreen,
            cursor::Show
        );
    }
}
