//! The end of a run: what failed and how to go on, or the final checklist and what to do next.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Pen, evidence, link, popup};
use crate::engine::event::{Outcome, RunResult};
use crate::front::tui::keys::Action;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) {
    let Some(result) = &model.run.result else { return };
    let tag = result.tag.clone().unwrap_or_default();
    match (result.code, result.outcome) {
        (Some(_), _) => failed(frame, area, result, pen),
        (None, Outcome::Nothing) => done(frame, area, model, pen, &format!("{tag} was public already: nothing to do")),
        (None, _) => {
            done(frame, area, model, pen, &format!("{tag} is public, and what clients download is what was built"));
        }
    }
}

fn done(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>, title: &str) {
    let mut lines = vec![Line::styled("RELEASE COMPLETE", pen.theme.style(Role::Good))];
    lines.push(Line::default());
    lines.extend(evidence::checklist(model, popup::width(area), pen));
    lines.push(Line::default());
    let key = |action| pen.keys.first(action).to_owned();
    lines.push(Line::styled(
        format!(
            "{} closes · {} leaves · pending lines name the command that does them",
            key(Action::Back),
            key(Action::Quit)
        ),
        pen.theme.style(Role::Faint),
    ));
    let inner = popup::draw(frame, area, title, Role::Good, lines, pen);
    link::mark(frame, inner);
}

fn failed(frame: &mut Frame, area: Rect, result: &RunResult, pen: Pen<'_>) {
    let faint = pen.theme.style(Role::Faint);
    let code = result.code.map(|code| code.to_string()).unwrap_or_default();
    let text =
        |clean: &Option<crate::release::text::Clean>| clean.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![Line::styled(text(&result.message), pen.theme.style(Role::Bad)), Line::default()];
    lines.push(Line::from(vec![Span::styled("why: ", faint), Span::raw(text(&result.why))]));
    for fix in result.fix.iter().flatten() {
        lines.push(Line::from(vec![
            Span::styled("fix: ", faint),
            Span::styled(fix.to_string(), pen.theme.style(Role::Running)),
        ]));
    }
    lines.push(Line::default());
    let key = |action| pen.keys.first(action).to_owned();
    lines.push(Line::styled(
        format!(
            "{} looks again and goes on · {} copies the fix · {} closes · {} leaves · exit code {}",
            key(Action::Go),
            key(Action::Copy),
            key(Action::Back),
            key(Action::Quit),
            result.exit_code
        ),
        faint,
    ));
    popup::draw(frame, area, &code, Role::Bad, lines, pen);
}
