//! What keys do: to the model, and to the engine.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;
use tui_logger::TuiWidgetEvent;

use super::keys::{Action, Keys};
use super::model::{Model, Panel, Phase, Popup, Tab};
use crate::engine::event::{CheckId, Command};
use crate::release::text::Clean;

/// Keys that come sooner after a question were typed before it was read.
const TYPED_AHEAD: Duration = Duration::from_millis(250);
/// Nobody types a tag in less; a paste without brackets comes at once.
const TYPED_AT_LEAST: Duration = Duration::from_millis(150);

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

/// Takes in a terminal event.
pub fn take(model: &mut Model, keys: &Keys, event: &Event) -> Option<Wish> {
    let key = match event {
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
    (model.armed, model.toast) = (false, None);
    if model.logs.typing {
        filter(model, key);
        return None;
    }
    match model.popup.take() {
        Some(popup) => over(model, keys, popup, event, key),
        None => home(model, keys, keys.action(key)?),
    }
}

/// A paste is text where text is written, and nothing anywhere else.
fn paste(model: &mut Model, text: &str) {
    match &mut model.popup {
        Some(Popup::Waive { input, .. }) => {
            let text = Clean::line(&format!("{}{text}", input.value()), 500);
            *input = Input::new(text.to_string());
        }
        Some(Popup::Confirm { wrong, .. }) => *wrong = Some("Type the tag; a paste confirms nothing.".into()),
        _ if model.logs.typing => model.logs.search(format!("{}{}", model.logs.filter, Clean::line(text, 80))),
        _ => {}
    }
}

/// Ctrl-C: stops what is under way; twice it leaves.
fn interrupt(model: &mut Model) -> Option<Wish> {
    if model.armed {
        return Some(Wish::LeaveAtOnce);
    }
    model.armed = true;
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
        KeyCode::Char(c) => model.logs.search(format!("{}{}", model.logs.filter, Clean::new(&c.to_string()))),
        _ => {}
    }
}

/// Keys while something stands over the screen.
fn over(model: &mut Model, keys: &Keys, popup: Popup, event: &Event, key: &KeyEvent) -> Option<Wish> {
    match popup {
        Popup::Confirm { .. } => answer(model, popup, event, key),
        Popup::Waive { id, mut input } => match key.code {
            KeyCode::Esc => None,
            KeyCode::Enter if !input.value().trim().is_empty() => {
                Some(Wish::Say(Command::Waive(id, Clean::line(input.value(), 500))))
            }
            _ => {
                input.handle_event(event);
                model.popup = Some(Popup::Waive { id, input });
                None
            }
        },
        Popup::Quit => match keys.action(key) {
            Some(Action::Quit) => Some(Wish::Leave),
            _ => None,
        },
        Popup::Help | Popup::DryRun(_) => None,
        Popup::End => match keys.action(key) {
            Some(Action::Go) if model.run.result.as_ref().is_some_and(|result| result.code.is_some()) => {
                Some(Wish::Say(Command::Recheck(None)))
            }
            Some(Action::Quit) => Some(Wish::Leave),
            Some(Action::Copy) => {
                model.popup = Some(Popup::End);
                copy(model)
            }
            Some(Action::Go | Action::Back) => None,
            _ => {
                model.popup = Some(Popup::End);
                None
            }
        },
    }
}

/// The typed confirmation. Nothing but a person who types the tag after the question confirms: not what was typed
/// before it, not a held Enter, not a paste.
fn answer(model: &mut Model, popup: Popup, event: &Event, key: &KeyEvent) -> Option<Wish> {
    let Popup::Confirm { mut input, mut wrong, asked, mut began } = popup else { return None };
    let mut wish = None;
    match key.code {
        KeyCode::Esc => return Some(Wish::Say(Command::Decline)),
        _ if asked.elapsed() < TYPED_AHEAD || key.kind != KeyEventKind::Press => {}
        KeyCode::Enter if input.value().is_empty() => {}
        // A wrong text harms nobody, however it came: it is answered as one.
        KeyCode::Enter if is_tag(model, &input) && began.is_some_and(|began| began.elapsed() < TYPED_AT_LEAST) => {
            (input, began) = (Input::default(), None);
            wrong = Some("That came faster than anybody types. Type the tag; a paste confirms nothing.".into());
        }
        KeyCode::Enter => wish = Some(Wish::Say(Command::Confirm(input.value().to_owned()))),
        _ => {
            began = began.or_else(|| Some(Instant::now()));
            input.handle_event(event);
        }
    }
    model.popup = Some(Popup::Confirm { input, wrong, asked, began });
    wish
}

fn is_tag(model: &Model, input: &Input) -> bool {
    model.run.plan.as_ref().is_some_and(|plan| plan.tag == input.value())
}

