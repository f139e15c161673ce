//! `manifest show` and `manifest sync`: the manifest files of the workspace, and copies made equal to the canonical one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account;
use super::base::Base;
use super::event::{Event, Mode, NoteKind, Outcome, ResultFile, RunResult, StepId};
use super::snapshot::{ManifestCopy, Snapshot};
use super::steps::plan::{own_files, versioned};
use super::steps::{self, Summary, timed};
use super::verification::{canonical, ensure_offers_what_is_published, offered};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::{Digest, Fingerprint};
use crate::release::manifest::{Change, Manifest};
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::world::intent::{Act, Pending};
use crate::world::workspace::Writer;

/// A manifest file as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Relative to the workspace.
    pub path: Clean,
    /// Of its bytes; `None`: it is not there.
    pub sha256: Option<Digest>,
    /// What it says; `None` when it is not there or broken.
    pub manifest: Option<Value>,
    /// Why it is no manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Clean>,
}

/// A copy and what becomes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// Relative to the workspace.
    pub path: Clean,
    /// Whether it is written; if not, it is equal already.
    pub write: bool,
    /// Of its bytes now; `None`: it is not there.
    pub before: Option<Digest>,
    /// Field by field; none where it says the same in other bytes, or is no manifest.
    pub changes: Vec<Change>,
}

/// `manifest show`.
pub async fn show(base: &Base) -> RunResult {
    base.start("manifest show", Mode::ReadOnly);
    match list(&base.local_snapshot().as_files_are()).await {
        Err(failure) => base.fail(&failure),
        Ok(shown) => {
            base.events.send(Event::Report { kind: "manifest".into(), data: json!(shown) });
            base.end(RunResult::bare(Outcome::Done, Exit::Done as u8))
        }
    }
}

/// Every file of the settings, then every `manifest_<version>.json` beside them, the highest version first.
async fn list(snapshot: &Snapshot) -> Result<Vec<Shown>, Failure> {
    let copies = snapshot.manifests().await?;
    let mut shown: Vec<_> = copies.iter().map(shown).collect();
    let pending = snapshot.pending().await?;
    for copy in copies {
        for version in snapshot.readers.workspace.versioned_manifests(&copy.path)?.into_iter().rev() {
            let path = versioned(&copy.path, &version);
            if shown.iter().all(|known| known.path.as_str() != path) {
                shown.push(self::shown(&ManifestCopy::read(&snapshot.readers.workspace, path, pending)?));
            }
        }
    }
    Ok(shown)
}

fn shown(copy: &ManifestCopy) -> Shown {
    let (manifest, broken) = match &copy.manifest {
        None => (None, None),
        Some(Ok(manifest)) => (Some(json!(manifest)), None),
        Some(Err(why)) => (None, Some(why.clone())),
    };
    Shown { path: copy.path.as_str().into(), sha256: copy.file.as_ref().map(|file| file.digest), manifest, broken }
}

/// `manifest sync`: shows how each copy differs from the canonical manifest, then makes them equal.
pub async fn sync(base: &Base, dry_run: bool) -> RunResult {
    base.start("manifest sync", if dry_run { Mode::DryRun } else { Mode::Live });
    // The release host is asked only where the journal does not know what is copied.
    let snapshot = base.open_snapshot().await;
    if dry_run {
        if let Err(failure) = snapshot.readers.workspace.probe_lock() {
            base.events.note(NoteKind::Warning, failure.what);
        }
        return conclude(base, true, repairs(&snapshot, &base.events).await);
    }
    let writer = Writer::new(snapshot.readers.workspace.clone());
    let locked = timed(&base.events, StepId::Lock, steps::lock::run(&writer, &base.caller(), &base.events)).await;
    let repaired = match locked {
        Err(failure) => Err(failure),
        Ok(_lock) => {
            async {
                let repairs = repairs(&snapshot, &base.events).await?;
                timed(&base.events, StepId::Manifest, repair(base, &snapshot, &writer, &repairs)).await?;
                Ok(repairs)
            }
            .await
        }
    };
    conclude(base, false, repaired)
}

