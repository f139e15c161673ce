//! `key: version` at any depth of a YAML document.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::offset;

/// What a node is in.
enum Inside {
    /// A list, or nothing.
    List,
    /// A mapping whose next node is a key.
    Key,
    /// A mapping whose next node is a value: of our key, or of another.
    Value(bool),
}

/// The one-line values of `key`, without quotes.
pub(super) fn values(text: &str, key: &str) -> Result<Vec<Range<usize>>, ScanError> {
    let mut inside = vec![Inside::List];
    let mut found = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        match &event {
            Event::Scalar(value, style, ..) => {
                let ours = node(&mut inside, value == key);
                found.extend(ours.then(|| (span, *style, value.to_string())));
            }
            Event::Alias(_) => _ = node(&mut inside, false),
            Event::MappingStart(..) => {
                node(&mut inside, false);
                inside.push(Inside::Key);
            }
            Event::SequenceStart(..) => {
                node(&mut inside, false);
                inside.push(Inside::List);
            }
            Event::MappingEnd | Event::SequenceEnd => _ = inside.pop(),
            _ => {}
        }
    }
    // The parser counts characters.
    let bytes: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    let place = |(span, style, value): (Span, _, String)| {
        let quotes = usize::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        let mut rest = text.get(*bytes.get(span.start.index())?..)?;
        // An anchor or a tag may stand before it.
        while rest.starts_with(['&', '!']) {
            rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
        }
        let rest = rest.get(quotes..)?;
        rest.starts_with(&value).then(|| offset(text, rest)..offset(text, rest) + value.len())
    };
    Ok(found.into_iter().filter_map(place).collect())
}

/// Takes in a node; answers whether it is a value of our key.
fn node(inside: &mut [Inside], is_key: bool) -> bool {
    let Some(inside) = inside.last_mut() else { return false };
    let (next, wanted) = match inside {
        Inside::List => return false,
        Inside::Key => (Inside::Value(is_key), false),
        Inside::Value(wanted) => (Inside::Key, *wanted),
    };
    *inside = next;
    wanted
}
