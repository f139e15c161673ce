//! What the servers that clients are updated from say of a version: asked and judged, or known not to be delivered.

use futures::future::join_all;

use super::Truth;
use crate::engine::snapshot::Snapshot;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::served::{Expected, Source};
use crate::release::verification::{Cell, CellState};
use crate::release::version::Version;
use crate::world::updates;

/// What was published, as the servers have to say it. Without a package no server says anything of the version.
pub(super) async fn expected(snapshot: &Snapshot, truth: &Truth) -> Result<Option<Expected>, Failure> {
    let settings = &snapshot.settings;
    let Some(asset) = settings.release.manifest_asset() else { return Ok(None) };
    let Some((_, fingerprint)) = truth.assets.iter().find(|(name, _)| *name == asset.name) else { return Ok(None) };
    let offering = |url: &str| url == settings.asset_url(&truth.version, &asset.name);
    let copies = snapshot.manifests().await?;
    let manifests = copies.iter().filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok());
    let signature = manifests.filter(|manifest| offering(manifest.url())).find_map(|manifest| manifest.signature());
    Ok(Some(Expected {
        version: truth.version,
        url: settings.asset_url(&truth.version, &asset.name),
        fingerprint: *fingerprint,
        signature: signature.map(str::to_owned),
        verified: settings.signing.public_key.is_some(),
        installed: before(snapshot, &truth.version).await,
    }))
}

/// The version that most clients have: the highest one published before.
async fn before(snapshot: &Snapshot, version: &Version) -> Option<Version> {
    let releases = snapshot.releases().await.ok()?;
    let published = releases.iter().filter(|release| !release.draft);
    let versions = published.filter_map(|release| snapshot.settings.release.tag.version_of(&release.tag));
    versions.filter(|other| other < version).max()
}

/// Nothing was delivered by this run, and nothing was asked.
pub(super) fn pending(snapshot: &Snapshot) -> Vec<Cell> {
    let cell = |source: Source| match updates::url(&snapshot.settings.updates, source) {
        None => not_set(source),
        Some(_) => Cell::pending(source.as_str(), "served", "not asked: nexy-release verify --served"),
    };
    Source::ALL.into_iter().map(cell).collect()
}

fn not_set(source: Source) -> Cell {
    let setting = if source == Source::Health { "updates.health_url" } else { "updates.updates_url" };
    Cell::not_applicable(source.as_str(), "served", format!("no {setting} in the settings"))
}

/// Every page, side by side.
pub(super) async fn ask(snapshot: &Snapshot, expected: Option<&Expected>) -> Result<Vec<Cell>, Failure> {
    let Some(expected) = expected else {
        let none = |source: Source| Cell::not_applicable(source.as_str(), "served", "this version has no package");
        return Ok(Source::ALL.into_iter().map(none).collect());
    };
    let servers = &snapshot.settings.updates;
    let reader = &snapshot.readers.updates(&snapshot.settings, snapshot.events())?;
    let asked = Source::ALL.map(|source| async move {
        let Some(url) = updates::url(servers, source) else { return Ok(vec![not_set(source)]) };
        let page = match reader.page(&url).await {
            Err(failure) if failure.code == Code::Interrupted => return Err(failure),
            Err(failure) => {
                return Ok(vec![Cell::unknown(source.as_str(), "served", &failure).fix(look(url.as_str()))]);
            }
            Ok(page) => page,
        };
        let mut cells = expected.judge(source, page.status, &page.body);
        if let Some(age) = page.age.filter(|age| !age.is_zero()) {
            // An old copy says nothing of what the server says now.
            for cell in cells.iter_mut().filter(|cell| cell.state == CellState::Drifted) {
                cell.state = CellState::Unknown;
                cell.found = format!("{}, in a copy that a cache has held for {} s", cell.found, age.as_secs()).into();
            }
        }
        Ok(cells.into_iter().map(|cell| cell.fix(look(url.as_str()))).collect())
    });
    let mut cells: Vec<Cell> = Vec::new();
    for found in join_all(asked).await {
        cells.extend(found?);
    }
    Ok(explained(cells, expected, snapshot))
}

fn look(url: &str) -> String {
    format!("curl -fsS '{url}'")
}

/// Adds what mends a drift, where its shape tells which of the sources is the stale one (facts/NEXY.md, "Incidents").
fn explained(mut cells: Vec<Cell>, expected: &Expected, snapshot: &Snapshot) -> Vec<Cell> {
    let drifts = |cells: &[Cell], source: Source, field: &str| {
        let is = |cell: &&Cell| cell.source.as_str() == source.as_str() && cell.field.as_str() == field;
        cells.iter().find(is).is_some_and(|cell| cell.state == CellState::Drifted)
    };
    let (version, service) = (expected.version, &snapshot.settings.vm.service);
    let manifests = drifts(&cells, Source::Manifests, "newest") || drifts(&cells, Source::Manifests, "version");
    let stale = |source| (drifts(&cells, source, "version") || drifts(&cells, source, "build")) && !manifests;
    let by_variable = [Source::Health, Source::UpdatesHealth].map(stale);
    let appcast_behind = drifts(&cells, Source::Appcast, "version") && !manifests;
    for cell in &mut cells {
        let source = cell.source.as_str();
        let fix = if manifests && source != Source::Health.as_str() {
            format!("nexy-release manifest push-vm   (the server has no manifest of {version}, or a newer file)")
        } else if by_variable[0] && source == Source::Health.as_str()
            || by_variable[1] && source == Source::UpdatesHealth.as_str()
        {
            format!(
                "On the VM: SERVER_VERSION={version} and SERVER_BUILD={version} in config.env, then: sudo systemctl \
                 restart {service}"
            )
        } else if appcast_behind && source == Source::Appcast.as_str() {
            format!("nexy-release manifest push-vm   (VERSION on the VM is behind {version})")
        } else {
            continue;
        };
        *cell = cell.clone().fix(fix);
    }
    cells
}
