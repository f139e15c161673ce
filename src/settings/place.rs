//! Where a setting comes from: the default, a place in the file, or a variable.

use std::collections::BTreeMap;
use std::fmt;

/// The name of the settings file in the workspace's root.
pub const FILE: &str = "release.toml";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `assets/default.toml`.
    Default,
    /// The workspace's `release.toml`.
    File {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// The environment variable of this name.
    Variable(String),
}

impl Origin {
    /// The place of byte `offset` in `text`.
    pub(super) fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + 1;
        Self::File { line, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line, column } => write!(f, "{FILE}:{line}:{column}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// The origin of each setting that is not a default, by dotted key (`release.repo`, `release.asset[0].name`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where `key` comes from. What has no origin of its own has that of the list or entry around it.
    pub fn of(&self, key: &str) -> Origin {
        let mut key = key;
        loop {
            if let Some(origin) = self.0.get(key) {
                return origin.clone();
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = &key[..end],
                None => return Origin::Default,
            }
        }
    }

    /// Notes where `key` comes from. A value for the whole forgets the places of its former parts.
    pub(super) fn set(&mut self, key: &str, origin: Origin) {
        let part = |k: &String| k.strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', '[']));
        self.0.retain(|k, _| !part(k));
        self.0.insert(key.to_owned(), origin);
    }
}
