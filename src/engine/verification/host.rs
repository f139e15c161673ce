//! What the release host holds and clients download, and what the journal says was published.

use futures::future::join_all;

use super::Truth;
use crate::engine::event::{NoteKind, StepId};
use crate::engine::published;
use crate::engine::snapshot::Snapshot;
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::signature::Signature;
use crate::release::verification::Cell;
use crate::release::version::Version;
use crate::settings::Settings;
use crate::world::github::download::{Claims, Downloaded};
use crate::world::github::model::{Asset, Release};

const RELEASE: &str = "release";
const PUBLIC: &str = "public";
const JOURNAL: &str = "journal";
/// The sources that are about bytes.
pub(super) const SOURCES: [&str; 3] = [RELEASE, PUBLIC, JOURNAL];

/// Every asset that the settings name, as the host reports it.
pub(super) async fn release(
    snapshot: &Snapshot,
    version: &Version,
    release: &Release,
) -> Result<(Vec<Cell>, Truth), Failure> {
    let mut truth = Truth { version: *version, assets: Vec::new(), signed: None };
    let when = release.created.map_or_else(String::new, |time| format!(", made {time:.0}"));
    let mut cells = vec![Cell::aligned(RELEASE, "published", format!("{}{when}", release.html_url))];
    let expected = &snapshot.settings.release.assets;
    for wanted in expected {
        let name = &wanted.name;
        let cell = match release.asset(name) {
            None if wanted.required => Cell::drifted(RELEASE, name, "not there", "an asset that every release has"),
            None => Cell::not_applicable(RELEASE, name, "not part of this release"),
            Some(asset) if !asset.is_uploaded() => {
                Cell::drifted(RELEASE, name, format!("in state `{}`", asset.state), "uploaded")
            }
            Some(asset) => match fingerprint(snapshot, asset).await {
                Ok(fingerprint) => {
                    truth.assets.push((name.clone(), fingerprint));
                    Cell::aligned(RELEASE, name, fingerprint.to_string())
                }
                Err(failure) if failure.code == Code::Interrupted => return Err(failure),
                Err(failure) => Cell::unknown(RELEASE, name, &failure),
            },
        };
        cells.push(cell.fix(format!("gh release view {} -R {}", release.tag, snapshot.settings.release.repo)));
    }
    let others = release.assets.iter().filter(|asset| expected.iter().all(|wanted| wanted.name != asset.name));
    cells.extend(others.map(|asset| Cell::not_applicable(RELEASE, &asset.name, "not one of `release.asset`")));
    let package =
        expected.iter().filter(|asset| asset.kind.is_package()).any(|asset| release.asset(&asset.name).is_some());
    if !package {
        cells.push(Cell::drifted(RELEASE, "package", "neither a DMG nor a PKG", "at least one of them"));
    }
    Ok((cells, truth))
}

/// The host's digest; where it reports none the asset is downloaded through the API and hashed.
pub(in crate::engine) async fn fingerprint(snapshot: &Snapshot, asset: &Asset) -> Result<Fingerprint, Failure> {
    let sha256 = match asset.digest {
        Some(digest) => digest,
        None => snapshot.hash_asset(asset.id, asset.size, &asset.name).await?,
    };
    Ok(Fingerprint { size: asset.size, sha256 })
}

/// Every asset, downloaded without credentials.
pub(super) async fn public(snapshot: &Snapshot, truth: &mut Truth, release: &Release) -> Result<Vec<Cell>, Failure> {
    let assets: Vec<_> = truth.assets.iter().filter_map(|(name, _)| release.asset(name)).collect();
    let sizes = assets.iter().map(|asset| (asset.name.clone(), asset.size));
    let progress = snapshot.events().progress(StepId::Verify, sizes);
    let version = truth.version;
    let (package, claims) = claims(snapshot, truth).await?;
    let downloads = assets.iter().enumerate().map(|(index, asset)| {
        let meter = progress.meter(index);
        let claims = claims.as_ref().filter(|_| Some(&asset.name) == package.as_ref());
        async move { published::download(snapshot, &version, asset, claims, &meter).await }
    });
    let downloads = join_all(downloads).await;
    let mut cells = Vec::new();
    let reported = truth.assets.clone();
    for ((name, reported), downloaded) in reported.iter().zip(downloads) {
        let url = snapshot.settings.asset_url(&version, name);
        let cell = match downloaded {
            Err(failure) if failure.code == Code::Interrupted => return Err(failure),
            Err(failure) => Cell::unknown(PUBLIC, name, &failure),
            Ok(Downloaded::Missing(failure)) => {
                Cell::drifted(PUBLIC, name, format!("{}: {}", failure.what, failure.why), reported.to_string())
                    .fix(format!("curl -fLI '{url}'"))
            }
            Ok(Downloaded::TooLong) => {
                Cell::drifted(PUBLIC, name, format!("more than {} bytes", reported.size), reported.to_string())
                    .fix(format!("curl -fL '{url}' | sha256sum"))
            }
            Ok(Downloaded::Bytes(found)) => {
                if claims.is_some() && Some(name) == package.as_ref() && found.fingerprint == *reported {
                    truth.signed = Some(found.signed);
                }
                Cell::compared(PUBLIC, name, &found.fingerprint.to_string(), &reported.to_string())
                    .fix(format!("curl -fL '{url}' | sha256sum"))
            }
        };
        cells.push(cell);
    }
    Ok(cells)
}

