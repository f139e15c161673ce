//! The workspace: the folder that holds VERSION, the inbox and the manifests. `Reader` cannot change it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::claim::{self, Claim};
use super::failpoints::{Operation, passing};
use super::intent::{self, Act, Intent, Pending};
use super::lock::{self, Lock, Owner};
use super::{event_log, files, journal, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::{Entry, Journal};
use crate::release::mark::Nonce;
use crate::release::text::Clean;
use crate::release::version::Version;

/// Finds the workspace: `explicit`, else the nearest folder upward from `start` with `release.toml`, else with
/// `VERSION` (SPEC §2).
pub fn find(start: &Path, explicit: Option<&Path>) -> Result<PathBuf, Failure> {
    let nearest = |name: &str| start.ancestors().find(|folder| folder.join(name).exists()).map(Path::to_path_buf);
    let found = match explicit {
        Some(folder) => Some(folder.to_path_buf()),
        None => nearest("release.toml").or_else(|| nearest("VERSION")),
    };
    let root = found.ok_or_else(|| {
        let failure = Failure::new(Code::UsageWorkspace, format!("No workspace at or above {}", start.display()))
            .why("A workspace is a folder with `release.toml` or `VERSION`.")
            .fix("cd to the workspace, or name it: nexy-release --workspace DIR …")
            .fix("nexy-release config init   (begin one here)");
        if cfg!(feature = "sandbox") { failure.fix("nexy-release sandbox   (practise)") } else { failure }
    })?;
    let absolute = std::fs::canonicalize(&root).ok().filter(|path| path.is_dir());
    absolute.ok_or_else(|| {
        Failure::new(Code::UsageWorkspace, format!("{} is not a folder", root.display()))
            .fix("Name the workspace's folder: nexy-release --workspace DIR …")
    })
}

/// A manifest file as it is, or as an interrupted update will have left it.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Of those bytes.
    pub digest: Digest,
}

/// A file in the inbox, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Every name but hidden ones.
    pub names: BTreeSet<String>,
}

/// Reads the workspace.
#[derive(Debug, Clone)]
pub struct Reader {
    root: PathBuf,
    inbox: PathBuf,
}

impl Reader {
    /// The workspace at `root`, with its inbox at `inbox` below it.
    pub fn new(root: &Path, inbox: &str) -> Self {
        Self { root: root.to_owned(), inbox: root.join(inbox) }
    }

    /// Absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Absolute.
    pub fn inbox(&self) -> &Path {
        &self.inbox
    }

    /// The path of an artifact.
    pub fn artifact(&self, name: &str) -> PathBuf {
        self.inbox.join(name)
    }

    /// VERSION, an interrupted update taken as finished.
    pub fn version(&self, pending: Option<&Intent>) -> Result<Version, Failure> {
        let path = self.root.join("VERSION");
        let malformed = |why: String| {
            Failure::new(Code::VersionMalformed, format!("VERSION cannot be used: {why}"))
                .why("VERSION names the release: four numbers X.Y.Z.W on one line, without a `v`.")
                .fix(format!("Write the version to publish: echo X.Y.Z.W > '{}'", path.display()))
        };
        // What could not be read is not malformed: the same command may find it well.
        let unread = |failure: Failure| {
            if files::is_unfit(&path) { malformed(failure.what.to_string()) } else { failure }
        };
        let bytes = match intended(pending, "VERSION") {
            Some(file) => Some(file.after.clone().into_bytes()),
            None => files::read(&path).map_err(unread)?,
        };
        let bytes = bytes.ok_or_else(|| malformed("it is missing".into()))?;
        Version::from_file(&bytes).map_err(|error| malformed(error.to_string()))
    }

