//! The facts of one preview: each is fetched once, by whoever asks first, and read by checks and plan alike.

mod health;
mod known;
mod signature;
mod tag;
mod vm;

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use tokio::sync::OnceCell;

pub use self::health::HealthFacts;
pub use self::known::{Known, Signed};
pub use self::tag::TagState;
pub use self::vm::VmFacts;
use super::event::{NoteKind, StepId};
use super::feed::Events;
use super::readers::Readers;
use super::routing::{self, Routing};
use crate::release::artifact::Kind;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::journal::Journal;
use crate::release::manifest::Manifest;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::settings::Settings;
use crate::world::github::download::Downloaded;
use crate::world::github::model::{Release, Repo, Who};
use crate::world::inbox::{self, Inspected};
use crate::world::intent::{Act, Intent};
use crate::world::workspace::{self, Listing, ManifestFile};

/// A fact, or why it could not be had.
#[derive(Debug, Clone)]
struct Fact<T>(OnceCell<Result<T, Failure>>);

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<T> Fact<T> {
    /// One that is known already.
    fn known(fact: Result<T, Failure>) -> Self {
        Self(OnceCell::new_with(Some(fact)))
    }

    /// Boxed, because facts are made from facts: each would hold the others' futures, several times over.
    async fn get(&self, fetch: BoxFuture<'_, Result<T, Failure>>) -> Result<&T, Failure> {
        self.0.get_or_init(|| fetch).await.as_ref().map_err(Clone::clone)
    }
}

/// A file of the inbox that the settings name.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// File name.
    pub name: String,
    /// What it should be.
    pub kind: Kind,
    /// What it is.
    pub inspected: Result<Inspected, Failure>,
}

/// A manifest file that the settings name.
#[derive(Debug, Clone)]
pub struct ManifestCopy {
    /// Relative to the workspace.
    pub path: String,
    /// Its bytes; `None` when it is not there.
    pub file: Option<ManifestFile>,
    /// What it says; broken ones say why.
    pub manifest: Option<Result<Manifest, Clean>>,
}

impl ManifestCopy {
    /// Reads one, an unfinished update taken as finished.
    pub fn read(workspace: &workspace::Reader, path: String, pending: Option<&Intent>) -> Result<Self, Failure> {
        let file = workspace.manifest(&path, pending)?;
        let manifest = file.as_ref().map(|file| Manifest::parse(&file.bytes).map_err(|error| error.to_string().into()));
        Ok(Self { path, file, manifest })
    }
}

/// The facts.
#[derive(Debug)]
pub struct Snapshot {
    /// In force.
    pub settings: Arc<Settings>,
    /// Where the facts come from.
    pub readers: Readers,
    events: Events,
    known: Known,
    version: Fact<Version>,
    listing: Fact<Option<Listing>>,
    artifacts: Fact<Vec<Artifact>>,
    notes: Fact<Option<String>>,
    pending: Fact<Option<Intent>>,
    manifests: Fact<Vec<ManifestCopy>>,
    signature: Fact<Option<Signed>>,
    routing: Fact<Routing>,
    journal: Fact<Journal>,
    who: Fact<Who>,
    repo: Fact<Option<Repo>>,
    releases: Fact<Vec<Release>>,
    tag: Fact<TagState>,
    remote: Fact<TagState>,
    vm: VmFacts,
    health: HealthFacts,
}

impl Snapshot {
    /// An empty one; `known` spares reading again what has not changed since an earlier one.
    pub fn new(settings: Arc<Settings>, readers: Readers, events: Events, known: Known) -> Self {
        Self {
            settings,
            readers,
            events,
            known,
            version: Fact::default(),
            listing: Fact::default(),
            artifacts: Fact::default(),
            notes: Fact::default(),
            pending: Fact::default(),
            manifests: Fact::default(),
            signature: Fact::default(),
            routing: Fact::default(),
            journal: Fact::default(),
            who: Fact::default(),
            repo: Fact::default(),
            releases: Fact::default(),
            tag: Fact::default(),
            remote: Fact::default(),
            vm: VmFacts::default(),
            health: HealthFacts::default(),
        }
    }

    /// Where it says what happens.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The command that makes this the version in every place, wherever it is run.
    pub fn set_version(&self, version: &Version) -> String {
        format!("nexy-release version set {version} --workspace '{}'", self.readers.workspace.root().display())
    }

    /// VERSION.
    pub async fn version(&self) -> Result<Version, Failure> {
        let fetch = async {
            // An intent that cannot be read is told of by the check of the lock, which comes first.
            let pending = self.pending().await.ok().flatten();
            self.readers.workspace.version(pending)
        };
        self.version.get(fetch.boxed()).await.copied()
    }

