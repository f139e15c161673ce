//! What keys set in motion.

use tui_input::Input;

use super::{Wish, busy};
use crate::engine::event::{Check, CheckId, Command, RunResult};
use crate::front::tui::model::{Model, Panel, Phase, Popup, Tab};
use crate::release::checklist::State;
use crate::release::code::Exit;
use crate::release::text::Clean;

/// What fixes begin with.
const PROGRAMS: [&str; 15] = [
    "nexy-release",
    "gh",
    "git",
    "curl",
    "az",
    "sudo",
    "ls",
    "diff",
    "chmod",
    "unset",
    "export",
    "cp",
    "mkdir",
    "cat",
    "echo",
];

/// Enter is never destructive: it asks for the tag, looks again, or says why not.
pub(super) fn go(model: &mut Model) -> Option<Wish> {
    match model.phase() {
        Phase::Ready if model.run.checks.iter().any(Check::blocks) => {
            (model.panel, model.selected) = (Panel::Checks, None);
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
    if !model.phase().is_free() {
        busy(model);
        return None;
    }
    if model.check().is_some_and(|check| check.id == CheckId::Version && check.blocks()) {
        version(model);
        return None;
    }
    if model.check().is_some_and(offers_inbox) {
        return Some(Wish::Say(Command::MakeInbox));
    }
    model.toast = Some("There is nothing that can be done from here. Copy the fix and run it in a shell.".into());
    None
}

/// Asks for the next version, and proposes the one that usually follows.
pub(super) fn version(model: &mut Model) {
    if !model.phase().is_free() {
        return busy(model);
    }
    let next = model.survey.as_ref().map(|survey| survey.version.next().to_string());
    (model.tab, model.panel, model.scroll) = (Tab::Version, Panel::Tabs, 0);
    model.open(Popup::Version { input: Input::new(next.unwrap_or_default()), wrong: None });
}

/// Whether its fix can be done from here.
pub(in crate::front::tui) fn offers_inbox(check: &Check) -> bool {
    check.id == CheckId::Inbox && check.blocks()
}

pub(super) fn waive(model: &mut Model) {
    match model.check() {
        Some(_) if !model.phase().is_free() => busy(model),
        Some(check) if check.waivable && (check.blocks() || check.waived.is_some()) => {
            let (id, reason) = (check.id, check.waived.as_ref().map(ToString::to_string).unwrap_or_default());
            model.open(Popup::Waive { id, input: Input::new(reason) });
        }
        Some(check) => model.toast = Some(format!("{} cannot be waived as it stands.", check.id)),
        None => {}
    }
}

/// Copies what is shown: the fix of the selected check or of what a run failed with, what is still to be done after a
/// good one, or what a dry run lists.
pub(super) fn copy(model: &mut Model) -> Option<Wish> {
    let of_run = || match model.failed() {
        Some(failed) => commands(failed.fix.as_deref().unwrap_or_default()),
        None => pending(model),
    };
    let of_check = || model.check().map(|check| commands(&check.fix)).filter(|fix| !fix.is_empty());
    let lines = match &model.popup {
        Some(Popup::DryRun(parts)) => parts.iter().flat_map(|(_, lines)| lines.clone()).collect(),
        Some(Popup::End) => of_run(),
        Some(Popup::Help) => Vec::new(),
        _ => of_check().unwrap_or_else(of_run),
    };
    if lines.is_empty() {
        model.toast = Some("There is nothing to copy.".into());
        return None;
    }
    model.toast = Some("Sent to the terminal's clipboard (tmux: set-clipboard on).".into());
    Some(Wish::Copy(lines.join("\n")))
}

/// Lines for a shell: what is no command becomes a comment, for whatever is pasted is run.
fn commands(fix: &[Clean]) -> Vec<String> {
    fix.iter().map(|line| command(line.as_str())).collect()
}

fn command(line: &str) -> String {
    // What stands in brackets after a command is said to people.
    let bare = |text: &str| text.split("   (").next().unwrap_or(text).trim().to_owned();
    let is_command = |text: &str| PROGRAMS.iter().any(|program| text.split(' ').next() == Some(program));
    match line.split_once(": ") {
        _ if is_command(line) => bare(line),
        Some((_, after)) if is_command(after) => bare(after),
        _ => format!("# {line}"),
    }
}

/// The commands that deliver what this run did not.
fn pending(model: &Model) -> Vec<String> {
    let pending = model.checklist.iter().filter(|item| item.state == State::Pending);
    pending.map(|item| item.evidence.to_string()).collect()
}