    /// What lies in the inbox; `None` when there is no inbox.
    pub fn listing(&self) -> Result<Option<Listing>, Failure> {
        let entries = match passing(&Operation::Read(&self.inbox)).and_then(|()| std::fs::read_dir(&self.inbox)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&self.inbox, &error)),
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(|error| unreadable(&self.inbox, &error))?.file_name();
            let name = name.to_string_lossy().into_owned();
            if !name.starts_with('.') {
                names.insert(name);
            }
        }
        Ok(Some(Listing { names }))
    }

    /// The text of a small artifact.
    pub fn text(&self, name: &str) -> Result<String, Failure> {
        let path = self.artifact(name);
        let bytes = files::read(&path)?.ok_or_else(|| {
            Failure::new(Code::LocalFile, format!("{} is missing", path.display()))
                .fix("Put it back, then run the same command again")
        })?;
        String::from_utf8(bytes).map_err(|_| {
            Failure::new(Code::NotesNotReady, format!("{name} is not UTF-8 text"))
                .why("It becomes the text of the release page.")
                .fix(format!("file '{}'", path.display()))
        })
    }

    /// A manifest file, an interrupted update taken as finished; `None` when it is not there.
    pub fn manifest(&self, path: &str, pending: Option<&Intent>) -> Result<Option<ManifestFile>, Failure> {
        let bytes = match intended(pending, path) {
            Some(file) => Some(file.after.clone().into_bytes()),
            None => files::read(&self.root.join(path)).map_err(|mut failure| {
                failure.code = Code::ManifestUnreadable;
                failure
            })?,
        };
        Ok(bytes.map(|bytes| ManifestFile { digest: Digest::of(&bytes), bytes }))
    }

    /// The versions of the `manifest_<version>.json` beside a manifest.
    pub fn versioned_manifests(&self, path: &str) -> Result<Vec<Version>, Failure> {
        let mut versions: Vec<_> = self.dated_manifests(path)?.into_iter().map(|(_, version)| version).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// The version of the newest `manifest_<version>.json` beside a manifest: the one that the update server takes. An
    /// interrupted update is the newest.
    pub fn newest_manifest(&self, path: &str, pending: Option<&Intent>) -> Result<Option<Version>, Failure> {
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let intended =
            pending.iter().flat_map(|intent| &intent.files).filter(|file| folder(&file.path) == folder(path));
        let intended = intended.filter_map(|file| version_of(file.path.rsplit('/').next()?)).next_back();
        let newest = self.dated_manifests(path)?.into_iter().max().map(|(_, version)| version);
        Ok(intended.or(newest))
    }

    fn dated_manifests(&self, path: &str) -> Result<Vec<(SystemTime, Version)>, Failure> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(&self.root);
        let entries = match passing(&Operation::Read(folder)).and_then(|()| std::fs::read_dir(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(folder, &error)),
        };
        let mut versions = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            if let Some(version) = version_of(&entry.file_name().to_string_lossy()) {
                let modified = entry.metadata().and_then(|meta| meta.modified());
                versions.push((modified.map_err(|error| unreadable(&entry.path(), &error))?, version));
            }
        }
        Ok(versions)
    }

    /// The manifest update that a run left unfinished.
    pub fn pending(&self) -> Result<Option<Intent>, Failure> {
        intent::pending(&self.root)
    }

    /// What this workspace stored before it made something on the host that is its own.
    pub fn claimed(&self, repo: &str, claim: Claim<'_>) -> Result<Option<Nonce>, Failure> {
        claim::read(&self.root, repo, claim)
    }

    /// What the runs of this workspace left in the journal.
    pub fn journal(&self) -> Result<Journal, Failure> {
        journal::read(&self.root)
    }

    /// What the last of them left, however many there were.
    pub fn recent_journal(&self) -> Result<Journal, Failure> {
        journal::recent(&self.root)
    }

    /// Where it lies.
    pub fn journal_path(&self) -> PathBuf {
        journal::path(&self.root)
    }

    /// The last lines that the run under way, or else the last run, left of what it said.
    pub fn recent_events(&self) -> Result<String, Failure> {
        event_log::recent(&self.root)
    }

    /// Fails when somebody is at work in this workspace.
    pub fn probe_lock(&self) -> Result<(), Failure> {
        lock::probe(&self.root)
    }

    /// The run that noted itself as the lock's holder: of use only while somebody holds it.
    pub fn lock_holder(&self) -> Option<Clean> {
        lock::noted(&self.root).map(|owner| owner.run)
    }
}

