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

/// Its last lines; none where there is no log. The last one may be torn: it is being written.
pub fn recent(root: &Path) -> Result<String, Failure> {
    let end = files::last_lines(&state::path(root, NAME), RECENT)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}
