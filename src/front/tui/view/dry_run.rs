//! What a release would do, act by act.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Pen, popup};
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, pen: Pen<'_>, acts: &[String]) {
    let mut lines: Vec<_> = acts.iter().map(|act| Line::from(act.clone())).collect();
    lines.push(Line::default());
    lines.push(Line::from("DRY RUN COMPLETE: nothing was written."));
    popup::draw(frame, area, "Dry run", Role::Focus, lines, pen);
}
