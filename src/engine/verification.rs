//! `verify` and `manifest check`: a published version looked at wherever it stands. Readers only.

mod gate;
mod host;
mod machine;
mod served;
mod workspace;

use serde_json::json;

pub use gate::{Gate, gate};
pub(super) use host::{compared, fingerprint};
pub(super) use machine::pending as machine_pending;
pub(super) use served::{broken, expected, explained, judged, pending as served_pending};
pub(super) use workspace::{files, version};

use super::base::Base;
use super::event::{Event, Mode, NoteKind, Outcome, RunResult, StepId};
use super::published;
use super::snapshot::Snapshot;
use super::steps::{Summary, timed};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::manifest::Manifest;
use crate::release::served::Source;
use crate::release::signature::Signature;
use crate::release::verification::{Cell, CellState, Verification};
use crate::release::version::Version;

/// What is held to be true of a version: its assets by name, as the host reports them.
#[derive(Debug)]
pub(super) struct Truth {
    /// The version.
    pub version: Version,
    /// Its assets.
    pub assets: Vec<(String, Fingerprint)>,
    /// The signatures in manifests that are ones of what clients download; `None`: that was not looked at.
    pub signed: Option<Vec<Signature>>,
}

/// `verify`: release, digests, public download, journal, VERSION and manifests of `version`, or of VERSION's; with
/// `served` also what the servers say of it. Of a version that was taken back they say nothing any more: then it is the one
/// that clients were taken back to.
pub async fn verify(base: &Base, version: Option<Version>, served: bool) -> RunResult {
    base.start("verify", Mode::ReadOnly);
    let snapshot = base.open_snapshot().await.as_files_are();
    let version = match version {
        Some(version) => version,
        None => match implied(&snapshot, served).await {
            Ok(version) => version,
            Err(failure) => return base.fail(&failure),
        },
    };
    let looked = timed(&base.events, StepId::Verify, async {
        base.announce(&version);
        let release = published::release(&snapshot, &version).await?;
        let (mut cells, mut truth) = host::release(&snapshot, &version, &release).await?;
        cells.extend(host::public(&snapshot, &mut truth, &release).await?);
        cells.extend(host::journal(&snapshot, &truth).await?);
        cells.push(workspace::version(&snapshot, &version).await);
        cells.extend(workspace::manifests(&snapshot, &truth).await?);
        cells.extend(workspace::higher(&snapshot, &version).await?);
        if served {
            // Which version most clients have; where that is not known, so is what they are offered.
            let before = served::before(&snapshot, &version).await;
            cells.extend(before.as_ref().err().map(|failure| Cell::unknown("/appcast.xml", "offered", failure)));
            let expected = served::expected(&snapshot, &truth, before.unwrap_or_default()).await?;
            let (machine, pages) =
                futures::try_join!(machine::ask(&snapshot, &version), served::ask(&snapshot, expected.as_ref()))?;
            cells.extend(machine.into_iter().chain(pages));
            cells = served::explained(cells, version, &snapshot);
            if let Ok(here) = offered(&snapshot).await {
                cells = served::not_offered_here(cells, version, here, &snapshot);
            }
        } else {
            let why = "not asked: nexy-release verify --served";
            cells.extend(machine::pending(&snapshot, why).into_iter().chain(served::pending(&snapshot, why)));
        }
        Ok((summary(&cells), cells))
    })
    .await;
    conclude(base, version, looked)
}

/// The version that is meant where none is named.
async fn implied(snapshot: &Snapshot, served: bool) -> Result<Version, Failure> {
    let version = snapshot.version().await?;
    if !served {
        return Ok(version);
    }
    let back = snapshot.journal().await?.withdrawal(&version).and_then(|entry| entry.version);
    if let Some(back) = back {
        let text = format!("{version} was taken back from clients; verified is what they were taken back to: {back}");
        snapshot.events().note(NoteKind::Info, text);
    }
    Ok(back.unwrap_or(version))
}

/// `manifest check`: every manifest file against the release that it offers. Nothing is downloaded.
pub async fn check_manifests(base: &Base) -> RunResult {
    base.start("manifest check", Mode::ReadOnly);
    let snapshot = base.open_snapshot().await.as_files_are();
    let offered = match offered(&snapshot).await {
        Ok(version) => version,
        Err(failure) => return base.fail(&failure),
    };
    let looked = timed(&base.events, StepId::Verify, async {
        base.announce(&offered);
        let release = published::release(&snapshot, &offered).await?;
        let (_, truth) = host::release(&snapshot, &offered, &release).await?;
        let mut cells = workspace::manifests(&snapshot, &truth).await?;
        cells.extend(workspace::higher(&snapshot, &offered).await?);
        Ok((summary(&cells), cells))
    })
    .await;
    conclude(base, offered, looked)
}

/// The version whose package the canonical manifest points at.
pub async fn offered(snapshot: &Snapshot) -> Result<Version, Failure> {
    let (path, manifest) = canonical(snapshot).await?;
    manifest.url_version(&snapshot.settings.release.tag).ok_or_else(|| {
        Failure::new(Code::ManifestUrl, format!("{path} points at no release: {}", manifest.url()))
            .why("`artifact.url` has no tag of a version in it.")
            .fix(format!("git log -p -- '{path}'"))
            .fix("nexy-release manifest point TAG")
    })
}