    /// The tag of VERSION.
    pub async fn tag_name(&self) -> Result<String, Failure> {
        Ok(self.settings.release.tag.tag(&self.version().await?))
    }

    /// What lies in the inbox; `None`: there is no inbox.
    pub async fn listing(&self) -> Result<&Option<Listing>, Failure> {
        self.listing.get(async { self.readers.workspace.listing() }.boxed()).await
    }

    /// The expected artifacts that are there, read and hashed side by side.
    pub async fn artifacts(&self) -> Result<&Vec<Artifact>, Failure> {
        self.artifacts.get(self.inspect().boxed()).await
    }

    async fn inspect(&self) -> Result<Vec<Artifact>, Failure> {
        let listing = self.listing().await?.as_ref();
        let present = |name: &str| listing.is_some_and(|listing| listing.names.contains(name));
        let expected = self.settings.release.assets.iter().filter(|asset| present(&asset.name));
        let expected: Vec<_> = expected.map(|asset| (asset.name.clone(), asset.kind)).collect();
        let size = |name: &str| {
            let meta = std::fs::symlink_metadata(self.readers.workspace.artifact(name));
            meta.map_or(0, |meta| meta.len())
        };
        let progress =
            self.events.progress(StepId::Inspect, expected.iter().map(|(name, _)| (name.clone(), size(name))));
        let reading = expected.into_iter().enumerate().map(|(index, (name, kind))| {
            let path = self.readers.workspace.artifact(&name);
            let (meter, stop) = (progress.meter(index), self.readers.stop.clone());
            let known =
                inbox::Opened::open(&path).ok().and_then(|opened| self.known.inspected.get(&opened.identity).cloned());
            async move {
                if let Some(inspected) = known {
                    return Ok(Artifact { name, kind, inspected: Ok(inspected) });
                }
                let inspected = tokio::task::spawn_blocking(move || inbox::inspect(&path, &*meter, &stop)).await;
                match inspected.map_err(|error| panicked(&error))? {
                    Err(failure) if failure.code == Code::Interrupted => Err(failure),
                    inspected => Ok(Artifact { name, kind, inspected }),
                }
            }
        });
        try_join_all(reading).await
    }

    /// The text of the release notes; `None` when there are none.
    pub async fn notes(&self) -> Result<Option<&str>, Failure> {
        let fetch = async {
            let artifacts = self.artifacts().await?;
            let Some(notes) = artifacts.iter().find(|artifact| artifact.kind == Kind::Notes) else { return Ok(None) };
            // A link, a pipe or an endless file is refused before it is read as text.
            notes.inspected.as_ref().map_err(Clone::clone)?;
            self.readers.workspace.text(&notes.name).map(Some)
        };
        self.notes.get(fetch.boxed()).await.map(Option::as_deref)
    }

    /// The manifest update that an earlier run left unfinished.
    pub async fn pending(&self) -> Result<Option<&Intent>, Failure> {
        self.pending.get(async { self.readers.workspace.pending() }.boxed()).await.map(Option::as_ref)
    }

    /// The files as they are, for whoever tells what they say: an update that was interrupted is not taken as finished,
    /// and is named.
    #[must_use]
    pub fn as_files_are(mut self) -> Self {
        // One that cannot be read fails whoever asks for it.
        if let Ok(Some(intent)) = self.readers.workspace.pending() {
            tell_interrupted(&intent, &self.events);
            self.pending = Fact::known(Ok(None));
        }
        self
    }

    /// Every manifest of `manifest.paths`, an unfinished update taken as finished.
    pub async fn manifests(&self) -> Result<&Vec<ManifestCopy>, Failure> {
        let fetch = async {
            let pending = self.pending().await?;
            let paths = self.settings.manifest.paths.iter();
            paths.map(|path| ManifestCopy::read(&self.readers.workspace, path.clone(), pending)).collect()
        };
        self.manifests.get(fetch.boxed()).await
    }

    /// Where git leads, and whether that is the code repository.
    pub async fn routing(&self) -> Result<&Routing, Failure> {
        self.routing.get(routing::find(&self.settings, &self.readers.git).boxed()).await
    }

    /// What the runs of this workspace left in the journal.
    pub async fn journal(&self) -> Result<&Journal, Failure> {
        self.journal.get(async { self.readers.workspace.journal() }.boxed()).await
    }

