//! The journal: one JSON object a line, each with the SHA-256 of the line before, and the last one's beside it.
//! Evidence, never authority.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{files, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::{Entry, Journal, last_digest};

/// No entry is longer, in bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// Adds an entry. A torn last line, left by a crash, stays as it is: the chain goes on behind it.
pub fn append(root: &Path, entry: &Entry) -> Result<(), Failure> {
    let path = path(root);
    let before = files::tail(&path, MAX_LINE)?;
    let torn = !before.is_empty() && !before.ends_with(b"\n");
    let mut line = Map::new();
    line.insert("v".into(), 1.into());
    line.insert("previous".into(), last_digest(&before).map_or(Value::Null, |last| last.to_string().into()));
    match serde_json::to_value(entry) {
        Ok(Value::Object(entry)) => line.extend(entry),
        Ok(_) | Err(_) => {
            return Err(Failure::new(Code::Internal, "The journal's entry has no form that can be written"));
        }
    }
    let line = Value::Object(line).to_string();
    let separator = if torn { "\n" } else { "" };
    files::append(&path, format!("{separator}{line}\n").as_bytes())?;
    files::write(&head_path(root), format!("{}\n", Digest::of(&line)).as_bytes())
}

/// Reads and judges the whole of it.
pub fn read(root: &Path) -> Result<Journal, Failure> {
    let head = files::read(&head_path(root))?.map(|bytes| {
        // A head that is none stands for no line at all.
        String::from_utf8_lossy(&bytes).trim().parse().unwrap_or_else(|_| Digest::of(b"not a digest"))
    });
    Ok(Journal::judge(&files::tail(&path(root), u64::MAX)?, head))
}

/// The journal's file.
pub fn path(root: &Path) -> PathBuf {
    state::path(root, "journal.jsonl")
}

fn head_path(root: &Path) -> PathBuf {
    state::path(root, "journal.head")
}
