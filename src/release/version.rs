//! `X.Y.Z.W`: the version of a release, and the tag that is its only container.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Four numbers, compared one by one. Each is at most 2³¹−1 (SPEC §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version([u32; 4]);

/// Why a text is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Another count of parts than four.
    #[error("it has {0} parts, not four")]
    Parts(usize),
    /// A part with something else than ASCII digits.
    #[error("part {0} is not made of the digits 0 to 9")]
    Digits(usize),
    /// A part such as `07`.
    #[error("part {0} has a leading zero")]
    LeadingZero(usize),
    /// A part above 2³¹−1.
    #[error("part {0} is larger than 2147483647")]
    TooLarge(usize),
    /// The tag's `v`, which is no part of a version.
    #[error("it starts with a `v`; only the tag has one")]
    LeadingV,
    /// An encoding mark or bytes that are not text.
    #[error("the file is not plain text: {0}")]
    NotText(&'static str),
    /// More than one line, or blanks around it.
    #[error("the file holds more than the version on one line")]
    Extra,
}

impl Version {
    /// A version from its four numbers.
    pub const fn new(parts: [u32; 4]) -> Self {
        Self(parts)
    }

    /// The four numbers.
    pub const fn parts(&self) -> [u32; 4] {
        self.0
    }

    /// The one that follows: its last number is one higher.
    #[must_use]
    pub const fn next(&self) -> Self {
        let [major, minor, patch, build] = self.0;
        Self([major, minor, patch, build.saturating_add(1)])
    }

    /// Reads the bytes of a `VERSION` file: the version, then at most one line ending (LF or CRLF).
    pub fn from_file(bytes: &[u8]) -> Result<Self, VersionError> {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err(VersionError::NotText("it starts with a byte order mark"));
        }
        if bytes.contains(&0) {
            return Err(VersionError::NotText("it contains a NUL byte"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| VersionError::NotText("it is not UTF-8"))?;
        let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
        if line.trim() != line || line.contains(['\n', '\r']) {
            return Err(VersionError::Extra);
        }
        line.parse()
    }

    /// Whether the step from `earlier` to this version is one that a release usually takes: the first part that differs
    /// is up by one, whatever stands behind it.
    pub fn follows(&self, earlier: &Self) -> bool {
        let first = (0..4).find(|&i| self.0[i] != earlier.0[i]);
        first.is_some_and(|i| earlier.0[i].checked_add(1) == Some(self.0[i]))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.starts_with(['v', 'V']) {
            return Err(VersionError::LeadingV);
        }
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() != 4 {
            return Err(VersionError::Parts(parts.len()));
        }
        let mut numbers = [0; 4];
        for (i, part) in parts.iter().enumerate() {
            let at = i + 1;
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(VersionError::Digits(at));
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err(VersionError::LeadingZero(at));
            }
            numbers[i] =
                part.parse::<u32>().ok().filter(|n| i32::try_from(*n).is_ok()).ok_or(VersionError::TooLarge(at))?;
        }
        Ok(Self(numbers))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = self.0;
        write!(f, "{major}.{minor}.{patch}.{build}")
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

/// How a tag is made from a version: the setting `release.tag`, e.g. `v{version}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    prefix: String,
    suffix: String,
}

impl TagTemplate {
    /// The place of the version in a template.
    const PLACE: &str = "{version}";

    /// Reads a template. It names the version exactly once, and only characters that are safe in a git ref and in a
    /// URL stand around it.
    pub fn parse(template: &str) -> Result<Self, String> {
        let (prefix, suffix) = template
            .split_once(Self::PLACE)
            .filter(|(_, rest)| !rest.contains(Self::PLACE))
            .ok_or("it must contain {version} exactly once")?;
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !prefix.chars().chain(suffix.chars()).all(safe) {
            return Err("only ASCII letters, digits, `-`, `_` and `.` may stand around {version}".into());
        }
        if prefix.starts_with(['-', '.']) || suffix.ends_with('.') {
            return Err("a tag cannot start with `-` or `.`, nor end with `.`".into());
        }
        // What `git check-ref-format` refuses besides; folders of a Mac do not tell `.LOCK` from `.lock`.
        if prefix.contains("..") || suffix.contains("..") || suffix.to_ascii_lowercase().ends_with(".lock") {
            return Err("git refuses a tag with `..` in it, or with `.lock` at its end".into());
        }
        if prefix.ends_with(|c: char| c.is_ascii_digit()) || suffix.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("a digit beside {version} would make two versions share one tag".into());
        }
        Ok(Self { prefix: prefix.into(), suffix: suffix.into() })
    }

    /// The tag of `version`.
    pub fn tag(&self, version: &Version) -> String {
        format!("{}{version}{}", self.prefix, self.suffix)
    }

    /// The version whose tag this is; `None` for tags that are no versions (`Update`, `App`).
    pub fn version_of(&self, tag: &str) -> Option<Version> {
        tag.strip_prefix(&self.prefix)?.strip_suffix(&self.suffix)?.parse().ok()
    }
}
