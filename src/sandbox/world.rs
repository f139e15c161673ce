//! A practice world: the host, running, and a workspace to publish from.
//!
//! ```text
//! <dir>/sandbox.json   marks the folder as a world, with its scenario
//! <dir>/host/          the release host's state and request log
//! <dir>/workspace/     where the console works
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;
use tokio::task;

use crate::release::fingerprint::Fingerprint;
use crate::release::version::Version;

use super::host::{Config, Host, SeedRelease, Source};
use super::{SandboxError, Scenario, samples};

const REPO: &str = "Seregawpn/Nexy_production";
const TOKEN_ENV: &str = "NEXY_SANDBOX_TOKEN";
const PUBLISHED: Version = Version::new([1, 6, 1, 43]);
const NEXT: Version = Version::new([1, 6, 1, 44]);
const DAY: Duration = Duration::from_hours(24);
/// What is published already need not be watched while it moves: it is a small part of the inbox's size.
const PUBLISHED_SHARE: u64 = 16;

/// What to open.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder; none: a temporary one that goes away with the world.
    pub dir: Option<PathBuf>,
    /// The situation.
    pub scenario: Scenario,
    /// Size of the DMG in the inbox.
    pub dmg_bytes: u64,
    /// Size of the PKG in the inbox.
    pub pkg_bytes: u64,
    /// Bytes per second that all transfers share; none: as fast as it goes.
    pub throttle: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { dir: None, scenario: Scenario::default(), dmg_bytes: 48 << 20, pkg_bytes: 24 << 20, throttle: None }
    }
}

/// A practice world that is open.
#[derive(Debug)]
pub struct World {
    host: Host,
    workspace: PathBuf,
    scenario: Scenario,
    /// Removes the temporary folder, after the host above has stopped.
    _temporary: Option<TempDir>,
}

/// `sandbox.json`.
#[derive(Serialize, Deserialize)]
struct Marker {
    scenario: Scenario,
    /// Written last: without it the world is half laid.
    laid: bool,
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
        let new = is_new(&dir, options.scenario)?;
        if new {
            mark(&dir, options.scenario, false)?;
        }
        let config = Config { throttle_bytes_per_s: options.throttle, ..Config::default() };
        let host = Host::start(&dir, config).await.map_err(SandboxError::Host)?;
        let scenario = options.scenario;
        if new {
            lay(&dir, &host, options).await.map_err(|cause| failed(&dir, cause))?;
            mark(&dir, scenario, true)?;
        }
        Ok(Self { host, workspace: dir.join("workspace"), scenario, _temporary: temporary })
    }

    /// Where the console works.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The situation.
    pub fn scenario(&self) -> Scenario {
        self.scenario
    }

    /// What the console's environment gets on top.
    pub fn variables(&self) -> Vec<(String, String)> {
        vec![(TOKEN_ENV.into(), self.host.token().into())]
    }

    /// The release host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Stops the host and waits until its ports are free; a temporary folder goes.
    pub async fn close(self) {
        self.host.stop().await;
    }
}

fn failed(dir: &Path, cause: io::Error) -> SandboxError {
    SandboxError::Io { dir: dir.into(), cause }
}

/// Whether the folder is still to be laid.
fn is_new(dir: &Path, asked: Scenario) -> Result<bool, SandboxError> {
    match fs::read(dir.join("sandbox.json")) {
        Ok(bytes) => {
            let marker: Marker = serde_json::from_slice(&bytes).map_err(|_| SandboxError::NotAWorld(dir.into()))?;
            if !marker.laid {
                return Err(SandboxError::Unfinished(dir.into()));
            }
            if marker.scenario != asked {
                return Err(SandboxError::OtherScenario { dir: dir.into(), laid: marker.scenario, asked });
            }
            Ok(false)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir).map_err(|cause| failed(dir, cause))?;
            let empty = fs::read_dir(dir).map_err(|cause| failed(dir, cause))?.next().is_none();
            if empty { Ok(true) } else { Err(SandboxError::NotAWorld(dir.into())) }
        }
        Err(cause) => Err(failed(dir, cause)),
    }
}

fn mark(dir: &Path, scenario: Scenario, laid: bool) -> Result<(), SandboxError> {
    let write = || {
        let new = dir.join("sandbox.json.new");
        fs::write(&new, serde_json::to_vec_pretty(&Marker { scenario, laid })?)?;
        fs::rename(new, dir.join("sandbox.json"))
    };
    write().map_err(|cause| failed(dir, cause))
}

