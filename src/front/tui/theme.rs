//! How things look: the terminal's own 16 colours on its own background, and shapes that tell the same without colour.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::engine::event::{Check, CheckState, StepState};
use crate::settings::Environment;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// In order.
    Good,
    /// To be looked at.
    Warning,
    /// Wrong.
    Bad,
    /// Under way.
    Running,
    /// Not now.
    Faint,
    /// The panel, tab or line that keys act on.
    Focus,
    /// Names and keys.
    Strong,
    /// What goes.
    Removed,
    /// What comes.
    Added,
}

/// Colours and shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Off under `NO_COLOR` and `--color never`.
    pub color: bool,
    /// Nothing but ASCII.
    pub ascii: bool,
}

const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];
const ASCII_SPINNER: [&str; 4] = ["|", "/", "-", "\\"];
const ASCII_BORDER: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Theme {
    /// ASCII where the locale does not say UTF-8.
    pub fn new(color: bool, environment: &Environment) -> Self {
        let set = |name: &&str| environment.get(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        Self { color, ascii: !(locale.contains("utf-8") || locale.contains("utf8")) }
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        let plain = match role {
            Role::Faint => Style::new().add_modifier(Modifier::DIM),
            Role::Focus | Role::Strong | Role::Bad | Role::Added => Style::new().add_modifier(Modifier::BOLD),
            Role::Good | Role::Warning | Role::Running | Role::Removed => Style::new(),
        };
        if !self.color {
            return plain;
        }
        match role {
            Role::Good | Role::Added => plain.fg(Color::Green),
            Role::Warning => plain.fg(Color::Yellow),
            Role::Bad | Role::Removed => plain.fg(Color::Red),
            Role::Running | Role::Focus => plain.fg(Color::Cyan),
            Role::Faint => Style::new().fg(Color::DarkGray),
            Role::Strong => plain,
        }
    }

    /// The selected line.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Borders of a panel.
    pub fn border(self) -> border::Set<'static> {
        if self.ascii { ASCII_BORDER } else { border::PLAIN }
    }

    /// The shape of whatever runs; `beat` counts its frames.
    pub fn spinner(self, beat: usize) -> &'static str {
        if self.ascii { ASCII_SPINNER[beat % ASCII_SPINNER.len()] } else { SPINNER[beat % SPINNER.len()] }
    }

    /// Shape, role and word of a check.
    pub fn check(self, check: &Check, beat: usize) -> (&'static str, Role, &'static str) {
        let pick = |unicode, ascii| if self.ascii { ascii } else { unicode };
        match check.state {
            CheckState::Failed | CheckState::Unknown if check.waived.is_some() => {
                (pick("◇", "w"), Role::Warning, "waived")
            }
            CheckState::Waiting => (pick("·", "."), Role::Faint, "waiting"),
            CheckState::Running => (self.spinner(beat), Role::Running, "running"),
            CheckState::Ok => (pick("✔", "*"), Role::Good, "ok"),
            CheckState::Warning => (pick("▲", "!"), Role::Warning, "warning"),
            CheckState::Failed => (pick("✖", "x"), Role::Bad, "failed"),
            CheckState::Skipped => (pick("–", "="), Role::Faint, "skipped"),
            CheckState::Unknown => ("?", Role::Bad, "unknown"),
        }
    }

    /// Shape and role of a step; `None`: it runs.
    pub fn step(self, state: Option<StepState>, beat: usize) -> (&'static str, Role) {
        let pick = |unicode, ascii| if self.ascii { ascii } else { unicode };
        match state {
            None => (self.spinner(beat), Role::Running),
            Some(StepState::Ok) => (pick("✔", "*"), Role::Good),
            Some(StepState::Skipped) => (pick("–", "="), Role::Faint),
            Some(StepState::Failed) => (pick("✖", "x"), Role::Bad),
        }
    }

    /// Before something that has not begun.
    pub fn waiting(self) -> &'static str {
        if self.ascii { "." } else { "·" }
    }

    /// Between before and after.
    pub fn arrow(self) -> &'static str {
        if self.ascii { "->" } else { "→" }
    }

    /// Done and left, of a gauge.
    pub fn gauge(self) -> (&'static str, &'static str) {
        if self.ascii { ("#", "-") } else { ("█", "░") }
    }
}
