//! What happens here and why, for the selected check or the present step.

use ratatui::text::Line;

use super::Pen;
use crate::front::tui::model::Model;

pub(super) fn lines<'a>(model: &Model, _pen: Pen<'_>) -> Vec<Line<'a>> {
    vec![Line::from(format!("{:?}", model.phase()))]
}