fn home(model: &mut Model, keys: &Keys, action: Action) -> Option<Wish> {
    match action {
        Action::Go => return go(model, keys),
        Action::Back => back(model),
        Action::Quit if model.phase() == Phase::Publishing => model.popup = Some(Popup::Quit),
        Action::Quit => return Some(Wish::Leave),
        Action::Up => scroll(model, -1),
        Action::Down => scroll(model, 1),
        Action::PageUp => scroll(model, -10),
        Action::PageDown => scroll(model, 10),
        Action::First => scroll(model, i32::MIN),
        Action::Last => scroll(model, i32::MAX),
        Action::Next => turn(model, 1),
        Action::Previous => turn(model, 3),
        Action::Left => tab(model, 3),
        Action::Right => tab(model, 1),
        Action::RecheckAll | Action::Recheck if !is_free(model) => busy(model),
        Action::Recheck => return model.check().map(|check| Wish::Say(Command::Recheck(Some(check.id)))),
        Action::RecheckAll => return Some(Wish::Say(Command::Recheck(None))),
        Action::Fix => return fix(model),
        Action::Waive => waive(model),
        Action::Copy => return copy(model),
        Action::DryRun if is_free(model) => return Some(Wish::Say(Command::DryRun)),
        Action::DryRun => busy(model),
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
            model.logs.typing = true;
            model.panel = Panel::Log;
        }
        Action::NextMatch | Action::PreviousMatch if model.logs.filter.is_empty() => {
            model.toast = Some(format!("{} filters the log.", keys.first(Action::Filter)));
        }
        Action::NextMatch => model.logs.next_match(),
        Action::PreviousMatch => model.logs.previous_match(),
        Action::Help => model.popup = Some(Popup::Help),
    }
    None
}

/// Enter is never destructive: it asks for the tag, looks again, or says why not.
fn go(model: &mut Model, keys: &Keys) -> Option<Wish> {
    match model.phase() {
        Phase::Ready if model.run.checks.iter().any(crate::engine::event::Check::blocks) => {
            let waive = keys.first(Action::Waive).to_owned();
            let again = keys.first(Action::Recheck).to_owned();
            model.panel = Panel::Checks;
            model.selected = 0;
            model.toast = Some(format!("A check blocks. Mend it, then {again}; or {waive} where it can be waived."));
            None
        }
        Phase::Ready => Some(Wish::Say(Command::Publish)),
        Phase::Ended => {
            if model.run.result.as_ref().is_some_and(|result| result.code.is_some()) {
                return Some(Wish::Say(Command::Recheck(None)));
            }
            model.popup = Some(Popup::End);
            None
        }
        Phase::Opening | Phase::Looking | Phase::Publishing | Phase::Asking => {
            busy(model);
            None
        }
    }
}

fn is_free(model: &Model) -> bool {
    matches!(model.phase(), Phase::Ready | Phase::Ended)
}

fn busy(model: &mut Model) {
    model.toast = Some("Something is under way. Ctrl-C stops it.".into());
}

/// Backs out one level; never leaves.
fn back(model: &mut Model) {
    if model.logs.whole {
        (model.logs.whole, model.logs.targets) = (false, false);
    } else if !model.logs.filter.is_empty() {
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
        if !model.logs.filter.is_empty() {
            return if by < 0 { model.logs.previous_match() } else { model.logs.next_match() };
        }
        model.logs.turn(match (by, model.logs.targets) {
            (-1, true) => TuiWidgetEvent::UpKey,
            (1, true) => TuiWidgetEvent::DownKey,
            (i32::MAX, _) => TuiWidgetEvent::EscapeKey,
            _ if by < 0 => TuiWidgetEvent::PrevPageKey,
            _ => TuiWidgetEvent::NextPageKey,
        });
        return;
    }
    let moved = |from: usize, last: usize| {
        let from = i64::try_from(from.min(last)).unwrap_or(0);
        let last = i64::try_from(last).unwrap_or(0);
        usize::try_from((from + i64::from(by)).clamp(0, last)).unwrap_or(0)
    };
    match model.panel {
        Panel::Checks => {
            model.selected = moved(model.selected, model.run.checks.len().saturating_sub(1));
            if model.guided {
                (model.tab, model.scroll) = (Tab::Guide, 0);
            }
        }
        Panel::Tabs | Panel::Release | Panel::Log => {
            model.scroll = u16::try_from(moved(model.scroll.into(), 2000)).unwrap_or(u16::MAX);
        }
    }
}

fn fix(model: &mut Model) -> Option<Wish> {
    let offered = model.check().as_ref().is_some_and(|check| check.id == CheckId::Inbox && check.blocks());
    if offered && is_free(model) {
        return Some(Wish::Say(Command::MakeInbox));
    }
    model.toast = Some("There is nothing that can be done from here. Copy the fix and run it in a shell.".into());
    None
}

fn waive(model: &mut Model) {
    match model.check() {
        Some(check) if check.blocks() && check.waivable && is_free(model) => {
            model.popup = Some(Popup::Waive { id: check.id, input: Input::default() });
        }
        Some(check) => model.toast = Some(format!("{} cannot be waived as it stands.", check.id)),
        None => {}
    }
}

/// The fix of the failure, or of the selected check.
fn copy(model: &mut Model) -> Option<Wish> {
    let failed = model.run.result.as_ref().filter(|_| model.popup.is_some()).and_then(|result| result.fix.clone());
    let fix = failed.or_else(|| model.check().map(|check| check.fix.clone())).unwrap_or_default();
    if fix.is_empty() {
        model.toast = Some("There is no fix to copy.".into());
        return None;
    }
    model.toast = Some("Copied.".into());
    Some(Wish::Copy(fix.iter().map(Clean::as_str).collect::<Vec<_>>().join("\n")))
}
