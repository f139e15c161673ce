//! The places where the version stands: `[[version.point]]`, as data.

use serde::{Deserialize, Serialize};

use super::wrong::Wrong;
use crate::release::point::Place;

/// `[version]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VersionPoints {
    /// Every place, one entry per key.
    #[serde(rename = "point")]
    pub points: Vec<VersionPoint>,
}

/// One place, in every file that `file` names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VersionPoint {
    /// Path or glob relative to the workspace: `*` within a name, `**` any depth, also none.
    pub file: String,
    /// How the version is found.
    pub format: PointFormat,
    /// The key, for `env`, `yaml`, `json`, `plist` and `xml`.
    #[serde(default)]
    pub key: Option<String>,
    /// The regular expression with one `{version}`, for `regex`.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Which matches in a file.
    #[serde(default)]
    pub occurrence: Occurrence,
}

/// How the version is found in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PointFormat {
    /// The whole file is the version.
    Text,
    /// `KEY=version`.
    Env,
    /// `key: version`, at any depth.
    Yaml,
    /// A key of the outermost object.
    Json,
    /// `<key>KEY</key>` and the `<string>` behind it.
    Plist,
    /// The `version` attribute of `element[@attribute='value']`.
    Xml,
    /// A regular expression.
    Regex,
}

/// Which matches in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occurrence {
    /// The first one.
    #[default]
    First,
    /// Every one.
    All,
}

impl VersionPoint {
    /// How the version is found in its files, or the part of the entry that is wrong, and why.
    pub fn place(&self) -> Result<Place, (&'static str, Wrong)> {
        let (key, pattern) = match self.format {
            PointFormat::Text => (false, false),
            PointFormat::Regex => (false, true),
            _ => (true, false),
        };
        for (name, wanted, there) in [("key", key, self.key.as_deref()), ("pattern", pattern, self.pattern.as_deref())]
        {
            match there {
                None if wanted => return Err((name, missing(name))),
                Some(_) if !wanted => return Err((name, needless(name))),
                Some("") => return Err((name, missing(name))),
                _ => {}
            }
        }
        let key = || self.key.clone().unwrap_or_default();
        Ok(match self.format {
            PointFormat::Text => Place::Text,
            PointFormat::Env => Place::Env(key()),
            PointFormat::Yaml => Place::Yaml(key()),
            PointFormat::Json => Place::Json(key()),
            PointFormat::Plist => Place::Plist(key()),
            PointFormat::Xml => Place::selector(&key()).ok_or_else(|| {
                let fix = "write e.g. pkg-ref[@id='com.nexy.assistant.pkg']";
                ("key", Wrong::new("selects no element", "element[@attribute='value']", fix))
            })?,
            PointFormat::Regex => self.regex().map_err(|wrong| ("pattern", wrong))?,
        })
    }

    fn regex(&self) -> Result<Place, Wrong> {
        let pattern = self.pattern.as_deref().unwrap_or_default();
        if pattern.matches("{version}").count() != 1 {
            let fix = "write {version} where the four numbers stand";
            return Err(Wrong::new("does not name the version once", "{version} exactly once", fix));
        }
        Place::pattern(pattern).map_err(|why| {
            let fix = r"mend it; a character that means itself is written with \ before it, as in \. or \*";
            Wrong::new(format!("is no regular expression: {why}"), "a regular expression", fix)
        })
    }

    /// Its key or pattern; none for a file that is the version as a whole.
    pub fn at(&self) -> Option<&str> {
        self.key.as_deref().or(self.pattern.as_deref())
    }
}

/// What `key` and `pattern` are for.
const USE: &str = "text needs neither; env, yaml, json, plist and xml need `key`; regex needs `pattern`";

fn missing(name: &str) -> Wrong {
    Wrong::new("is missing", USE, format!("add `{name}` to this entry, or change its `format`"))
}

fn needless(name: &str) -> Wrong {
    Wrong::new("has no use with this format", USE, format!("remove `{name}`, or change `format`"))
}
