//! The journal: one JSON object a line, each with the SHA-256 of the line before, and the last one's beside it.
//! Evidence, never authority.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{files, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::{Entry, Journal, last_digest};

/// Stands for the digest of no line.
const NONE: &str = "none";
/// No entry is longer, in bytes.
const MAX_LINE: u64 = 1024 * 1024;
/// So many bytes at its end tell of the last runs.
const RECENT: u64 = 256 * 1024;

/// Adds an entry. A torn last line, left by a crash, stays as it is: the chain goes on behind it.
pub fn append(root: &Path, entry: &Entry) -> Result<(), Failure> {
    let path = path(root);
    let before = files::tail(&path, MAX_LINE)?;
    let torn = !before.is_empty() && !before.ends_with(b"\n");
    let mut line = Map::new();
    line.insert("v".into(), 1.into());
    let last = last_digest(&before);
    line.insert("previous".into(), last.map_or(Value::Null, |last| last.to_string().into()));
    match serde_json::to_value(entry) {
        Ok(Value::Object(entry)) => line.extend(entry),
        Ok(_) | Err(_) => {
            return Err(Failure::new(Code::Internal, "The journal's entry has no form that can be written"));
        }
    }
    let line = Value::Object(line).to_string();
    let separator = if torn { "\n" } else { "" };
    // Both first, so that a crash on either side of the line is told from a line that somebody else added.
    note(root, &[last, Some(Digest::of(&line))])?;
    files::append(&path, format!("{separator}{line}\n").as_bytes())?;
    note(root, &[Some(Digest::of(&line))])
}

/// Adds an entry unless it is the last one: a crash came after it was added, perhaps before it was noted.
pub fn append_once(root: &Path, entry: &Entry) -> Result<(), Failure> {
    if read(root)?.entries().last().as_ref() == Some(entry) {
        note(root, &[last_digest(&files::tail(&path(root), MAX_LINE)?)])
    } else {
        append(root, entry)
    }
}

/// Notes which digests the last line may have.
fn note(root: &Path, heads: &[Option<Digest>]) -> Result<(), Failure> {
    let text = |head: &Option<Digest>| head.map_or_else(|| NONE.to_owned(), |head| head.to_string());
    let text = heads.iter().map(text).collect::<Vec<_>>().join(" ");
    files::write(&head_path(root), format!("{text}\n").as_bytes())
}

/// Reads and judges the whole of it.
pub fn read(root: &Path) -> Result<Journal, Failure> {
    // The note first: a line that is added meanwhile is one of the two that it names.
    let noted = files::read(&head_path(root))?.unwrap_or_else(|| NONE.into());
    let noted = String::from_utf8_lossy(&noted).into_owned();
    // A word that is no digest stands for no line at all.
    let heads = noted.split_whitespace().filter_map(|word| match word {
        NONE => Some(None),
        word => word.parse().ok().map(Some),
    });
    let heads: Vec<_> = heads.collect();
    Ok(Journal::judge(&files::tail(&path(root), u64::MAX)?, &heads))
}

/// What the last runs left, however long the journal is; the chain is not judged.
pub fn recent(root: &Path) -> Result<Journal, Failure> {
    Ok(Journal::judge(&files::last_lines(&path(root), RECENT)?, &[]))
}

/// The journal's file.
pub fn path(root: &Path) -> PathBuf {
    state::path(root, "journal.jsonl")
}

fn head_path(root: &Path) -> PathBuf {
    state::path(root, "journal.head")
}
