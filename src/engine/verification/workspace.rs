//! What VERSION and the manifests of the workspace say of a published version.

use super::Truth;
use crate::engine::snapshot::{ManifestCopy, Snapshot};
use crate::engine::steps::plan::{own_files, versioned};
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::manifest::Manifest;
use crate::release::signature::Signature;
use crate::release::text::Clean;
use crate::release::verification::Cell;
use crate::release::version::Version;
use crate::world::signing;

/// VERSION names what is published next: another one says nothing about this version.
pub(in crate::engine) async fn version(snapshot: &Snapshot, version: &Version) -> Cell {
    match snapshot.version().await {
        Ok(found) if found == *version => Cell::aligned("VERSION", "version", found.to_string()),
        Ok(found) => Cell::not_applicable("VERSION", "version", format!("names {found}")),
        Err(failure) => Cell::not_applicable("VERSION", "version", failure.what),
    }
}

/// Every manifest file: what it offers, field by field.
pub(super) async fn manifests(snapshot: &Snapshot, truth: &Truth) -> Result<Vec<Cell>, Failure> {
    let withdrawn = snapshot.journal().await?.withdrawal(&truth.version);
    let due = withdrawn.is_none() && snapshot.version().await.is_ok_and(|version| version == truth.version);
    let cells = files(snapshot, truth, due).await?;
    let taken_back = withdrawn.map(|entry| {
        let reason = entry.reason.clone().unwrap_or_default();
        Cell::not_applicable("journal", "withdrawn", format!("{:.0}: {reason}", entry.time))
    });
    Ok(taken_back.into_iter().chain(cells).collect())
}

/// The same without the journal. `due`: they should offer this version.
pub(in crate::engine) async fn files(snapshot: &Snapshot, truth: &Truth, due: bool) -> Result<Vec<Cell>, Failure> {
    let settings = &snapshot.settings;
    let asset = settings.release.manifest_asset().map(|asset| asset.name.as_str()).unwrap_or_default();
    let copies = snapshot.manifests().await?;
    let Some((_, dmg)) = truth.assets.iter().find(|(name, _)| name == asset) else {
        return Ok(without_package(snapshot, truth, asset, copies));
    };
    let mut cells = Vec::new();
    let judged = Judged { snapshot, truth, dmg: *dmg, asset };
    for copy in copies {
        cells.extend(judged.file(copy, due));
    }
    if let Some((first, others)) = copies.split_first() {
        let equal = |copy: &ManifestCopy| copy.file.as_ref().map(|file| file.digest);
        let differing = others.iter().filter(|copy| copy.file.is_some() && equal(copy) != equal(first));
        cells.extend(differing.map(|copy| {
            Cell::drifted(&copy.path, "copy", format!("other bytes than {}", first.path), "the same bytes")
                .fix("nexy-release manifest sync")
        }));
    }
    if settings.manifest.versioned_copy {
        let offered = copies.iter().any(|copy| judged.offers(copy));
        let pending = snapshot.pending().await?;
        for path in own_files(&settings.manifest.paths, &truth.version) {
            let copy = ManifestCopy::read(&snapshot.readers.workspace, path, pending)?;
            cells.extend(judged.file(&copy, offered));
            let first = copies.first().filter(|first| judged.offers(first) && judged.is_settled(first));
            let differs = |first: &ManifestCopy| copy.manifest.is_some() && copy.manifest != first.manifest;
            if let Some(first) = first.filter(|first| differs(first)) {
                let tag = settings.release.tag.tag(&truth.version);
                cells.push(
                    Cell::drifted(&copy.path, "copy", format!("says something else than {}", first.path), "the same")
                        .fix(format!("diff '{}' '{}'", first.path, copy.path))
                        .fix(format!("nexy-release manifest point {tag}")),
                );
            }
        }
    }
    Ok(cells)
}

