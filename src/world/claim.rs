//! What this workspace says is its own on the release host: a draft, by the nonce in its body, and an asset that it is
//! adding to a published release. A copy of the workspace takes these notes along; they are not its own.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{files, state};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::mark::Nonce;

/// What is claimed.
#[derive(Debug, Clone, Copy)]
pub enum Claim<'a> {
    /// The draft of this tag.
    Draft(&'a str),
    /// The asset of this name, missing in the published release of this tag.
    Addition(&'a str, &'a str),
}

/// The stored claim; `None` where there is none, or where it was stored in another workspace or for another repository.
pub fn read(root: &Path, repo: &str, claim: Claim<'_>) -> Result<Option<Nonce>, Failure> {
    let path = claim.path(root);
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    let nonce: Nonce = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(Code::LocalFile, format!("{} is damaged: {error}", path.display()))
            .why("It tells what is our own and unfinished from what is somebody else's.")
            .fix(format!("rm '{}'; what that run left then counts as foreign", path.display()))
    })?;
    let here = folder(root)?;
    Ok(Some(nonce).filter(|nonce| nonce.repo == repo && nonce.tag == claim.tag() && nonce.folder == here))
}

/// The stored claim, else a new one, stored and synced. The state folder is there.
pub fn ensure(root: &Path, repo: &str, claim: Claim<'_>) -> Result<Nonce, Failure> {
    if let Some(nonce) = read(root, repo, claim)? {
        return Ok(nonce);
    }
    let nonce = Nonce {
        repo: repo.into(),
        tag: claim.tag().into(),
        nonce: uuid::Uuid::new_v4().simple().to_string(),
        folder: folder(root)?,
    };
    let text = serde_json::to_vec(&nonce)
        .map_err(|error| Failure::new(Code::LocalFile, format!("The nonce cannot be stored: {error}")))?;
    files::write(&claim.path(root), &text)?;
    Ok(nonce)
}

/// Gives a claim up.
pub fn drop(root: &Path, claim: Claim<'_>) -> Result<(), Failure> {
    files::remove(&claim.path(root))
}

impl Claim<'_> {
    fn tag(&self) -> &str {
        match self {
            Self::Draft(tag) | Self::Addition(tag, _) => tag,
        }
    }

    fn path(&self, root: &Path) -> PathBuf {
        match self {
            Self::Draft(tag) => state::path(root, "drafts").join(format!("{tag}.json")),
            Self::Addition(tag, asset) => state::path(root, "additions").join(tag).join(format!("{asset}.json")),
        }
    }
}

/// What tells this state folder from a copy of it: its inode, which a move keeps and a copy does not.
fn folder(root: &Path) -> Result<u64, Failure> {
    let path = state::path(root, "");
    let meta = std::fs::metadata(&path).map_err(|error| {
        Failure::new(Code::LocalFile, format!("{} cannot be read: {error}", path.display()))
            .fix(format!("ls -ld '{}'", path.display()))
    })?;
    Ok(meta.ino())
}
