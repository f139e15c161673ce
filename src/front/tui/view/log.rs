//! The log panel: tui-logger's widget, filtered.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tui_logger::{TuiLoggerLevelOutput, TuiLoggerSmartWidget, TuiLoggerWidget};

use super::rows::Rows;
use super::{Pen, panel};
use crate::front::tui::logs::Lines;
use crate::front::tui::model::{Model, Panel};
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let logs = &model.logs;
    if logs.targets && logs.whole {
        let theme = pen.theme;
        let widget = TuiLoggerSmartWidget::default()
            .style_error(theme.style(Role::Bad))
            .style_warn(theme.style(Role::Warning))
            .style_debug(theme.style(Role::Faint))
            .output_file(false)
            .output_line(false)
            .output_separator(' ')
            .output_level(Some(TuiLoggerLevelOutput::Long))
            .title_log(" Log ")
            .title_target(" Sources ")
            .state(&logs.state);
        frame.render_widget(widget, area);
        return;
    }
    let focused = logs.whole || model.panel == Panel::Log;
    if !logs.is_searched() {
        let lines = Lines { theme: pen.theme };
        let title = format!(" Log  {} ", logs.shown());
        let block = panel(Line::from(title), focused, pen.theme);
        frame
            .render_widget(TuiLoggerWidget::default().block(block).formatter(Box::new(lines)).state(&logs.state), area);
        return;
    }
    let cursor = if logs.typing { "_" } else { "" };
    let inner = panel(Line::default(), focused, pen.theme).inner(area);
    let (at, lines) = logs.found(inner.width, inner.height, pen.theme);
    let filter =
        if logs.filter.is_empty() && !logs.typing { String::new() } else { format!("/{}{cursor}  ", logs.filter) };
    let title = format!(" Log  {filter}{at} ");
    frame.render_widget(panel(Line::from(title), focused, pen.theme), area);
    Rows::Whole(lines).draw(frame, inner, 0);
}