/// Changes the workspace; only a confirmed run holds one.
#[derive(Debug, Clone)]
pub struct Writer {
    reader: Reader,
}

impl Writer {
    /// A writer for the workspace of `reader`.
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// The same workspace, for reading.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Makes a missing inbox with its `.gitkeep` (SPEC S2); answers whether it was missing. One without anything is as
    /// good as missing: a killed run left it, or git will not keep it.
    pub fn ensure_inbox(&self) -> Result<bool, Failure> {
        let inbox = &self.reader.inbox;
        if inbox.exists() && std::fs::read_dir(inbox).map_or(true, |mut entries| entries.next().is_some()) {
            return Ok(false);
        }
        // Nobody holds the lock yet. What is empty is whole from the start, and two may make it at once.
        files::append(&inbox.join(".gitkeep"), b"")?;
        Ok(true)
    }

    /// Takes the lock.
    pub fn lock(&self, run: &str) -> Result<Lock, Failure> {
        let lock = lock::acquire(&self.reader.root)?;
        self.ensure_state()?;
        lock.note(&Owner::this(run))?;
        Ok(lock)
    }

    /// Finishes an interrupted update of manifests or version, and answers what it was.
    pub fn finish_files(&self) -> Result<Option<Intent>, Failure> {
        intent::finish(&self.reader.root)
    }

    /// Writes a set of files as one, and the journal's entry with it where there is one.
    pub fn write_files(&self, act: Act, files: Vec<Pending>, entry: Option<Entry>) -> Result<(), Failure> {
        self.ensure_state()?;
        intent::write_set(&self.reader.root, &Intent { act, files, entry })
    }

    /// Stores that something is our own, before it is made; the claim that is there already holds.
    pub fn claim(&self, repo: &str, claim: Claim<'_>) -> Result<Nonce, Failure> {
        self.ensure_state()?;
        claim::ensure(&self.reader.root, repo, claim)
    }

    /// Gives a claim up.
    pub fn unclaim(&self, claim: Claim<'_>) -> Result<(), Failure> {
        claim::drop(&self.reader.root, claim)
    }

    /// Keeps the bytes of a file that is about to be replaced, in the state folder.
    pub fn keep(&self, path: &str) -> Result<PathBuf, Failure> {
        self.ensure_state()?;
        let bytes = files::read(&self.reader.root.join(path))?.unwrap_or_default();
        // Named by its content: whoever runs again after a crash keeps it once.
        let name = format!("{}-{}", Digest::of(&bytes), path.replace('/', "-"));
        let kept = state::path(&self.reader.root, "replaced").join(name);
        files::write(&kept, &bytes)?;
        Ok(kept)
    }

    /// Begins the log of what a run says; only who holds the lock does.
    pub fn begin_events(&self) -> Result<files::Lines, Failure> {
        self.ensure_state()?;
        event_log::begin(&self.reader.root)
    }

    /// Adds an entry to the journal.
    pub fn record(&self, entry: &Entry) -> Result<(), Failure> {
        self.ensure_state()?;
        journal::append(&self.reader.root, entry)
    }

    /// The state folder, which git ignores by its own word.
    fn ensure_state(&self) -> Result<(), Failure> {
        let ignore = state::path(&self.reader.root, ".gitignore");
        if ignore.exists() { Ok(()) } else { files::write(&ignore, b"*\n") }
    }
}

/// A file as an interrupted update will have left it.
fn intended<'a>(pending: Option<&'a Intent>, path: &str) -> Option<&'a Pending> {
    pending?.files.iter().find(|file| file.path == path)
}

/// The version in `manifest_<version>.json`.
fn version_of(name: &str) -> Option<Version> {
    name.strip_prefix("manifest_")?.strip_suffix(".json")?.parse().ok()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::LocalFile, format!("{} cannot be read: {error}", path.display()))
        .why("What cannot be read is not taken for absent.")
        .fix(format!("ls -ld '{}'", path.display()))
}
