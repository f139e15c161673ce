//! The events of the run that is under way in a workspace, one JSON object a line as `--output json` prints them; and of
//! the last run, when none is. For people and `status`; nothing is decided by it.

use std::path::Path;

use super::files::{self, Lines};
use super::state;
use crate::release::failure::Failure;

const NAME: &str = "events.jsonl";
/// So many bytes at its end tell how far a run is.
const RECENT: u64 = 1024 * 1024;

/// Begins the log of a run. Only who holds the lock does.
pub fn begin(root: &Path) -> Result<Lines, Failure> {
    Lines::begin(&state::path(root, NAME))
}

/// Its last lines, whole ones only; none where there is no log.
pub fn recent(root: &Path) -> Result<String, Failure> {
    let end = files::tail(&state::path(root, NAME), RECENT)?;
    let text = String::from_utf8_lossy(&end);
    let whole = text.rfind('\n').map_or("", |last| &text[..last]);
    let cut = if end.len() as u64 == RECENT { whole.find('\n').map_or(whole.len(), |at| at + 1) } else { 0 };
    Ok(whole[cut..].to_owned())
}
