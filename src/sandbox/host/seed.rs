//! Releases that are there from the start, and the view of releases that tests judge by.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::release::fingerprint::{Digest, Fingerprint, Hasher};

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
    /// Blocks while it copies.
    pub(super) fn seed(&self, seed: SeedRelease) -> io::Result<u64> {
        let made = Timestamp::now() - seed.age;
        let title = seed.title.unwrap_or_else(|| seed.tag.clone());
        let fields = Fields {
            tag_name: Some(seed.tag),
            name: Some(title),
            body: Some(seed.body),
            draft: Some(true),
            ..Fields::default()
        };
        // What is there from the start was made before the host became what it is.
        let config = Config { immutable: seed.immutable, ..Config::default() };
        let id = self.store.change(|state| {
            let id = state.create(&seed.repo, &seed.author, fields, &config)?;
            if let Some(release) = state.release_mut(&seed.repo, id) {
                release.created_at = made;
            }
            Ok(id)
        })?;
        for (name, source) in seed.assets {
            self.seed_asset(&seed.repo, id, &seed.author, name, source)?;
        }
        if !seed.draft {
            self.store.change(|state| {
                let fields = Fields { draft: Some(false), ..Fields::default() };
                state.edit(&seed.repo, id, fields, &config)?;
                if let Some(release) = state.release_mut(&seed.repo, id) {
                    release.published_at = Some(made);
                }
                Ok(())
            })?;
        }
        Ok(id)
    }

    fn seed_asset(&self, repo: &str, release: u64, author: &str, name: String, source: Source) -> io::Result<()> {
        let announced = Announced { name, label: None, content_type: "application/octet-stream".into(), size: 0 };
        let id = self.store.change(|state| state.announce(repo, release, author, announced))?;
        let (size, bytes) = match source {
            Source::Starter(size) => (size, None),
            Source::Bytes(bytes) => {
                let bytes = copy(bytes.as_slice(), File::create(self.store.blob(id))?)?;
                (bytes.size, Some(bytes))
            }
            Source::Path(path) => {
                let bytes = copy(File::open(path)?, File::create(self.store.blob(id))?)?;
                (bytes.size, Some(bytes))
            }
        };
        self.store.change(|state| {
            if let Some(asset) = state.asset_mut(repo, id) {
                asset.size = size;
                asset.uploaded = bytes.is_some();
                asset.sha256 = bytes.map(|bytes| bytes.sha256);
            }
            Ok(())
        })?;
        Ok(())
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
