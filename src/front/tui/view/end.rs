//! The end of a run: what failed and how to go on, or the final checklist and what to do next.

use ratatui::layout::Flex;
use ratatui::text::{Line, Span};

use super::popup::Popup;
use super::{Pen, evidence};
use crate::engine::event::{Outcome, RunResult, StepId, StepState};
use crate::front::tui::input::goes_on;
use crate::front::tui::keys::Action;
use crate::front::tui::model::Model;
use crate::front::tui::theme::Role;
use crate::release::checklist::State;
use crate::release::plan::Action as Act;
use crate::release::text::Clean;

pub(super) fn popup<'a>(model: &Model, width: u16, pen: Pen<'_>) -> Option<Popup<'a>> {
    let result = model.run.result.as_ref()?;
    let tag = result.tag.clone().unwrap_or_default();
    Some(match (result.code, result.outcome) {
        (Some(_), _) => failed(result, pen),
        (None, Outcome::Nothing) => done(model, width, pen, format!("{tag} was public already: nothing to do")),
        (None, _) => done(model, width, pen, format!("{tag} is public, and what clients download is what was built")),
    })
}

fn done<'a>(model: &Model, width: u16, pen: Pen<'_>, title: String) -> Popup<'a> {
    let mut lines = vec![Line::styled("RELEASE COMPLETE", pen.theme.style(Role::Good))];
    lines.extend(sent(model).map(Line::from));
    // Why something was not needed is worth a line: somebody else was faster, or was there before.
    let skipped = model.run.steps.iter().find(|step| step.id == StepId::Publish);
    let skipped = skipped.filter(|step| step.state == Some(StepState::Skipped));
    lines.extend(skipped.map(|step| Line::from(format!("publish: {}", step.summary))));
    lines.push(Line::default());
    lines.extend(evidence::checklist(model, width, pen));
    let key = |action| pen.keys.first(action);
    let pending = model.checklist.iter().any(|item| item.state == State::Pending);
    let copies = if pending { format!("{} copies what is pending · ", key(Action::Copy)) } else { String::new() };
    let hint = format!("{copies}{} closes · {} leaves", key(Action::Back), key(Action::Quit));
    Popup { title, role: Role::Good, lines, hint, place: Flex::Center, asks: false }
}

/// What this run sent, and what it did not have to.
fn sent(model: &Model) -> Option<String> {
    let plan = model.run.plan.as_ref()?;
    let names = |actions: &[Act]| {
        let assets = plan.assets.iter().filter(|asset| actions.contains(&asset.action));
        assets.map(|asset| asset.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (sent, kept) = (names(&[Act::Upload, Act::Extend]), names(&[Act::Skip]));
    match (sent.is_empty(), kept.is_empty()) {
        (false, false) => Some(format!("Sent: {sent}. There already, not sent again: {kept}.")),
        (true, false) => Some(format!("There already, byte for byte, not sent again: {kept}.")),
        _ => None,
    }
}

fn failed<'a>(result: &RunResult, pen: Pen<'_>) -> Popup<'a> {
    let faint = pen.theme.style(Role::Faint);
    let title = result.code.map(|code| code.to_string()).unwrap_or_default();
    let text = |clean: &Option<Clean>| clean.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![Line::styled(text(&result.message), pen.theme.style(Role::Bad)), Line::default()];
    lines.push(Line::from(vec![Span::styled("why: ", faint), Span::raw(text(&result.why))]));
    for fix in result.fix.iter().flatten() {
        lines.push(Line::from(vec![
            Span::styled("fix: ", faint),
            Span::styled(fix.to_string(), pen.theme.style(Role::Running)),
        ]));
    }
    lines.push(Line::default());
    let enter = pen.keys.first(Action::Go);
    lines.push(Line::from(if goes_on(result) {
        format!("{enter} runs it again: it goes on where this one stopped, and asks for the tag first.")
    } else {
        format!("{enter} looks at everything again. The same run would fail again until this is mended.")
    }));
    lines.push(Line::styled(format!("Exit code {}.", result.exit_code), faint));
    let key = |action| pen.keys.first(action);
    let hint = format!(
        "{enter} again · {} copies the fix · {} closes · {} leaves",
        key(Action::Copy),
        key(Action::Back),
        key(Action::Quit)
    );
    Popup { title, role: Role::Bad, lines, hint, place: Flex::Center, asks: false }
}