fn conclude(base: &Base, dry_run: bool, repairs: Result<Vec<Repair>, Failure>) -> RunResult {
    let repairs = match repairs {
        Ok(repairs) => repairs,
        Err(failure) => return base.fail(&failure),
    };
    let writes = repairs.iter().any(|repair| repair.write);
    let outcome = match (dry_run, writes) {
        (true, _) => Outcome::DryRun,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::Nothing,
    };
    let mut result = RunResult::bare(outcome, Exit::Done as u8);
    let file = |repair: &Repair| ResultFile { path: repair.path.to_string(), written: repair.write && !dry_run };
    result.manifest = Some(repairs.iter().map(file).collect());
    base.end(result)
}

/// What has to be written, shown. A versioned file with other bytes is left: only verified bytes go there (SPEC §8).
async fn repairs(snapshot: &Snapshot, events: &super::feed::Events) -> Result<Vec<Repair>, Failure> {
    let (path, manifest) = canonical(snapshot).await?;
    agrees_with_its_version(snapshot, path, manifest).await?;
    let copies = snapshot.manifests().await?;
    let digest = |copy: &ManifestCopy| copy.file.as_ref().map(|file| file.digest);
    let wanted = copies.first().and_then(digest);
    let repair = |path: &str, before: Option<Digest>, said: Option<&Manifest>| {
        let changes = said.map(|said| Manifest::changes(Some(said), manifest)).unwrap_or_default();
        Repair { path: path.into(), write: before != wanted, before, changes }
    };
    let said = |copy: &ManifestCopy| copy.manifest.clone().and_then(Result::ok);
    let mut repairs: Vec<_> =
        copies.iter().skip(1).map(|copy| repair(&copy.path, digest(copy), said(copy).as_ref())).collect();
    let settled = manifest.version().filter(|v| manifest.url_version(&snapshot.settings.release.tag) == Some(*v));
    if let Some(version) = settled.filter(|_| snapshot.settings.manifest.versioned_copy) {
        let pending = snapshot.pending().await?;
        for path in own_files(&snapshot.settings.manifest.paths, &version) {
            let found = snapshot.readers.workspace.manifest(&path, pending)?.map(|file| file.digest);
            if found.is_some() || is_vouched_for(snapshot, &version, manifest).await? {
                repairs.push(repair(&path, found, None));
            } else {
                let tag = snapshot.settings.release.tag.tag(&version);
                events.note(NoteKind::Warning, format!("{path} is not made: the journal does not know these bytes. nexy-release manifest point {tag} makes it from what is published"));
            }
        }
    }
    events.send(Event::Report { kind: "sync".into(), data: json!(repairs) });
    if repairs.iter().any(|repair| repair.write) {
        ensure_published(snapshot, path, manifest).await?;
    }
    Ok(repairs)
}

/// A canonical manifest that nobody here published is held against the release host before it is a model for others.
async fn ensure_published(snapshot: &Snapshot, path: &str, manifest: &Manifest) -> Result<(), Failure> {
    let offered = offered(snapshot).await?;
    let asset = snapshot.settings.release.manifest_asset();
    let url = asset.map(|asset| snapshot.settings.asset_url(&offered, &asset.name));
    if is_vouched_for(snapshot, &offered, manifest).await? && url.as_deref() == Some(manifest.url()) {
        return Ok(());
    }
    ensure_offers_what_is_published(snapshot, &offered).await.map_err(|failure| {
        if failure.code == Code::Interrupted {
            return failure;
        }
        let why = format!("{} {path} was not copied: this workspace did not publish what it says.", failure.why);
        failure.why(why)
    })
}

/// The canonical manifest, for a place where clients see it: its version is the one that it offers.
pub(super) async fn sound(snapshot: &Snapshot) -> Result<(Version, String), Failure> {
    let (path, manifest) = canonical(snapshot).await?;
    agrees_with_its_version(snapshot, path, manifest).await?;
    let offered = manifest.url_version(&snapshot.settings.release.tag);
    let copies = snapshot.manifests().await?;
    let bytes = copies.first().and_then(|copy| copy.file.as_ref()).map(|file| file.bytes.clone()).unwrap_or_default();
    // It was parsed as JSON, which is UTF-8.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match manifest.version().filter(|version| Some(*version) == offered) {
        Some(version) => Ok((version, text)),
        None => Err(Failure::new(
            Code::ManifestMismatch,
            format!("{path} names another version than the one that it offers"),
        )
        .why("The next version is being prepared and is not published yet; clients are not told of it.")
        .fix("nexy-release publish")
        .fix("nexy-release manifest point TAG   (goes back to a published version)")),
    }
}

