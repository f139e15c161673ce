//! What `manifest point` points at: a published package whose public bytes were verified, and the plan made from it.

use super::event::StepId;
use super::published;
use super::snapshot::Snapshot;
use super::steps::{self, Summary};
use super::verification::fingerprint;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::manifest::{self, Manifest};
use crate::release::plan::{
    self, Delivery, Local, LocalAsset, LocalManifest, OwnFile, Plan, Remote, RemoteAsset, RemoteRelease,
};
use crate::release::signature::Signature;
use crate::release::version::Version;
use crate::settings::Asset;
use crate::world::github::download::{Claims, Downloaded};
use crate::world::github::model;
use crate::world::signing;

/// A published package.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its version.
    pub version: Version,
    /// Asset name.
    pub name: String,
    /// Of the bytes that clients download.
    pub fingerprint: Fingerprint,
    /// One of those bytes, by the key that clients have.
    signature: Option<Signature>,
    immutable: Option<bool>,
}

/// Finds the package of a published version, downloads it as clients do, and holds it against everything that is known
/// of it: the host's digest, the journal, and what a package of its kind ends or starts with.
pub async fn find(snapshot: &Snapshot, version: &Version) -> Result<(Summary, Target), Failure> {
    let events = snapshot.events();
    let (wanted, release, asset) = package(snapshot, version).await?;
    let reported = fingerprint(snapshot, &asset).await?;
    events.marker("Verifying uploaded artifact from release URL...");
    let progress = events.progress(StepId::Verify, [(asset.name.clone(), asset.size)]);
    let url = snapshot.settings.asset_url(version, &asset.name);
    let mismatch = |why: String| {
        Failure::new(Code::VerifyMismatch, format!("Clients download other bytes of {} than they should", asset.name))
            .why(format!("{why} The manifests are untouched."))
            .fix(format!("curl -fL '{url}' | sha256sum"))
            .fix(format!("nexy-release verify {}", release.tag))
    };
    let said = snapshot.said_of(&reported, version).await?;
    let claims = claims(snapshot, &asset.name, &said)?;
    let found = match published::download(snapshot, version, &asset, claims.as_ref(), &progress.meter(0)).await? {
        Downloaded::Bytes(found) => found,
        Downloaded::TooLong => {
            return Err(mismatch(format!("more than the {} bytes that the host reports.", asset.size)));
        }
        Downloaded::Missing(failure) => {
            return Err(Failure::new(
                Code::VerifyUnreachable,
                format!("{} of {} cannot be downloaded by clients", asset.name, release.tag),
            )
            .why(format!("{}. {} The manifests are untouched.", failure.what, failure.why))
            .fix(format!("curl -fLI '{url}'"))
            .fix("Run the same command again"));
        }
    };
    events.marker(format!("Remote size: {} bytes", found.fingerprint.size));
    events.marker(format!("Remote SHA256: {}", found.fingerprint.sha256));
    if found.fingerprint != reported {
        return Err(mismatch(format!("the host reports {reported}; downloaded: {}.", found.fingerprint)));
    }
    let journal = snapshot.journal().await?;
    if let Some(published) = journal.published(version, &asset.name).filter(|known| *known != found.fingerprint) {
        return Err(mismatch(format!("published from here: {published}; downloaded: {}.", found.fingerprint)));
    }
    wanted.kind.judge(&found.head, &found.tail).map_err(|why| mismatch(format!("It is no package: {why}.")))?;
    let signature = match found.signed.first() {
        Some(signature) => Some(*signature),
        None => of_inbox(snapshot, &found.fingerprint).await?,
    };
    if claims.is_some() && signature.is_none() && !said.is_empty() {
        return Err(unsigned(snapshot, &asset.name, &release.tag));
    }
    let target = Target {
        version: *version,
        name: asset.name.clone(),
        fingerprint: found.fingerprint,
        signature,
        immutable: release.immutable,
    };
    Ok((Summary::ok(format!("{}, public bytes equal", asset.name)), target))
}

/// Signatures that may be ones of the package: of the manifests, and the one in the inbox. None where clients have no key.
fn claims(snapshot: &Snapshot, name: &str, said: &[String]) -> Result<Option<Claims>, Failure> {
    let Some(key) = snapshot.public_key()? else { return Ok(None) };
    let mut signatures: Vec<_> = said.iter().filter_map(|text| Signature::parse(text)).collect();
    // That of another DMG, or one cut off, says nothing of this one.
    let beside = signing::read(&snapshot.readers.workspace.artifact(name)).ok().flatten();
    signatures.extend(beside.filter(|beside| !signatures.contains(beside)));
    Ok(Some(Claims { key, signatures }))
}

fn unsigned(snapshot: &Snapshot, name: &str, tag: &str) -> Failure {
    let beside = snapshot.readers.workspace.artifact(&signing::beside(name));
    Failure::new(Code::SignatureMismatch, format!("The manifests' signature is not one of {name} of {tag}"))
        .why("It was held against what clients download, with signing.public_key; they would refuse the update. The manifests are untouched.")
        .fix(format!("Sign the published {name}, and put the signature where it is looked for: sign_update -p {name} > '{}'", beside.display()))
        .fix("Run the same command again: the DMG itself is not needed here")
}