async fn lay(dir: &Path, host: &Host, options: Options) -> io::Result<()> {
    let workspace = dir.join("workspace");
    // What the host publishes is made in its own folder and copied from there.
    let making = dir.join("host").join("making");
    let scenario = options.scenario;
    let urls = (host.api_url().to_owned(), host.web_url().to_owned());
    let (inbox, made) = (workspace.join("release_inbox"), making.clone());
    task::spawn_blocking(move || {
        let published = published_files(&made, &options)?;
        lay_workspace(&workspace, &options, &urls, published)
    })
    .await??;
    for release in releases(scenario, &inbox, &making) {
        host.seed_release(release).await?;
    }
    fs::remove_dir_all(making)
}

/// Makes what is published already; gives the fingerprint of the DMG of 1.6.1.43.
fn published_files(making: &Path, options: &Options) -> io::Result<Fingerprint> {
    let small = |bytes: u64| (bytes / PUBLISHED_SHARE).max(samples::MIN_BYTES);
    fs::create_dir_all(making.join("other"))?;
    samples::dmg(&making.join("Update.dmg"), small(options.dmg_bytes), 42)?;
    samples::pkg(&making.join("Nexy.pkg"), small(options.pkg_bytes), 430)?;
    if options.scenario == Scenario::Conflict {
        samples::dmg(&making.join("other/Nexy.dmg"), options.dmg_bytes, 1044)?;
        samples::pkg(&making.join("other/Nexy.pkg"), options.pkg_bytes, 10440)?;
    }
    samples::dmg(&making.join("Nexy.dmg"), small(options.dmg_bytes), 43)
}

fn lay_workspace(
    workspace: &Path,
    options: &Options,
    (api_url, web_url): &(String, String),
    published: Fingerprint,
) -> io::Result<()> {
    let inbox = workspace.join("release_inbox");
    fs::create_dir_all(&inbox)?;
    fs::write(workspace.join("VERSION"), format!("{NEXT}\n"))?;
    fs::write(inbox.join(".gitkeep"), "")?;
    samples::dmg(&inbox.join("Nexy.dmg"), options.dmg_bytes, 44)?;
    samples::pkg(&inbox.join("Nexy.pkg"), options.pkg_bytes, 440)?;
    fs::write(inbox.join("LATEST_CHANGES.md"), samples::notes(&NEXT))?;

    let manifests = workspace.join("server/updates/manifests");
    fs::create_dir_all(&manifests)?;
    let manifest = manifest(web_url, published)?;
    fs::write(manifests.join("manifest.json"), &manifest)?;
    fs::write(manifests.join(format!("manifest_{PUBLISHED}.json")), &manifest)?;

    let settings = include_str!("../../assets/sandbox/release.toml");
    let settings = settings.replace("{api_url}", api_url).replace("{web_url}", web_url);
    fs::write(workspace.join("release.toml"), settings)
}

/// The manifest of what is published (SPEC §8).
fn manifest(web_url: &str, dmg: Fingerprint) -> io::Result<String> {
    let release = format!("{web_url}/{REPO}/releases/download/v{PUBLISHED}");
    let manifest = json!({
        "version": PUBLISHED.to_string(),
        "build": PUBLISHED.to_string(),
        "release_date": "2026-02-19T02:15:29.000000+00:00",
        "artifact": {
            "type": "dmg",
            "url": format!("{release}/Nexy.dmg"),
            "size": dmg.size,
            "sha256": dmg.sha256.to_string(),
            "arch": "universal2",
            "min_os": "11.0",
            "ed25519": "",
        },
        "critical": false,
        "auto_install": true,
        "notes_url": format!("{release}/LATEST_CHANGES.md"),
    });
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

/// What the host has published in this scenario.
fn releases(scenario: Scenario, inbox: &Path, making: &Path) -> Vec<SeedRelease> {
    let release = |version: Version, from: &Path| SeedRelease {
        title: Some(format!("Nexy {version}")),
        body: samples::notes(&version),
        ..SeedRelease::new(REPO, &format!("v{version}"))
            .asset("Nexy.dmg", Source::Path(from.join("Nexy.dmg")))
            .asset("Nexy.pkg", Source::Path(from.join("Nexy.pkg")))
            .asset("LATEST_CHANGES.md", Source::Bytes(samples::notes(&version).into()))
    };
    let update = SeedRelease::new(REPO, "Update").asset("Nexy.dmg", Source::Path(making.join("Update.dmg")));
    let mut releases =
        vec![SeedRelease { age: DAY * 60, ..update }, SeedRelease { age: DAY * 2, ..release(PUBLISHED, making) }];
    match scenario {
        Scenario::FirstRelease => {}
        Scenario::AlreadyPublished => releases.push(release(NEXT, inbox)),
        Scenario::Conflict => releases.push(release(NEXT, &making.join("other"))),
    }
    releases
}