/// No manifest may send clients to a package that is not there.
fn without_package(snapshot: &Snapshot, truth: &Truth, asset: &str, copies: &[ManifestCopy]) -> Vec<Cell> {
    let cell = |copy: &ManifestCopy| {
        let path = copy.path.as_str();
        if offered(snapshot, copy) == Some(truth.version) {
            Cell::drifted(path, "url", format!("offers {}", truth.version), format!("the release has no {asset}"))
                .fix("nexy-release manifest point TAG --reason TEXT   (an earlier version that has it)")
        } else {
            Cell::not_applicable(path, "url", format!("the release has no {asset}"))
        }
    };
    copies.iter().map(cell).collect()
}

/// The version that a manifest sends clients to.
fn offered(snapshot: &Snapshot, copy: &ManifestCopy) -> Option<Version> {
    let manifest = copy.manifest.as_ref().and_then(|manifest| manifest.as_ref().ok())?;
    manifest.url_version(&snapshot.settings.release.tag)
}

/// Manifests of versions higher than the one that is offered: the update server takes the newest file, not this one.
pub(super) async fn higher(snapshot: &Snapshot, offered: &Version) -> Result<Vec<Cell>, Failure> {
    let mut cells = Vec::new();
    for copy in snapshot.manifests().await? {
        let found = snapshot.readers.workspace.versioned_manifests(&copy.path)?;
        for version in found.into_iter().filter(|version| version > offered) {
            let path = versioned(&copy.path, &version);
            cells.push(Cell::not_applicable(&path, "version", format!("{version}, higher than {offered}")));
        }
    }
    Ok(cells)
}

/// The field of a manifest that holds the signature.
pub(super) const SIGNATURE: &str = "ed25519";

struct Judged<'a> {
    snapshot: &'a Snapshot,
    truth: &'a Truth,
    dmg: Fingerprint,
    asset: &'a str,
}

