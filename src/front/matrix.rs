//! The matrix of sources and fields: what the cells of a source come to, column by column.

use crate::release::status::Row;
use crate::release::text::Clean;
use crate::release::verification::{Cell, CellState};

/// The fields across; what has no column of its own is in the last one.
pub const COLUMNS: [&str; 7] = ["version", "build", "url", "size", "sha256", "signed", "other"];
/// What is said of all of a source at once.
const WHOLE: [&str; 5] = ["served", "status", "answer", "body", "file"];

/// The state of each column of a source; `None`: nothing is said there.
pub fn states<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> [Option<CellState>; COLUMNS.len()] {
    let (mut states, mut whole) = ([None; COLUMNS.len()], None);
    for cell in cells {
        let field = cell.field.as_str();
        let state = if WHOLE.contains(&field) { &mut whole } else { &mut states[column(field)] };
        if state.is_none_or(|known| weight(cell.state) > weight(known)) {
            *state = Some(cell.state);
        }
    }
    states.map(|state| state.or(whole))
}

/// The cells that are not as they should be, what drifted first.
pub fn wrong<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<&'a Cell> {
    let is_wrong = |cell: &&Cell| matches!(cell.state, CellState::Drifted | CellState::Unknown);
    let mut wrong: Vec<_> = cells.into_iter().filter(is_wrong).collect();
    wrong.sort_by_key(|cell| std::cmp::Reverse(weight(cell.state)));
    wrong
}

/// The same with their fixes; several that one thing mends, beside each other, have it once, behind the last.
pub fn mended<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<(&'a Cell, &'a [Clean])> {
    let wrong = wrong(cells);
    let next = wrong.iter().skip(1).map(Some).chain([None]);
    let fix = |(cell, next): (&&'a Cell, Option<&&'a Cell>)| {
        let again = next.is_some_and(|next| next.fix == cell.fix);
        (*cell, if again { &[][..] } else { &cell.fix[..] })
    };
    wrong.iter().zip(next).map(fix).collect()
}

/// Why cells are pending: each reason once, with the cells that it is about.
pub fn pending<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<String> {
    let mut reasons: Vec<(&Clean, Vec<String>)> = Vec::new();
    for cell in cells.into_iter().filter(|cell| cell.state == CellState::Pending) {
        let whole = WHOLE.contains(&cell.field.as_str());
        let name = if whole { cell.source.to_string() } else { format!("{} {}", cell.source, cell.field) };
        match reasons.iter_mut().find(|(why, _)| **why == cell.found) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&cell.found, vec![name])),
        }
    }
    reasons.into_iter().map(|(why, names)| format!("pending: {}: {why}", names.join(", "))).collect()
}

/// How many sources are not as they should be.
pub fn wrong_rows(rows: &[Row]) -> usize {
    rows.iter().filter(|row| matches!(worst(row), CellState::Drifted | CellState::Unknown)).count()
}

/// The sources that `room` lines have a place for, in their order, and a line that counts the others: the aligned ones give
/// way first.
pub fn folded(rows: &[Row], room: usize) -> (Vec<&Row>, Option<String>) {
    if rows.len() <= room {
        return (rows.iter().collect(), None);
    }
    let mut order: Vec<_> = (0..rows.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(rows.get(*at).map(|row| weight(worst(row)))));
    let kept: Vec<_> = order.into_iter().take(room.saturating_sub(1)).collect();
    let (mut shown, mut states) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        if kept.contains(&at) { shown.push(row) } else { states.push(worst(row)) }
    }
    states.sort_by_key(|state| std::cmp::Reverse(weight(*state)));
    let counts = states.chunk_by(|one, next| one == next).filter_map(|same| {
        let word = match same.first()? {
            CellState::Aligned => "aligned",
            CellState::Drifted => "DRIFTED",
            CellState::Unknown => "unknown",
            CellState::Pending => "pending",
            CellState::NotApplicable => "not judged",
        };
        Some(format!("{} {word}", same.len()))
    });
    (shown, Some(format!("and {}", counts.collect::<Vec<_>>().join(", "))))
}

fn worst(row: &Row) -> CellState {
    let states = row.cells.iter().map(|cell| cell.state);
    states.max_by_key(|state| weight(*state)).unwrap_or(CellState::NotApplicable)
}

fn column(field: &str) -> usize {
    let name = if matches!(field, "signature" | "ed25519") { "signed" } else { field };
    COLUMNS.iter().position(|column| *column == name).unwrap_or(COLUMNS.len() - 1)
}

fn weight(state: CellState) -> u8 {
    match state {
        CellState::NotApplicable => 0,
        CellState::Aligned => 1,
        CellState::Pending => 2,
        CellState::Unknown => 3,
        CellState::Drifted => 4,
    }
}

/// A path by its end: that is where paths differ.
pub fn short(source: &str, width: usize) -> String {
    let count = source.chars().count();
    if count <= width {
        return source.to_owned();
    }
    let end: String = source.chars().skip(count + 1 - width).collect();
    format!("…{end}")
}
