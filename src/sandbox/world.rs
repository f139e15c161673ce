//! A practice world: the host, running, and a workspace to publish from.
//!
//! ```text
//! <dir>/sandbox.json   marks the folder as a world, with its scenario
//! <dir>/host/          the release host's state and request log
//! <dir>/vm/            the VM and what Azure does
//! <dir>/workspace/     where the console works
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use super::host::{Config, Fault, Host};
use super::lay::{REPO, lay};
use super::{SandboxError, Scenario, flaky};

const TOKEN_ENV: &str = "NEXY_SANDBOX_TOKEN";
const MARKER: &str = "sandbox.json";
const WORKSPACE: &str = "workspace";

/// What to open.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder; none: a temporary one that goes away with the world.
    pub dir: Option<PathBuf>,
    /// The situation; none: the one that the folder was laid for, else the first release.
    pub scenario: Option<Scenario>,
    /// Size of the DMG in the inbox.
    pub dmg_bytes: u64,
    /// Size of the PKG in the inbox.
    pub pkg_bytes: u64,
    /// Bytes per second that all transfers share; none: as fast as it goes.
    pub throttle: Option<u64>,
    /// Port of the API, the other origins on the next four; none: those that the folder remembers, or any.
    pub port: Option<u16>,
    /// The console's binary, which stands in for the Azure CLI; none: there is no VM.
    pub console: Option<PathBuf>,
    /// What goes wrong at the host.
    pub faults: Vec<Fault>,
    /// What the bad days of a flaky network are made from; none: the one that the folder remembers, or a fixed one.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dir: None,
            scenario: None,
            dmg_bytes: 48 << 20,
            pkg_bytes: 24 << 20,
            throttle: None,
            port: None,
            console: None,
            faults: Vec::new(),
            seed: None,
        }
    }
}

/// A practice world that is open.
#[derive(Debug)]
pub struct World {
    host: Host,
    dir: PathBuf,
    workspace: PathBuf,
    marker: Marker,
    faults: Vec<Fault>,
    socket: Option<PathBuf>,
    /// The console's binary.
    console: Option<PathBuf>,
    /// Removes the temporary folder, after the host above has stopped.
    temporary: Option<TempDir>,
}

/// `sandbox.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Marker {
    scenario: Scenario,
    /// Written last: without it the world is half laid.
    laid: bool,
    /// Of a flaky network.
    #[serde(default)]
    seed: Option<u64>,
    /// How many runs a flaky network has seen.
    #[serde(default)]
    runs: u32,
}

impl World {
    /// Opens a world as it is, or lays it in an empty folder. What is laid is never laid again.
    pub async fn open(options: Options) -> Result<Self, SandboxError> {
        let (dir, temporary) = if let Some(dir) = &options.dir {
            (dir.clone(), None)
        } else {
            let temporary = tempfile::Builder::new().prefix("nexy-sandbox-").tempdir();
            let temporary = temporary.map_err(|cause| failed(Path::new("the temporary folder"), cause))?;
            (temporary.path().to_path_buf(), Some(temporary))
        };
        // The console's workspace is an absolute path, wherever it is called from.
        let dir = std::path::absolute(&dir).map_err(|cause| failed(&dir, cause))?;
        let laid = laid(&dir, options.scenario)?;
        let scenario = laid.as_ref().map(|marker| marker.scenario).or(options.scenario).unwrap_or_default();
        if options.seed.is_some() && scenario != Scenario::FlakyNetwork {
            return Err(SandboxError::NoDice(scenario));
        }
        let config = Config {
            throttle_bytes_per_s: options.throttle,
            port: options.port,
            rival: scenario == Scenario::Race,
            ..Config::default()
        };
        let host = match Host::start(&dir, config).await {
            Ok(host) => host,
            Err(error) => {
                if laid.is_none() {
                    // The folder was empty: after another port is named it may be used as if nothing had been.
                    let _ = fs::remove_dir_all(dir.join("host"));
                }
                return Err(SandboxError::Host(error));
            }
        };
        let (faults, seed, console) = (options.faults.clone(), options.seed, options.console.clone());
        let mut marker = if let Some(marker) = laid {
            marker
        } else {
            let marker = Marker { scenario, laid: false, seed: None, runs: 0 };
            mark(&dir, &marker)?;
            lay(&dir, &host, scenario, options).await.map_err(|cause| failed(&dir, cause))?;
            Marker { laid: true, ..marker }
        };
        marker.seed = seed.or(marker.seed);
        mark(&dir, &marker)?;
        let workspace = dir.join(WORKSPACE);
        let mut world = Self { host, dir, workspace, marker, faults, socket: None, console, temporary };
        world.next_run()?;
        Ok(world)
    }

