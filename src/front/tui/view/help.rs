//! The keys, from the table that they act from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, popup};
use crate::front::tui::keys::Action;
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, pen: Pen<'_>) {
    let entry = |action: Action| {
        [
            Span::styled(format!("{:11}", pen.keys.all(action)), pen.theme.style(Role::Strong)),
            Span::raw(format!("{:23}", action.does())),
        ]
    };
    let rows = Action::ALL.len().div_ceil(2);
    let row = |index: usize| {
        let right = Action::ALL.get(index + rows).copied().map(entry);
        entry(Action::ALL[index]).into_iter().chain(right.into_iter().flatten()).collect::<Line<'_>>()
    };
    let mut lines: Vec<_> = (0..rows).map(row).collect();
    lines.push(Line::styled(
        "ctrl-c stops what is under way, twice leaves · ctrl-z suspends",
        pen.theme.style(Role::Faint),
    ));
    popup::draw(frame, area, "Keys", Role::Focus, lines, pen);
}
