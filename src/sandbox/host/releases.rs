//! What may happen to releases and their assets: GitHub's rules, without HTTP.

use jiff::Timestamp;
use serde::Deserialize;

use super::config::Config;
use super::refusal::Refusal;
use super::state::{Asset, Release, State};

const TWO_GIB: u64 = 2 << 30;

/// The fields that a request may set; those left out stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    pub tag_name: Option<String>,
    pub target_commitish: Option<String>,
    pub name: Option<String>,
    pub body: Option<String>,
    pub draft: Option<bool>,
    pub prerelease: Option<bool>,
    /// A text, not a truth value.
    pub make_latest: Option<String>,
}

/// An upload that is announced.
pub(super) struct Announced {
    pub name: String,
    pub label: Option<String>,
    pub content_type: String,
    pub size: u64,
}

impl Fields {
    /// Reads a request's body.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|_| Refusal::bad_request("Problems parsing JSON"))?;
        let fields: Self = serde_json::from_value(value)
            .map_err(|error| Refusal::unprocessable(&format!("Invalid request.\n\n{error}")))?;
        match fields.make_latest.as_deref() {
            None | Some("true" | "false" | "legacy") => Ok(fields),
            Some(_) => Err(Refusal::invalid("Release", "invalid", "make_latest")),
        }
    }
}

impl State {
    pub fn create(&mut self, repo: &str, author: &str, fields: Fields, config: &Config) -> Result<u64, Refusal> {
        let tag = fields
            .tag_name
            .clone()
            .filter(|tag| !tag.is_empty())
            .ok_or_else(|| Refusal::invalid("Release", "missing_field", "tag_name"))?;
        let id = self.id();
        let publish = !fields.draft.unwrap_or(false);
        self.releases.push(Release {
            id,
            repo: repo.into(),
            tag,
            target: "main".into(),
            title: None,
            body: None,
            draft: true,
            prerelease: false,
            immutable: false,
            latest: false,
            untagged: format!("untagged-{:.20}", uuid::Uuid::new_v4().simple().to_string()),
            author: author.into(),
            created_at: Timestamp::now(),
            published_at: None,
            unlisted: if publish { 0 } else { config.list_lag },
            assets: Vec::new(),
        });
        self.edit(repo, id, Fields { draft: Some(!publish), ..fields }, config)?;
        Ok(id)
    }

    pub fn edit(&mut self, repo: &str, id: u64, fields: Fields, config: &Config) -> Result<(), Refusal> {
        let release = self.release_mut(repo, id).ok_or_else(Refusal::not_found)?;
        let (was_draft, was_tag) = (release.draft, release.tag.clone());
        let draft = fields.draft.unwrap_or(was_draft);
        if release.immutable && (draft || fields.tag_name.as_ref().is_some_and(|tag| *tag != was_tag)) {
            return Err(Refusal::unprocessable("Cannot change the tag or draft state of an immutable release"));
        }
        set(&mut release.tag, fields.tag_name.filter(|tag| !tag.is_empty()));
        set(&mut release.target, fields.target_commitish);
        set(&mut release.prerelease, fields.prerelease);
        release.title = fields.name.or_else(|| release.title.take());
        release.body = fields.body.or_else(|| release.body.take());
        release.draft = draft;
        if draft {
            release.published_at = None;
            release.latest = false;
            return Ok(());
        }
        let (tag, prerelease) = (release.tag.clone(), release.prerelease);
        if was_draft {
            release.published_at = Some(Timestamp::now());
            release.immutable = config.immutable;
        }
        if self.releases.iter().any(|other| other.id != id && other.repo == repo && other.tag == tag && !other.draft) {
            return Err(Refusal::invalid("Release", "already_exists", "tag_name"));
        }
        if was_draft {
            self.take_tag(format!("{repo} {tag}"), config)?;
        }
        match fields.make_latest.as_deref() {
            Some("false") => self.set_latest(repo, id, false),
            Some(_) => self.set_latest(repo, id, true),
            None if was_draft && !prerelease => self.set_latest(repo, id, true),
            None => {}
        }
        Ok(())
    }

    /// A publication makes its git tag, which stays when the release goes.
    fn take_tag(&mut self, tag: String, config: &Config) -> Result<(), Refusal> {
        if self.burnt.contains(&tag) {
            return Err(Refusal::custom("Release", "tag_name", "tag_name was used by an immutable release"));
        }
        if config.tags_restricted && !self.tags.contains(&tag) {
            return Err(Refusal::tag_restricted());
        }
        if config.immutable {
            self.burnt.insert(tag.clone());
        }
        self.tags.insert(tag);
        Ok(())
    }

    /// One release of a repository is the latest; another stays it where this one is not to be.
    fn set_latest(&mut self, repo: &str, id: u64, latest: bool) {
        for release in self.releases.iter_mut().filter(|release| release.repo == repo) {
            release.latest = if release.id == id { latest } else { release.latest && !latest };
        }
    }

    /// Takes a release away; gives the ids of its assets, whose bytes go too.
    pub fn remove(&mut self, repo: &str, id: u64) -> Result<Vec<u64>, Refusal> {
        let assets = self.release(repo, id).ok_or_else(Refusal::not_found)?.assets.iter().map(|a| a.id).collect();
        self.releases.retain(|release| release.id != id);
        Ok(assets)
    }

    /// Enters an upload as a `starter` asset of size 0; its name is taken from now on.
    pub fn announce(&mut self, repo: &str, id: u64, uploader: &str, new: Announced) -> Result<u64, Refusal> {
        let asset_id = self.id();
        let release = self.release_mut(repo, id).ok_or_else(Refusal::not_found)?;
        if release.immutable {
            return Err(Refusal::unprocessable("Cannot upload assets to an immutable release."));
        }
        let name = stored_name(&new.name);
        if release.assets.iter().any(|asset| asset.name == name) {
            return Err(Refusal::invalid("ReleaseAsset", "already_exists", "name"));
        }
        if new.size >= TWO_GIB {
            return Err(Refusal::custom("ReleaseAsset", "size", "size must be less than 2147483648"));
        }
        let now = Timestamp::now();
        release.assets.push(Asset {
            id: asset_id,
            name,
            label: new.label,
            content_type: new.content_type,
            uploaded: false,
            size: 0,
            sha256: None,
            uploader: uploader.into(),
            created_at: now,
            updated_at: now,
            downloads: 0,
        });
        Ok(asset_id)
    }

    /// An asset of a release that may still change.
    pub fn asset_mut(&mut self, repo: &str, id: u64) -> Option<&mut Asset> {
        let releases = self.releases.iter_mut().filter(|release| release.repo == repo);
        releases.flat_map(|release| &mut release.assets).find(|asset| asset.id == id)
    }

    pub fn remove_asset(&mut self, repo: &str, id: u64) -> Result<(), Refusal> {
        let (release, _) = self.asset(repo, id).ok_or_else(Refusal::not_found)?;
        if release.immutable {
            return Err(Refusal::unprocessable("Cannot delete assets from an immutable release."));
        }
        for release in &mut self.releases {
            release.assets.retain(|asset| asset.id != id);
        }
        Ok(())
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The name under which GitHub stores an asset: whatever is not plain becomes a dot, none at either end.
pub(super) fn stored_name(name: &str) -> String {
    let mut stored = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '@' | '~') {
            stored.push(c);
        } else if !stored.ends_with('.') {
            stored.push('.');
        }
    }
    match stored.trim_matches('.') {
        "" => "default".into(),
        stored => stored.into(),
    }
}