/// What the host holds of a version that a run has just published or found published: asked anew, nothing is downloaded.
pub(super) async fn held(snapshot: &Snapshot, truth: &Truth) -> Result<Vec<Cell>, Failure> {
    let settings = &snapshot.settings;
    let tag = settings.release.tag.tag(&truth.version);
    let release = match find(snapshot, &tag).await {
        Ok(Some(release)) => release,
        Ok(None) => {
            let cell = Cell::drifted(RELEASE, "version", "not there", tag.as_str());
            return Ok(vec![cell.fix(format!("gh release view {tag} -R {}", settings.release.repo))]);
        }
        // A token that is not taken any more is told as such: asking again is of no use.
        Err(failure) if failure.code == Code::Interrupted || failure.exit() == Exit::Auth => return Err(failure),
        Err(failure) => return Ok(vec![Cell::unknown(RELEASE, "version", &failure)]),
    };
    Ok(compared(settings, truth, &release))
}

/// The published release of a tag; by its tag it may not be found yet.
async fn find(snapshot: &Snapshot, tag: &str) -> Result<Option<Release>, Failure> {
    match snapshot.readers.github()?.published(tag).await? {
        Some(release) => Ok(Some(release)),
        None => Ok(snapshot.releases().await?.iter().find(|known| known.tag == tag && !known.draft).cloned()),
    }
}

/// A release against what should be in it, the package field by field.
pub(in crate::engine) fn compared(settings: &Settings, truth: &Truth, release: &Release) -> Vec<Cell> {
    let look = format!("gh release view {} -R {}", release.tag, settings.release.repo);
    let package = settings.release.manifest_asset().map(|asset| asset.name.as_str());
    let mut cells = vec![Cell::aligned(RELEASE, "version", release.tag.as_str())];
    for (name, expected) in &truth.assets {
        let Some(asset) = release.asset(name) else {
            cells.push(Cell::drifted(RELEASE, name, "not there", expected.to_string()));
            continue;
        };
        if !asset.is_uploaded() {
            cells.push(Cell::drifted(RELEASE, name, format!("in state `{}`", asset.state), "uploaded"));
            continue;
        }
        let is_package = package == Some(name.as_str());
        let (size, sha256) = if is_package { ("size", "sha256") } else { (name.as_str(), name.as_str()) };
        if is_package || asset.size != expected.size || asset.digest.is_none() {
            cells.push(Cell::compared(RELEASE, size, &asset.size.to_string(), &expected.size.to_string()));
        }
        cells.push(match asset.digest {
            Some(digest) => Cell::compared(RELEASE, sha256, &digest.to_string(), &expected.sha256.to_string()),
            None => Cell::not_applicable(RELEASE, sha256, "the host reports none"),
        });
    }
    cells.into_iter().map(|cell| cell.fix(look.as_str())).collect()
}

/// What clients download: the run compared it byte by byte, or it had no reason to.
pub(super) fn downloaded(snapshot: &Snapshot, truth: &Truth, was: bool) -> Vec<Cell> {
    let settings = &snapshot.settings;
    let tag = settings.release.tag.tag(&truth.version);
    if !was {
        let text = format!("nothing was new: nexy-release verify {tag} downloads it");
        return vec![Cell::pending(PUBLIC, "download", text)];
    }
    let package = settings.release.manifest_asset().map(|asset| asset.name.as_str());
    let cells = truth.assets.iter().flat_map(|(name, found)| {
        if package == Some(name.as_str()) {
            vec![
                Cell::aligned(PUBLIC, "url", settings.asset_url(&truth.version, name)),
                Cell::aligned(PUBLIC, "size", found.size.to_string()),
                Cell::aligned(PUBLIC, "sha256", found.sha256.to_string()),
            ]
        } else {
            vec![Cell::aligned(PUBLIC, name, found.to_string())]
        }
    });
    cells.collect()
}

/// The package that manifests point at, and every signature that they have for it; none where no key is set.
async fn claims(snapshot: &Snapshot, truth: &Truth) -> Result<(Option<String>, Option<Claims>), Failure> {
    let package = snapshot.settings.release.manifest_asset().map(|asset| asset.name.clone());
    let held = truth.assets.iter().find(|(name, _)| Some(name) == package.as_ref());
    let (Some((_, held)), Some(key)) = (held, snapshot.public_key()?) else { return Ok((None, None)) };
    let said = snapshot.said_of(held, &truth.version).await?;
    let signatures = said.iter().filter_map(|text| Signature::parse(text)).collect();
    Ok((package, Some(Claims { key, signatures })))
}

/// What this workspace published under the tag: on a host that does not freeze releases, assets can be exchanged or
/// removed later.
pub(super) async fn journal(snapshot: &Snapshot, truth: &Truth) -> Result<Vec<Cell>, Failure> {
    let journal = snapshot.journal().await?;
    if !journal.holds() {
        let text = "The journal is not as it was written: nexy-release history --verify";
        snapshot.events().note(NoteKind::Warning, text);
    }
    let cells = snapshot.settings.release.assets.iter().filter_map(|asset| {
        let name = &asset.name;
        let found = truth.assets.iter().find(|(known, _)| known == name).map(|(_, found)| found.to_string());
        let cell = match (journal.published(&truth.version, name), found) {
            (None, None) => return None,
            (None, Some(_)) => Cell::not_applicable(JOURNAL, name, "not published from this workspace"),
            (Some(published), found) => {
                let found = found.unwrap_or_else(|| "gone from the release".into());
                Cell::compared(JOURNAL, name, &found, &published.to_string())
                    .fix("nexy-release history")
                    .fix("Somebody exchanged or removed it on the host: publish the next version")
            }
        };
        Some(cell)
    });
    Ok(cells.collect())
}
