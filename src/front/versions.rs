//! What the `version` commands show, as lines for people.

use super::report::Paint;
use crate::engine::versions::{Proposal, State, Survey};

/// Place by place.
pub fn survey(data: &Survey, paint: Paint<'_>) -> Vec<String> {
    let places = data.points.iter().filter(|point| point.state != State::Missing);
    let width = places.clone().map(|point| point.place().chars().count()).max().unwrap_or(0);
    let line = |point: &crate::engine::versions::Point| {
        let (color, word) = word(point.state);
        let word = paint(color, &format!("{word:9}"));
        let says = match (&point.found, &point.why) {
            (Some(found), _) if point.state == State::Aligned => found.to_string(),
            (Some(found), _) => format!("{found}, expected {}", point.expected),
            (None, Some(why)) => why.to_string(),
            (None, None) => String::new(),
        };
        let at = point.at.as_ref().map_or_else(String::new, |at| format!("  ({at})"));
        format!("  {word} {:width$}  {says}{at}", point.place())
    };
    places.map(line).collect()
}

/// What each state is called, and its ANSI colour.
pub fn word(state: State) -> (&'static str, &'static str) {
    match state {
        State::Aligned => ("32", "aligned"),
        State::Drifted => ("31", "DRIFTED"),
        State::Malformed => ("31", "MALFORMED"),
        State::Absent => ("31", "ABSENT"),
        State::Missing => ("2", "–"),
        State::Unknown => ("31", "UNKNOWN"),
    }
}

/// File by file, the lines that change.
pub fn proposal(data: &Proposal, paint: Paint<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for file in &data.files {
        lines.push(format!("  {}", file.path));
        for line in &file.lines {
            lines.push(paint("31", &format!("    {:4} - {}", line.line, line.before)));
            lines.push(paint("32", &format!("    {:4} + {}", line.line, line.after)));
        }
    }
    if lines.is_empty() {
        lines.push(format!("  No change: every place says {} already", data.to));
    }
    lines
}
