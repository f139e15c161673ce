//! Which version is to be everywhere. Whoever took one back noted that in their own journal: where this one says nothing of
//! it, what the manifests and the servers agree on tells.

use serde_json::Value;

use super::facts::Facts;
use crate::engine::snapshot::ManifestCopy;
use crate::release::appcast;
use crate::release::journal::{Ending, Journal};
use crate::release::offer::ordinary;
use crate::release::served::{Source, health};
use crate::release::verification::{Cell, CellState};
use crate::release::version::Version;
use crate::settings;
use crate::world::updates::Asked;

/// The version that everything is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// The highest one published, or the one that clients were taken back to.
    pub version: Version,
    /// A higher one, that what stands here or is served does not speak of.
    pub doubt: Option<Doubt>,
}

/// What was published last, and what clients get as it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    /// The highest one published.
    latest: Version,
    /// What every manifest here offers.
    here: Version,
    /// What the servers agree on, where they do.
    served: Option<Version>,
}

/// What changes which version clients are offered.
const MOVES: [&str; 2] = ["manifest point", "manifest push-vm"];

impl Doubt {
    /// Whether the manifests here should offer the version that everything is compared with.
    pub fn manifests_are_due(&self, target: &Version) -> bool {
        self.here <= *target
    }

    /// Which version clients should get is not known: no cell advises to offer or to deliver one of them.
    pub fn doubted(cells: &mut [Cell]) {
        for cell in cells {
            cell.fix.retain(|fix| !MOVES.iter().any(|command| fix.as_str().contains(command)));
        }
    }

    /// What is not known, with what tells.
    pub fn cell(&self, release: &settings::Release) -> Cell {
        let tag = release.tag.tag(&self.latest);
        let (latest, here) = (self.latest, self.here);
        let found = match self.served {
            Some(served) if served == here => format!("{here} is offered by the manifests here and by the servers"),
            Some(served) => format!("the manifests here offer {here}, the servers {served}"),
            None => format!("the manifests here offer {here}"),
        };
        let meaning = match self.served {
            Some(served) if served == latest => "this workspace is behind, or a withdrawal is not delivered",
            _ => "it looks withdrawn, or it is not delivered yet",
        };
        let cell = Cell::aligned("release", "newer", format!("{latest} is published, and {found}: {meaning}"));
        Cell { state: CellState::Unknown, ..cell }.fix("git pull   (the manifests as the others have them)").fix(
            format!(
                "nexy-release history   (where {tag} was published: the journal there says whether it was taken back)"
            ),
        )
    }
}

impl Facts {
    /// The version that is to be everywhere; `None`: none is known to be published.
    pub(super) async fn target(&self) -> Option<Target> {
        let versions = self.versions();
        let latest = versions.first().map(|(version, _)| *version)?;
        let journal = self.journal.as_ref().ok();
        if let Some(back) = journal.and_then(|journal| journal.withdrawal(&latest)?.version) {
            return Some(Target { version: back, doubt: None });
        }
        let of_latest = journal.into_iter().flat_map(Journal::entries);
        let last = of_latest.filter(|entry| entry.version == Some(latest)).last();
        let certain = Some(Target { version: latest, doubt: None });
        if last.as_ref().is_some_and(|entry| entry.outcome != Ending::Done) {
            // A run of this workspace stopped on the way there.
            return certain;
        }
        let published = |version: &Version| versions.iter().any(|(known, _)| known == version);
        let Some(here) = self.offered_here().await.filter(published) else { return certain };
        let served = self.offered_there().filter(published);
        let target = match served {
            // What was published from here, and is not served, is not delivered.
            _ if here == latest && last.is_some() => return certain,
            Some(served) if here == latest => served,
            Some(served) if served == latest => latest,
            _ => here,
        };
        let doubt = Doubt { latest, here, served };
        Some(Target { version: target, doubt: (target != latest || here != latest).then_some(doubt) })
    }

    /// The version that every manifest here sends clients to.
    async fn offered_here(&self) -> Option<Version> {
        let tag = &self.base.settings.release.tag;
        let offered = |copy: &ManifestCopy| copy.manifest.as_ref()?.as_ref().ok()?.url_version(tag);
        same(self.here.manifests().await.ok()?.iter().map(offered))
    }

    /// The version that the update server's health and its appcast agree on.
    fn offered_there(&self) -> Option<Version> {
        let (_, asked) = self.served.as_ref()?;
        let says = [Source::UpdatesHealth, Source::Appcast]
            .map(|source| says(asked.iter().find(|asked| asked.source == source)?));
        same(says.into_iter())
    }
}

/// The version that a page tells of, where it answered well.
pub(super) fn says(asked: &Asked) -> Option<Version> {
    let page = asked.page.as_ref().ok()?;
    if page.status != 200 || page.age.is_some_and(|age| !age.is_zero()) {
        // An old copy says nothing of what the server says now.
        return None;
    }
    match asked.source {
        Source::Appcast => {
            let items = appcast::read(&page.body).ok()?;
            ordinary(&items)?.version.parse().ok()
        }
        Source::Manifests => {
            let manifests: Value = serde_json::from_slice(&page.body).ok()?;
            manifests[0]["version"].as_str()?.parse().ok()
        }
        source @ (Source::Health | Source::UpdatesHealth) => health(source, page.status, &page.body).ok()?.version(),
    }
}

/// What all of them say.
fn same(mut all: impl Iterator<Item = Option<Version>>) -> Option<Version> {
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}
