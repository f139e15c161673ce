//! A set of files that changes as one (facts/TRUST.md, "Manifest update protocol"): the intent is stored first, and an
//! interrupted set is rolled forward by whoever comes next.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{files, journal, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::Entry;

/// What is about to be written, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// What they are.
    #[serde(default)]
    pub act: Act,
    /// The file that clients read goes last.
    pub files: Vec<Pending>,
    /// What the journal is to tell of it, where the set is all that the run does: whoever finishes the set tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
}

/// What a set of files is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// The manifests move.
    #[default]
    Manifest,
    /// `version set`.
    Version,
}

impl Act {
    /// As it stands in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Version => "version",
        }
    }
}

/// One file of the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Relative to the workspace.
    pub path: String,
    /// Digest of its bytes before; `None` when it was not there.
    pub before: Option<Digest>,
    /// Its text after.
    pub after: String,
}

/// The interrupted set of this workspace, if there is one.
pub fn pending(root: &Path) -> Result<Option<Intent>, Failure> {
    let path = intent_path(root);
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    let intent: Intent = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error.to_string()))?;
    if let Some(bad) = intent.files.iter().find(|file| !is_inside(&file.path)) {
        return Err(damaged(&path, &format!("`{}` is not inside the workspace", bad.path)));
    }
    Ok(Some(intent))
}

/// Writes a set: intent first, then each file, then the journal is told, then the intent is removed.
pub fn write_set(root: &Path, intent: &Intent) -> Result<(), Failure> {
    let text = serde_json::to_vec(intent).map_err(|error| damaged(&intent_path(root), &error.to_string()))?;
    if text.len() as u64 > files::MAX_SMALL {
        // Nobody could read it again.
        return Err(Failure::new(Code::LocalFile, format!("{} bytes are too many to be changed as one", text.len()))
            .why(format!("An intent has at most {} bytes. Nothing was written.", files::MAX_SMALL))
            .fix("Take the large files out of [[version.point]]"));
    }
    verify(root, intent)?;
    files::write(&intent_path(root), &text)?;
    roll_forward(root, intent)
}

/// Finishes an interrupted set and answers it; `None` when there was nothing to finish.
pub fn finish(root: &Path) -> Result<Option<Intent>, Failure> {
    let Some(intent) = pending(root)? else { return Ok(None) };
    verify(root, &intent)?;
    roll_forward(root, &intent)?;
    Ok(Some(intent))
}

fn roll_forward(root: &Path, intent: &Intent) -> Result<(), Failure> {
    for file in &intent.files {
        let path = root.join(&file.path);
        let after = Some(Digest::of(&file.after));
        // Where both are equal the file is to be made the newest one.
        if file.before == after || files::digest(&path)? != after {
            files::write(&path, file.after.as_bytes())?;
        }
    }
    if let Some(entry) = &intent.entry {
        journal::append_once(root, entry)?;
    }
    files::remove(&intent_path(root))
}

/// Each file must be as it was or as it will be: anything else was written by somebody in between.
fn verify(root: &Path, intent: &Intent) -> Result<(), Failure> {
    for file in &intent.files {
        let found = files::digest(&root.join(&file.path))?;
        if found != file.before && found != Some(Digest::of(&file.after)) {
            return Err(Failure::new(Code::LocalIntent, format!("{} was changed by somebody else", file.path))
                .why("An update of several files was under way, and this one is neither as it was nor as it will be. Nothing was overwritten.")
                .fix(format!("git diff -- '{}'", file.path))
                .fix(format!("To keep that change, remove {} and run the same command again", intent_path(root).display())));
        }
    }
    Ok(())
}

fn intent_path(root: &Path) -> PathBuf {
    state::path(root, "intent.json")
}

fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn damaged(path: &Path, why: &str) -> Failure {
    Failure::new(Code::LocalIntent, format!("{} is damaged: {why}", path.display()))
        .why("It says how to finish an interrupted update of the manifests, or of the version.")
        .fix("git diff, to see how far it came")
        .fix(format!("rm '{}', then run the same command again", path.display()))
}
