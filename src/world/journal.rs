//! The journal: one JSON object a line, each with the SHA-256 of the line before. Evidence, never authority.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{files, state};
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;

/// No entry is longer, in bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// Adds an entry. A torn last line, left by a crash, stays as it is: the chain goes on behind it.
pub fn append(root: &Path, entry: Map<String, Value>) -> Result<(), Failure> {
    let path = path(root);
    let before = files::tail(&path, MAX_LINE)?;
    let torn = !before.is_empty() && !before.ends_with(b"\n");
    let last = before.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().filter(|line| !line.is_empty());
    let mut line = Map::new();
    line.insert("v".into(), 1.into());
    line.insert("previous".into(), last.map_or(Value::Null, |line| Digest::of(line).to_string().into()));
    line.extend(entry);
    let mut text = String::from(if torn { "\n" } else { "" });
    text.push_str(&Value::Object(line).to_string());
    text.push('\n');
    files::append(&path, text.as_bytes())
}

fn path(root: &Path) -> PathBuf {
    state::path(root, "journal.jsonl")
}
