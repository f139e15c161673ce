//! The artifacts on disk: opened so that nothing hangs, and told apart from what they were a moment ago.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use serde::Serialize;

use super::failpoints::{Operation, passing};
use super::stop::Stop;
use crate::release::artifact::{KOLY_LEN, MAX_SIZE, XAR_LEN};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::{Fingerprint, Hasher};

/// Read at once; a stop is looked at between two (SPEC §6.3).
const READ: usize = 16 * 1024;

/// What tells that a file is still the same file with the same content, without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Identity {
    /// Bytes.
    pub size: u64,
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Identity {
    /// Of an open file.
    pub fn of(file: &File) -> io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self {
            size: meta.len(),
            device: meta.dev(),
            inode: meta.ino(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }
}

/// A regular file of a size that can be published, open for reading.
#[derive(Debug)]
pub struct Opened {
    /// At its start.
    pub file: File,
    /// When it was opened.
    pub identity: Identity,
}

impl Opened {
    /// Opens without following a link and without waiting for a FIFO's writer, then looks at what it is.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let open = || OpenOptions::new().read(true).custom_flags(flags).open(path);
        let file = passing(&Operation::Read(path)).and_then(|()| open()).map_err(|error| {
            let link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
            if link { not_file(path, "a link") } else { unreadable(path, &error) }
        })?;
        let meta = file.metadata().map_err(|error| unreadable(path, &error))?;
        if !meta.is_file() {
            return Err(not_file(path, if meta.is_dir() { "a folder" } else { "a pipe, socket or device" }));
        }
        let name = name(path);
        if meta.len() == 0 {
            return Err(Failure::new(Code::ArtifactEmpty, format!("{name} is empty"))
                .why("What is published under this version stays empty for ever.")
                .fix("Put the finished file into the inbox"));
        }
        if meta.len() >= MAX_SIZE {
            return Err(Failure::new(Code::ArtifactTooLarge, format!("{name} has {} bytes", meta.len()))
                .why("GitHub takes assets below 2 GiB only.")
                .fix("Make it smaller, or split it"));
        }
        let identity = Identity::of(&file).map_err(|error| unreadable(path, &error))?;
        Ok(Self { file, identity })
    }
}

/// What a file holds.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Unchanged while it was read.
    pub identity: Identity,
    /// Of all its bytes.
    pub fingerprint: Fingerprint,
    /// Its first bytes, at least a xar header's when it is long enough.
    pub head: Vec<u8>,
    /// Its last bytes, as many as a UDIF trailer has.
    pub tail: Vec<u8>,
}

/// Reads and hashes a file. Blocking; `meter` is told the bytes done.
pub fn inspect(path: &Path, meter: &dyn Fn(u64), stop: &Stop) -> Result<Inspected, Failure> {
    let Opened { mut file, identity } = Opened::open(path)?;
    let fail = |error: io::Error| unreadable(path, &error);
    let mut buffer = vec![0; READ];
    let mut hasher = Hasher::default();
    let mut head = Vec::new();
    loop {
        stop.check()?;
        let read = file.read(&mut buffer).map_err(fail)?;
        if read == 0 {
            break;
        }
        if head.len() < XAR_LEN {
            head.extend_from_slice(&buffer[..read.min(XAR_LEN)]);
        }
        hasher.update(&buffer[..read]);
        if hasher.size() > identity.size {
            return Err(growing(path));
        }
        meter(hasher.size());
    }
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(identity.size.saturating_sub(KOLY_LEN))).map_err(fail)?;
    (&mut file).take(KOLY_LEN).read_to_end(&mut tail).map_err(fail)?;
    let fingerprint = hasher.finish();
    // The name may lead to another file by now: look at it anew.
    if fingerprint.size != identity.size || Opened::open(path)?.identity != identity {
        return Err(growing(path));
    }
    Ok(Inspected { identity, fingerprint, head, tail })
}

/// A failure to open or read an artifact.
pub fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Code::ArtifactUnreadable, format!("{} cannot be read: {error}", name(path)))
        .why("What cannot be read cannot be checked.")
        .fix(format!("ls -l '{}'", path.display()))
}

fn not_file(path: &Path, what: &str) -> Failure {
    Failure::new(Code::ArtifactNotFile, format!("{} is {what}, not a file", name(path)))
        .why("Only the bytes of a regular file stay what they are between the check and the upload.")
        .fix(format!("rm -r '{}'", path.display()))
        .fix("Copy the built file itself there")
}

fn growing(path: &Path) -> Failure {
    Failure::new(Code::ArtifactGrowing, format!("{} changed while it was read", name(path)))
        .why("A build or a copy is still writing it.")
        .fix("Wait until it is finished, then run the same command again")
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
