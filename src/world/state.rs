//! The console's own folder in the workspace; git does not see it.

use std::path::{Path, PathBuf};

const STATE: &str = ".nexy-release";

/// A path below the state folder of the workspace at `root`.
pub fn path(root: &Path, name: &str) -> PathBuf {
    root.join(STATE).join(name)
}
