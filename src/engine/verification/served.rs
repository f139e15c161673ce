//! What the servers that clients are updated from say of a version: asked and judged, or known not to be delivered.

use std::time::Duration;

use super::Truth;
use super::machine::VM;
use crate::engine::servers::{self, look};
use crate::engine::snapshot::Snapshot;
use crate::release::failure::Failure;
use crate::release::served::{Expected, Source};
use crate::release::verification::{Cell, CellState};
use crate::release::version::Version;
use crate::world::updates::{self, Asked};

/// What was published, as the servers have to say it. Without a package no server says anything of the version.
pub(in crate::engine) async fn expected(
    snapshot: &Snapshot,
    truth: &Truth,
    installed: Option<Version>,
) -> Result<Option<Expected>, Failure> {
    let settings = &snapshot.settings;
    let Some(asset) = settings.release.manifest_asset() else { return Ok(None) };
    let Some((_, fingerprint)) = truth.assets.iter().find(|(name, _)| *name == asset.name) else { return Ok(None) };
    let offering = |url: &str| url == settings.asset_url(&truth.version, &asset.name);
    let copies = snapshot.manifests().await?;
    let manifests = copies.iter().filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok());
    let offering: Vec<_> = manifests.filter(|manifest| offering(manifest.url())).collect();
    let signature = offering.iter().find_map(|manifest| manifest.signature());
    // A manifest that was there before keeps its own; the setting is for one that is created.
    let min_os = offering.iter().find_map(|manifest| manifest.min_os());
    Ok(Some(Expected {
        version: truth.version,
        url: settings.asset_url(&truth.version, &asset.name),
        fingerprint: *fingerprint,
        signature: signature.map(str::to_owned),
        verified: settings.signing.public_key.is_some(),
        min_os: min_os.unwrap_or(&settings.manifest.min_os).to_owned(),
        installed,
    }))
}

/// The version that most clients have: the highest one published before.
pub(super) async fn before(snapshot: &Snapshot, version: &Version) -> Result<Option<Version>, Failure> {
    Ok(snapshot.published_versions().await?.into_iter().filter(|other| other < version).max())
}

/// What a cache has held for longer is not what the server says.
const FRESH: Duration = Duration::from_mins(1);

/// Nothing was asked, and why; with the command that brings it about.
pub(in crate::engine) fn pending(snapshot: &Snapshot, why: &str) -> Vec<Cell> {
    let cell = |source: Source| match updates::url(&snapshot.settings.updates, source) {
        None => not_set(source),
        Some(_) => Cell::pending(source.as_str(), "served", why),
    };
    Source::ALL.into_iter().map(cell).collect()
}

fn not_set(source: Source) -> Cell {
    let setting = if source == Source::Health { "updates.health_url" } else { "updates.updates_url" };
    Cell::not_applicable(source.as_str(), "served", format!("no {setting} in the settings"))
}

/// The cells of all pages.
pub(in crate::engine) fn judged(snapshot: &Snapshot, expected: &Expected, asked: &[Asked]) -> Vec<Cell> {
    let cells = Source::ALL.into_iter().flat_map(|source| match asked.iter().find(|asked| asked.source == source) {
        None => vec![if updates::url(&snapshot.settings.updates, source).is_some() {
            Cell::pending(source.as_str(), "served", "not asked yet")
        } else {
            not_set(source)
        }],
        Some(asked) => judge(expected, asked),
    });
    cells.collect()
}

/// Where the manifests here offer an earlier version, delivering them mends nothing: that one is to be looked at.
pub(super) fn not_offered_here(cells: Vec<Cell>, version: Version, here: Version, snapshot: &Snapshot) -> Vec<Cell> {
    if here >= version {
        return cells;
    }
    let tag = snapshot.settings.release.tag.tag(&here);
    let mended = |cell: Cell| {
        if cell.state != CellState::Drifted || Source::of(&cell).is_none() {
            return cell;
        }
        let fix = format!("nexy-release verify {tag} --served   (the manifests here offer {here}, not {version})");
        Cell { fix: cell.fix.iter().take(1).cloned().collect(), ..cell }.fix(fix)
    };
    cells.into_iter().map(mended).collect()
}

/// What is wrong with a page whatever was published: it was not had, or its status is not 200.
pub(in crate::engine) fn broken(Asked { source, url, page }: &Asked) -> Option<Cell> {
    let cell = match page {
        Err(failure) => Cell::unknown(source.as_str(), "served", failure),
        Ok(page) if page.status != 200 => Cell::drifted(source.as_str(), "status", page.status.to_string(), "200"),
        Ok(_) => return None,
    };
    Some(cell.fix(look(url.as_str())))
}

