//! What keys do: to the model, and to the engine.

mod act;
mod over;

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::Input;

use self::act::{copy, fix, go, version, waive};
pub(super) use self::act::{goes_on, offers_inbox};
use self::over::over;
use super::dashboard::Done;
use super::keyboard::Typed;
use super::keys::{Action, Keys};
use super::model::{BUSY, Model, Panel, Phase, Popup, Tab};
use crate::engine::event::Command;
use crate::release::text::Clean;

/// What a key asks of the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Say this to the engine.
    Say(Command),
    /// Stop what is under way.
    Brake,
    /// Put this into the terminal's clipboard.
    Copy(String),
    /// Stop ourselves, as a shell's job.
    Suspend,
    /// Leave.
    Leave,
    /// Leave without waiting for anything.
    LeaveAtOnce,
}

/// Two Ctrl-C within so long leave.
const TWICE: Duration = Duration::from_secs(3);

/// Takes in a terminal event.
pub fn take(model: &mut Model, keys: &Keys, typed: &Typed) -> Option<Wish> {
    let key = match &typed.event {
        Event::Key(key) => key,
        Event::Paste(text) => {
            paste(model, text);
            return None;
        }
        _ => return None,
    };
    // A held key repeats, and is let go: neither is a decision.
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => return interrupt(model),
            KeyCode::Char('z') => return Some(Wish::Suspend),
            _ => {}
        }
    }
    (model.armed, model.toast) = (None, None);
    if model.logs.typing {
        filter(model, key);
        return None;
    }
    if model.dashboard.is_some() && model.popup.is_none() {
        return watching(model, keys.action(key)?);
    }
    match model.popup.take() {
        Some(popup) => over(model, keys, popup, typed, key),
        None => home(model, keys, keys.action(key)?),
    }
}

/// A key on the dashboard.
fn watching(model: &mut Model, action: Action) -> Option<Wish> {
    match model.dashboard.as_mut()?.act(action, distance(action), model.limits.tab) {
        Done::Nothing => None,
        Done::Wish(wish) => {
            if matches!(wish, Wish::Copy(_)) {
                model.toast = Some("Sent to the terminal's clipboard (tmux: set-clipboard on).".into());
            }
            Some(wish)
        }
        Done::Opens(popup) => {
            model.open(popup);
            None
        }
        Done::Says(text) => {
            model.toast = Some(text.into());
            None
        }
    }
}

/// A paste is text where text is written, and nothing anywhere else.
fn paste(model: &mut Model, text: &str) {
    match &mut model.popup {
        Some(Popup::Waive { input, .. }) => {
            let text = Clean::line(&format!("{}{text}", input.value()), 500);
            *input = Input::new(text.to_string());
        }
        Some(Popup::Version { input, .. }) => {
            let text = Clean::line(&format!("{}{text}", input.value()), 60);
            *input = Input::new(text.to_string());
        }
        Some(Popup::Confirm { wrong, .. }) => *wrong = Some("Type the tag; a paste confirms nothing.".into()),
        _ if model.logs.typing => model.logs.search(format!("{}{}", model.logs.filter, Clean::line(text, 80))),
        _ => {}
    }
}

/// Ctrl-C: stops what is under way; twice it leaves.
fn interrupt(model: &mut Model) -> Option<Wish> {
    if model.dashboard.is_some() {
        return Some(Wish::Leave);
    }
    // A person who presses it twice means the second, whatever the first has ended meanwhile.
    if model.armed.is_some_and(|armed| armed.elapsed() < TWICE) {
        return Some(Wish::LeaveAtOnce);
    }
    model.armed = Some(Instant::now());
    match model.phase() {
        Phase::Publishing | Phase::Looking | Phase::Opening => {
            model.toast = Some("Stopping. Ctrl-C again leaves at once.".into());
            Some(Wish::Brake)
        }
        Phase::Ready | Phase::Asking | Phase::Ended => {
            model.toast = Some("Ctrl-C again leaves.".into());
            None
        }
    }
}

fn filter(model: &mut Model, key: &KeyEvent) {
    match key.code {
        KeyCode::Esc => {
            model.logs.search(String::new());
            model.logs.typing = false;
        }
        KeyCode::Enter => model.logs.typing = false,
        KeyCode::Backspace => {
            let mut filter = std::mem::take(&mut model.logs.filter);
            filter.pop();
            model.logs.search(filter);
        }
        KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => model.logs.search(String::new()),
        KeyCode::Char(_) if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {}
        KeyCode::Char(c) => model.logs.search(format!("{}{}", model.logs.filter, Clean::new(&c.to_string()))),
        _ => {}
    }
}

