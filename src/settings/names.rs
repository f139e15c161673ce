//! Texts with a form: repositories, paths, asset names, names of variables.

use std::fmt;
use std::path::{Component, Path};

use serde::Deserialize;

use super::wrong::Wrong;

/// A repository, OWNER/NAME, in GitHub's characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Repo(String);

impl Repo {
    /// Reads OWNER/NAME.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let owner = |s: &str| {
            (1..=39).contains(&s.len())
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !s.starts_with('-')
        };
        let name = |s: &str| {
            (1..=100).contains(&s.len())
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
                && !matches!(s, "." | "..")
                && !s.to_ascii_lowercase().ends_with(".git")
        };
        match text.split_once('/') {
            Some((o, n)) if owner(o) && name(n) => Ok(Self(text.to_owned())),
            _ => Err(Wrong::new(
                "is not OWNER/NAME",
                "a GitHub repository such as Seregawpn/Nexy_production",
                "write owner and name, without an address before them and without .git behind them",
            )),
        }
    }

    /// OWNER/NAME.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash.
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The part behind the slash.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }

    /// Whether both are the same repository: GitHub does not look at case.
    pub fn is(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl TryFrom<String> for Repo {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl fmt::Display for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A path inside a folder: relative, without `..`, not the folder itself, and written without needless parts.
pub(super) fn inside(text: &str) -> Result<(), Wrong> {
    let wrong = |is: &str, fix: &str| Wrong::new(is, "a relative path inside the folder it belongs to", fix);
    let path = Path::new(text);
    if path.is_absolute() || text.starts_with(['/', '\\', '~']) {
        return Err(wrong("is not a relative path", "write it relative, without a `/` at its start"));
    }
    if path.components().any(|part| matches!(part, Component::ParentDir)) {
        return Err(wrong("leads out of its folder", "remove the `..`"));
    }
    if text.is_empty() || text.split('/').any(|part| part.is_empty() || part == ".") {
        return Err(wrong("is not a plain path", "write names with one `/` between them, without `.`"));
    }
    Ok(())
}

/// A path in the workspace that the console may write to: neither git's folder nor its own.
pub(super) fn in_workspace(text: &str) -> Result<(), Wrong> {
    inside(text)?;
    match text.split('/').next() {
        Some(".git" | ".nexy-release") => Err(Wrong::new(
            "is in a folder that is not for releases",
            "a path outside .git and .nexy-release",
            "choose another folder",
        )),
        _ => Ok(()),
    }
}

/// A path that may be absolute or in the workspace, without `..`.
pub(super) fn folder(text: &str) -> Result<(), Wrong> {
    text.strip_prefix('/').map_or_else(|| inside(text), inside)
}

/// An absolute path on the VM.
pub(super) fn absolute(text: &str) -> Result<(), Wrong> {
    match text.strip_prefix('/') {
        Some(rest) => inside(rest),
        None => Err(Wrong::new("is not an absolute path", "a path on the VM", "begin it with `/`")),
    }
}

/// A file name that GitHub keeps as it is.
pub(super) fn asset(text: &str) -> Result<(), Wrong> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let plain = (1..=255).contains(&text.len()) && text.bytes().all(safe);
    if plain && !text.starts_with(['.', '-']) && !text.ends_with('.') {
        return Ok(());
    }
    Err(Wrong::new(
        "is a name that GitHub would change, or not a file name",
        "ASCII letters, digits, `.`, `_` and `-`; no `.` or `-` at its start, no `.` at its end",
        "rename the file, e.g. Nexy.dmg",
    ))
}

/// The name of an environment variable.
pub(super) fn variable(text: &str) -> Result<(), Wrong> {
    let form = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if form && !text.is_empty() && !text.as_bytes()[0].is_ascii_digit() {
        return Ok(());
    }
    Err(Wrong::new(
        "is not the name of a variable",
        "the name of a variable, never its value: ASCII letters, digits and `_`",
        "write a name such as NEXY_TOKEN, and set that variable in the shell",
    ))
}

/// A word for another program's command line: not empty, and not read as an option there.
pub(super) fn word(text: &str) -> Result<(), Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::new("is empty", "a text", "write the name, or remove the line for the default"));
    }
    if text.starts_with('-') {
        return Err(Wrong::new("starts with `-`", "a name, not an option", "remove the `-`"));
    }
    Ok(())
}
