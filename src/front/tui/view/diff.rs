//! One manifest file field by field, changed parts marked inside the line; every file has its view.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use similar::{ChangeTag, TextDiff};

use super::Pen;
use crate::front::tui::keys::Action;
use crate::front::tui::model::{Model, Phase};
use crate::front::tui::theme::Role;
use crate::release::manifest::Change;
use crate::release::plan::PlannedFile;
use crate::release::text::Clean;

pub(super) fn lines<'a>(model: &Model, width: u16, pen: Pen<'_>) -> Vec<Line<'a>> {
    let faint = pen.theme.style(Role::Faint);
    let Some(plan) = &model.run.plan else { return vec![Line::styled("No plan yet.", faint)] };
    let Some(manifest) = &plan.manifest else {
        return vec![Line::from("No DMG: the manifests stay as they are, clients are not told about this version.")];
    };
    let Some((index, count)) = model.file() else { return Vec::new() };
    let file = &manifest.files[index];
    // While the tag is typed, characters are text.
    let next = if model.phase() == Phase::Asking { "tab" } else { pen.keys.first(Action::File) };
    let mut lines = vec![heading(file, index, count, next, pen)];
    for change in &file.changes {
        lines.extend(field(change, usize::from(width), pen));
    }
    if file.write && file.changes.is_empty() {
        lines.push(Line::from("Says this already; it is written anew, so that it is the newest file."));
    }
    if file.write && manifest.signature_cleared {
        lines.push(Line::styled(
            "The signature of the earlier DMG is cleared: clients that ask for one will refuse this DMG.",
            pen.theme.style(Role::Warning),
        ));
    }
    lines
}

/// Which file this is, what happens to it, and what happens to the others.
fn heading<'a>(file: &PlannedFile, index: usize, count: usize, next: &str, pen: Pen<'_>) -> Line<'a> {
    let (word, role) = match (file.write, file.before) {
        (false, _) => ("unchanged", Role::Faint),
        (true, None) => ("create", Role::Running),
        (true, Some(_)) => ("write", Role::Running),
    };
    let more =
        if count == 1 { String::new() } else { format!("   file {} of {count}, {next} shows the next", index + 1) };
    Line::from(vec![
        Span::styled(format!("{word} "), pen.theme.style(role)),
        Span::styled(file.path.clone(), pen.theme.style(Role::Strong)),
        Span::styled(more, pen.theme.style(Role::Faint)),
    ])
}

/// On one line where it fits, else one below the other.
fn field<'a>(change: &Change, width: usize, pen: Pen<'_>) -> Vec<Line<'a>> {
    let text = |side: &Option<String>| {
        side.as_deref().map_or_else(|| "nothing".into(), |text| Clean::line(text, 400).to_string())
    };
    let (before, after) = (text(&change.before), text(&change.after));
    let name = Span::styled(format!("{:17} ", change.field), pen.theme.style(Role::Strong));
    let (old, new) = (marked(&before, &after, false, pen), marked(&before, &after, true, pen));
    let arrow = Span::raw(format!(" {} ", pen.theme.arrow()));
    if 18 + before.chars().count() + after.chars().count() + 4 <= width {
        let spans = std::iter::once(name).chain(old).chain([arrow]).chain(new);
        return vec![spans.collect()];
    }
    let mut lines = vec![Line::from(name)];
    lines.extend(side(Span::styled("  - ", pen.theme.style(Role::Removed)), old, width));
    lines.extend(side(Span::styled("  + ", pen.theme.style(Role::Added)), new, width));
    lines
}

/// One side on as many rows as it needs, broken where a row ends: a URL has no better place.
fn side<'a>(sign: Span<'a>, parts: Vec<Span<'a>>, width: usize) -> Vec<Line<'a>> {
    let room = width.saturating_sub(4).max(10);
    let mut rows = vec![vec![sign]];
    let mut used = 0;
    for part in parts {
        let chars: Vec<char> = part.content.chars().collect();
        let mut rest = &chars[..];
        while !rest.is_empty() {
            if used == room {
                rows.push(vec![Span::raw("    ")]);
                used = 0;
            }
            let (now, later) = rest.split_at(rest.len().min(room - used));
            used += now.len();
            rest = later;
            if let Some(row) = rows.last_mut() {
                row.push(Span::styled(now.iter().collect::<String>(), part.style));
            }
        }
    }
    rows.into_iter().map(Line::from).collect()
}

/// One side of a change, its own parts marked.
fn marked<'a>(before: &str, after: &str, new: bool, pen: Pen<'_>) -> Vec<Span<'a>> {
    let role = if new { Role::Added } else { Role::Removed };
    let changed = pen.theme.style(role).add_modifier(Modifier::UNDERLINED);
    let (old, new_parts) = (parts(before), parts(after));
    let diff = TextDiff::configure().diff_slices(&old, &new_parts);
    let mine = if new { ChangeTag::Insert } else { ChangeTag::Delete };
    let parts = diff.iter_all_changes().filter(|part| part.tag() == ChangeTag::Equal || part.tag() == mine);
    let span = |part: similar::Change<&str>| {
        let style = if part.tag() == mine { changed } else { Style::new() };
        Span::styled(part.value().to_owned(), style)
    };
    parts.map(span).collect()
}

/// Words, and what stands between them: a hash changes as a whole, a URL in one of its parts.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = first.is_alphanumeric();
        let end = rest.find(|c: char| c.is_alphanumeric() != word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}
