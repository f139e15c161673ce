//! Reads `release.toml` as text: bounded, and never taken for absent when it is there.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::place::FILE;
use crate::release::code::Code;
use crate::release::failure::Failure;

/// A settings file is a page or two; what is larger is something else.
const LIMIT: u64 = 256 * 1024;

/// The file and its text; `None` only where nothing has that name.
pub(super) fn read(root: &Path) -> Result<Option<(PathBuf, String)>, Failure> {
    let path = root.join(FILE);
    match path.symlink_metadata() {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(&e.to_string())),
        Ok(_) => {}
    }
    // O_NONBLOCK: opening a FIFO would wait for a writer for ever.
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(nonblock).open(&path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => unreadable("it is a link that leads nowhere"),
        _ => unreadable(&e.to_string()),
    })?;
    let about = file.metadata().map_err(|e| unreadable(&e.to_string()))?;
    if !about.is_file() {
        return Err(unreadable(if about.is_dir() { "it is a folder" } else { "it is not a file" }));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e.to_string()))?;
    if bytes.len() as u64 > LIMIT {
        return Err(unreadable("it is larger than 256 KiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))?;
    // Some editors begin a file with a byte order mark; it would count as a column.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Some((path, text)))
}

fn unreadable(why: &str) -> Failure {
    Failure::new(Code::SettingsSyntax, format!("{FILE}: cannot be read: {why}"))
        .why(format!("{FILE} is a text file in UTF-8 in the workspace's root"))
        .fix(format!("ls -l {FILE}"))
        .fix(format!("mend {FILE}, or move it away and run `nexy-release config init`"))
}
