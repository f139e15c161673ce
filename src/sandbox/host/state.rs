//! What the host knows, and its file: one JSON document, replaced as a whole after every change.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::release::fingerprint::Digest;

use super::lock;
use super::refusal::Refusal;

/// All that survives a restart, besides the bytes of the assets.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub push_token: String,
    pub read_token: String,
    /// Signs download URLs.
    pub secret: String,
    pub next_id: u64,
    pub releases: Vec<Release>,
    /// `repo tag` of every immutable release there ever was.
    pub burnt: BTreeSet<String>,
    /// `repo tag` of every git tag there is; worlds from before tags were kept have none.
    #[serde(default)]
    pub tags: BTreeSet<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "GitHub's own flags, each independent of the others")]
pub(super) struct Release {
    pub id: u64,
    pub repo: String,
    pub tag: String,
    pub target: String,
    pub title: Option<String>,
    pub body: Option<String>,
    pub draft: bool,
    pub prerelease: bool,
    pub immutable: bool,
    /// The one that `releases/latest` shows.
    pub latest: bool,
    /// What stands for the tag in the URLs of a draft.
    pub untagged: String,
    pub author: String,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// From how many lists it is still missing.
    pub unlisted: usize,
    pub assets: Vec<Asset>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asset {
    pub id: u64,
    pub name: String,
    pub label: Option<String>,
    pub content_type: String,
    pub uploaded: bool,
    pub size: u64,
    /// None while it is a `starter`.
    pub sha256: Option<Digest>,
    pub uploader: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub downloads: u64,
}

impl State {
    fn new() -> Self {
        let token = || uuid::Uuid::new_v4().simple().to_string();
        Self {
            push_token: format!("ghp_practice{}", token()),
            read_token: format!("ghp_readonly{}", token()),
            secret: token(),
            next_id: 1000,
            releases: Vec::new(),
            burnt: BTreeSet::new(),
            tags: BTreeSet::new(),
        }
    }

    /// A number that was never given before.
    pub fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub fn release(&self, repo: &str, id: u64) -> Option<&Release> {
        self.releases.iter().find(|release| release.repo == repo && release.id == id)
    }

    pub fn release_mut(&mut self, repo: &str, id: u64) -> Option<&mut Release> {
        self.releases.iter_mut().find(|release| release.repo == repo && release.id == id)
    }

    /// The published release of a tag: what everybody sees.
    pub fn published(&self, repo: &str, tag: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.repo == repo && release.tag == tag && !release.draft)
    }

    /// An asset and the release that holds it.
    pub fn asset(&self, repo: &str, id: u64) -> Option<(&Release, &Asset)> {
        self.releases
            .iter()
            .filter(|release| release.repo == repo)
            .find_map(|release| release.assets.iter().find(|asset| asset.id == id).map(|asset| (release, asset)))
    }
}

/// The state and the folder it lives in.
pub(super) struct Store {
    dir: PathBuf,
    state: Mutex<State>,
}

impl Store {
    /// Opens the folder; an empty one gets a new state.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir.join("blobs"))?;
        let state = match fs::read(dir.join("state.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::new(),
            Err(error) => return Err(error),
        };
        let store = Self { dir: dir.into(), state: Mutex::new(state) };
        store.save(&lock(&store.state))?;
        Ok(store)
    }

    /// The file that holds an asset's bytes.
    pub fn blob(&self, asset: u64) -> PathBuf {
        self.dir.join("blobs").join(asset.to_string())
    }

    /// The file into which an asset's bytes are received.
    pub fn part(&self, asset: u64) -> PathBuf {
        self.dir.join("blobs").join(format!("{asset}.part"))
    }

    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.state))
    }

    /// Changes the state and saves it; nothing changes where the change is refused or cannot be saved.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut state = lock(&self.state);
        let mut next = state.clone();
        let result = change(&mut next)?;
        self.save(&next)?;
        *state = next;
        Ok(result)
    }

    /// A few kilobytes, so it is written where it happens, under the lock that orders the changes.
    fn save(&self, state: &State) -> io::Result<()> {
        let new = self.dir.join("state.json.new");
        fs::write(&new, serde_json::to_vec_pretty(state)?)?;
        fs::rename(new, self.dir.join("state.json"))
    }
}
