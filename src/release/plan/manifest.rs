//! The manifest's part of a plan: what it will say, and which of its files are written.

use serde::{Deserialize, Serialize};

use crate::release::fingerprint::Digest;
use crate::release::manifest::{Change, Manifest, Target};

/// The manifest before, and what it has to say.
#[derive(Debug, Clone)]
pub struct LocalManifest {
    /// What the first file that is there says now; `None` when there is none yet.
    pub before: Option<Manifest>,
    /// What it has to say.
    pub target: Target,
    /// What the file of the target's own version says, where the manifests go back to what was published earlier.
    pub own: Option<OwnFile>,
    /// Every file to be kept equal, the canonical one first.
    pub files: Vec<LocalFile>,
}

/// `manifest_<version>.json` as it was read.
#[derive(Debug, Clone)]
pub struct OwnFile {
    /// What it says.
    pub manifest: Manifest,
    /// Of its bytes.
    pub digest: Digest,
}

/// A manifest file of the workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalFile {
    /// Relative to the workspace.
    pub path: String,
    /// What it says; `None` when it is not there, or is no manifest.
    pub says: Option<Manifest>,
    /// Of its bytes; `None` when it is not there.
    pub digest: Option<Digest>,
    /// Written even if it is right: the update server takes the newest file.
    pub renew: bool,
}

/// One manifest file of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedFile {
    /// Relative to the workspace.
    pub path: String,
    /// Whether it is written; if not, it is right already.
    pub write: bool,
    /// Digest of its bytes when the plan was made.
    pub before: Option<Digest>,
    /// What will be different in it, field by field.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// The manifest of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedManifest {
    /// Field by field.
    pub changes: Vec<Change>,
    /// File by file, the canonical one first.
    pub files: Vec<PlannedFile>,
    /// Digest of the text that every file gets, where one of them has it already, and so its `release_date`. `None`:
    /// the document says something new, and is dated at the moment of writing.
    pub kept: Option<Digest>,
    /// The signature of the DMG before was cleared: clients that ask for one will refuse this DMG.
    pub signature_cleared: bool,
    /// The document before.
    pub before: Option<Manifest>,
    /// The document after; a new one has the old `release_date` until the moment of writing.
    pub after: Manifest,
}

pub(super) fn decide(local: &LocalManifest) -> PlannedManifest {
    let LocalManifest { before, target, own, files } = local;
    let present = || Some((before.as_ref()?, files.iter().find_map(|file| file.digest)?));
    // Of the same bytes: its signature and whatever else it says of them hold.
    let own = own.as_ref().filter(|own| own.manifest.fingerprint() == Some(target.fingerprint));
    let base = own.map(|own| (&own.manifest, own.digest)).or_else(present);
    let after = base.map_or_else(|| Manifest::create(target), |(base, _)| base.updated(target));
    let kept = base.filter(|(base, _)| base.same_release(&after)).map(|(_, digest)| digest);
    let changes = |before: Option<&Manifest>| {
        let mut changes = Manifest::changes(before, &after);
        if kept.is_none() {
            changes.retain(|change| change.field != "release_date");
            let old = before.and_then(Manifest::release_date).map(str::to_owned);
            let new = Some("the time of writing".into());
            changes.push(Change { field: "release_date".into(), before: old, after: new });
        }
        changes
    };
    let files = files.iter().map(|file| {
        let write = file.renew || kept.is_none() || file.digest != kept;
        let changes = if write { changes(file.says.as_ref()) } else { Vec::new() };
        PlannedFile { path: file.path.clone(), write, before: file.digest, changes }
    });
    PlannedManifest {
        changes: changes(before.as_ref()),
        files: files.collect(),
        kept,
        signature_cleared: before.as_ref().is_some_and(|b| b.signature().is_some()) && after.signature().is_none(),
        before: before.clone(),
        after,
    }
}