/// The signature of these bytes, where they still lie in the inbox and one can be had there.
async fn of_inbox(snapshot: &Snapshot, fingerprint: &Fingerprint) -> Result<Option<Signature>, Failure> {
    let artifacts = snapshot.artifacts().await.map(Vec::as_slice).unwrap_or_default();
    let mut here = artifacts.iter().filter_map(|artifact| artifact.inspected.as_ref().ok());
    if !here.any(|here| here.fingerprint == *fingerprint) {
        return Ok(None);
    }
    match snapshot.signature().await {
        Err(failure) if failure.code == Code::Interrupted => Err(failure),
        signed => Ok(signed.ok().flatten().map(|signed| signed.signature)),
    }
}

/// What the host reports of the package now.
pub async fn reported(snapshot: &Snapshot, version: &Version) -> Result<Fingerprint, Failure> {
    let (_, _, asset) = package(snapshot, version).await?;
    fingerprint(snapshot, &asset).await
}

async fn package<'a>(
    snapshot: &'a Snapshot,
    version: &Version,
) -> Result<(&'a Asset, model::Release, model::Asset), Failure> {
    let release = published::release(snapshot, version).await?;
    let nothing = |why: String| {
        Failure::new(Code::TagNoPackage, format!("{} has nothing that a manifest can point at", release.tag))
            .why(why)
            .fix(format!("gh release view {} -R {}", release.tag, snapshot.settings.release.repo))
            .fix("Name a version that has it")
    };
    let Some(wanted) = snapshot.settings.release.manifest_asset() else {
        return Err(nothing("No `[[release.asset]]` of the settings has `manifest = true`.".into()));
    };
    match release.asset(&wanted.name).cloned() {
        None => Err(nothing(format!("There is no {} in it.", wanted.name))),
        Some(asset) if !asset.is_uploaded() => {
            Err(nothing(format!("{} is in state `{}`: it holds no bytes.", asset.name, asset.state)))
        }
        Some(asset) => Ok((wanted, release, asset)),
    }
}

/// What has to be written for it.
pub async fn plan(snapshot: &Snapshot, target: &Target) -> Result<Plan, Failure> {
    let settings = &snapshot.settings;
    let Target { version, name, fingerprint, immutable, signature } = target;
    let url = settings.asset_url(version, name);
    let says = manifest::Target {
        version: *version,
        url: url.clone(),
        fingerprint: *fingerprint,
        signature: signature.map(|signature| signature.to_string()),
        notes_url: settings.notes_url(version),
        arch: settings.manifest.arch.clone(),
        min_os: settings.manifest.min_os.clone(),
    };
    let mut manifest = steps::plan::manifest(snapshot, says, true).await?;
    // The update server takes the newest file beside each manifest: it has to be this version's.
    for copy in settings.manifest.paths.iter().filter(|_| settings.manifest.versioned_copy) {
        let newest = snapshot.readers.workspace.newest_manifest(copy, snapshot.pending().await?)?;
        let own = steps::plan::versioned(copy, version);
        let stale = newest.is_some_and(|newest| newest != *version);
        manifest.files.iter_mut().filter(|file| stale && file.path == own).for_each(|file| file.renew = true);
    }
    manifest.own = own(snapshot, &manifest, version).await?;
    let kind = settings.release.manifest_asset().map(|asset| asset.kind).unwrap_or_default();
    let held =
        RemoteAsset { name: name.clone(), uploaded: true, size: fingerprint.size, sha256: Some(fingerprint.sha256) };
    let local = Local {
        repo: settings.release.repo.to_string(),
        version: *version,
        tag: settings.release.tag.tag(version),
        assets: vec![LocalAsset { name: name.clone(), kind, fingerprint: *fingerprint, url }],
        manifest: Some(manifest),
        delivery: Delivery::default(),
    };
    let published = Some(RemoteRelease { assets: vec![held], immutable: *immutable });
    Ok(plan::decide(&local, &Remote { published, draft: None }))
}

/// The first `manifest_<version>.json` of the version that is there and sound: what it was published with.
async fn own(snapshot: &Snapshot, manifest: &LocalManifest, version: &Version) -> Result<Option<OwnFile>, Failure> {
    let pending = snapshot.pending().await?;
    for copy in &snapshot.settings.manifest.paths {
        let path = steps::plan::versioned(copy, version);
        if !manifest.files.iter().any(|file| file.path == path) {
            continue;
        }
        if let Some(file) = snapshot.readers.workspace.manifest(&path, pending)?
            && let Ok(manifest) = Manifest::parse(&file.bytes)
        {
            return Ok(Some(OwnFile { manifest, digest: file.digest }));
        }
    }
    Ok(None)
}
