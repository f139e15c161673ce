//! Practice worlds and their samples.

use std::path::Path;

use nexy_release::release::fingerprint::Digest;
use nexy_release::release::version::Version;
use nexy_release::sandbox::{Options, SandboxError, Scenario, World, samples};
use reqwest::header;
use serde_json::{Value, json};

use super::client;

fn options(dir: Option<&Path>, scenario: Scenario) -> Options {
    let (dir, scenario) = (dir.map(Into::into), Some(scenario));
    Options { dir, scenario, dmg_bytes: 1 << 20, pkg_bytes: 300_000, ..Options::default() }
}

#[tokio::test]
async fn worlds_hold_what_their_scenario_says() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.to_string().parse(), Ok(scenario));
        let world = World::open(options(None, scenario)).await.unwrap();
        // What lies there is looked at, not how it is reached.
        world.host().set_faults(Vec::new());
        let root = world.workspace().parent().unwrap().to_owned();
        let inbox = world.workspace().join("release_inbox");
        let dmg = std::fs::read(inbox.join("Nexy.dmg")).unwrap();
        assert_eq!((dmg.len(), &dmg[dmg.len() - 512..][..4]), (1 << 20, &b"koly"[..]));
        let pkg = std::fs::read(inbox.join("Nexy.pkg")).unwrap();
        assert_eq!((pkg.len(), &pkg[..8]), (300_000, &b"xar!\0\x1c\0\x01"[..]));
        let asset = |tag: &str, name: &str| {
            let tagged = world.host().releases().into_iter().filter(|release| release.tag == tag);
            tagged.flat_map(|release| release.assets).find(|asset| asset.name == name)
        };
        let next = asset("v1.6.1.44", "Nexy.dmg").map(|asset| (asset.size, asset.sha256 == Some(Digest::of(&dmg))));
        assert_eq!(
            next,
            match scenario {
                Scenario::FirstRelease
                | Scenario::VmBusy
                | Scenario::KeyMissing
                | Scenario::StaleAppcast
                | Scenario::FlakyNetwork
                | Scenario::Race => None,
                // Of our own draft, whose DMG broke off; the colleague's has none.
                Scenario::Resume => Some((0, false)),
                Scenario::AlreadyPublished => Some((1 << 20, true)),
                Scenario::Conflict => Some((1 << 20, false)),
            }
        );
        let manifest = std::fs::read(world.workspace().join("server/updates/manifests/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let url = manifest["artifact"]["url"].as_str().unwrap();
        let client = client();
        let found = client.get(url).send().await.unwrap();
        let blob = found.headers()[header::LOCATION].to_str().unwrap();
        let bytes = client.get(blob).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(manifest["artifact"]["size"], json!(bytes.len()));
        assert_eq!(manifest["artifact"]["sha256"], json!(Digest::of(&bytes).to_string()));
        assert!(asset("Update", "Nexy.dmg").is_some());
        let settings = std::fs::read_to_string(world.workspace().join("release.toml")).unwrap();
        let settings: toml::Table = settings.parse().unwrap();
        assert_eq!(settings["github"]["api_url"].as_str(), Some(world.host().api_url()));
        let token_env = settings["github"]["token_env"].as_str().unwrap();
        assert_eq!(world.variables(), [(token_env.to_owned(), world.host().token().to_owned())]);
        world.close().await;
        assert!(!root.exists());
    }
}

#[tokio::test]
async fn a_world_is_laid_once() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("world");
    let world = World::open(options(Some(&at), Scenario::FirstRelease)).await.unwrap();
    let version = world.workspace().join("VERSION");
    let api = world.host().api_url().to_owned();
    world.close().await;
    std::fs::write(&version, "9.9.9.9\n").unwrap();
    let world = World::open(options(Some(&at), Scenario::FirstRelease)).await.unwrap();
    assert_eq!(std::fs::read_to_string(&version).unwrap(), "9.9.9.9\n");
    assert_eq!(world.host().api_url(), api);
    assert_eq!(world.host().releases().len(), 2);
    world.close().await;
    let other = World::open(options(Some(&at), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(other, SandboxError::OtherScenario { .. }), "{other}");
    let foreign = World::open(options(Some(dir.path()), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(foreign, SandboxError::NotAWorld(_)), "{foreign}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written there");
    std::fs::write(at.join("sandbox.json"), r#"{"scenario":"conflict","laid":false}"#).unwrap();
    let half = World::open(options(Some(&at), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(half, SandboxError::Unfinished(_)), "{half}");
}

#[test]
fn samples_are_the_same_every_time() {
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, seed| samples::dmg(&dir.path().join(name), 100_001, seed).unwrap();
    let (one, same, other) = (make("a", 1), make("b", 1), make("c", 2));
    assert_eq!((one, one.size), (same, 100_001));
    assert_ne!(one.sha256, other.sha256);
    assert_eq!(one.sha256, Digest::of(std::fs::read(dir.path().join("a")).unwrap()));
    assert!(samples::dmg(&dir.path().join("a"), 100_001, 1).is_err(), "nothing is written over");
    assert!(samples::notes(&Version::new([1, 2, 3, 4])).contains("Цикл версии: 1.2.3.4\n"));
}
