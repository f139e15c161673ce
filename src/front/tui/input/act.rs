//! What keys set in motion.

use tui_input::Input;

use super::{Wish, busy, is_free};
use crate::engine::event::{Check, CheckId, Command, RunResult};
use crate::front::tui::model::{Model, Panel, Phase, Popup, Tab};
use crate::front::tui::view::evidence;
use crate::release::checklist::State;
use crate::release::code::Exit;
use crate::release::text::Clean;

/// Enter is never destructive: it asks for the tag, looks again, or says why not.
pub(super) fn go(model: &mut Model) -> Option<Wish> {
    match model.phase() {
        Phase::Ready if model.run.checks.iter().any(Check::blocks) => {
            (model.panel, model.selected) = (Panel::Checks, 0);
            model.open(Popup::Check);
            None
        }
        Phase::Ready => Some(Wish::Say(Command::Publish)),
        Phase::Ended => match model.failed() {
            Some(failed) if goes_on(failed) => Some(Wish::Say(Command::Again)),
            Some(_) => Some(Wish::Say(Command::Recheck(None))),
            None => {
                model.open(Popup::End);
                None
            }
        },
        Phase::Opening | Phase::Looking | Phase::Publishing | Phase::Asking => {
            busy(model);
            None
        }
    }
}

/// Whether the same command again can finish what stopped so: then Enter asks for the tag once more.
pub(in crate::front::tui) fn goes_on(failed: &RunResult) -> bool {
    [Exit::Unfinished, Exit::Interrupted].iter().any(|exit| failed.exit_code == *exit as u8)
}

pub(super) fn fix(model: &mut Model) -> Option<Wish> {
    if model.check().is_some_and(|check| check.id == CheckId::Version && check.blocks()) {
        version(model);
        return None;
    }
    let offered = model.check().as_ref().is_some_and(|check| check.id == CheckId::Inbox && check.blocks());
    if offered && is_free(model) {
        return Some(Wish::Say(Command::MakeInbox));
    }
    model.toast = Some("There is nothing that can be done from here. Copy the fix and run it in a shell.".into());
    None
}

/// Asks for the next version, and proposes the one that usually follows.
pub(super) fn version(model: &mut Model) {
    if !is_free(model) {
        return busy(model);
    }
    let present = model.survey().map(|survey| survey.version);
    let next = present.and_then(|version| version.next()).map(|next| next.to_string());
    (model.tab, model.panel, model.scroll) = (Tab::Version, Panel::Tabs, 0);
    model.open(Popup::Version { input: Input::new(next.unwrap_or_default()), wrong: None });
}

pub(super) fn waive(model: &mut Model) {
    match model.check() {
        Some(_) if !is_free(model) => busy(model),
        Some(check) if check.blocks() && check.waivable => {
            let id = check.id;
            model.open(Popup::Waive { id, input: Input::default() });
        }
        Some(check) => model.toast = Some(format!("{} cannot be waived as it stands.", check.id)),
        None => {}
    }
}

/// The fix of the selected check, or of what a run failed with; after a good one, what is still to be done.
pub(super) fn copy(model: &mut Model) -> Option<Wish> {
    let of_check = model.check().filter(|_| !matches!(model.popup, Some(Popup::End))).map(|check| check.fix.clone());
    let of_run = || match model.failed() {
        Some(failed) => failed.fix.clone().unwrap_or_default(),
        None => pending(model),
    };
    let fix = of_check.filter(|fix| !fix.is_empty()).unwrap_or_else(of_run);
    if fix.is_empty() {
        model.toast = Some("There is no fix to copy.".into());
        return None;
    }
    model.toast = Some("Copied.".into());
    Some(Wish::Copy(fix.iter().map(Clean::as_str).collect::<Vec<_>>().join("\n")))
}

/// The commands that deliver what this run did not.
fn pending(model: &Model) -> Vec<Clean> {
    let pending = evidence::items(model).into_iter().filter(|item| item.state == State::Pending);
    pending.map(|item| item.evidence).collect()
}
