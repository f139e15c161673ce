//! The keys, from the table that they act from.

use ratatui::layout::Flex;
use ratatui::text::{Line, Span};

use super::Pen;
use super::popup::Popup;
use crate::front::tui::keys::Action;
use crate::front::tui::theme::Role;

pub(super) fn popup<'a>(pen: Pen<'_>) -> Popup<'a> {
    of(Action::ALL, pen)
}

/// The keys of these actions.
pub(super) fn of<'a>(actions: &[Action], pen: Pen<'_>) -> Popup<'a> {
    let entry = |action: Action| {
        [
            Span::styled(format!("{:11}", pen.keys.all(action)), pen.theme.style(Role::Strong)),
            Span::raw(format!("{:23}", action.does())),
        ]
    };
    let rows = actions.len().div_ceil(2);
    let row = |index: usize| {
        let right = actions.get(index + rows).copied().map(entry);
        entry(actions[index]).into_iter().chain(right.into_iter().flatten()).collect::<Line<'_>>()
    };
    let mut lines: Vec<_> = (0..rows).map(row).collect();
    lines.push(Line::styled(
        "ctrl-c stops what is under way, twice leaves · ctrl-z suspends",
        pen.theme.style(Role::Faint),
    ));
    let hint = format!("{} closes", pen.keys.first(Action::Back));
    Popup { title: "Keys".into(), role: Role::Focus, lines, hint, place: Flex::Center, asks: false }
}
