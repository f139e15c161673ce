//! What the host says of itself and its releases, as far as the console needs it.

use std::time::Duration;

use jiff::Timestamp;
use octocrab::models::repos as wire;

use crate::release::fingerprint::Digest;
use crate::release::mark::is_marked;
use crate::release::plan::{RemoteAsset, RemoteRelease};
use crate::release::text::Clean;

/// Who the token belongs to.
#[derive(Debug, Clone)]
pub struct Who {
    /// Login; `None` where the host does not tell this kind of token.
    pub login: Option<Clean>,
    /// Requests left in this hour.
    pub rate_remaining: Option<u64>,
    /// How far the host's clock is from this machine's, either way; `None` when the host names no time.
    pub clock_skew: Option<Duration>,
}

/// The artifact repository.
#[derive(Debug, Clone)]
pub struct Repo {
    /// `OWNER/NAME` as the host spells it.
    pub full_name: String,
    /// Whether the token may push.
    pub push: bool,
    /// Whether the host freezes releases; `None`: cannot tell.
    pub immutable_releases: Option<bool>,
}

/// A release, draft or published.
#[derive(Debug, Clone)]
pub struct Release {
    /// The host's id.
    pub id: u64,
    /// Tag; a draft's may not exist yet.
    pub tag: String,
    /// Not published yet.
    pub draft: bool,
    /// Frozen; `None` where the host does not say.
    pub immutable: Option<bool>,
    /// Title of the release page.
    pub title: String,
    /// Text of the release page.
    pub body: String,
    /// Login of who made it.
    pub author: Clean,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its page.
    pub html_url: String,
    /// Where its assets are sent, a URI template.
    pub upload_url: String,
    /// Its assets.
    pub assets: Vec<Asset>,
}

/// An asset of a release.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The host's id.
    pub id: u64,
    /// Name on the host, which may differ from what was sent.
    pub name: String,
    /// `uploaded`, or `starter` for a half-uploaded one.
    pub state: String,
    /// Bytes.
    pub size: u64,
    /// As the host reports it; `None` on releases from before 2025-06.
    pub digest: Option<Digest>,
}

impl Asset {
    /// Whether it is whole.
    pub fn is_uploaded(&self) -> bool {
        self.state == "uploaded"
    }

    /// Whether it is half-uploaded: it holds no published bytes. Any other state but `uploaded` is not understood.
    pub fn is_starter(&self) -> bool {
        self.state == "starter"
    }

    /// As the plan sees it.
    pub fn planned(&self) -> RemoteAsset {
        RemoteAsset { name: self.name.clone(), uploaded: self.is_uploaded(), size: self.size, sha256: self.digest }
    }
}

impl Release {
    /// As the plan sees it.
    pub fn planned(&self) -> RemoteRelease {
        RemoteRelease { assets: self.assets.iter().map(Asset::planned).collect(), immutable: self.immutable }
    }

    /// Whether its body carries this nonce, which alone makes a draft ours.
    pub fn carries(&self, nonce: &str) -> bool {
        is_marked(&self.body, nonce)
    }

    /// The asset of this name.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.name == name)
    }
}

impl From<wire::Release> for Release {
    fn from(release: wire::Release) -> Self {
        Self {
            id: release.id.0,
            tag: release.tag_name,
            draft: release.draft,
            immutable: release.immutable,
            title: release.name.unwrap_or_default(),
            body: release.body.unwrap_or_default(),
            author: release.author.map_or_else(|| "unknown".into(), |author| author.login.into()),
            created: release.created_at.and_then(|time| Timestamp::from_second(time.timestamp()).ok()),
            html_url: release.html_url.into(),
            upload_url: release.upload_url,
            assets: release.assets.into_iter().map(Asset::from).collect(),
        }
    }
}

impl From<wire::Asset> for Asset {
    fn from(asset: wire::Asset) -> Self {
        Self {
            id: asset.id.0,
            name: asset.name,
            state: asset.state,
            size: u64::try_from(asset.size).unwrap_or(0),
            digest: asset.digest.as_deref().and_then(Digest::from_github),
        }
    }
}
