//! Keys while something stands over the screen.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::act::{copy, go};
use super::{Wish, distance, home, moved};
use crate::engine::event::{CheckId, Command};
use crate::front::tui::keyboard::Typed;
use crate::front::tui::keys::{Action, Keys};
use crate::front::tui::model::{Model, Popup};
use crate::release::text::Clean;

/// Keys that come sooner after a question were typed before it was read.
const TYPED_AHEAD: Duration = Duration::from_millis(250);
/// Nobody types a tag in less; a paste without brackets comes at once.
const TYPED_AT_LEAST: Duration = Duration::from_millis(150);

/// Keys while something stands over the screen.
pub(super) fn over(model: &mut Model, keys: &Keys, popup: Popup, typed: &Typed, key: &KeyEvent) -> Option<Wish> {
    match popup {
        Popup::Confirm { .. } => answer(model, popup, typed, key),
        Popup::Waive { id, mut input } => match key.code {
            KeyCode::Esc => None,
            KeyCode::Enter if input.value().trim().is_empty() && !is_waived(model, id) => {
                model.toast = Some("Give a reason: it goes to the journal.".into());
                model.popup = Some(Popup::Waive { id, input });
                None
            }
            KeyCode::Enter => Some(Wish::Say(Command::Waive(id, Clean::line(input.value(), 500)))),
            _ => {
                input.handle_event(&typed.event);
                model.popup = Some(Popup::Waive { id, input });
                None
            }
        },
        Popup::Version { input, .. } => version(model, input, typed, key),
        Popup::Rewrite { ref proposal, asked } => match keys.action(key) {
            // Held or typed ahead, it was not read.
            Some(Action::Go) if asked.elapsed() < TYPED_AHEAD || key.kind != KeyEventKind::Press => {
                model.popup = Some(popup);
                None
            }
            Some(Action::Go) if !proposal.files.is_empty() => Some(Wish::Say(Command::SetVersion)),
            _ => read(model, keys, popup, key),
        },
        Popup::Quit => match keys.action(key) {
            Some(Action::Quit) => Some(Wish::Leave),
            _ => None,
        },
        Popup::Help | Popup::DryRun(_) | Popup::Check | Popup::End => read(model, keys, popup, key),
    }
}

/// The next version, typed. What it changes is shown before anything is written.
fn version(model: &mut Model, mut input: Input, typed: &Typed, key: &KeyEvent) -> Option<Wish> {
    let mut wrong = None;
    match key.code {
        KeyCode::Esc => return None,
        KeyCode::Enter => match input.value().trim().parse() {
            Ok(version) => return Some(Wish::Say(Command::ProposeVersion(version))),
            Err(error) => wrong = Some(format!("That is no version: {error}").into()),
        },
        _ => _ = input.handle_event(&typed.event),
    }
    model.popup = Some(Popup::Version { input, wrong });
    None
}

fn is_waived(model: &Model, id: CheckId) -> bool {
    model.run.checks.iter().any(|check| check.id == id && check.waived.is_some())
}

/// Keys over something that is read: it scrolls, and goes away.
fn read(model: &mut Model, keys: &Keys, popup: Popup, key: &KeyEvent) -> Option<Wish> {
    let action = keys.action(key);
    let end = matches!(popup, Popup::End);
    match action {
        Some(Action::Go) if end && model.failed().is_some() => return go(model),
        Some(Action::Go | Action::Back) => return None,
        Some(Action::Quit) if end => return Some(Wish::Leave),
        Some(action @ (Action::Recheck | Action::RecheckAll | Action::Fix | Action::Waive))
            if matches!(popup, Popup::Check) =>
        {
            return home(model, keys, action);
        }
        Some(Action::Help | Action::DryRun | Action::Quit) if !end => return None,
        _ => model.popup = Some(popup),
    }
    if let Some(by) = action.and_then(distance) {
        model.over = moved(model.over, by, model.limits.popup);
    }
    if action == Some(Action::Copy) { copy(model) } else { None }
}

/// The typed confirmation. Nothing but a person who types the tag after the question confirms: not what was typed
/// before it, not a held Enter, not a paste.
fn answer(model: &mut Model, popup: Popup, typed: &Typed, key: &KeyEvent) -> Option<Wish> {
    let Popup::Confirm { mut input, mut wrong, asked, mut began } = popup else { return None };
    let mut wish = None;
    match key.code {
        KeyCode::Esc => return Some(Wish::Say(Command::Decline)),
        // The diff stands below, to be read before the tag is typed.
        KeyCode::Tab => model.next_file(),
        KeyCode::Up => model.scroll = moved(model.scroll, -1, model.limits.tab),
        KeyCode::Down => model.scroll = moved(model.scroll, 1, model.limits.tab),
        // What does not fit into the box is above the field.
        KeyCode::PageUp => model.over = moved(model.over, 5, model.limits.popup),
        KeyCode::PageDown => model.over = moved(model.over, -5, model.limits.popup),
        _ if asked.elapsed() < TYPED_AHEAD || key.kind != KeyEventKind::Press => {}
        KeyCode::Enter if input.value().is_empty() => {}
        // A wrong text harms nobody, however it came: it is answered as one.
        KeyCode::Enter if is_tag(model, &input) && !is_by_hand(began, input.value()) => {
            (input, began) = (Input::default(), None);
            wrong = Some("That came faster than anybody types. Type the tag; a paste confirms nothing.".into());
        }
        // It came with what was before it: pressed by itself it counts.
        KeyCode::Enter if is_tag(model, &input) && typed.at_once => {}
        KeyCode::Enter => wish = Some(Wish::Say(Command::Confirm(input.value().to_owned()))),
        _ => {
            let (since, apart) = began.unwrap_or_else(|| (Instant::now(), 0));
            let before = input.value().chars().count();
            input.handle_event(&typed.event);
            let now = input.value().chars().count();
            // Only what it is made of counts, however much was pressed beside it.
            let apart = if now > before { apart + usize::from(!typed.at_once) } else { apart.min(now) };
            began = (now > 0).then_some((since, apart));
        }
    }
    model.popup = Some(Popup::Confirm { input, wrong, asked, began });
    wish
}

/// Most of its characters came by themselves, also over a line that gathers some of them.
fn is_by_hand(began: Option<(Instant, usize)>, text: &str) -> bool {
    began.is_some_and(|(since, apart)| since.elapsed() >= TYPED_AT_LEAST && apart * 2 > text.chars().count())
}

fn is_tag(model: &Model, input: &Input) -> bool {
    model.run.plan.as_ref().is_some_and(|plan| plan.tag == input.value())
}
