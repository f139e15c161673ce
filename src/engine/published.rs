//! A published version: found on the host, and downloaded as clients download it.

use url::Url;

use super::snapshot::{Snapshot, repo_missing};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::version::Version;
use crate::settings::Settings;
use crate::world::github::body::Meter;
use crate::world::github::download::{Claims, Downloaded};
use crate::world::github::model::{Asset, Release};

/// The version that a person names: by its tag, or by itself.
pub fn version(settings: &Settings, text: &str) -> Result<Version, Failure> {
    let tags = &settings.release.tag;
    tags.version_of(text).or_else(|| text.parse().ok()).ok_or_else(|| {
        let example = tags.tag(&Version::new([1, 6, 1, 44]));
        Failure::new(Code::UsageArgument, format!("`{text}` is no version's tag"))
            .why("Only tags of versions hold releases of this console.")
            .fix(format!("Name a tag such as {example}"))
    })
}

/// The published release of a version.
pub async fn release(snapshot: &Snapshot, version: &Version) -> Result<Release, Failure> {
    let settings = &snapshot.settings;
    let tag = settings.release.tag.tag(version);
    // "404" would mean "not published" for a repository that this token may not see.
    if snapshot.repo().await?.is_none() {
        return Err(repo_missing(settings));
    }
    let github = snapshot.readers.github()?;
    if let Some(release) = github.published(&tag).await? {
        return Ok(release);
    }
    let mut versions = snapshot.published_versions().await?;
    versions.sort_unstable();
    let newest = versions.iter().rev().take(5).map(|version| settings.release.tag.tag(version)).collect::<Vec<_>>();
    let there = if newest.is_empty() { "none".to_owned() } else { newest.join(", ") };
    let failure = Failure::new(Code::TagMissing, format!("{tag} is not published in {}", settings.release.repo))
        .why(format!("Published versions, newest first: {there}"));
    Err(match snapshot.version().await {
        Ok(next) if next == *version => failure.fix("nexy-release publish"),
        _ => failure.fix("Name one that is published"),
    })
}

/// Downloads an asset without credentials, from the URL that clients are given; `claims` are held against what comes.
pub async fn download(
    snapshot: &Snapshot,
    version: &Version,
    asset: &Asset,
    claims: Option<&Claims>,
    meter: &Meter,
) -> Result<Downloaded, Failure> {
    let url = snapshot.settings.asset_url(version, &asset.name);
    let url = Url::parse(&url).map_err(|error| {
        Failure::new(Code::NetUnexpected, format!("{url} is no URL: {error}")).fix("nexy-release config check")
    })?;
    snapshot.readers.github()?.public_signed(&url, asset.size, claims, meter).await
}
