//! The manifest: the JSON that the update server serves clients from (SPEC §8). The document is kept whole.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fingerprint::{Digest, Fingerprint};
use super::json;
use super::version::{TagTemplate, Version};

/// A manifest that was read or made; its required fields are there and have the right types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Manifest(Map<String, Value>);

/// Why bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or a key stands twice.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The document is an array, a string, …
    #[error("it is not a JSON object")]
    NotObject,
    /// A field that clients need is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field has the wrong type.
    #[error("`{field}` must be {expected}, found {found}")]
    Type {
        /// Dotted path.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
}

/// What a release sets in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The version that clients are offered.
    pub version: Version,
    /// Public download of the DMG.
    pub url: String,
    /// Of the DMG.
    pub fingerprint: Fingerprint,
    /// Public download of the notes; `None` leaves the field as it is.
    pub notes_url: Option<String>,
    /// Of the DMG; `None` leaves the one of the same bytes as it is.
    pub signature: Option<String>,
    /// For a manifest that does not say: e.g. `universal2`.
    pub arch: String,
    /// For a manifest that does not say: e.g. `11.0`.
    pub min_os: String,
}

/// One field that differs between two manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Dotted path, e.g. `artifact.url`.
    pub field: String,
    /// The value as JSON; `None` when the field is new.
    pub before: Option<String>,
    /// The value as JSON; `None` when the field goes.
    pub after: Option<String>,
}

