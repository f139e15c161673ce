//! A place where the version stands in a file: found by a parser of the file's format, so that nothing but four
//! numbers is ever replaced.

mod env;
mod json;
mod pattern;
mod xml;
mod yaml;

use std::collections::BTreeSet;
use std::ops::Range;

use regex_lite::Regex;

use super::version::Version;

/// How the version is found in a file.
#[derive(Debug, Clone)]
pub enum Place {
    /// The whole file is the version, but for a line ending.
    Text,
    /// `KEY=version`.
    Env(String),
    /// `key: version`, at any depth.
    Yaml(String),
    /// A key of the outermost object.
    Json(String),
    /// A key of the outermost dictionary of a property list.
    Plist(String),
    /// The `version` attribute of the elements that this selects.
    Xml(Selector),
    /// What the group `version` matches.
    Pattern(Regex),
}

/// `element[@attribute='value']`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Its name, as it is written.
    pub element: String,
    /// The attribute that tells it from others.
    pub attribute: String,
    /// That attribute's value.
    pub value: String,
}

/// Why there is no version in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing that looks like a version stands at such a place.
    #[error("nothing there matches")]
    Absent,
    /// It is not of its format.
    #[error("it is {0}")]
    Broken(String),
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// In bytes.
    pub span: Range<usize>,
    /// From 1.
    pub line: usize,
    /// Four numbers; `None`: something else, which is never replaced.
    pub version: Option<Version>,
}

impl Place {
    /// Reads the pattern of a place: `{version}` in it stands for the four numbers.
    pub fn pattern(pattern: &str) -> Result<Self, String> {
        pattern::compile(pattern).map(Self::Pattern)
    }

    /// Reads `element[@attribute='value']`.
    pub fn selector(text: &str) -> Option<Self> {
        Selector::parse(text).map(Self::Xml)
    }

    /// Where the version stands in `text`: at the first such place, or at `all` of them; at least one.
    ///
    /// The first place of a key decides, whatever stands there: the next one behind it may be another program's. Of `all`
    /// places, and of those that a pattern matches, what counts something else (`3`, `"3.8"`, `latest`) is passed over;
    /// what looks like a spoiled version (`1.6.1`, `v1.6.1.43`) is not.
    pub fn find(&self, text: &str, all: bool) -> Result<Vec<Spot>, Unfit> {
        let spans = match self {
            // Whatever it is, it should be the version.
            Self::Text => return Ok(vec![spot(text, whole(text))]),
            Self::Env(key) => env::values(text, key),
            Self::Yaml(key) => yaml::values(text, key).map_err(|why| Unfit::Broken(format!("no YAML: {why}")))?,
            Self::Json(key) => json::values(text, key).map_err(|why| Unfit::Broken(format!("no JSON: {why}")))?,
            Self::Plist(key) => xml::plist(text, key).map_err(|why| Unfit::Broken(format!("no XML: {why}")))?,
            Self::Xml(selector) => {
                xml::attributes(text, selector).map_err(|why| Unfit::Broken(format!("no XML: {why}")))?
            }
            Self::Pattern(pattern) => pattern::values(text, pattern),
        };
        let decides = !all && !matches!(self, Self::Pattern(_));
        let places = spans.into_iter().filter(|span| decides || is_akin(&text[span.clone()]));
        let spots: Vec<_> = places.take(if all { usize::MAX } else { 1 }).map(|span| spot(text, span)).collect();
        if spots.is_empty() { Err(Unfit::Absent) } else { Ok(spots) }
    }
}

/// The text with `version` in those places, each byte range once; all else stays as it is.
pub fn replaced(text: &str, spans: &BTreeSet<(usize, usize)>, version: &Version) -> String {
    let mut new = String::with_capacity(text.len() + 8 * spans.len());
    let mut at = 0;
    for (start, end) in spans {
        new += &text[at..*start];
        new += &version.to_string();
        at = *end;
    }
    new + &text[at..]
}

fn spot(text: &str, span: Range<usize>) -> Spot {
    let line = 1 + text[..span.start].bytes().filter(|byte| *byte == b'\n').count();
    Spot { version: text[span.clone()].parse().ok(), span, line }
}

/// Without the one line ending that a VERSION file may have.
fn whole(text: &str) -> Range<usize> {
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    0..line.len()
}

/// Whether it is the version of a release, a spoiled one perhaps.
fn is_akin(value: &str) -> bool {
    let numbers = value.strip_prefix(['v', 'V']).unwrap_or(value);
    numbers.starts_with(|c: char| c.is_ascii_digit()) && numbers.matches('.').count() >= 2
}

/// Where `part`, which is a part of `text`, begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}
