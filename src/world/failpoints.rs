//! Where a run can be made to fail, for tests: with the feature `failpoints` the variable `NEXY_FAILPOINT` has it killed
//! or refused at any operation on a file and between any two steps. Without the feature nothing of this is compiled.

#[cfg(not(feature = "failpoints"))]
use std::io;
use std::path::Path;

#[cfg(all(feature = "failpoints", not(debug_assertions)))]
compile_error!("failpoints are for tests: no release is built with them");

/// What is about to happen.
#[derive(Debug)]
#[cfg_attr(feature = "failpoints", derive(serde::Serialize))]
#[cfg_attr(feature = "failpoints", serde(rename_all = "snake_case"))]
pub enum Operation<'a> {
    /// A step begins or has ended.
    Step(&'a str),
    /// A file is opened for reading, or a folder for its names or its lock.
    Read(&'a Path),
    /// A folder is made.
    MakeFolder(&'a Path),
    /// A new file is opened for writing.
    Create(&'a Path),
    /// A file is opened for adding to it, or made when it is missing.
    Extend(&'a Path),
    /// Bytes go to the end of an open file.
    Write(&'a Path, &'a [u8]),
    /// A file's permissions are set.
    Permit(&'a Path),
    /// A file's content is synced.
    Sync(&'a Path),
    /// A file gets the name of another.
    Rename(&'a Path, &'a Path),
    /// A file's name is removed.
    Remove(&'a Path),
    /// A folder's names are synced.
    SyncFolder(&'a Path),
}

/// Nothing, where there are no failpoints.
#[cfg(not(feature = "failpoints"))]
pub fn passing(_: &Operation) -> io::Result<()> {
    Ok(())
}

/// Content as it goes to a file: at once.
#[cfg(not(feature = "failpoints"))]
pub fn pieces(content: &[u8]) -> [&[u8]; 1] {
    [content]
}

#[cfg(feature = "failpoints")]
pub use on::{passing, pieces};

#[cfg(feature = "failpoints")]
mod on {
    use std::io;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Operation;
    use crate::settings::Environment;
    use crate::world::process;

    /// `list`, or `kill CLASS N`, or `ERRNO CLASS N`, or `ERRNO CLASS N on`: that one and all after it.
    static ASKED: LazyLock<Option<String>> =
        LazyLock::new(|| Environment::from_process().get("NEXY_FAILPOINT").map(ToOwned::to_owned));

    /// Steps, reads and changes are counted apart: reads may happen side by side, in any order.
    static PASSED: [(&str, AtomicU64); 3] =
        [("step", AtomicU64::new(0)), ("read", AtomicU64::new(0)), ("change", AtomicU64::new(0))];

    /// Kills this process or fails, if that was asked for here.
    pub fn passing(operation: &Operation) -> io::Result<()> {
        let Some(asked) = &*ASKED else { return Ok(()) };
        let (class, passed) = match operation {
            Operation::Step(_) => &PASSED[0],
            Operation::Read(_) => &PASSED[1],
            _ => &PASSED[2],
        };
        let number = passed.fetch_add(1, Ordering::SeqCst) + 1;
        if asked == "list" {
            eprintln!("failpoint {}", serde_json::to_string(operation)?);
            return Ok(());
        }
        let [act, of, at, on @ ..] = &asked.split(' ').collect::<Vec<_>>()[..] else {
            return Err(io::Error::other("NEXY_FAILPOINT is not understood"));
        };
        let at: u64 = at.parse().map_err(io::Error::other)?;
        if of != class || number < at || (number > at && on.is_empty()) {
            return Ok(());
        }
        match act.parse() {
            Ok(errno) => Err(io::Error::from_raw_os_error(errno)),
            Err(_) => process::die(),
        }
    }

    /// Content as it goes to a file: in two halves, so that a kill can come between them.
    pub fn pieces(content: &[u8]) -> [&[u8]; 2] {
        let (first, second) = content.split_at(content.len() / 2);
        [first, second]
    }
}
