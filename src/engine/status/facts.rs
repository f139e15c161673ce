//! What a dashboard has found out, and when; a source that does not answer leaves what was known of it.

use std::time::Duration;

use futures::future::OptionFuture;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::under_way::{Held, held};
use crate::engine::base::Base;
use crate::engine::readers::Readers;
use crate::engine::snapshot::{Known, Snapshot, repo_missing};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::journal::Journal;
use crate::release::served::Source;
use crate::release::status::UnderWay;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::world::azure;
use crate::world::github::http::Probed;
use crate::world::github::model::Release;
use crate::world::github::watch::{Cost, Pages};
use crate::world::updates::{self, Asked};

/// The VM is asked for its sign-in only, and no more often than that: a command there would keep others from theirs.
const SIGN_IN: SignedDuration = SignedDuration::from_mins(10);

const SOON: Duration = Duration::from_secs(10);

/// A fact, and when it was found.
pub(super) type Seen<T> = Option<(Timestamp, T)>;

/// What is known.
pub struct Facts {
    pub(super) base: Base,
    pub(super) readers: Readers,
    /// The servers that clients are updated from, or why they cannot be asked.
    servers: Result<updates::Reader, Failure>,
    /// The versions whose clients are simulated.
    pub(super) installed: Vec<String>,
    /// What lies here.
    pub(super) here: Snapshot,
    pub(super) here_seen: Timestamp,
    pub(super) journal: Result<Journal, Failure>,
    /// Who is at work in this workspace.
    pub(super) held: Option<Held>,
    /// Of the release host.
    pub(super) pages: Seen<Pages>,
    /// Whether this token sees drafts; `None`: not known yet.
    pub(super) push: Option<bool>,
    /// The first byte of the public download.
    pub(super) public: Seen<(Url, Result<Probed, Failure>)>,
    pub(super) sign_in: Seen<Result<Option<Timestamp>, Failure>>,
    pub(super) served: Seen<Vec<Asked>>,
    /// What the last look cost.
    pub cost: Cost,
    /// Why the release host could not be looked at the last time.
    pub missed: Option<Failure>,
    /// When that began.
    pub(super) missed_since: Option<Timestamp>,
}

impl Facts {
    /// What lies here; nobody else was asked yet.
    pub async fn new(base: &Base, installed: Vec<String>) -> Self {
        let readers = base.open_readers().await;
        let (here, journal) = (here(base, &readers), readers.workspace.recent_journal());
        let servers = readers.updates(&base.settings, &base.events);
        Self {
            base: base.clone(),
            here,
            here_seen: Timestamp::now(),
            journal,
            held: held(&readers),
            readers,
            servers,
            installed,
            pages: None,
            push: None,
            public: None,
            sign_in: None,
            served: None,
            cost: Cost::default(),
            missed: None,
            missed_since: None,
        }
    }

    /// Looks at everything. Fails only where it is stopped.
    pub async fn look(&mut self) -> Result<(), Failure> {
        // Before the journal: a run that ends between the two has its end in it.
        self.held = held(&self.readers);
        self.journal = self.readers.workspace.recent_journal();
        (self.here, self.here_seen) = (here(&self.base, &self.readers), Timestamp::now());
        let mut pages = self.pages.take().map(|(seen, pages)| (Some(seen), pages)).unwrap_or_default();
        let sign_in = self.readers.vm.as_ref().filter(|_| self.is_sign_in_due()).map(signed_in);
        let (told, sign_in, served) = futures::join!(
            releases(&self.readers, &self.base, self.push, &mut pages.1),
            OptionFuture::from(sign_in),
            pages_of(&self.servers, &self.base)
        );
        let now = Timestamp::now();
        (self.cost, self.missed) = match told {
            Ok((cost, push)) => {
                (pages.0, self.push) = (Some(now), Some(push));
                (cost, None)
            }
            Err(failure) => (Cost::default(), Some(failure)),
        };
        self.missed_since = self.missed.as_ref().map(|_| self.missed_since.unwrap_or(now));
        self.pages = pages.0.map(|seen| (seen, pages.1));
        if let Some(sign_in) = sign_in {
            self.sign_in = Some((now, sign_in));
        }
        match served {
            Ok(served) => self.served = Some((now, served)),
            Err(failure) if failure.code == Code::Interrupted => return Err(failure),
            Err(_) => {}
        }
        self.look_at_the_download().await;
        self.readers.stop.check()
    }

    /// Asks for the first byte of what clients download.
    async fn look_at_the_download(&mut self) {
        let settings = &self.base.settings;
        let package = settings.release.manifest_asset();
        let Some((target, asset)) = self.target().await.zip(package) else { return };
        let Ok(url) = Url::parse(&settings.asset_url(&target.version, &asset.name)) else { return };
        let Ok(github) = self.readers.github() else { return };
        let found = github.probe(&url).await;
        self.public = Some((Timestamp::now(), (url, found)));
    }

    /// Looks only at the run that is under way here; `None`: none is.
    pub fn look_at_the_run(&self) -> Option<UnderWay> {
        held(&self.readers).map(|held| held.shown)
    }

    fn is_sign_in_due(&self) -> bool {
        let age = |seen: &Timestamp| Timestamp::now().duration_since(*seen);
        self.sign_in.as_ref().is_none_or(|(seen, _)| age(seen) >= SIGN_IN)
    }

    /// Every release that is known.
    pub(super) fn releases(&self) -> impl Iterator<Item = &Release> {
        self.pages.iter().flat_map(|(_, pages)| pages.releases())
    }

    /// Every published version, the highest first.
    pub(super) fn versions(&self) -> Vec<(Version, &Release)> {
        let published = self.releases().filter(|release| !release.draft);
        let version = |release: &Release| self.base.settings.release.tag.version_of(&release.tag);
        let mut versions: Vec<_> = published.filter_map(|release| Some((version(release)?, release))).collect();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
        versions
    }

    /// Why the release host is not known.
    pub(super) fn why(&self) -> Clean {
        match (&self.missed, &self.pages) {
            (Some(failure), _) => failure.what.clone(),
            (None, Some(_)) => "nothing is published yet".into(),
            (None, None) => "not asked yet".into(),
        }
    }
}

/// What the servers say.
async fn pages_of(servers: &Result<updates::Reader, Failure>, base: &Base) -> Result<Vec<Asked>, Failure> {
    servers.as_ref().map_err(Clone::clone)?.pages(&base.settings.updates, Source::ALL).await
}

/// Until when the sign-in to Azure is good; whoever waits for everything else does not wait long for this.
async fn signed_in(vm: &azure::Reader) -> Result<Option<Timestamp>, Failure> {
    tokio::time::timeout(SOON, vm.signed_in()).await.unwrap_or_else(|_| {
        let what = format!("az did not answer within {} s", SOON.as_secs());
        Err(Failure::new(Code::VmCli, what).fix("az account get-access-token --query expires_on -o json"))
    })
}

/// What lies here, to be read once.
fn here(base: &Base, readers: &Readers) -> Snapshot {
    Snapshot::new(base.settings.clone(), readers.clone(), base.events.clone(), Known::new())
}

/// Brings the releases up to date; what this may see was asked once.
async fn releases(
    readers: &Readers,
    base: &Base,
    push: Option<bool>,
    pages: &mut Pages,
) -> Result<(Cost, bool), Failure> {
    let github = readers.github()?;
    let push = match push {
        Some(push) => push,
        None => github.repo().await?.ok_or_else(|| repo_missing(&base.settings))?.push,
    };
    Ok((github.watch(pages).await?, push))
}