    /// The workspace of the world that lies in `dir`, if one does.
    pub fn kept(dir: &Path) -> Option<PathBuf> {
        let dir = std::path::absolute(dir).ok()?;
        dir.join(MARKER).is_file().then(|| dir.join(WORKSPACE))
    }

    /// Begins another run, with its own bad luck; the world counts them.
    pub fn next_run(&mut self) -> Result<(), SandboxError> {
        let mut faults = self.faults.clone();
        if let Some(seed) = self.seed() {
            self.marker.runs += 1;
            mark(&self.dir, &self.marker)?;
            faults.extend(flaky::plan(seed, self.marker.runs));
        }
        self.host.set_faults(faults);
        Ok(())
    }

    /// What the bad luck is made from; none where the network is sound.
    pub fn seed(&self) -> Option<u64> {
        (self.marker.scenario == Scenario::FlakyNetwork).then(|| self.marker.seed.unwrap_or(flaky::SEED))
    }

    /// Which run this is, from 1, where they are counted.
    pub fn runs(&self) -> u32 {
        self.marker.runs
    }

    /// Where the console works.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The situation.
    pub fn scenario(&self) -> Scenario {
        self.marker.scenario
    }

    /// What the console's environment gets on top.
    pub fn variables(&self) -> Vec<(String, String)> {
        vec![(TOKEN_ENV.into(), self.host.token().into())]
    }

    /// Answers on a unix socket as well, there as github.com.
    pub fn serve_unix(&mut self, path: &Path) -> Result<(), SandboxError> {
        let failed = |cause| SandboxError::Socket { path: path.into(), cause };
        let path = std::path::absolute(path).map_err(failed)?;
        self.host.serve_unix(&path).map_err(failed)?;
        self.socket = Some(path);
        Ok(())
    }

    /// All that another client needs.
    pub fn report(&self) -> Value {
        json!({
            "scenario": self.marker.scenario,
            "program": self.console,
            "workspace": self.workspace,
            "repo": REPO,
            "api_url": self.host.api_url(),
            "upload_url": self.host.upload_url(),
            "web_url": self.host.web_url(),
            "blob_url": self.host.blob_url(),
            "updates_url": self.host.updates_url(),
            "unix": self.socket,
            "token_env": TOKEN_ENV,
            "token": self.host.token(),
        })
    }

    /// The VM's folder.
    pub fn vm(&self) -> PathBuf {
        self.dir.join("vm")
    }

    /// The release host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Stops the host and waits until its ports are free; a temporary folder goes.
    pub async fn close(self) {
        let Self { host, temporary, .. } = self;
        host.stop().await;
        let Some(temporary) = temporary else { return };
        // A request that was cut off may still be writing its last file into the folder while that is emptied.
        for _ in 0..100 {
            match fs::remove_dir_all(temporary.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => sleep(Duration::from_millis(20)).await,
                _ => break,
            }
        }
    }
}

fn failed(dir: &Path, cause: io::Error) -> SandboxError {
    SandboxError::Io { dir: dir.into(), cause }
}

/// What the folder was laid for; none where it is still to be laid.
fn laid(dir: &Path, asked: Option<Scenario>) -> Result<Option<Marker>, SandboxError> {
    match fs::read(dir.join(MARKER)) {
        Ok(bytes) => {
            let marker: Marker = serde_json::from_slice(&bytes).map_err(|_| SandboxError::NotAWorld(dir.into()))?;
            if !marker.laid {
                return Err(SandboxError::Unfinished(dir.into()));
            }
            if let Some(asked) = asked.filter(|asked| *asked != marker.scenario) {
                return Err(SandboxError::OtherScenario { dir: dir.into(), laid: marker.scenario, asked });
            }
            Ok(Some(marker))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir).map_err(|cause| failed(dir, cause))?;
            let empty = fs::read_dir(dir).map_err(|cause| failed(dir, cause))?.next().is_none();
            if empty { Ok(None) } else { Err(SandboxError::NotAWorld(dir.into())) }
        }
        Err(cause) => Err(failed(dir, cause)),
    }
}

fn mark(dir: &Path, marker: &Marker) -> Result<(), SandboxError> {
    let write = || {
        let new = dir.join("sandbox.json.new");
        fs::write(&new, serde_json::to_vec_pretty(marker)?)?;
        fs::rename(new, dir.join(MARKER))
    };
    write().map_err(|cause| failed(dir, cause))
}
