//! The one door to file writes: temporary name, sync, rename, sync the folder. A file is old or new, never between.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::failpoints::{Operation, passing, pieces};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;

/// Files of the console's own making are small; anything larger is not one of them.
pub const MAX_SMALL: u64 = 4 * 1024 * 1024;
/// Before a file's name while its new content is written. Always the same: the next run replaces what a killed one left.
const TEMPORARY: &str = ".nexy-release-";

/// Replaces or creates a file. Its folder is made when it is missing, a link is followed, permissions stay.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    attempt(path, content).map_err(|error| failed("written", path, &error))
}

fn attempt(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let folder = folder_of(&target);
    make_folder(folder)?;
    let mode = fs::metadata(&target).map_or_else(|_| Permissions::from_mode(0o644), |meta| meta.permissions());
    let mut name = OsString::from(TEMPORARY);
    name.push(target.file_name().unwrap_or_default());
    let temporary = folder.join(name);
    // What a killed run left under this name: only who holds the lock writes here.
    unlink(&temporary)?;
    let replaced = replace(&target, &temporary, mode, content);
    if replaced.is_err() {
        // What matters is why; the next run removes it otherwise.
        let _ = fs::remove_file(&temporary);
    }
    replaced?;
    sync_folder(folder)
}

fn replace(target: &Path, temporary: &Path, mode: Permissions, content: &[u8]) -> io::Result<()> {
    passing(&Operation::Create(temporary))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    put(&mut file, temporary, content)?;
    passing(&Operation::Permit(temporary))?;
    file.set_permissions(mode)?;
    passing(&Operation::Sync(temporary))?;
    file.sync_all()?;
    passing(&Operation::Rename(temporary, target))?;
    fs::rename(temporary, target)
}

fn put(file: &mut File, path: &Path, content: &[u8]) -> io::Result<()> {
    for piece in pieces(content) {
        passing(&Operation::Write(path, piece))?;
        file.write_all(piece)?;
    }
    Ok(())
}

/// Adds to the end of a file, synced.
pub fn append(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let attempt = || {
        make_folder(folder_of(path))?;
        refuse_special(path)?;
        passing(&Operation::Extend(path))?;
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        put(&mut file, path, content)?;
        passing(&Operation::Sync(path))?;
        file.sync_all()?;
        sync_folder(folder_of(path))
    };
    attempt().map_err(|error| failed("written", path, &error))
}

/// A file of lines, each added whole and never synced: for what counts only while its writer lives.
#[derive(Debug)]
pub struct Lines {
    file: File,
    path: PathBuf,
}

impl Lines {
    /// A new one. Whoever still writes to the one before, writes to a file without a name.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        let attempt = || {
            make_folder(folder_of(path))?;
            unlink(path)?;
            passing(&Operation::Create(path))?;
            OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)
        };
        let file = attempt().map_err(|error| failed("written", path, &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Adds a line.
    pub fn add(&mut self, line: &str) -> Result<(), Failure> {
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|error| failed("written", &self.path, &error))
    }
}

/// Removes a file; one that is not there is removed already.
pub fn remove(path: &Path) -> Result<(), Failure> {
    let attempt = || if unlink(path)? { sync_folder(folder_of(path)) } else { Ok(()) };
    attempt().map_err(|error| failed("removed", path, &error))
}

/// Removes a name; answers whether it was there.
fn unlink(path: &Path) -> io::Result<bool> {
    passing(&Operation::Remove(path))?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

/// Reads a small file; `None` when there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let attempt = || {
        passing(&Operation::Read(path))?;
        let meta = fs::metadata(path)?;
        if !meta.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        if meta.len() > MAX_SMALL {
            return Err(io::Error::other(format!("it has {} bytes; at most {MAX_SMALL} are expected", meta.len())));
        }
        fs::read(path)
    };
    match attempt() {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

/// Whether something is there that `read` never reads: no regular file, or one that is too large.
pub fn is_unfit(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() || meta.len() > MAX_SMALL)
}

/// The last bytes of a file, at most `max`; none when there is no file.
pub fn tail(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let attempt = || {
        passing(&Operation::Read(path))?;
        refuse_special(path)?;
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(max);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    match attempt() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|error| failed("read", path, &error)),
    }
}

