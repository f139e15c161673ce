//! What a release would do, request by request and file by file.

use ratatui::layout::Flex;
use ratatui::text::Line;

use super::Pen;
use super::popup::Popup;
use crate::front::tui::keys::Action;
use crate::front::tui::theme::Role;

pub(super) fn popup<'a>(pen: Pen<'_>, parts: &[(&'static str, Vec<String>)]) -> Popup<'a> {
    let mut lines = vec![Line::from("DRY RUN COMPLETE: nothing was sent, nothing was written.")];
    for (heading, said) in parts.iter().filter(|(_, said)| !said.is_empty()) {
        lines.push(Line::default());
        lines.push(Line::styled(*heading, pen.theme.style(Role::Strong)));
        lines.extend(said.iter().map(|line| Line::from(format!("  {line}"))));
    }
    let hint = format!("{} closes", pen.keys.first(Action::Back));
    Popup { title: "Dry run".into(), role: Role::Focus, lines, hint, place: Flex::Center, asks: false }
}
