//! `KEY=version`, as shells and dotenv files write it.

use std::ops::Range;

use super::offset;

/// The values of `key`, without quotes. A line inside a quoted value of several lines assigns nothing.
pub(super) fn values(text: &str, key: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let Some((name, value)) = assignment(line.trim_end_matches('\r')) else { continue };
        let start = offset(text, value);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let length = match quote.map(|quote| closing(&text[start + 1..], quote)) {
            Some(Some(length)) => {
                let end = start + 1 + length;
                // The value may end on a later line.
                if end > offset(text, line) + line.len() {
                    rest = text[end..].split_once('\n').map_or("", |(_, after)| after);
                }
                if name == key {
                    found.push(start + 1..end);
                }
                continue;
            }
            _ => value.find(char::is_whitespace).unwrap_or(value.len()),
        };
        if name == key {
            found.push(start..start + length);
        }
    }
    found
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    is_name.then_some((name, value.trim_start()))
}

/// Where the quote ends that was opened before `text`.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}
