//! The head of `LATEST_CHANGES.md`: its status, and the version of the cycle that it describes.

use super::version::{Version, VersionError};

/// What the release notes say about themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotesHead {
    /// `Статус:` / `Status:`, as written.
    pub status: Option<String>,
    /// `Цикл версии:` / `Release cycle:`, as written.
    pub cycle: Option<String>,
}

/// Why notes are not ready to be published (SPEC §7 `notes`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotesError {
    /// Nothing but blanks.
    #[error("it is empty")]
    Blank,
    /// The status line says EMPTY.
    #[error("its status is EMPTY: no changes were entered in this cycle")]
    StatusEmpty,
    /// No cycle line.
    #[error("it names no version: the line `Цикл версии:` or `Release cycle:` is missing")]
    NoCycle,
    /// The cycle line holds something else than a version.
    #[error("its cycle version `{0}` is no version: {1}")]
    BadCycle(String, VersionError),
    /// The cycle is another one.
    #[error("its cycle version is {found}, VERSION is {expected}")]
    OtherCycle {
        /// What the notes say.
        found: Version,
        /// What VERSION says.
        expected: Version,
    },
}

impl NotesHead {
    /// Reads the head lines, wherever they stand; Markdown emphasis around them is ignored.
    pub fn read(text: &str) -> Self {
        let mut head = Self::default();
        // A byte order mark would hide the first line's key.
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.replace("**", "");
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim().trim_matches('`').to_owned();
            match key.trim().trim_start_matches(['-', '#', ' ']).to_lowercase().as_str() {
                "статус" | "status" => head.status.get_or_insert(value),
                "цикл версии" | "release cycle" => head.cycle.get_or_insert(value),
                _ => continue,
            };
        }
        head
    }
}

/// Judges notes for the release of `version`.
pub fn judge(text: &str, version: &Version) -> Result<(), NotesError> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(NotesError::Blank);
    }
    let head = NotesHead::read(text);
    let first_word = |status: &String| {
        status.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).map(str::to_lowercase)
    };
    if head.status.as_ref().and_then(first_word).is_some_and(|word| word == "empty") {
        return Err(NotesError::StatusEmpty);
    }
    let cycle = head.cycle.ok_or(NotesError::NoCycle)?;
    let found: Version = cycle.parse().map_err(|error| NotesError::BadCycle(cycle.clone(), error))?;
    if found == *version { Ok(()) } else { Err(NotesError::OtherCycle { found, expected: *version }) }
}
