//! The log: what the engine says and what every client traces, in tui-logger's buffer, and how it is looked at.

use log::{Level, LevelFilter, Record};
use ratatui::text::{Line, Span};
use tui_logger::{Drain, ExtLogRecord, LogFormatter, TuiWidgetEvent, TuiWidgetState};

use super::theme::{Role, Theme};
use crate::engine::event::{Event, NoteKind, Stamped};
use crate::release::text::Clean;

/// Lines kept before they are drawn, and after.
const KEPT: usize = 10_000;

/// How the log is looked at.
pub struct Logs {
    /// tui-logger's own.
    pub state: TuiWidgetState,
    /// On the whole screen.
    pub whole: bool,
    /// With its sources.
    pub targets: bool,
    /// Only lines with this in them.
    pub filter: String,
    /// The filter is being typed.
    pub typing: bool,
    /// What is shown.
    level: LevelFilter,
    drain: Drain,
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logs").field("filter", &self.filter).finish_non_exhaustive()
    }
}

impl Default for Logs {
    fn default() -> Self {
        tui_logger::set_default_level(LevelFilter::Debug);
        tui_logger::set_hot_buffer_depth(KEPT);
        tui_logger::set_buffer_depth(KEPT);
        Self {
            state: TuiWidgetState::new().set_default_display_level(LevelFilter::Info),
            whole: false,
            targets: false,
            filter: String::new(),
            typing: false,
            level: LevelFilter::Info,
            drain: Drain::new(),
        }
    }
}

impl Logs {
    /// Takes in what an event has to say.
    pub fn take(&self, stamped: &Stamped) {
        let (level, target, text) = match &stamped.event {
            Event::Note { kind, text, .. } => {
                let level = if *kind == NoteKind::Warning { Level::Warn } else { Level::Info };
                (level, "release", text.to_string())
            }
            Event::StepFinished { step, state, summary, .. } => {
                (Level::Info, "step", format!("{step} {}: {summary}", format!("{state:?}").to_lowercase()))
            }
            Event::Check(check) => match check.code {
                Some(code) => (Level::Warn, "check", format!("{} [{code}] {}", check.id, check.found)),
                None => (Level::Debug, "check", format!("{} {}", check.id, check.found)),
            },
            Event::Result(result) => match (&result.code, &result.message) {
                (Some(code), Some(message)) => (Level::Error, "release", format!("[{code}] {message}")),
                _ => return,
            },
            _ => return,
        };
        self.drain.log(&Record::builder().level(level).target(target).args(format_args!("{text}")).build());
    }

    /// Shows one level more.
    pub fn more(&mut self) {
        self.show(match self.level {
            LevelFilter::Error => LevelFilter::Warn,
            LevelFilter::Warn => LevelFilter::Info,
            _ => LevelFilter::Debug,
        });
    }

    /// Shows one level less.
    pub fn less(&mut self) {
        self.show(match self.level {
            LevelFilter::Debug => LevelFilter::Info,
            LevelFilter::Info => LevelFilter::Warn,
            _ => LevelFilter::Error,
        });
    }

    fn show(&mut self, level: LevelFilter) {
        self.level = level;
        self.state = TuiWidgetState::new().set_default_display_level(level);
    }

    /// Scrolls and filters, as tui-logger does it.
    pub fn turn(&self, event: TuiWidgetEvent) {
        self.state.transition(event);
    }
}

/// Lines for the log panel: only those that match, each on as many rows as it needs.
pub struct Lines {
    /// Only lines with this in them.
    pub filter: String,
    /// Colours.
    pub theme: Theme,
}

impl LogFormatter for Lines {
    fn min_width(&self) -> u16 {
        20
    }

    fn format(&self, width: usize, record: &ExtLogRecord) -> Vec<Line<'_>> {
        let text = Clean::new(record.msg()).to_string();
        if !text.to_lowercase().contains(&self.filter.to_lowercase()) {
            return Vec::new();
        }
        let role = match record.level {
            Level::Error => Role::Bad,
            Level::Warn => Role::Warning,
            Level::Info => Role::Strong,
            Level::Debug | Level::Trace => Role::Faint,
        };
        let time = record.timestamp.strftime("%H:%M:%S").to_string();
        let head = format!("{time} {:5} {:8} ", record.level, record.target().rsplit("::").next().unwrap_or_default());
        let room = width.saturating_sub(head.chars().count()).max(10);
        let chars: Vec<char> = text.replace('\n', " ").chars().collect();
        let style = if role == Role::Strong { ratatui::style::Style::new() } else { self.theme.style(role) };
        let rows = chars.chunks(room).enumerate().map(|(row, chunk)| {
            let lead = if row == 0 { head.clone() } else { " ".repeat(head.chars().count()) };
            Line::from(vec![
                Span::styled(lead, self.theme.style(Role::Faint)),
                Span::styled(chunk.iter().collect::<String>(), style),
            ])
        });
        rows.collect()
    }
}