impl Manifest {
    /// Reads a manifest and refuses what the update server or a client would stumble over.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        json::parse(bytes)?.try_into()
    }

    fn judge(self) -> Result<Self, ManifestError> {
        let version = |text: &str| text.parse::<Version>().is_ok();
        self.text("version", "a version X.Y.Z.W as a string", version)?;
        self.text("build", "a version X.Y.Z.W as a string", version)?;
        match self.get("artifact") {
            None => return Err(ManifestError::Missing("artifact")),
            Some(artifact) if !artifact.is_object() => return Err(wrong("artifact", "an object", artifact)),
            Some(_) => {}
        }
        self.text("artifact.type", "a string", |_| true)?;
        self.text("artifact.url", "a URL", |text| url::Url::parse(text).is_ok())?;
        self.text("artifact.sha256", "64 hexadecimal digits", |text| text.parse::<Digest>().is_ok())?;
        match self.get("artifact.size") {
            None => return Err(ManifestError::Missing("artifact.size")),
            Some(size) if size.as_u64().is_none() => {
                return Err(wrong("artifact.size", "a whole number of bytes", size));
            }
            Some(_) => {}
        }
        for field in ["release_date", "notes_url", "artifact.arch", "artifact.min_os", "artifact.ed25519"] {
            if let Some(value) = self.get(field).filter(|value| !value.is_string()) {
                return Err(wrong(field, "a string", value));
            }
        }
        for field in ["critical", "auto_install"] {
            if let Some(value) = self.get(field).filter(|value| !value.is_boolean()) {
                return Err(wrong(field, "true or false", value));
            }
        }
        Ok(self)
    }

    /// A manifest for a workspace that has none (SPEC §8).
    pub fn create(target: &Target) -> Self {
        let mut map = Map::new();
        for key in ["version", "build", "release_date"] {
            map.insert(key.into(), "".into());
        }
        map.insert("artifact".into(), Value::Object(Map::new()));
        map.insert("critical".into(), false.into());
        map.insert("auto_install".into(), true.into());
        Self(map).updated(target)
    }

    /// This manifest for another release. Keys keep their order, unknown keys stay. A signature belongs to one set of
    /// bytes: it is replaced or cleared when the DMG changes.
    #[must_use]
    pub fn updated(&self, target: &Target) -> Self {
        let mut map = self.0.clone();
        let version = Value::from(target.version.to_string());
        map.insert("version".into(), version.clone());
        map.insert("build".into(), version);
        if let Some(notes_url) = &target.notes_url {
            map.insert("notes_url".into(), notes_url.as_str().into());
        }
        let mut artifact = map.get("artifact").and_then(Value::as_object).cloned().unwrap_or_default();
        let sha256 = target.fingerprint.sha256.to_string();
        let same = artifact.get("sha256").and_then(Value::as_str).is_some_and(|s| s.eq_ignore_ascii_case(&sha256));
        artifact.insert("type".into(), "dmg".into());
        artifact.insert("url".into(), target.url.as_str().into());
        artifact.insert("size".into(), target.fingerprint.size.into());
        artifact.insert("sha256".into(), sha256.into());
        artifact.entry("arch").or_insert_with(|| target.arch.as_str().into());
        artifact.entry("min_os").or_insert_with(|| target.min_os.as_str().into());
        match &target.signature {
            Some(signature) => {
                artifact.insert("ed25519".into(), signature.as_str().into());
            }
            None if same && artifact.contains_key("ed25519") => {}
            None => {
                artifact.insert("ed25519".into(), "".into());
            }
        }
        map.insert("artifact".into(), Value::Object(artifact));
        Self(map)
    }

    /// This manifest with the time of its release, RFC 3339.
    #[must_use]
    pub fn dated(&self, release_date: &str) -> Self {
        let mut map = self.0.clone();
        map.insert("release_date".into(), release_date.into());
        Self(map)
    }

    /// The document without `release_date`: what a plan's hash covers.
    pub fn undated(&self) -> Value {
        let mut map = self.0.clone();
        map.shift_remove("release_date");
        Value::Object(map)
    }

    /// Whether both say the same, whenever they were released.
    pub fn same_release(&self, other: &Self) -> bool {
        json::canonical(&self.undated()) == json::canonical(&other.undated())
    }

    /// The file's text: two-space indent, UTF-8 unescaped, final newline.
    pub fn render(&self) -> String {
        // `{:#}` is serde_json's pretty form and cannot fail on a `Value`.
        format!("{:#}\n", Value::Object(self.0.clone()))
    }

    /// `version`; `None` only before [`Self::updated`] has set it.
    pub fn version(&self) -> Option<Version> {
        self.str("version")?.parse().ok()
    }

    /// `build`.
    pub fn build(&self) -> &str {
        self.str("build").unwrap_or_default()
    }

    /// `artifact.type`.
    pub fn kind(&self) -> &str {
        self.str("artifact.type").unwrap_or_default()
    }

    /// `notes_url`; empty where there is none.
    pub fn notes_url(&self) -> &str {
        self.str("notes_url").unwrap_or_default()
    }

    /// `release_date`, as written.
    pub fn release_date(&self) -> Option<&str> {
        self.str("release_date")
    }

    /// `artifact.url`.
    pub fn url(&self) -> &str {
        self.str("artifact.url").unwrap_or_default()
    }

    /// `artifact.size` and `artifact.sha256`.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let size = self.get("artifact.size")?.as_u64()?;
        Some(Fingerprint { size, sha256: self.str("artifact.sha256")?.parse().ok()? })
    }

    /// `artifact.ed25519`, when there is one.
    pub fn signature(&self) -> Option<&str> {
        self.str("artifact.ed25519").filter(|text| !text.is_empty())
    }

    /// The macOS from which on the package runs; `None` where none is named.
    pub fn min_os(&self) -> Option<&str> {
        self.str("artifact.min_os").filter(|text| !text.is_empty())
    }

    /// The version of the tag that `artifact.url` points into; `None` for URLs of another form.
    pub fn url_version(&self, tags: &TagTemplate) -> Option<Version> {
        let (_, rest) = self.url().split_once("/releases/download/")?;
        tags.version_of(rest.split('/').next()?)
    }

    /// The fields that differ, in the order in which they stand in the file.
    pub fn changes(before: Option<&Self>, after: &Self) -> Vec<Change> {
        let old = before.map(Self::flat).unwrap_or_default();
        let new = after.flat();
        let find = |fields: &[(String, String)], name: &str| {
            fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
        };
        let gone = old.iter().filter(|(field, _)| find(&new, field).is_none());
        new.iter()
            .chain(gone)
            .map(|(field, _)| Change { field: field.clone(), before: find(&old, field), after: find(&new, field) })
            .filter(|change| change.before != change.after)
            .collect()
    }

    fn flat(&self) -> Vec<(String, String)> {
        fn walk(prefix: &str, map: &Map<String, Value>, out: &mut Vec<(String, String)>) {
            for (key, value) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                match value {
                    Value::Object(inner) if !inner.is_empty() => walk(&path, inner, out),
                    other => out.push((path, other.to_string())),
                }
            }
        }
        let mut out = Vec::new();
        walk("", &self.0, &mut out);
        out
    }

    fn get(&self, field: &str) -> Option<&Value> {
        let mut keys = field.split('.');
        let first = self.0.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    fn str(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }

    fn text(
        &self,
        field: &'static str,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<(), ManifestError> {
        let value = self.get(field).ok_or(ManifestError::Missing(field))?;
        if value.as_str().is_some_and(fits) { Ok(()) } else { Err(wrong(field, expected, value)) }
    }
}

impl TryFrom<Value> for Manifest {
    type Error = ManifestError;

    fn try_from(document: Value) -> Result<Self, ManifestError> {
        match document {
            Value::Object(map) => Self(map).judge(),
            _ => Err(ManifestError::NotObject),
        }
    }
}

fn wrong(field: &'static str, expected: &'static str, found: &Value) -> ManifestError {
    ManifestError::Type { field, expected, found: found.to_string().chars().take(80).collect() }
}
