//! Messages of other programs: GitHub, gh, git, az, Python, the system. A symptom is recognised by its wording.

use serde::Deserialize;

use super::{Entry, Kind};
use crate::release::text::Clean;

const TEXTS: &str = include_str!("../../assets/guide/en/symptoms.toml");
/// How far apart, in bytes, the parts of one pattern may stand.
const REACH: usize = 240;

#[derive(Default, Deserialize)]
struct Texts {
    symptom: Vec<Symptom>,
}

#[derive(Deserialize)]
struct Symptom {
    id: String,
    patterns: Vec<String>,
    meaning: String,
    why: String,
    fix: Vec<String>,
    #[serde(default)]
    see: Vec<String>,
}

/// Every symptom with its patterns.
pub(super) fn all() -> impl Iterator<Item = (Entry, Vec<String>)> {
    // A test reads them: they are compiled in.
    let texts: Texts = toml::from_str(TEXTS).unwrap_or_default();
    texts.symptom.into_iter().map(|Symptom { id, patterns, meaning, why, fix, see }| {
        (Entry { why, fix, see, ..Entry::new(Kind::Symptom, &id, &meaning) }, patterns)
    })
}

/// The symptoms in `text`, the one with the longest wording first: it says most.
pub(super) fn within(text: &str) -> Vec<Entry> {
    // However a terminal broke the lines. ASCII case leaves the places of all characters as they are.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (mut entry, patterns) in all() {
        let places = patterns.iter().filter_map(|pattern| {
            let range = find(&lower, &pattern.to_ascii_lowercase())?;
            Some((pattern.len(), range))
        });
        if let Some((weight, range)) = places.max_by_key(|(weight, _)| *weight) {
            entry.found = Some(Clean::line(&text[range], 160));
            found.push((weight, entry));
        }
    }
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Where `pattern` stands in `text`; a `*` in it is anything, for [`REACH`] bytes at most.
fn find(text: &str, pattern: &str) -> Option<std::ops::Range<usize>> {
    let (first, rest) = pattern.split_once('*').map_or((pattern, None), |(first, rest)| (first, Some(rest)));
    text.match_indices(first).find_map(|(start, _)| {
        let mut end = start + first.len();
        for part in rest.into_iter().flat_map(|rest| rest.split('*')) {
            let reach = text.floor_char_boundary(end + REACH + part.len());
            end += text[end..reach].find(part)? + part.len();
        }
        Some(start..end)
    })
}
