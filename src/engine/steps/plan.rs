//! `plan`: decide from the snapshot.

use std::collections::BTreeSet;

use super::Summary;
use crate::engine::snapshot::{ManifestCopy, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::manifest::Target;
use crate::release::plan::{self, Action, Delivery, Local, LocalAsset, LocalFile, LocalManifest, Plan, Remote};
use crate::release::text::Clean;
use crate::release::version::Version;

/// The plan of this snapshot. Fails when a fact that it needs is missing.
pub async fn run(snapshot: &Snapshot) -> Result<Plan, Failure> {
    let settings = &snapshot.settings;
    let version = snapshot.version().await?;
    let mut assets = Vec::new();
    for artifact in snapshot.artifacts().await? {
        assets.push(LocalAsset {
            name: artifact.name.clone(),
            kind: artifact.kind,
            fingerprint: artifact.inspected.as_ref().map_err(Clone::clone)?.fingerprint,
            url: settings.asset_url(&version, &artifact.name),
        });
    }
    let served = settings.release.manifest_asset().map(|asset| asset.name.as_str());
    let manifest = match assets.iter().find(|asset| Some(asset.name.as_str()) == served) {
        None => None,
        Some(asset) => {
            let target = Target {
                version,
                url: asset.url.clone(),
                fingerprint: asset.fingerprint,
                signature: snapshot.signature().await?.map(|signed| signed.signature.to_string()),
                notes_url: settings.notes_url(&version),
                arch: settings.manifest.arch.clone(),
                min_os: settings.manifest.min_os.clone(),
            };
            Some(manifest(snapshot, target, false).await?)
        }
    };
    let (published, draft) = snapshot.remote().await?.planned();
    let local = Local {
        repo: settings.release.repo.to_string(),
        version,
        tag: settings.release.tag.tag(&version),
        assets,
        manifest,
        delivery: Delivery {
            commit_manifest: settings.git.commit_manifest,
            push_manifest: settings.git.push_manifest,
            push_vm: settings.vm.enabled && settings.vm.push_manifest,
        },
    };
    Ok(plan::decide(&local, &Remote { published, draft }))
}

/// The manifest files as they are, and what they have to say. `way_out`: for `manifest point`, which also replaces what
/// is no manifest.
pub async fn manifest(snapshot: &Snapshot, target: Target, way_out: bool) -> Result<LocalManifest, Failure> {
    let copies = snapshot.manifests().await?;
    // The canonical one, or where it is missing the first copy that is there: its content goes on.
    let before = match copies.iter().find_map(|copy| Some((copy, copy.manifest.as_ref()?))) {
        None => None,
        Some((_, Ok(manifest))) => Some(manifest.clone()),
        // What is no manifest has nothing to go on with; the way out writes a new one.
        Some((_, Err(_))) if way_out => None,
        Some((copy, Err(why))) => return Err(broken(&copy.path, why)),
    };
    let mut files: Vec<_> = copies.iter().map(local).collect();
    if snapshot.settings.manifest.versioned_copy {
        let pending = snapshot.pending().await?;
        for copy in copies {
            let path = versioned(&copy.path, &target.version);
            if files.iter().any(|file| file.path == path) {
                continue;
            }
            files.push(local(&ManifestCopy::read(&snapshot.readers.workspace, path, pending)?));
        }
    }
    Ok(LocalManifest { before, target, own: None, files })
}

fn local(copy: &ManifestCopy) -> LocalFile {
    LocalFile {
        path: copy.path.clone(),
        says: copy.manifest.as_ref().and_then(|manifest| manifest.as_ref().ok()).cloned(),
        digest: copy.file.as_ref().map(|file| file.digest),
        renew: false,
    }
}

/// The failure for a manifest that is none.
pub fn broken(path: &str, why: &Clean) -> Failure {
    Failure::new(Code::ManifestBroken, format!("{path} is no valid manifest: {why}"))
        .why("The update server would fail on it, and so would every client.")
        .fix("nexy-release manifest point TAG   (writes it anew from a published version)")
        .fix(format!("git diff -- '{path}'"))
}

/// `manifest_<version>.json` beside a manifest.
pub fn versioned(path: &str, version: &Version) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/manifest_{version}.json"),
        None => format!("manifest_{version}.json"),
    }
}

/// The `manifest_<version>.json` beside these manifests, each once: two of them may lie in one folder.
pub fn own_files(paths: &[String], version: &Version) -> BTreeSet<String> {
    paths.iter().map(|path| versioned(path, version)).collect()
}

/// In a few words.
pub fn summary(plan: &Plan) -> Summary {
    let count = |action, word: &str| match plan.with(action).count() {
        0 => None,
        count => Some(format!("{count} {word}")),
    };
    let parts = [
        count(Action::Upload, "upload"),
        count(Action::Extend, "extend"),
        count(Action::Skip, "skip"),
        count(Action::Conflict, "conflict"),
    ];
    Summary::ok(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