fn judge(expected: &Expected, Asked { source, url, page }: &Asked) -> Vec<Cell> {
    let page = match page {
        Err(failure) => return vec![Cell::unknown(source.as_str(), "served", failure).fix(look(url.as_str()))],
        Ok(page) => page,
    };
    let mut cells = expected.judge(*source, page.status, &page.body);
    if let Some(age) = page.age.filter(|age| !age.is_zero()) {
        // An old copy says nothing of what the server says now. A status other than 200 is what clients get.
        let is_old = age > FRESH;
        let judged = |cell: &&mut Cell| match cell.state {
            _ if cell.field.as_str() == "status" => false,
            CellState::Drifted => true,
            CellState::Aligned => is_old,
            _ => false,
        };
        for cell in cells.iter_mut().filter(judged) {
            if is_old {
                cell.state = CellState::Unknown;
            }
            cell.found = format!("{}, in a copy that a cache has held for {} s", cell.found, age.as_secs()).into();
        }
    }
    cells.into_iter().map(|cell| cell.fix(look(url.as_str()))).collect()
}

/// Every page, asked and judged.
pub(super) async fn ask(snapshot: &Snapshot, expected: Option<&Expected>) -> Result<Vec<Cell>, Failure> {
    let Some(expected) = expected else {
        let none = |source: Source| Cell::not_applicable(source.as_str(), "served", "this version has no package");
        return Ok(Source::ALL.into_iter().map(none).collect());
    };
    let reader = snapshot.readers.updates(&snapshot.settings, snapshot.events())?;
    let asked = reader.pages(&snapshot.settings.updates, Source::ALL).await?;
    Ok(judged(snapshot, expected, &asked))
}

/// Adds what mends a drift, where its shape tells which of the sources is the stale one (facts/NEXY.md, "Incidents").
pub(in crate::engine) fn explained(cells: Vec<Cell>, version: Version, snapshot: &Snapshot) -> Vec<Cell> {
    let vm = &snapshot.settings.vm;
    let drifts = |source: Source, field: &str| {
        let is = |cell: &&Cell| Source::of(cell) == Some(source) && cell.field.as_str() == field;
        cells.iter().find(is).is_some_and(|cell| cell.state == CellState::Drifted)
    };
    let mut on_vm = cells.iter().filter(|cell| cell.source.as_str() == VM).peekable();
    let is_there = on_vm.peek().is_some() && on_vm.all(|cell| cell.state == CellState::Aligned);
    let is_known = cells.iter().any(|cell| cell.source.as_str() == VM && cell.state != CellState::Pending);
    let doubled =
        cells.iter().any(|cell| Source::of(cell) == Some(Source::Manifests) && cell.found.as_str().ends_with(" of it"));
    let manifests = drifts(Source::Manifests, "newest") || drifts(Source::Manifests, "version");
    let stale = |source| (drifts(source, "version") || drifts(source, "build")) && !manifests;
    let by_variable = [Source::Health, Source::UpdatesHealth].map(|source| stale(source).then_some(source));
    let appcast_behind = drifts(Source::Appcast, "version") && !manifests;
    // What stands on the VM was not looked at: either may be it, and to push what is there already does no harm.
    let push = |why: &str| {
        let restart = (!is_known).then(|| servers::restart(vm));
        Some(format!("nexy-release manifest push-vm   ({why})")).into_iter().chain(restart).collect()
    };
    let fixes = |cell: &Cell| {
        let Some(source) = Source::of(cell) else { return Vec::new() };
        match source {
            _ if doubled && source != Source::Health => vec![servers::doubled(vm, &version)],
            _ if manifests && is_there => vec![servers::restart(vm)],
            _ if manifests && source != Source::Health => {
                push(&format!("the server has no manifest of {version}, or a newer file"))
            }
            _ if by_variable.contains(&Some(source)) => vec![servers::unpin(vm)],
            _ if is_there => vec![servers::restart(vm)],
            Source::Appcast if appcast_behind => push(&format!("VERSION on the VM is behind {version}")),
            Source::Appcast | Source::Manifests if cell.state == CellState::Drifted => {
                push("the server reads the manifest on the VM")
            }
            _ => Vec::new(),
        }
    };
    let fixes: Vec<_> = cells.iter().map(fixes).collect();
    let with = |(cell, fixes): (Cell, Vec<String>)| fixes.into_iter().fold(cell, Cell::fix);
    cells.into_iter().zip(fixes).map(with).collect()
}