/// Fails where the canonical manifest does not say what the release host holds of this version: clients would be sent
/// to what is not there, or is something else.
pub async fn ensure_offers_what_is_published(snapshot: &Snapshot, version: &Version) -> Result<(), Failure> {
    let settings = &snapshot.settings;
    let (path, manifest) = canonical(snapshot).await?;
    let release = published::release(snapshot, version).await?;
    let held = match settings.release.manifest_asset().and_then(|asset| release.asset(&asset.name)) {
        Some(asset) if asset.is_uploaded() => Some((asset.name.clone(), fingerprint(snapshot, asset).await?)),
        _ => None,
    };
    let says = |(name, held): &(String, Fingerprint)| {
        manifest.fingerprint() == Some(*held) && manifest.url() == settings.asset_url(version, name)
    };
    if held.as_ref().is_some_and(says) {
        return Ok(());
    }
    let tag = settings.release.tag.tag(version);
    let held = held.map_or_else(|| "no package".to_owned(), |(name, held)| format!("{name}, {held}"));
    Err(Failure::new(Code::ManifestMismatch, format!("{path} does not say what is published as {tag}"))
        .why(format!("The host holds {held}."))
        .fix("nexy-release manifest check")
        .fix(format!("nexy-release manifest point {tag}")))
}

/// The canonical manifest and its path.
pub async fn canonical(snapshot: &Snapshot) -> Result<(&str, &Manifest), Failure> {
    let copies = snapshot.manifests().await?;
    let missing = |path: &str| {
        Failure::new(Code::ManifestMissing, format!("{path} is not there"))
            .why("It is the manifest that all others are copies of.")
            .fix(format!("git checkout -- '{path}'"))
            .fix("nexy-release manifest point TAG   (writes it from a published version)")
    };
    let Some(first) = copies.first() else { return Err(missing("`manifest.paths`")) };
    match &first.manifest {
        Some(Ok(manifest)) => Ok((&first.path, manifest)),
        Some(Err(why)) => Err(super::steps::plan::broken(&first.path, why)),
        None => Err(missing(&first.path)),
    }
}

fn summary(cells: &[Cell]) -> Summary {
    let count = |state| cells.iter().filter(|cell| cell.state == state).count();
    let (drifted, unknown) = (count(CellState::Drifted), count(CellState::Unknown));
    let aligned = count(CellState::Aligned);
    match (drifted, unknown) {
        (0, 0) => Summary::ok(format!("{aligned} compared, all aligned")),
        _ => Summary::ok(format!("{aligned} aligned, {drifted} drifted, {unknown} unknown")),
    }
}

fn conclude(base: &Base, version: Version, looked: Result<Vec<Cell>, Failure>) -> RunResult {
    let tag = base.settings.release.tag.tag(&version);
    let mut result = RunResult::bare(Outcome::Done, Exit::Done as u8);
    (result.version, result.tag) = (Some(version), Some(tag.clone()));
    let cells = match looked {
        Ok(cells) => cells,
        Err(failure) => {
            let interrupted = failure.code == Code::Interrupted;
            result.outcome = if interrupted { Outcome::Interrupted } else { Outcome::Failed };
            return base.end(result.failed(&failure));
        }
    };
    let failure = judge(&tag, &cells);
    let data = Verification { tag: tag.into(), version, cells };
    base.events.send(Event::Report { kind: "verification".into(), data: json!(data) });
    base.end(match failure {
        None => result,
        Some(failure) => RunResult { outcome: Outcome::Failed, ..result }.failed(&failure),
    })
}

/// What drifted decides; then what could not be found out. What clients download weighs more than what is written of
/// it.
fn judge(tag: &str, cells: &[Cell]) -> Option<Failure> {
    let of = |state| cells.iter().filter(move |cell| cell.state == state).collect::<Vec<_>>();
    let name = |cells: &[&Cell]| {
        let names = cells.iter().map(|cell| format!("{} {}", cell.source, cell.field));
        names.collect::<Vec<_>>().join("; ")
    };
    let with_fixes = |failure: Failure, cells: &[&Cell]| {
        let mut fixes: Vec<_> = cells.iter().flat_map(|cell| &cell.fix).collect();
        let mut seen = std::collections::HashSet::new();
        fixes.retain(|fix| seen.insert(fix.as_str()));
        fixes.into_iter().fold(failure, |failure, fix| failure.fix(fix.clone()))
    };
    let drifted = of(CellState::Drifted);
    if !drifted.is_empty() {
        let bytes = drifted.iter().any(|cell| host::SOURCES.contains(&cell.source.as_str()));
        let is_served = |cell: &&Cell| cell.source.as_str() == machine::VM || Source::of(cell).is_some();
        let (code, what) = if bytes {
            (Code::VerifyMismatch, format!("{tag} is not what it should be"))
        } else if drifted.iter().all(|cell| cell.field.as_str() == workspace::SIGNATURE) {
            (Code::SignatureMismatch, format!("The signature in a manifest is not one of the package of {tag}"))
        } else if drifted.iter().all(is_served) {
            (Code::ServedMismatch, format!("Clients are served something else than {tag}"))
        } else {
            (Code::ManifestMismatch, format!("The manifests do not say what is published as {tag}"))
        };
        return Some(with_fixes(Failure::new(code, what).why(format!("Drifted: {}", name(&drifted))), &drifted));
    }
    let unknown = of(CellState::Unknown);
    (!unknown.is_empty()).then(|| {
        let failure = Failure::new(Code::VerifyUnreachable, format!("{tag} could not be verified"));
        with_fixes(failure.why(format!("Not known: {}", name(&unknown))), &unknown)
    })
}