impl Judged<'_> {
    /// Whether this file sends clients to the version.
    fn offers(&self, copy: &ManifestCopy) -> bool {
        offered(self.snapshot, copy) == Some(self.truth.version)
    }

    /// Whether it names the version that it offers.
    fn is_settled(&self, copy: &ManifestCopy) -> bool {
        let manifest = copy.manifest.as_ref().and_then(|manifest| manifest.as_ref().ok());
        manifest.and_then(Manifest::version) == Some(self.truth.version)
    }

    /// The cells of one file. `due`: it should offer this version.
    fn file(&self, copy: &ManifestCopy, due: bool) -> Vec<Cell> {
        let (path, version) = (copy.path.as_str(), self.truth.version.to_string());
        let tag = self.snapshot.settings.release.tag.tag(&self.truth.version);
        let point = format!("nexy-release manifest point {tag}");
        let manifest = match &copy.manifest {
            Some(Ok(manifest)) => manifest,
            Some(Err(why)) => return vec![self.broken(path, why)],
            // One that clients are served from is never missing.
            None if due || self.is_configured(path) => {
                let point = if due { point } else { "nexy-release manifest point TAG".into() };
                return vec![Cell::drifted(path, "file", "not there", "a manifest").fix(point)];
            }
            None => return vec![Cell::not_applicable(path, "file", "not there")],
        };
        if !self.offers(copy) {
            let settings = &self.snapshot.settings;
            let ours = format!("{}/{}/releases/download/", settings.github.web_url, settings.release.repo);
            let found = manifest.url_version(&settings.release.tag).filter(|_| manifest.url().starts_with(&ours));
            let Some(found) = found else {
                let expected = format!("a release of {}", settings.release.repo);
                let cell = Cell::drifted(path, "url", format!("offers {}", manifest.url()), expected);
                return vec![cell.fix("nexy-release manifest point TAG   (the version that clients should get)")];
            };
            let cell = if due {
                Cell::drifted(path, "url", format!("offers {found}"), format!("offers {version}")).fix(point)
            } else {
                Cell::not_applicable(path, "url", format!("offers {found}"))
            };
            return vec![cell];
        }
        let found = manifest.fingerprint();
        let size = found.map_or_else(String::new, |found| found.size.to_string());
        let sha256 = found.map_or_else(String::new, |found| found.sha256.to_string());
        let url = self.snapshot.settings.asset_url(&self.truth.version, self.asset);
        let stated = manifest.version();
        // After `version set` the manifest names the next version, and still offers all of this one.
        let sound = found == Some(self.dmg) && manifest.url() == url;
        let pending = sound && stated.is_some_and(|stated| stated > self.truth.version);
        let field = |name: &str, found: &str, expected: &str| match name {
            "version" | "build" if pending => {
                Cell::pending(path, name, format!("{found}, still offers {}", self.truth.version))
            }
            // Which of two versions it should offer is for a person to say.
            _ if stated != Some(self.truth.version) => Cell::compared(path, name, found, expected)
                .fix("nexy-release manifest show")
                .fix("nexy-release manifest point TAG   (the version that clients should get)"),
            _ => Cell::compared(path, name, found, expected).fix(point.as_str()),
        };
        let cells = vec![
            field("type", manifest.kind(), "dmg"),
            field("version", &stated.map_or_else(String::new, |version| version.to_string()), &version),
            field("build", manifest.build(), &version),
            field("url", manifest.url(), &url),
            field("size", &size, &self.dmg.size.to_string()),
            field("sha256", &sha256, &self.dmg.sha256.to_string()),
            self.notes_url(path, manifest),
        ];
        cells.into_iter().chain(self.signature(path, manifest)).collect()
    }

    /// Where clients have a key, they take no update whose signature does not hold.
    fn signature(&self, path: &str, manifest: &Manifest) -> Option<Cell> {
        let holding = self.truth.signed.as_ref()?;
        let said = manifest.signature().unwrap_or_default();
        if manifest.fingerprint() != Some(self.dmg) {
            return None;
        }
        if Signature::parse(said).is_some_and(|said| holding.contains(&said)) {
            return Some(Cell::aligned(path, SIGNATURE, format!("holds for what clients download: {}", self.asset)));
        }
        let found = if said.is_empty() { "none" } else { "does not hold for what clients download" };
        let (settings, tag) = (&self.snapshot.settings, self.snapshot.settings.release.tag.tag(&self.truth.version));
        let beside = signing::beside(self.asset);
        Some(
            Cell::drifted(path, SIGNATURE, found, format!("one of {}, by signing.public_key", self.asset))
                .fix(format!(
                    "Put the right one into {}/{beside}   (sign_update -p {})",
                    settings.release.inbox, self.asset
                ))
                .fix(format!("nexy-release manifest point {tag}")),
        )
    }

    /// What a person opens to read about the release is on the same host.
    fn notes_url(&self, path: &str, manifest: &Manifest) -> Cell {
        let (found, settings) = (manifest.notes_url(), &self.snapshot.settings);
        let expected = settings.notes_url(&self.truth.version);
        if found.is_empty() || found.starts_with(settings.github.web_url.as_str()) {
            return Cell::aligned(path, "notes_url", found);
        }
        Cell::compared(path, "notes_url", found, &expected.unwrap_or_default())
            .fix(format!("nexy-release manifest point {}", settings.release.tag.tag(&self.truth.version)))
    }

    fn is_configured(&self, path: &str) -> bool {
        self.snapshot.settings.manifest.paths.iter().any(|known| known == path)
    }

    fn broken(&self, path: &str, why: &Clean) -> Cell {
        let canonical = self.snapshot.settings.manifest.paths.first().is_some_and(|first| first == path);
        let fix = if canonical { format!("git checkout -- '{path}'") } else { "nexy-release manifest sync".into() };
        Cell::drifted(path, "file", format!("no valid manifest: {why}"), "a manifest").fix(fix)
    }
}
