//! The screen. Drawing changes nothing.
//!
//! ```text
//! header
//! ┌ Pre-checks ─────┐┌ Release ─────────┐
//! └─────────────────┘└──────────────────┘
//! ┌ Manifest diff │ Artifacts │ … ──────┐
//! └─────────────────────────────────────┘
//! ┌ Log ────────────────────────────────┐
//! └─────────────────────────────────────┘
//! footer
//! ```
//! On a small screen one panel at a time.

mod artifacts;
mod ascii;
mod checks;
mod diff;
mod dry_run;
mod end;
mod evidence;
mod footer;
mod guide;
mod header;
mod help;
mod link;
mod log;
mod popup;
mod prompt;
mod release;
mod rows;
mod tabs;
mod version;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph, Wrap};

use super::keys::Keys;
use super::model::{Limits, Model, Panel, Popup};
use super::theme::{Role, Theme};

/// Below this nothing can be read.
const MIN: (u16, u16) = (80, 24);
/// From here on all panels stand side by side.
const WIDE: (u16, u16) = (100, 30);

/// What a frame is drawn with.
#[derive(Debug, Clone, Copy)]
pub struct Pen<'a> {
    /// Colours and shapes.
    pub theme: Theme,
    /// For hints and help.
    pub keys: &'a Keys,
    /// When it is drawn.
    pub now: Timestamp,
    /// Counts the frames of what spins.
    pub beat: usize,
}

/// Draws everything; answers how far what is shown can be scrolled.
pub fn draw(frame: &mut Frame, model: &Model, pen: Pen<'_>) -> Limits {
    let mut limits = Limits::default();
    let area = frame.area();
    if area.width < MIN.0 || area.height < MIN.1 {
        too_small(frame, area);
        ascii::sweep(frame, pen.theme);
        return limits;
    }
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let is_wide = area.width >= WIDE.0 && area.height >= WIDE.1;
    header::draw(frame, top, model, pen);
    if model.logs.whole {
        log::draw(frame, middle, model, pen);
    } else if is_wide {
        wide(frame, middle, model, pen, &mut limits);
    } else {
        narrow(frame, middle, model, pen, &mut limits);
    }
    footer::draw(frame, bottom, model, pen);
    let popup = match &model.popup {
        None => None,
        Some(Popup::Help) => Some(help::popup(pen)),
        Some(Popup::Confirm { input, wrong, .. }) => {
            // The diff stands below the other panels, or it is all there is and begins at the top.
            let place = if is_wide { Flex::Start } else { Flex::End };
            prompt::confirm(model, pen, input, wrong.as_ref(), place)
        }
        Some(Popup::Waive { id, input }) => Some(prompt::waive(model, pen, *id, input)),
        Some(Popup::Version { input, wrong }) => Some(version::question(model, pen, input, wrong.as_ref())),
        Some(Popup::Rewrite { proposal, .. }) => Some(version::proposal(pen, proposal)),
        Some(Popup::Check) => checks::popup(model, pen),
        Some(Popup::Quit) => Some(prompt::quit(model, pen)),
        Some(Popup::End) => end::popup(model, popup::width(middle), pen),
        Some(Popup::DryRun(parts)) => Some(dry_run::popup(pen, parts)),
    };
    if let Some(popup) = popup {
        limits.popup = popup.draw(frame, middle, model.over, pen);
    }
    ascii::sweep(frame, pen.theme);
    limits
}

fn too_small(frame: &mut Frame, area: Rect) {
    let text = format!(
        "nexy-release needs {}×{} characters; this window has {}×{}. Make it larger.",
        MIN.0, MIN.1, area.width, area.height
    );
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}

fn wide(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>, limits: &mut Limits) {
    let wanted = u16::try_from(model.run.checks.len().max(release::rows(model)) + 2).unwrap_or(u16::MAX);
    let top = wanted.clamp(8, area.height * 11 / 20);
    let log = (area.height - top) * 2 / 5;
    let [top, tabs, log] =
        Layout::vertical([Constraint::Length(top), Constraint::Fill(1), Constraint::Length(log)]).areas(area);
    let [left, right] = Layout::horizontal([Constraint::Percentage(46), Constraint::Fill(1)]).areas(top);
    checks::draw(frame, left, model, pen);
    limits.steps = release::draw(frame, right, model, pen);
    limits.tab = tabs::draw(frame, tabs, model, pen);
    log::draw(frame, log, model, pen);
}

fn narrow(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>, limits: &mut Limits) {
    match model.panel {
        Panel::Checks => checks::draw(frame, area, model, pen),
        Panel::Release => limits.steps = release::draw(frame, area, model, pen),
        Panel::Tabs => limits.tab = tabs::draw(frame, area, model, pen),
        Panel::Log => log::draw(frame, area, model, pen),
    }
}

/// The frame of a panel; the one that keys act on stands out.
fn panel(title: Line<'_>, focused: bool, theme: Theme) -> Block<'_> {
    let style = if focused { theme.style(Role::Focus) } else { theme.style(Role::Faint) };
    Block::bordered().border_set(theme.border()).border_style(style).title(title).title_style(Style::new())
}

/// Cut to so many cells; what is cut is shown as `…`.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used < width
        })
        .collect();
    kept.push('…');
    kept
}