fn home(model: &mut Model, keys: &Keys, action: Action) -> Option<Wish> {
    match action {
        Action::Go => return go(model),
        Action::Back => back(model),
        Action::Quit if model.phase() == Phase::Publishing => model.open(Popup::Quit),
        Action::Quit => return Some(Wish::Leave),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last => {
            if let Some(by) = distance(action) {
                scroll(model, by);
            }
        }
        Action::Next => turn(model, 1),
        Action::Previous => turn(model, 3),
        Action::Left => tab(model, Tab::ALL.len() - 1),
        Action::Right => tab(model, 1),
        Action::RecheckAll | Action::Recheck if !model.phase().is_free() => busy(model),
        Action::File => {
            (model.tab, model.panel) = (Tab::Diff, Panel::Tabs);
            model.next_file();
        }
        Action::Recheck => return model.check().map(|check| Wish::Say(Command::Recheck(Some(check.id)))),
        Action::RecheckAll => return Some(Wish::Say(Command::Recheck(None))),
        Action::Fix => return fix(model),
        Action::Waive => waive(model),
        Action::Copy => return copy(model),
        Action::DryRun if model.phase().is_free() => return Some(Wish::Say(Command::DryRun)),
        Action::DryRun => busy(model),
        Action::Version => version(model),
        Action::Guide => {
            model.guided = !model.guided;
            model.tab = if model.guided { Tab::Guide } else { Tab::Diff };
            model.scroll = 0;
        }
        Action::Log => {
            model.logs.whole = !model.logs.whole;
            model.logs.targets = false;
        }
        Action::Targets => {
            model.logs.targets = !model.logs.targets;
            model.logs.whole = model.logs.targets;
        }
        Action::More => model.logs.more(),
        Action::Less => model.logs.less(),
        Action::Filter => {
            // The sources have no room for what is typed.
            (model.logs.typing, model.logs.targets) = (true, false);
            model.panel = Panel::Log;
        }
        Action::NextMatch | Action::PreviousMatch if model.logs.filter.is_empty() => {
            model.toast = Some(format!("{} filters the log.", keys.first(Action::Filter)));
        }
        Action::NextMatch => model.logs.next_match(),
        Action::PreviousMatch => model.logs.previous_match(),
        Action::Help => model.open(Popup::Help),
    }
    None
}

fn busy(model: &mut Model) {
    model.toast = Some(BUSY.into());
}

/// Backs out one level; never leaves.
fn back(model: &mut Model) {
    if model.logs.whole {
        (model.logs.whole, model.logs.targets) = (false, false);
    } else if model.logs.is_searched() {
        model.logs.search(String::new());
    } else {
        model.panel = Panel::Checks;
    }
}

fn turn(model: &mut Model, by: usize) {
    let order = [Panel::Checks, Panel::Release, Panel::Tabs, Panel::Log];
    let at = order.iter().position(|panel| *panel == model.panel).unwrap_or(0);
    model.panel = order[(at + by) % order.len()];
}

fn tab(model: &mut Model, by: usize) {
    let at = Tab::ALL.iter().position(|tab| *tab == model.tab).unwrap_or(0);
    model.tab = Tab::ALL[(at + by) % Tab::ALL.len()];
    model.panel = Panel::Tabs;
    model.scroll = 0;
}

fn scroll(model: &mut Model, by: i32) {
    if model.logs.whole || model.panel == Panel::Log {
        return model.logs.scroll(by);
    }
    match model.panel {
        Panel::Checks => {
            let last = u16::try_from(model.run.checks.len().saturating_sub(1)).unwrap_or(u16::MAX);
            let row = u16::try_from(model.selected_row()).unwrap_or(last);
            let row = usize::from(moved(row, by, last));
            model.selected = model.checks().get(row).map(|check| check.id);
            if model.guided {
                (model.tab, model.scroll) = (Tab::Guide, 0);
            }
        }
        Panel::Release => {
            let limit = model.limits.steps;
            let to = moved(model.steps.unwrap_or(limit), by, limit);
            model.steps = (to < limit).then_some(to);
        }
        Panel::Tabs | Panel::Log => model.scroll = moved(model.scroll, by, model.limits.tab),
    }
}

/// How far an action scrolls, in lines.
fn distance(action: Action) -> Option<i32> {
    Some(match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -10,
        Action::PageDown => 10,
        Action::First => i32::MIN,
        Action::Last => i32::MAX,
        _ => return None,
    })
}

fn moved(from: u16, by: i32, last: u16) -> u16 {
    let to = i32::from(from.min(last)).saturating_add(by).clamp(0, last.into());
    u16::try_from(to).unwrap_or(last)
}
