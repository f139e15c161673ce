//! An honest release host: what GitHub Releases does, on four loopback origins, with its faults on demand; on a fifth
//! the servers that clients are updated from.
//!
//! State lives in `<dir>/host`: `state.json`, `ports.json`, `blobs/<asset id>`, and the request log
//! `requests.jsonl`.

mod api;
mod blobs;
mod config;
mod faults;
mod gate;
mod graphql;
mod json;
mod log;
mod pace;
mod ports;
mod refs;
mod refusal;
mod releases;
mod rival;
mod seed;
mod socket;
mod state;
mod updates;
mod uploads;
mod visit;
mod web;
mod wire;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::serve::Listener;
use axum::{Router, middleware};
use serde::{Deserialize, Serialize};
use tokio::task::{self, JoinSet};

pub use config::{Config, Interrupted};
pub use faults::{Action, Fault, Stage};
pub use log::Request;
pub use seed::{AssetView, ReleaseView, SeedRelease, Source};

use faults::Faults;
use json::Urls;
use log::Log;
use pace::Pace;
use ports::Listeners;
use socket::Socket;
use state::Store;
use visit::Rate;
use wire::{Doorway, Line, Lines, Link};

/// One of the servers that make up the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// As `api.github.com`.
    Api,
    /// As `uploads.github.com`.
    Uploads,
    /// As `github.com`.
    Web,
    /// As `release-assets.githubusercontent.com`.
    Blobs,
    /// As the main server and the update server behind it.
    Updates,
}

impl Origin {
    /// What answers there.
    fn router(self, shared: &Arc<Shared>) -> Router {
        let handlers = match self {
            Self::Api => api::router(Arc::clone(shared)),
            Self::Uploads => uploads::router(Arc::clone(shared)),
            Self::Web => web::router(Arc::clone(shared)),
            Self::Blobs => blobs::router(Arc::clone(shared)),
            Self::Updates => updates::router(Arc::clone(shared)),
        };
        handlers.layer(middleware::from_fn_with_state((Arc::clone(shared), self), gate::gate))
    }
}

/// A host that is running. Dropped, it stops answering; [`Host::stop`] also waits until its ports are free.
pub struct Host {
    shared: Arc<Shared>,
    push_token: String,
    read_token: String,
    lines: Lines,
    servers: JoinSet<()>,
    socket: Option<Socket>,
}

/// What all handlers share; behind each front the same host, under other URLs.
#[derive(Clone)]
struct Shared {
    urls: Urls,
    /// The VM's folder: what stands there is served.
    machine: PathBuf,
    config: Arc<Mutex<Config>>,
    store: Arc<Store>,
    log: Arc<Log>,
    faults: Arc<Faults>,
    pace: Arc<Pace>,
    rate: Arc<Rate>,
}

impl Shared {
    fn config(&self) -> Config {
        lock(&self.config).clone()
    }
}

impl Host {
    /// Starts the host that lives in `<dir>/host`; a new one where there is none.
    pub async fn start(dir: &Path, config: Config) -> io::Result<Self> {
        let machine = dir.join("vm");
        let dir = dir.join("host");
        fs::create_dir_all(&dir)?;
        // The ports first: they tell whether another process has this host open.
        let listeners = Listeners::bind(&dir, config.port).await?;
        let shared = Arc::new(Shared {
            urls: listeners.urls()?,
            machine,
            config: Arc::new(Mutex::new(config)),
            store: Arc::new(Store::open(&dir)?),
            log: Arc::new(Log::open(&dir.join("requests.jsonl"))?),
            faults: Arc::default(),
            pace: Arc::default(),
            rate: Arc::new(Rate::new()),
        });
        let lines = Lines::default();
        let mut servers = JoinSet::new();
        for (origin, listener) in [
            (Origin::Api, listeners.api),
            (Origin::Uploads, listeners.uploads),
            (Origin::Web, listeners.web),
            (Origin::Blobs, listeners.blobs),
            (Origin::Updates, listeners.updates),
        ] {
            servers.spawn(serve(listener, lines.clone(), origin.router(&shared)));
        }
        let (push_token, read_token) = shared.store.read(|state| (state.push_token.clone(), state.read_token.clone()));
        Ok(Self { shared, push_token, read_token, lines, servers, socket: None })
    }

    /// Answers on a unix socket as well, there as github.com: for clients that will not be told another host.
    pub fn serve_unix(&mut self, path: &Path) -> io::Result<()> {
        let (listener, socket) = socket::bind(path)?;
        let shared = Arc::new(Shared { urls: socket::urls(), ..Shared::clone(&self.shared) });
        self.servers.spawn(serve(listener, self.lines.clone(), socket::router(&shared)));
        self.socket = Some(socket);
        Ok(())
    }

    /// Root of the API, without a slash at the end.
    pub fn api_url(&self) -> &str {
        &self.shared.urls.api
    }

    /// Root of the uploads origin.
    pub fn upload_url(&self) -> &str {
        &self.shared.urls.uploads
    }

    /// Root of the web origin.
    pub fn web_url(&self) -> &str {
        &self.shared.urls.web
    }

    /// Root of the blob origin.
    pub fn blob_url(&self) -> &str {
        &self.shared.urls.blobs
    }

    /// Root of the servers that clients are updated from.
    pub fn updates_url(&self) -> &str {
        &self.shared.urls.updates
    }

    /// A token that may push, unless [`Config::push`] is off.
    pub fn token(&self) -> &str {
        &self.push_token
    }

    /// A token that may only read.
    pub fn read_token(&self) -> &str {
        &self.read_token
    }

    /// All requests since the start or the last [`Host::clear_requests`], in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.requests()
    }

    /// Forgets the requests so far; the log file keeps them.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// Puts this fault plan in force in place of the one before; matches are counted from now.
    pub fn set_faults(&self, plan: Vec<Fault>) {
        self.shared.faults.set(plan);
    }

    /// Turns knobs while the host runs.
    pub fn configure(&self, turn: impl FnOnce(&mut Config)) {
        turn(&mut lock(&self.shared.config));
    }

    /// Puts a release on the host; gives its id.
    pub async fn seed_release(&self, seed: SeedRelease) -> io::Result<u64> {
        let made = self.seed_releases(vec![seed]).await?;
        made.first().copied().ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Puts many there at once; gives their ids.
    pub async fn seed_releases(&self, seeds: Vec<SeedRelease>) -> io::Result<Vec<u64>> {
        let shared = Arc::clone(&self.shared);
        task::spawn_blocking(move || shared.seed(&seeds)).await?
    }

    /// All releases, in the order in which they were made.
    pub fn releases(&self) -> Vec<ReleaseView> {
        self.shared.store.read(seed::views)
    }

    /// Stops at once, as a process that is killed: connections are reset, the ports are free afterwards.
    pub async fn stop(mut self) {
        self.lines.cut_all();
        self.servers.shutdown().await;
        // A connection that was accepted meanwhile.
        self.lines.cut_all();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.servers.abort_all();
        self.lines.cut_all();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("urls", &self.shared.urls).finish_non_exhaustive()
    }
}

async fn serve<L: Listener<Io: Link, Addr: fmt::Debug>>(listener: L, lines: Lines, router: Router) {
    let service = router.into_make_service_with_connect_info::<Line>();
    // `axum::serve` ends only when it is told to; errors of single connections are theirs alone.
    let _ = axum::serve(Doorway { listener, lines }, service).await;
}

/// Locks; a panic elsewhere left nothing half-changed, because states are replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