/// The last lines of a file, in at most `max` bytes; the last one may be torn.
pub fn last_lines(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let mut end = tail(path, max)?;
    if end.len() as u64 == max {
        // The first one may be the end of one.
        let cut = end.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        end.drain(..cut);
    }
    Ok(end)
}

/// A copy that nobody else can reach or change: a file without a name, gone when it is dropped. `copy` fills it.
pub fn nameless(copy: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    copy(&mut file)?;
    Ok(file)
}

/// The digest of a small file; `None` when there is none.
pub fn digest(path: &Path) -> Result<Option<Digest>, Failure> {
    Ok(read(path)?.map(Digest::of))
}

/// A file for this user alone (mode 0600) outside of every workspace; removed when it is dropped.
#[derive(Debug)]
pub struct Private(PathBuf);

impl Private {
    /// Makes one with a name that nobody guesses; what is there already is never written to.
    pub fn new(prefix: &str, content: &[u8]) -> Result<Self, Failure> {
        let path = PathBuf::from(format!("/tmp/{prefix}{}", uuid::Uuid::new_v4().simple()));
        let attempt = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            let private = Self(path.clone());
            file.write_all(content).map(|()| private)
        };
        attempt().map_err(|error| failed("written", &path, &error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        discard(&self.0);
    }
}

/// A file that everybody on this machine locks, opened.
#[derive(Debug)]
pub enum Locked {
    /// The lock is ours until this is closed.
    Ours(File),
    /// Somebody else has it.
    Others(File),
}

/// Takes the lock of a file, which is made when it is missing; never waits. A link in its place is refused.
pub fn lock(path: &Path) -> Result<Locked, Failure> {
    let attempt = || loop {
        let file = open_shared(path)?;
        match file.try_lock() {
            // Whoever had it removed it while we opened it.
            Ok(()) if file.metadata()?.nlink() == 0 => {}
            Ok(()) => return Ok(Locked::Ours(file)),
            Err(TryLockError::WouldBlock) => return Ok(Locked::Others(file)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    };
    attempt().map_err(|error| failed("locked", path, &error))
}

fn open_shared(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match options.create_new(true).open(path) {
            // Whatever the umask is: other users lock it as well.
            Ok(file) => file.set_permissions(Permissions::from_mode(0o666)).map(|()| file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_shared(path),
            Err(error) => Err(error),
        },
        opened => opened,
    }
}

/// Removes a file outside of every workspace: a lock file while its lock is ours, a private one. One that stays harms
/// nobody.
pub fn discard(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Replaces what an open file holds. Not for what has to survive a crash of the machine.
pub fn fill(mut file: &File, content: &[u8]) -> Result<(), Failure> {
    let mut attempt = || {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(content)
    };
    attempt().map_err(|error| failed("written", Path::new("A lock file"), &error))
}

/// What a small open file holds.
pub fn content(mut file: &File) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut attempt = || {
        file.seek(SeekFrom::Start(0))?;
        file.take(MAX_SMALL).read_to_end(&mut bytes)
    };
    attempt().map_err(|error| failed("read", Path::new("A lock file"), &error))?;
    Ok(bytes)
}

/// A pipe in a file's place would be waited at for ever.
fn refuse_special(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(meta) if !meta.is_file() => Err(io::Error::other("it is not a regular file")),
        _ => Ok(()),
    }
}

/// Makes a folder and its parents, each synced into the one above.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = folder_of(path);
    make_folder(parent)?;
    passing(&Operation::MakeFolder(path))?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(parent),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    passing(&Operation::SyncFolder(path))?;
    File::open(path)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(act: &str, path: &Path, error: &io::Error) -> Failure {
    let folder: PathBuf = folder_of(path).into();
    let failure = Failure::new(Code::LocalFile, format!("{} cannot be {act}: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failure
            .why("The disk is full. Files are replaced as a whole or not at all.")
            .fix(format!("df -h '{}'", folder.display()))
            .fix("Make room, then run the same command again"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => failure
            .why("This user may not do that there.")
            .fix(format!("ls -ld '{}'", folder.display()))
            .fix("Run the same command again once it is allowed"),
        _ => failure
            .why("The system refused it. Files are replaced as a whole or not at all.")
            .fix(format!("ls -ld '{}'", folder.display()))
            .fix("Run the same command again"),
    }
}
