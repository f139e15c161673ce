//! The log: what the engine says and what every client traces, in tui-logger's buffer, and how it is looked at.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::Zoned;
use log::{Level, LevelFilter, Record};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_logger::{Drain, ExtLogRecord, LogFormatter, TuiWidgetEvent, TuiWidgetState};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::theme::{Role, Theme};
use crate::engine::event::{Event, NoteKind, Stamped};
use crate::release::text::Clean;

/// Lines kept before they are drawn, and after.
const KEPT: usize = 10_000;

/// The same lines once more, to be searched and gone through: tui-logger gives its own to nobody, and must show every
/// line that it has.
static SEARCHED: Mutex<(u64, VecDeque<Entry>)> = Mutex::new((0, VecDeque::new()));

/// A line of the log.
#[derive(Debug, Clone)]
struct Entry {
    /// Counts the lines.
    number: u64,
    time: Zoned,
    level: Level,
    target: String,
    text: String,
}

/// Writes a line to the log.
pub fn write(level: Level, target: &str, text: &Clean) {
    Drain::new().log(&Record::builder().level(level).target(target).args(format_args!("{text}")).build());
    let mut searched = SEARCHED.lock().unwrap_or_else(PoisonError::into_inner);
    let (count, lines) = &mut *searched;
    *count += 1;
    if lines.len() == KEPT {
        lines.pop_front();
    }
    let (target, text) = (target.to_owned(), text.to_string());
    lines.push_back(Entry { number: *count, time: Zoned::now(), level, target, text });
}

/// Takes in what an event has to say.
pub fn take(stamped: &Stamped) {
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
    write(level, target, &Clean::new(&text));
}

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
    /// The line that a person is at; `None`: always the newest.
    at: Option<u64>,
    /// What is shown.
    level: LevelFilter,
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
            at: None,
            level: LevelFilter::Info,
        }
    }
}

impl Logs {
    /// Another filter; the newest match first.
    pub fn search(&mut self, filter: String) {
        (self.filter, self.at) = (filter, None);
    }

    /// Whether lines are gone through or searched, not just followed.
    pub fn is_searched(&self) -> bool {
        self.typing || self.at.is_some() || !self.filter.is_empty()
    }

    /// To the next newer match, from the newest to the oldest.
    pub fn next_match(&mut self) {
        self.turn(|at, count| if at + 1 < count { at + 1 } else { 0 });
    }

    /// To the next older match, from the oldest to the newest.
    pub fn previous_match(&mut self) {
        self.turn(|at, count| at.checked_sub(1).unwrap_or(count - 1));
    }

    /// So many lines on, back where negative; past the newest, new ones are followed again.
    pub fn scroll(&mut self, by: i32) {
        if self.targets {
            self.state.transition(if by < 0 { TuiWidgetEvent::UpKey } else { TuiWidgetEvent::DownKey });
            return;
        }
        let by = i64::from(by);
        self.turn(|at, count| {
            let (at, last) = (i64::try_from(at).unwrap_or(0), i64::try_from(count - 1).unwrap_or(0));
            usize::try_from((at + by).clamp(0, last)).unwrap_or(0)
        });
    }

    fn turn(&mut self, to: impl FnOnce(usize, usize) -> usize) {
        let searched = SEARCHED.lock().unwrap_or_else(PoisonError::into_inner);
        let matches = self.matching(&searched.1);
        if matches.is_empty() {
            return;
        }
        let to = to(self.place(&matches), matches.len());
        self.at = (to + 1 < matches.len()).then(|| matches[to].number);
    }

    /// The matches, oldest first.
    fn matching<'a>(&self, lines: &'a VecDeque<Entry>) -> Vec<&'a Entry> {
        let wanted = self.filter.to_lowercase();
        let matches = |entry: &&Entry| {
            entry.level <= self.level && (wanted.is_empty() || entry.line().to_lowercase().contains(&wanted))
        };
        lines.iter().filter(matches).collect()
    }

    /// Which of the matches, of which there is one at least, a person is at.
    fn place(&self, matches: &[&Entry]) -> usize {
        let newest = matches.len() - 1;
        self.at.map_or(newest, |at| matches.partition_point(|entry| entry.number < at).min(newest))
    }

    /// Where a person is among the matches, e.g. `2 of 7`, and the rows around it.
    pub fn found(&self, width: u16, height: u16, theme: Theme) -> (String, Vec<Line<'static>>) {
        let searched = SEARCHED.lock().unwrap_or_else(PoisonError::into_inner);
        let matches = self.matching(&searched.1);
        if matches.is_empty() {
            return ("no match".to_owned(), Vec::new());
        }
        let at = self.place(&matches);
        let height = usize::from(height);
        let rows = |index: usize| {
            let Entry { time, level, target, text, .. } = matches[index];
            let rows = rows(usize::from(width), time, *level, target, text, theme);
            let style = if index == at { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
            rows.into_iter().map(move |row| row.style(style)).collect::<Vec<_>>()
        };
        // The match with those before it at the bottom; those after it where there is room below.
        let mut shown: Vec<_> = rows(at);
        for index in (0..at).rev().take(height) {
            shown.splice(0..0, rows(index));
        }
        shown.drain(..shown.len().saturating_sub(height));
        shown.extend((at + 1..matches.len()).take(height).flat_map(rows));
        shown.truncate(height);
        (format!("{} of {}", at + 1, matches.len()), shown)
    }

    /// Which lines are shown, as a word.
    pub fn shown(&self) -> &'static str {
        match self.level {
            LevelFilter::Error => "errors",
            LevelFilter::Warn => "warnings",
            LevelFilter::Info => "info",
            _ => "all",
        }
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
}

impl Entry {
    fn line(&self) -> String {
        format!("{} {} {}", self.level, self.target, self.text)
    }
}

/// Lines for the log panel, each on as many rows as it needs.
pub struct Lines {
    /// Colours.
    pub theme: Theme,
}

impl LogFormatter for Lines {
    fn min_width(&self) -> u16 {
        20
    }

    fn format(&self, width: usize, record: &ExtLogRecord) -> Vec<Line<'_>> {
        let text = Clean::new(record.msg());
        rows(width, &record.timestamp, record.level, record.target(), text.as_str(), self.theme)
    }
}

/// Broken where a row ends, in cells; an empty text is a row too.
fn chunks(text: &str, room: usize) -> Vec<String> {
    let mut chunks = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > room {
            chunks.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(c);
        }
    }
    chunks
}

fn rows(width: usize, time: &Zoned, level: Level, target: &str, text: &str, theme: Theme) -> Vec<Line<'static>> {
    let style = match level {
        Level::Error => theme.style(Role::Bad),
        Level::Warn => theme.style(Role::Warning),
        Level::Info => Style::new(),
        Level::Debug | Level::Trace => theme.style(Role::Faint),
    };
    let time = time.strftime("%H:%M:%S").to_string();
    let head = format!("{time} {level:5} {:8} ", target.rsplit("::").next().unwrap_or_default());
    let room = width.saturating_sub(head.width()).max(10);
    let row = |(row, chunk): (usize, String)| {
        let lead = if row == 0 { head.clone() } else { " ".repeat(head.width()) };
        Line::from(vec![Span::styled(lead, theme.style(Role::Faint)), Span::styled(chunk, style)])
    };
    chunks(&text.replace('\n', " "), room).into_iter().enumerate().map(row).collect()
}
