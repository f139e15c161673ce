//! A regular expression in which `{version}` stands for the four numbers.

use std::ops::Range;

use regex_lite::{Regex, RegexBuilder};

/// More than four numbers match as well: a part of five is no version.
const NUMBERS: &str = r"(?<version>[vV]?[0-9]+(?:\.[0-9]+)*)";

/// `^` and `$` are the ends of a line.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let pattern = pattern.replace("{version}", NUMBERS);
    let built = RegexBuilder::new(&pattern).multi_line(true).crlf(true).build();
    // The last line says what is wrong; those above show the pattern, which the reader knows.
    built.map_err(|error| error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
}

/// What stands for the version in every match, to the end of its word.
pub(super) fn values(text: &str, pattern: &Regex) -> Vec<Range<usize>> {
    let matched = pattern.captures_iter(text).filter_map(|found| Some(found.name("version")?.range()));
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    matched.map(|span| span.start..text[span.end..].find(word).map_or(text.len(), |more| span.end + more)).collect()
}
