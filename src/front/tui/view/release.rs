//! The pipeline: every step, what it did or does, and the gauges of what is on its way.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::rows::Rows;
use super::{Pen, cut, panel};
use crate::engine::event::StepId;
use crate::engine::run::{Step, Transfer};
use crate::front::tui::model::{Model, Panel};
use crate::front::tui::theme::Role;
use crate::release::text::size;

/// Cells of a gauge.
const GAUGE: usize = 16;
/// Cells of a gauge in a panel that is not [`ROOMY`].
const SHORT_GAUGE: usize = 6;
/// From this width on a gauge, its numbers and names have room beside each other.
const ROOMY: u16 = 70;

/// How many lines the panel would like.
pub(super) fn rows(model: &Model) -> usize {
    StepId::ALL.len() + model.run.transfer.as_ref().map_or(0, |transfer| transfer.items.len())
}

/// Answers how far it can be scrolled.
pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, pen: Pen<'_>) -> u16 {
    let block = panel(Line::from(" Release "), model.panel == Panel::Release, pen.theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = lines(model, inner.width, pen);
    let room = usize::from(inner.height);
    let limit = u16::try_from(lines.len().saturating_sub(room)).unwrap_or(u16::MAX);
    let lines = match model.steps {
        None if limit > 0 => folded(lines, room, pen),
        _ => lines,
    };
    let rows = Rows::Whole(lines.into_iter().map(|(_, line)| line).collect());
    rows.draw(frame, inner, model.steps.unwrap_or(0).min(limit));
    limit
}

/// Finished steps fold into a count, the first ones first.
fn folded<'a>(mut lines: Vec<(bool, Line<'a>)>, room: usize, pen: Pen<'_>) -> Vec<(bool, Line<'a>)> {
    let surplus = lines.len() + 1 - room;
    let done = lines.iter().take_while(|(done, _)| *done).count().min(surplus);
    if done > 0 {
        lines.drain(..done);
        let text = format!(" {} {done} steps done", pen.theme.step(Some(crate::engine::event::StepState::Ok), 0).0);
        lines.insert(0, (true, Line::styled(text, pen.theme.style(Role::Good))));
    }
    lines.truncate(room);
    lines
}

fn lines<'a>(model: &Model, width: u16, pen: Pen<'_>) -> Vec<(bool, Line<'a>)> {
    let mut lines = Vec::new();
    for id in StepId::ALL {
        match model.run.steps.iter().find(|step| step.id == *id) {
            None => lines
                .push((false, Line::styled(format!(" {} {id}", pen.theme.waiting()), pen.theme.style(Role::Faint)))),
            Some(step) => {
                lines.push((step.state.is_some(), line(step, model, width, pen)));
                if let Some(transfer) = model.run.transfer.as_ref().filter(|transfer| transfer.step == *id) {
                    lines.extend(items(transfer, width, pen).into_iter().map(|line| (false, line)));
                }
            }
        }
    }
    lines
}

fn line<'a>(step: &Step, model: &Model, width: u16, pen: Pen<'_>) -> Line<'a> {
    let (shape, role) = pen.theme.step(step.state, pen.beat);
    let transfer = model.run.transfer.as_ref().filter(|transfer| transfer.step == step.id);
    let elapsed = match (step.state, step.started) {
        (None, Some(started)) => u64::try_from(pen.now.duration_since(started).as_millis()).unwrap_or(0),
        _ => step.elapsed_ms,
    };
    let mut text = match (step.state, transfer) {
        (None, transfer) => {
            waiting(model, pen).or_else(|| transfer.map(|transfer| whole(transfer, width, pen))).unwrap_or_default()
        }
        _ => step.summary.to_string(),
    };
    let time = if elapsed < 100 && step.state.is_some() { String::new() } else { seconds(elapsed) };
    let room = usize::from(width).saturating_sub(13 + time.len() + 2);
    text = cut(&text.replace('\n', " "), room);
    let fill = room.saturating_sub(unicode_width::UnicodeWidthStr::width(text.as_str()));
    Line::from(vec![
        Span::styled(format!(" {shape} "), pen.theme.style(role)),
        Span::raw(format!("{:9} ", step.id)),
        Span::raw(text),
        Span::styled(format!("{} {time}", " ".repeat(fill)), pen.theme.style(Role::Faint)),
    ])
}

/// What is waited for, and how long yet.
fn waiting(model: &Model, pen: Pen<'_>) -> Option<String> {
    let until = model.run.waiting_until?;
    let left = until.duration_since(pen.now).as_secs();
    let (_, reason) = model.run.notes.iter().rev().find(|(kind, _)| *kind == crate::engine::event::NoteKind::Wait)?;
    (left > 0).then(|| format!("{left} s: {reason}"))
}

fn whole(transfer: &Transfer, width: u16, pen: Pen<'_>) -> String {
    let (done, total) = transfer.bytes();
    let rate = transfer.rate().map_or_else(String::new, |rate| format!("  {}/s", size(rate)));
    let left =
        transfer.seconds_left().filter(|_| done < total).map_or_else(String::new, |left| format!("  {left} s left"));
    format!("{} {:3} %{rate}{left}", bar(done, total, width, pen), percent(done, total))
}

fn items<'a>(transfer: &Transfer, width: u16, pen: Pen<'_>) -> Vec<Line<'a>> {
    let item = |item: &crate::engine::event::Item| {
        let text = format!(
            "     {:17} {} {:3} %  {} of {}",
            cut(item.name.as_str(), 17),
            bar(item.done, item.total, width, pen),
            percent(item.done, item.total),
            size(item.done),
            size(item.total)
        );
        Line::from(cut(&text, usize::from(width)))
    };
    transfer.items.iter().map(item).collect()
}

/// Short where there is little room: the numbers tell more.
fn bar(done: u64, total: u64, width: u16, pen: Pen<'_>) -> String {
    let cells = if width < ROOMY { SHORT_GAUGE } else { GAUGE };
    let full = usize::try_from(percent(done, total)).unwrap_or(0) * cells / 100;
    let (filled, empty) = pen.theme.gauge();
    format!("{}{}", filled.repeat(full), empty.repeat(cells - full))
}

fn percent(done: u64, total: u64) -> u64 {
    (done.min(total) * 100).checked_div(total).unwrap_or(100)
}

/// In tenths, from a minute on in seconds.
pub(super) fn seconds(millis: u64) -> String {
    match millis / 1000 {
        seconds @ 60.. => format!("{}:{:02} min", seconds / 60, seconds % 60),
        seconds => format!("{seconds}.{} s", millis % 1000 / 100),
    }
}
