//! The plan: what a run would do, decided once from one snapshot of local and remote state. A value, and a pure
//! function that makes it.

mod manifest;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use manifest::{LocalFile, LocalManifest, OwnFile, PlannedFile, PlannedManifest};

use super::artifact::Kind;
use super::fingerprint::{Digest, Fingerprint};
use super::json;
use super::version::Version;

/// What this workspace wants to publish.
#[derive(Debug, Clone)]
pub struct Local {
    /// `OWNER/NAME` of the artifact repository.
    pub repo: String,
    /// VERSION.
    pub version: Version,
    /// The tag made from it.
    pub tag: String,
    /// The artifacts of the inbox, in the order of the settings.
    pub assets: Vec<LocalAsset>,
    /// The manifest files, the canonical one first; `None` where nothing is to be delivered to clients.
    pub manifest: Option<LocalManifest>,
    /// What else is delivered where.
    pub delivery: Delivery,
}

/// One artifact of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAsset {
    /// File name, and the asset's name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub fingerprint: Fingerprint,
    /// Where it can be downloaded once it is public.
    pub url: String,
}

/// The delivery switches; they are part of the plan's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// Commit the manifest files.
    pub commit_manifest: bool,
    /// Push that commit.
    pub push_manifest: bool,
    /// Write the manifest on the VM.
    pub push_vm: bool,
}

/// What the host holds under the tag.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    /// The published release of the tag.
    pub published: Option<RemoteRelease>,
    /// Our own unfinished draft.
    pub draft: Option<RemoteRelease>,
}

/// A release as far as a plan needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRelease {
    /// Its assets.
    pub assets: Vec<RemoteAsset>,
    /// GitHub's answer on whether it can be added to; `None` when it does not say.
    pub immutable: Option<bool>,
}

/// An asset of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAsset {
    /// Its name on the host.
    pub name: String,
    /// `false` for a half-uploaded one (`starter`), which holds no published bytes.
    pub uploaded: bool,
    /// Bytes.
    pub size: u64,
    /// As the host reports it, or from a download; `None` only where the size tells enough.
    pub sha256: Option<Digest>,
}

impl RemoteAsset {
    /// Whether it is whole and holds these bytes.
    pub fn holds(&self, fingerprint: &Fingerprint) -> bool {
        self.uploaded && self.size == fingerprint.size && self.sha256 == Some(fingerprint.sha256)
    }
}

/// What a run does with one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Send it into the draft.
    Upload,
    /// It is there, byte for byte.
    Skip,
    /// Add it to a published release that lacks it.
    Extend,
    /// The published release has other bytes under its name.
    Conflict,
}

/// One asset of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedAsset {
    /// Asset name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Of the local file.
    pub sha256: Digest,
    /// Public download.
    pub url: String,
    /// What is done.
    pub action: Action,
    /// Why.
    pub why: Cow<'static, str>,
    /// What the published release holds, in a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteFingerprint>,
}

/// What the host says of an asset; the digest is missing where it reports none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteFingerprint {
    /// Bytes.
    pub size: u64,
    /// SHA-256, when known.
    pub sha256: Option<Digest>,
}

/// What a run would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// SPEC §2: equal for a run and for its continuation.
    pub hash: Digest,
    /// `OWNER/NAME`.
    pub repo: String,
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: String,
    /// Whether the tag is published already.
    pub published: bool,
    /// Every asset, in the order of the settings.
    pub assets: Vec<PlannedAsset>,
    /// `None`: no DMG, the manifest stays untouched.
    pub manifest: Option<PlannedManifest>,
    /// What else is delivered where.
    pub delivery: Delivery,
}

/// Decides what to do. Pure: the same state gives the same plan.
pub fn decide(local: &Local, remote: &Remote) -> Plan {
    let assets: Vec<_> = local.assets.iter().map(|asset| decide_asset(asset, remote)).collect();
    let manifest = local.manifest.as_ref().map(manifest::decide);
    Plan {
        hash: hash(local, manifest.as_ref()),
        repo: local.repo.clone(),
        version: local.version,
        tag: local.tag.clone(),
        published: remote.published.is_some(),
        assets,
        manifest,
        delivery: local.delivery,
    }
}

fn decide_asset(local: &LocalAsset, remote: &Remote) -> PlannedAsset {
    let find = |release: &Option<RemoteRelease>| {
        release.as_ref().and_then(|r| r.assets.iter().find(|asset| asset.name == local.name).cloned())
    };
    let mut conflicting = None;
    let (action, why) = match (&remote.published, find(&remote.published)) {
        (Some(_), Some(asset)) if asset.holds(&local.fingerprint) => (Action::Skip, "published, byte for byte"),
        (Some(_), Some(asset)) if asset.uploaded => {
            conflicting = Some(RemoteFingerprint { size: asset.size, sha256: asset.sha256 });
            (Action::Conflict, "other bytes are published under this name")
        }
        (Some(_), Some(_)) => (Action::Extend, "the published release has a half-uploaded one, which holds nothing"),
        (Some(_), None) => (Action::Extend, "the published release lacks it"),
        (None, _) => match find(&remote.draft) {
            Some(asset) if asset.holds(&local.fingerprint) => (Action::Skip, "in our draft already, byte for byte"),
            Some(asset) if asset.uploaded => (Action::Upload, "our draft has other bytes, which are replaced"),
            Some(_) => (Action::Upload, "our draft has a half-uploaded one, which is replaced"),
            None => (Action::Upload, "not there yet"),
        },
    };
    PlannedAsset {
        name: local.name.clone(),
        kind: local.kind,
        size: local.fingerprint.size,
        sha256: local.fingerprint.sha256,
        url: local.url.clone(),
        action,
        why: why.into(),
        remote: conflicting,
    }
}

