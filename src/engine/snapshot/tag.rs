//! What the host holds under the tag: published, ours, or somebody else's.

use std::collections::BTreeSet;

use futures::FutureExt as _;

use super::Snapshot;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::plan::{RemoteAsset, RemoteRelease};
use crate::world::claim::Claim;
use crate::world::github::model::{Asset, Release};

/// What the host holds under the tag.
#[derive(Debug, Clone, Default)]
pub struct TagState {
    /// Published.
    pub published: Option<Release>,
    /// Our unfinished drafts, the oldest first.
    pub ours: Vec<Release>,
    /// Drafts of others; never adopted, changed or deleted.
    pub foreign: Vec<Release>,
    /// Half-uploaded assets of the published release that a run of this workspace was adding.
    pub adding: BTreeSet<String>,
}

impl Snapshot {
    /// What the host holds under the tag of VERSION.
    pub async fn tag(&self) -> Result<&TagState, Failure> {
        let fetch = async {
            let tag = self.tag_name().await?;
            let github = self.readers.github()?;
            let nonce = self.readers.workspace.claimed(github.repo_name(), Claim::Draft(&tag))?;
            let (releases, published) = futures::try_join!(self.releases(), github.published(&tag))?;
            let mut state = TagState { published, ..TagState::default() };
            for release in releases.iter().filter(|release| release.tag == tag) {
                if !release.draft {
                    state.published.get_or_insert_with(|| release.clone());
                } else if nonce.as_ref().is_some_and(|nonce| release.carries(&nonce.nonce)) {
                    state.ours.push(release.clone());
                } else {
                    state.foreign.push(release.clone());
                }
            }
            state.ours.sort_by_key(|release| release.id);
            for asset in &self.settings.release.assets {
                let half = state.published.as_ref().and_then(|release| release.asset(&asset.name));
                let claim = Claim::Addition(&tag, &asset.name);
                if half.is_some_and(Asset::is_starter)
                    && self.readers.workspace.claimed(github.repo_name(), claim)?.is_some()
                {
                    state.adding.insert(asset.name.clone());
                }
            }
            match state.published.iter().flat_map(|release| &release.assets).find(|asset| is_odd(asset)) {
                Some(asset) => Err(odd_state(&tag, asset)),
                None => Ok(state),
            }
        };
        self.tag.get(fetch.boxed()).await
    }
}

impl TagState {
    /// As the plan sees it.
    pub fn planned(&self) -> (Option<RemoteRelease>, Option<RemoteRelease>) {
        (self.published.as_ref().map(Release::planned), self.ours.first().map(Release::planned))
    }

    /// The published asset of this name, as the plan sees it.
    pub fn published_asset(&self, name: &str) -> Option<RemoteAsset> {
        self.published.as_ref()?.asset(name).map(Asset::planned)
    }
}

/// Neither whole nor half-uploaded: what the host means is not known.
fn is_odd(asset: &Asset) -> bool {
    !asset.is_uploaded() && !asset.is_starter()
}

fn odd_state(tag: &str, asset: &Asset) -> Failure {
    let Asset { name, state, .. } = asset;
    Failure::new(
        Code::NetUnexpected,
        format!("{name} of the published {tag} is in a state that is not understood: `{state}`"),
    )
    .why("It may hold published bytes; it is neither taken for absent nor touched.")
    .fix("Run the same command again in a minute")
}
