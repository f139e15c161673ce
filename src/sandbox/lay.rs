//! What lies in a practice world at the beginning: the workspace, and what the host has published.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::task;

use crate::release::fingerprint::Fingerprint;
use crate::release::version::Version;

use super::host::{Host, SeedRelease, Source};
use super::world::Options;
use super::{Scenario, azure, resume, samples};

pub(super) const REPO: &str = "Seregawpn/Nexy_production";
const PUBLISHED: Version = Version::new([1, 6, 1, 43]);
pub(super) const NEXT: Version = Version::new([1, 6, 1, 44]);
pub(super) const DAY: Duration = Duration::from_hours(24);
/// What is published already need not be watched while it moves: it is a small part of the inbox's size.
const PUBLISHED_SHARE: u64 = 16;

/// Lays the world of a scenario.
pub(super) async fn lay(dir: &Path, host: &Host, scenario: Scenario, options: Options) -> io::Result<()> {
    let workspace = dir.join("workspace");
    // What the host publishes is made in its own folder and copied from there.
    let making = dir.join("host").join("making");
    let urls = [host.api_url(), host.web_url(), host.updates_url()].map(str::to_owned);
    let (inbox, made) = (workspace.join("release_inbox"), making.clone());
    let left = task::spawn_blocking(move || {
        let published = published_files(&made, scenario, &options)?;
        let dmg_and_pkg = lay_workspace(&workspace, scenario, &options, &urls, published)?;
        if scenario == Scenario::Resume {
            resume::leave(&workspace, &made, &urls[1], dmg_and_pkg, options.console.is_some())
        } else {
            Ok(Vec::new())
        }
    })
    .await??;
    for release in releases(scenario, &inbox, &making).into_iter().chain(left) {
        host.seed_release(release).await?;
    }
    fs::remove_dir_all(making)
}

/// Makes what is published already; gives the fingerprint of the DMG of 1.6.1.43.
fn published_files(making: &Path, scenario: Scenario, options: &Options) -> io::Result<Fingerprint> {
    let small = |bytes: u64| (bytes / PUBLISHED_SHARE).max(samples::MIN_BYTES);
    fs::create_dir_all(making.join("other"))?;
    samples::dmg(&making.join("Update.dmg"), small(options.dmg_bytes), 42)?;
    samples::pkg(&making.join("Nexy.pkg"), small(options.pkg_bytes), 430)?;
    if scenario == Scenario::Conflict {
        samples::dmg(&making.join("other/Nexy.dmg"), options.dmg_bytes, 1044)?;
        samples::pkg(&making.join("other/Nexy.pkg"), options.pkg_bytes, 10440)?;
    }
    samples::dmg(&making.join("Nexy.dmg"), small(options.dmg_bytes), 43)
}

fn lay_workspace(
    workspace: &Path,
    scenario: Scenario,
    options: &Options,
    [api_url, web_url, updates_url]: &[String; 3],
    published: Fingerprint,
) -> io::Result<[Fingerprint; 2]> {
    let inbox = workspace.join("release_inbox");
    fs::create_dir_all(&inbox)?;
    fs::write(workspace.join("VERSION"), format!("{NEXT}\n"))?;
    fs::write(inbox.join(".gitkeep"), "")?;
    let dmg = samples::dmg(&inbox.join("Nexy.dmg"), options.dmg_bytes, 44)?;
    let pkg = samples::pkg(&inbox.join("Nexy.pkg"), options.pkg_bytes, 440)?;
    fs::write(inbox.join("LATEST_CHANGES.md"), samples::notes(&NEXT))?;

    let manifests = workspace.join("server/updates/manifests");
    fs::create_dir_all(&manifests)?;
    let manifest = manifest(web_url, published)?;
    fs::write(manifests.join("manifest.json"), &manifest)?;
    fs::write(manifests.join(format!("manifest_{PUBLISHED}.json")), &manifest)?;

    let settings = include_str!("../../assets/sandbox/release.toml");
    // Where much stalls, nobody wants to wait for half a minute each time.
    let patience = match scenario {
        Scenario::FlakyNetwork => "idle_timeout_s = 3\nmax_wait_s = 10\n",
        // Nor for a server that will not read it anew of itself.
        Scenario::StaleAppcast => "max_wait_s = 8\n",
        _ => "",
    };
    let vm = match &options.console {
        None => "enabled = false\n".to_owned(),
        Some(console) => {
            // `<dir>/workspace`, and beside it the VM.
            // In the console there should be something to watch; nobody watches a script.
            let takes_ms = if options.throttle.is_some() { 1200 } else { 0 };
            let on_it = azure::Vm { version: PUBLISHED, manifest: &manifest, takes_ms, scenario };
            azure::lay(&workspace.with_file_name("vm"), console, on_it)?
        }
    };
    let settings = settings.replace("{vm}\n", &vm).replace("{patience}\n", patience);
    let settings = settings
        .replace("{api_url}", api_url)
        .replace("{web_url}", web_url)
        // Without a VM the servers have nothing to read.
        .replace("\"{updates_url}/health\"", &served(options, updates_url, "/health"))
        .replace("\"{updates_url}/updates\"", &served(options, updates_url, "/updates"));
    fs::write(workspace.join("release.toml"), settings)?;
    Ok([dmg, pkg])
}

/// The address of a server that reads the VM; empty where there is none.
fn served(options: &Options, root: &str, path: &str) -> String {
    if options.console.is_some() { format!("\"{root}{path}\"") } else { "\"\"".to_owned() }
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
        Scenario::FirstRelease
        | Scenario::Resume
        | Scenario::VmBusy
        | Scenario::KeyMissing
        | Scenario::StaleAppcast
        | Scenario::FlakyNetwork
        | Scenario::Race => {}
        Scenario::AlreadyPublished => releases.push(release(NEXT, inbox)),
        Scenario::Conflict => releases.push(release(NEXT, &making.join("other"))),
    }
    releases
}
