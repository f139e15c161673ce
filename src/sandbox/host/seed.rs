//! Releases that are there from the start, and the view of releases that tests judge by.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::release::fingerprint::{Digest, Fingerprint, Hasher};

use super::refusal::Refusal;
use super::releases::{Announced, Fields};
use super::state::State;
use super::{Config, Shared};

/// A release to put on the host without asking it over HTTP.
#[derive(Debug, Clone)]
pub struct SeedRelease {
    /// `owner/name`.
    pub repo: String,
    /// Its tag.
    pub tag: String,
    /// Its title; none: the tag.
    pub title: Option<String>,
    /// Its text.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it froze when it was published.
    pub immutable: bool,
    /// Who made it.
    pub author: String,
    /// How long ago it was made, and published.
    pub age: Duration,
    /// Its assets.
    pub assets: Vec<(String, Source)>,
}

/// Where a seeded asset's bytes come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// From memory.
    Bytes(Vec<u8>),
    /// Copied from a file.
    Path(PathBuf),
    /// From nowhere: an upload broke off and left a `starter` asset of this size.
    Starter(u64),
}

impl SeedRelease {
    /// A published release by somebody else, an hour old, without assets.
    pub fn new(repo: &str, tag: &str) -> Self {
        Self {
            repo: repo.into(),
            tag: tag.into(),
            title: None,
            body: String::new(),
            draft: false,
            immutable: false,
            author: "seregawpn".into(),
            age: Duration::from_hours(1),
            assets: Vec::new(),
        }
    }

    /// Makes the draft and its assets, none of which has arrived; answers their numbers.
    fn announce(&self, state: &mut State) -> Result<(u64, Vec<u64>), Refusal> {
        let fields = Fields {
            tag_name: Some(self.tag.clone()),
            name: Some(self.title.clone().unwrap_or_else(|| self.tag.clone())),
            body: Some(self.body.clone()),
            draft: Some(true),
            ..Fields::default()
        };
        let id = state.create(&self.repo, &self.author, fields, &self.config())?;
        if let Some(release) = state.release_mut(&self.repo, id) {
            release.created_at = Timestamp::now() - self.age;
        }
        let announced = |name: &String| Announced {
            name: name.clone(),
            label: None,
            content_type: "application/octet-stream".into(),
            size: 0,
        };
        let assets = self.assets.iter();
        let assets = assets.map(|(name, _)| state.announce(&self.repo, id, &self.author, announced(name)));
        Ok((id, assets.collect::<Result<_, _>>()?))
    }

    fn publish(&self, state: &mut State, id: u64) -> Result<(), Refusal> {
        if self.draft {
            return Ok(());
        }
        state.edit(&self.repo, id, Fields { draft: Some(false), ..Fields::default() }, &self.config())?;
        if let Some(release) = state.release_mut(&self.repo, id) {
            release.published_at = Some(release.created_at);
        }
        Ok(())
    }

    /// What is there from the start was made before the host became what it is.
    fn config(&self) -> Config {
        Config { immutable: self.immutable, ..Config::default() }
    }

    /// With this asset.
    #[must_use]
    pub fn asset(mut self, name: &str, source: Source) -> Self {
        self.assets.push((name.into(), source));
        self
    }
}

/// A release as it is on the host, drafts and `starter` assets included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseView {
    /// Its number.
    pub id: u64,
    /// `owner/name`.
    pub repo: String,
    /// Its tag.
    pub tag: String,
    /// Its text.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it is frozen.
    pub immutable: bool,
    /// Whether `releases/latest` shows it.
    pub latest: bool,
    /// Who made it.
    pub author: String,
    /// Its assets, in the order in which they came.
    pub assets: Vec<AssetView>,
}

/// An asset as it is on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetView {
    /// Its number.
    pub id: u64,
    /// Its name as stored.
    pub name: String,
    /// `uploaded` or `starter`.
    pub state: &'static str,
    /// Bytes, as told.
    pub size: u64,
    /// Of the bytes that are there; none for a `starter`.
    pub sha256: Option<Digest>,
}

impl Shared {
    /// Puts all of them there in two changes, whatever their number. Blocks while it copies.
    pub(super) fn seed(&self, seeds: &[SeedRelease]) -> io::Result<Vec<u64>> {
        let ids =
            self.store.change(|state| seeds.iter().map(|seed| seed.announce(state)).collect::<Result<Vec<_>, _>>())?;
        let mut arrived = Vec::new();
        for ((_, assets), seed) in ids.iter().zip(seeds) {
            for (asset, (_, source)) in assets.iter().zip(&seed.assets) {
                arrived.push(self.arrive(*asset, source)?);
            }
        }
        let mut arrived = arrived.into_iter();
        self.store.change(|state| {
            for ((id, assets), seed) in ids.iter().zip(seeds) {
                for (asset, (size, bytes)) in assets.iter().zip(&mut arrived) {
                    if let Some(asset) = state.asset_mut(&seed.repo, *asset) {
                        asset.size = size;
                        asset.uploaded = bytes.is_some();
                        asset.sha256 = bytes.map(|bytes| bytes.sha256);
                    }
                }
                seed.publish(state, *id)?;
            }
            Ok(())
        })?;
        Ok(ids.into_iter().map(|(id, _)| id).collect())
    }

    /// Size and bytes of an asset, which lie where the host keeps them.
    fn arrive(&self, asset: u64, source: &Source) -> io::Result<(u64, Option<Fingerprint>)> {
        let bytes = match source {
            Source::Starter(size) => return Ok((*size, None)),
            Source::Bytes(bytes) => copy(bytes.as_slice(), File::create(self.store.blob(asset))?)?,
            Source::Path(path) => copy(File::open(path)?, File::create(self.store.blob(asset))?)?,
        };
        Ok((bytes.size, Some(bytes)))
    }

    /// The bytes of an asset that is gone go too; there are none where its upload broke off.
    pub(super) fn forget(&self, asset: u64) {
        let _ = fs::remove_file(self.store.blob(asset));
    }
}

fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<Fingerprint> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}

/// All releases, oldest first.
pub(super) fn views(state: &State) -> Vec<ReleaseView> {
    let assets = |release: &super::state::Release| {
        let view = |asset: &super::state::Asset| AssetView {
            id: asset.id,
            name: asset.name.clone(),
            state: if asset.uploaded { "uploaded" } else { "starter" },
            size: asset.size,
            sha256: asset.sha256,
        };
        release.assets.iter().map(view).collect()
    };
    let view = |release: &super::state::Release| ReleaseView {
        id: release.id,
        repo: release.repo.clone(),
        tag: release.tag.clone(),
        body: release.body.clone().unwrap_or_default(),
        draft: release.draft,
        immutable: release.immutable,
        latest: release.latest,
        author: release.author.clone(),
        assets: assets(release),
    };
    state.releases.iter().map(view).collect()
}