/// Whether this workspace published these very bytes: the update server serves what is made from them.
async fn is_vouched_for(snapshot: &Snapshot, version: &Version, manifest: &Manifest) -> Result<bool, Failure> {
    let published = published_here(snapshot, version).await?;
    Ok(published.is_some() && published == manifest.fingerprint())
}

/// The package of a version as the journal knows it.
async fn published_here(snapshot: &Snapshot, version: &Version) -> Result<Option<Fingerprint>, Failure> {
    let journal = snapshot.journal().await?;
    let asset = snapshot.settings.release.manifest_asset();
    Ok(asset.and_then(|asset| journal.published(version, &asset.name)))
}

/// A canonical manifest that says something else of a version than that version's own file is no model for others:
/// only verified bytes go there (SPEC §8).
async fn agrees_with_its_version(snapshot: &Snapshot, path: &str, manifest: &Manifest) -> Result<(), Failure> {
    let tags = &snapshot.settings.release.tag;
    let Some(offered) = manifest.url_version(tags) else { return Ok(()) };
    let published = published_here(snapshot, &offered).await?;
    if published.is_some_and(|published| manifest.fingerprint() != Some(published)) {
        return Err(contradicted(path, "the journal", &tags.tag(&offered)));
    }
    let own = versioned(path, &offered);
    let Some(file) = snapshot.readers.workspace.manifest(&own, snapshot.pending().await?)? else { return Ok(()) };
    let Ok(known) = Manifest::parse(&file.bytes) else { return Ok(()) };
    // After `version set` the canonical one names the next version, and still offers all of this one.
    let pending = manifest.version() != Some(offered);
    let same = if pending {
        known.url() == manifest.url() && known.fingerprint() == manifest.fingerprint()
    } else {
        known == *manifest
    };
    if same {
        return Ok(());
    }
    Err(contradicted(path, &own, &tags.tag(&offered)).fix(format!("diff '{path}' '{own}'")))
}

fn contradicted(path: &str, other: &str, tag: &str) -> Failure {
    Failure::new(Code::ManifestMismatch, format!("{path} and {other} say different things of {tag}"))
        .why("One of the two is wrong; nothing was copied.")
        .fix("nexy-release manifest check")
        .fix(format!("nexy-release manifest point {tag}   (writes every manifest from what is published)"))
}

async fn repair(
    base: &Base,
    snapshot: &Snapshot,
    writer: &Writer,
    repairs: &[Repair],
) -> Result<(Summary, ()), Failure> {
    let copies = snapshot.manifests().await?;
    let bytes = copies.first().and_then(|copy| copy.file.as_ref()).map(|file| file.bytes.clone()).unwrap_or_default();
    // It was parsed as JSON, which is UTF-8.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let root = writer.reader().root();
    let pending =
        |repair: &Repair| Pending { path: repair.path.to_string(), before: repair.before, after: text.clone() };
    let files: Vec<_> = repairs.iter().filter(|repair| repair.write).map(pending).collect();
    if files.is_empty() {
        return Ok((Summary::skipped("every copy is equal already"), ()));
    }
    let count = files.len();
    let mut entry = account::blank("manifest sync", &base.caller(), base.settings.release.repo.as_str());
    entry.version = canonical(snapshot).await?.1.version();
    entry.manifest = account::files(&repairs.iter().map(pending).collect::<Vec<_>>());
    writer.write_files(Act::Manifest, files, Some(entry))?;
    for repair in repairs.iter().filter(|repair| repair.write) {
        base.events.marker(format!("Manifest updated at {}", root.join(repair.path.as_str()).display()));
    }
    Ok((Summary::ok(format!("{count} files written")), ()))
}