    /// Whose token it is.
    pub async fn who(&self) -> Result<&Who, Failure> {
        self.who.get(async { self.readers.github()?.who().await }.boxed()).await
    }

    /// Whose token it is, when that was asked and told.
    pub fn login(&self) -> Option<Clean> {
        self.who.0.get()?.as_ref().ok()?.login.clone()
    }

    /// The artifact repository; `None`: not there, or not for this token.
    pub async fn repo(&self) -> Result<&Option<Repo>, Failure> {
        self.repo.get(async { self.readers.github()?.repo().await }.boxed()).await
    }

    /// Every release of the artifact repository.
    pub async fn releases(&self) -> Result<&Vec<Release>, Failure> {
        let fetch = async {
            // "404" would mean "no releases" for a repository that this token may not see.
            match self.repo().await? {
                Some(_) => self.readers.github()?.releases().await,
                None => Err(repo_missing(&self.settings)),
            }
        };
        self.releases.get(fetch.boxed()).await
    }

    /// Every published version, in no order.
    pub async fn published_versions(&self) -> Result<Vec<Version>, Failure> {
        let published = self.releases().await?.iter().filter(|release| !release.draft);
        Ok(published.filter_map(|release| self.settings.release.tag.version_of(&release.tag)).collect())
    }

    /// Like [`Self::tag`], and where the host reports no digest the asset was downloaded and hashed: size
    /// alone never tells that bytes are equal.
    pub async fn remote(&self) -> Result<&TagState, Failure> {
        let fetch = async {
            let mut state = self.tag().await?.clone();
            let artifacts = self.artifacts().await?;
            let drafts = state.ours.iter_mut().take(1);
            for release in state.published.iter_mut().chain(drafts) {
                for artifact in artifacts {
                    let Ok(inspected) = &artifact.inspected else { continue };
                    let public = !release.draft;
                    let asset = release.assets.iter_mut().find(|asset| asset.name == artifact.name);
                    // In a draft another size tells enough; of what is published both fingerprints are shown.
                    if let Some(asset) = asset
                        && asset.is_uploaded()
                        && asset.digest.is_none()
                        && (public || asset.size == inspected.fingerprint.size)
                    {
                        asset.digest = Some(self.hash_asset(asset.id, asset.size, &artifact.name).await?);
                    }
                }
            }
            Ok(state)
        };
        self.remote.get(fetch.boxed()).await
    }

    /// The SHA-256 of an asset for which the host reports none.
    pub async fn hash_asset(
        &self,
        id: u64,
        size: u64,
        name: &str,
    ) -> Result<crate::release::fingerprint::Digest, Failure> {
        let progress = self.events.progress(StepId::Checks, [(name.to_owned(), size)]);
        match self.readers.github()?.asset_fingerprint(id, size, &progress.meter(0)).await? {
            Downloaded::Bytes(found) if found.fingerprint.size == size => Ok(found.fingerprint.sha256),
            Downloaded::Missing(failure) => Err(failure),
            Downloaded::Bytes(_) | Downloaded::TooLong => {
                Err(Failure::new(Code::NetUnexpected, format!("The host gives {name} with another size than it says"))
                    .why("It reports no digest, and the download does not have the size that it reports.")
                    .fix("Run the same command again"))
            }
        }
    }
}

/// Says that the files of this update are partly old and partly new.
pub fn tell_interrupted(intent: &Intent, events: &Events) {
    let count = intent.files.len();
    let command = match intent.act {
        Act::Manifest => "nexy-release manifest sync",
        Act::Version => "nexy-release version set X.Y.Z.W",
    };
    events.note(
        NoteKind::Warning,
        format!("An update of {count} files was interrupted; some of them may be old and some new. The next command that writes here finishes it, e.g. {command}"),
    );
}

/// The failure for a repository that is not there, or not for this token: GitHub does not tell which.
pub fn repo_missing(settings: &Settings) -> Failure {
    let repo = &settings.release.repo;
    Failure::new(Code::RepoMissing, format!("{repo} is not there, or this token may not see it"))
        .why("GitHub answers 404 for both.")
        .fix(format!("gh repo view {repo}"))
        .fix("gh auth status")
        .fix("Check `release.repo`: nexy-release config show")
}

/// A task of our own that panicked.
pub fn panicked(error: &tokio::task::JoinError) -> Failure {
    defect(&error.to_string())
}

/// A part of this program that failed.
pub fn defect(why: &str) -> Failure {
    Failure::new(Code::Internal, "A task of the console failed")
        .why(why)
        .fix("Run the same command again; what is done is not done twice")
}
