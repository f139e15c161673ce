//! `plan`: decide from the snapshot.

use super::Summary;
use crate::engine::snapshot::Snapshot;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::manifest::Target;
use crate::release::plan::{self, Action, Delivery, Local, LocalAsset, LocalManifest, Plan, Remote};

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
                notes_url: settings.notes_url(&version),
                arch: settings.manifest.arch.clone(),
                min_os: settings.manifest.min_os.clone(),
            };
            Some(manifest(snapshot, target).await?)
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

async fn manifest(snapshot: &Snapshot, target: Target) -> Result<LocalManifest, Failure> {
    let copies = snapshot.manifests().await?;
    // The canonical one, or where it is missing the first copy that is there: its content goes on.
    let before = match copies.iter().find_map(|copy| Some((copy, copy.manifest.as_ref()?))) {
        None => None,
        Some((_, Ok(manifest))) => Some(manifest.clone()),
        Some((copy, Err(why))) => {
            return Err(Failure::new(Code::ManifestBroken, format!("{} is no valid manifest: {why}", copy.path)));
        }
    };
    let mut files: Vec<_> =
        copies.iter().map(|copy| (copy.path.clone(), copy.file.as_ref().map(|file| file.digest))).collect();
    if snapshot.settings.manifest.versioned_copy {
        let pending = snapshot.pending().await?;
        for copy in copies {
            let path = versioned(&copy.path, &target.version.to_string());
            let file = snapshot.readers.workspace.manifest(&path, pending)?;
            files.push((path, file.map(|file| file.digest)));
        }
    }
    Ok(LocalManifest { before, target, files })
}

/// `manifest_<version>.json` beside a manifest.
fn versioned(path: &str, version: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/manifest_{version}.json"),
        None => format!("manifest_{version}.json"),
    }
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