/// SPEC §2. Assets by name, so that the order of the settings does not matter.
fn hash(local: &Local, manifest: Option<&PlannedManifest>) -> Digest {
    let mut assets: Vec<_> = local.assets.iter().collect();
    assets.sort_by(|a, b| a.name.cmp(&b.name));
    let assets: Vec<_> = assets
        .iter()
        .map(|a| json!({ "name": a.name, "size": a.fingerprint.size, "sha256": a.fingerprint.sha256 }))
        .collect();
    Digest::of(json::canonical(&json!({
        "repo": local.repo,
        "tag": local.tag,
        "assets": assets,
        "manifest": manifest.map(|manifest| manifest.after.undated()),
        "delivery": local.delivery,
    })))
}

impl Plan {
    /// The assets on which `action` is taken.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &PlannedAsset> {
        self.assets.iter().filter(move |asset| asset.action == action)
    }

    /// Whether this version is public already, byte for byte.
    pub fn already_published(&self) -> bool {
        self.published && self.assets.iter().all(|asset| asset.action == Action::Skip)
    }

    /// The manifest files that are written.
    pub fn files_to_write(&self) -> impl Iterator<Item = &PlannedFile> {
        self.manifest.iter().flat_map(|manifest| &manifest.files).filter(|file| file.write)
    }

    /// Whether a run would change nothing, neither on the host nor in the workspace.
    pub fn nothing_to_do(&self) -> bool {
        self.already_published() && self.files_to_write().next().is_none()
    }

    /// Whether a person who confirmed `confirmed` has agreed to this one as well: nothing where nothing was to be done,
    /// and no addition to a published release that was not shown as one.
    pub fn is_covered_by(&self, confirmed: &Self) -> bool {
        let shown = |asset: &PlannedAsset| confirmed.with(Action::Extend).any(|known| known.name == asset.name);
        (self.nothing_to_do() || !confirmed.nothing_to_do()) && self.with(Action::Extend).all(shown)
    }

    /// What is another thing in this plan than in `other`, in a few words each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let find = |plan: &Self, name: &str| plan.assets.iter().find(|asset| asset.name == name).cloned();
        for asset in &self.assets {
            match find(other, &asset.name) {
                None => differences.push(format!("{} is there now", asset.name)),
                Some(before) if before.sha256 != asset.sha256 => {
                    differences.push(format!("{}: {} bytes, before {} bytes", asset.name, asset.size, before.size));
                }
                Some(_) => {}
            }
        }
        let gone = other.assets.iter().filter(|asset| find(self, &asset.name).is_none());
        differences.extend(gone.map(|asset| format!("{} is gone", asset.name)));
        if self.tag != other.tag {
            differences.push(format!("the tag is {}, before {}", self.tag, other.tag));
        }
        let document = |plan: &Self| plan.manifest.as_ref().map(|manifest| manifest.after.undated());
        if differences.is_empty() && document(self) != document(other) {
            differences.push("the manifest".to_owned());
        }
        if differences.is_empty() {
            differences.push("the settings".to_owned());
        }
        differences
    }

    /// What a run would do, one act a line, for a dry-run.
    pub fn acts(&self) -> Vec<String> {
        let Self { repo, tag, .. } = self;
        let mut acts = Vec::new();
        if self.already_published() {
            acts.push(format!("skip: already published (tag={tag})"));
        } else if !self.published {
            acts.push(format!("create or take up the draft release {tag} in {repo}"));
        }
        for asset in &self.assets {
            let PlannedAsset { name, size, sha256, .. } = asset;
            match asset.action {
                Action::Upload => acts.push(format!("upload {name} ({size} bytes, SHA-256 {sha256})")),
                Action::Extend => {
                    acts.push(format!("add {name} ({size} bytes, SHA-256 {sha256}) to the published {tag}"));
                }
                Action::Skip if !self.published => acts.push(format!("keep {name}: {}", asset.why)),
                Action::Skip | Action::Conflict => {}
            }
        }
        if !self.published {
            acts.push(format!("publish {tag} in {repo}"));
        }
        if !self.nothing_to_do() {
            acts.push("download every asset from its public URL and compare size and SHA-256".into());
        }
        acts.extend(self.file_acts());
        if self.manifest.is_none() {
            acts.push("leave the manifest untouched: no DMG".into());
        }
        acts
    }
    /// The same for the manifest files alone.
    pub fn file_acts(&self) -> Vec<String> {
        let files = self.manifest.iter().flat_map(|manifest| &manifest.files);
        let act = |file: &PlannedFile| {
            if file.write { format!("write {}", file.path) } else { format!("leave {}: already right", file.path) }
        };
        files.map(act).collect()
    }
}
