//! What the values must be together, once each is right by itself.

use std::collections::BTreeSet;

use super::address::{is_github, is_loopback, web_address};
use super::hosts::HostPattern;
use super::model::Settings;
use super::place::Origins;
use super::wrong::Wrong;
use crate::release::artifact::Kind;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::version::Version;

/// Collects failures by key.
struct Findings<'a> {
    origins: &'a Origins,
    failures: Vec<Failure>,
}

impl Findings<'_> {
    fn add(&mut self, key: &str, is: &str, expected: &str, fix: &str) {
        let wrong = Wrong::new(is, expected, fix);
        self.failures.push(wrong.at(Code::SettingsValue, &self.origins.of(key), key));
    }

    /// The second of two equal names in a list.
    fn unique<'a>(&mut self, names: impl Iterator<Item = &'a str>, key: impl Fn(usize) -> String, expected: &str) {
        let mut seen = BTreeSet::new();
        for (at, name) in names.enumerate() {
            if !seen.insert(name.to_ascii_lowercase()) {
                self.add(&key(at), "is there already", expected, "remove one of the two, or rename it");
            }
        }
    }
}

/// A failure for each contradiction.
pub(super) fn check(settings: &Settings, origins: &Origins) -> Vec<Failure> {
    let mut found = Findings { origins, failures: Vec::new() };
    assets(settings, &mut found);
    hosts(settings, &mut found);
    manifests(settings, &mut found);
    programs(settings, &mut found);
    channels(settings, &mut found);
    for (at, point) in settings.version.points.iter().enumerate() {
        if let Err((part, wrong)) = point.place() {
            let key = format!("version.point[{at}].{part}");
            found.failures.push(wrong.at(Code::SettingsValue, &origins.of(&key), &key));
        }
    }
    found.failures
}

fn assets(settings: &Settings, found: &mut Findings) {
    let assets = &settings.release.assets;
    let names = assets.iter().map(|asset| asset.name.as_str());
    found.unique(names, |at| format!("release.asset[{at}].name"), "unique names; GitHub does not look at case");
    if !assets.iter().any(|asset| matches!(asset.kind, Kind::Dmg | Kind::Pkg)) {
        let fix = r#"add an entry with kind = "dmg" or kind = "pkg""#;
        found.add("release.asset", "has neither a dmg nor a pkg", "something that clients install", fix);
    }
    let notes = assets.iter().enumerate().filter(|(_, asset)| asset.kind == Kind::Notes);
    for (at, _) in notes.skip(1) {
        let key = format!("release.asset[{at}].kind");
        found.add(
            &key,
            "is a second notes file",
            "one at most: it becomes the release's text",
            r#"write kind = "file""#,
        );
    }
    let pointed = assets.iter().enumerate().filter(|(_, asset)| asset.manifest);
    for (nth, (at, asset)) in pointed.enumerate() {
        let key = format!("release.asset[{at}].manifest");
        if nth > 0 {
            found.add(
                &key,
                "is a second one",
                "one asset at most that the manifest points at",
                "write manifest = false",
            );
        } else if asset.kind != Kind::Dmg {
            let fix = "move manifest = true to the entry of the dmg";
            found.add(&key, "is true on another kind than dmg", "clients update from a dmg", fix);
        }
    }
}

/// Who may see a token is decided here and not by a redirect (facts/TRUST.md row 10).
fn hosts(settings: &Settings, found: &mut Findings) {
    let github = &settings.github;
    let local = github.is_loopback();
    let with_api = "a loopback host only together with a loopback github.api_url";
    if !local && github.web_url.is_loopback() {
        let fix = "write the public address: clients download from it";
        found.add("github.web_url", "is a loopback host", with_api, fix);
    }
    for (list, patterns) in [("upload_hosts", &github.upload_hosts), ("download_hosts", &github.download_hosts)] {
        for (at, _) in patterns.iter().enumerate().filter(|(_, pattern)| !local && pattern.is_loopback()) {
            found.add(&format!("github.{list}[{at}]"), "is a loopback host", with_api, "remove it");
        }
    }
    let foreign = |pattern: &HostPattern| !pattern.is_github() && !pattern.is_loopback();
    let mut others: Vec<String> = Vec::new();
    if !local && !github.api().host_str().is_some_and(is_github) {
        others.push("github.api_url".to_owned());
    }
    let uploads = github.upload_hosts.iter().enumerate().filter(|(_, pattern)| foreign(pattern));
    others.extend(uploads.map(|(at, _)| format!("github.upload_hosts[{at}]")));
    match github.token_env.as_deref() {
        None => {
            for key in others {
                let expected = "a host of github.com or loopback; any other needs github.token_env, a token of its own";
                let fix = "set github.token_env to the name of the variable that holds that host's token";
                found.add(&key, "is another host", expected, fix);
            }
        }
        Some("GH_TOKEN" | "GITHUB_TOKEN") if !others.is_empty() => {
            let expected = "another variable: GH_TOKEN and GITHUB_TOKEN go to github.com and loopback only";
            found.add(
                "github.token_env",
                "would send GitHub's token elsewhere",
                expected,
                "name a variable of its own",
            );
        }
        Some(_) => {}
    }
}

fn manifests(settings: &Settings, found: &mut Findings) {
    let paths = &settings.manifest.paths;
    if paths.is_empty() {
        let fix = r#"write the canonical one, e.g. ["server/updates/manifests/manifest.json"]"#;
        found.add("manifest.paths", "is empty", "at least one path", fix);
    }
    let names = paths.iter().map(String::as_str);
    found.unique(names, |at| format!("manifest.paths[{at}]"), "different paths, also without regard to case");
    // Any version will do: what is looked at is the address around it.
    let github = &settings.github;
    let notes = settings.notes_url(&Version::new([1, 0, 0, 0]));
    match notes.as_deref().map(web_address) {
        Some(Err(wrong)) => found.add("manifest.notes_url", &wrong.is, &wrong.expected, &wrong.fix),
        Some(Ok(url)) if is_loopback(&url) && !github.is_loopback() && !github.web_url.is_loopback() => {
            let expected = "a loopback host only together with a loopback github.api_url";
            found.add("manifest.notes_url", "is a loopback host", expected, "write the public address");
        }
        _ => {}
    }
    if settings.git.push_manifest && !settings.git.commit_manifest {
        let fix = "set git.commit_manifest = true, or git.push_manifest = false";
        found.add("git.push_manifest", "is true without a commit", "git.commit_manifest = true", fix);
    }
}

fn programs(settings: &Settings, found: &mut Findings) {
    let command = &settings.signing.command;
    if !command.is_empty() && !command.iter().skip(1).any(|word| word.contains("{file}")) {
        let fix = r#"add "{file}" where the program expects the dmg"#;
        found.add("signing.command", "does not name the file", "{file} among the arguments", fix);
    }
    sources(settings, found);
    let vm = &settings.vm;
    if vm.enabled && vm.program.is_empty() {
        found.add("vm.program", "is empty", "the Azure CLI", r#"write ["az"], or set vm.enabled = false"#);
    }
    if vm.push_manifest && vm.manifests.is_empty() {
        let fix = "name them, or set vm.push_manifest = false";
        found.add("vm.manifests", "is empty", "at least one while vm.push_manifest is true", fix);
    }
    for path in &vm.manifests {
        let kept = |own: &str| path.trim_start_matches("./") == own;
        let is_json = std::path::Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        if !is_json || kept("VERSION") || vm.env_files.iter().any(|file| kept(file)) {
            let fix = r#"name JSON files of the update server, e.g. ["server/updates/manifests/manifest.json"]"#;
            found.add("vm.manifests", "names a file that is no manifest", "paths that end in .json", fix);
        }
    }
    if settings.database.enabled && settings.database.url_env.is_none() {
        let fix = "name it, or set database.enabled = false";
        found.add("database.url_env", "is empty", "the variable that holds the database's URL", fix);
    }
}

/// One signature comes from one place, and is of no use where nobody expects it.
fn sources(settings: &Settings, found: &mut Findings) {
    let signing = &settings.signing;
    let sources = [
        ("signing.command", !signing.command.is_empty()),
        ("signing.key_env", signing.key_env.is_some()),
        ("signing.key_file", signing.key_file.is_some()),
    ];
    for (nth, (key, _)) in sources.into_iter().filter(|(_, on)| *on).enumerate() {
        if nth > 0 {
            let expected = "one of signing.command, signing.key_env and signing.key_file";
            found.add(key, "is a second source of the signature", expected, "remove all but one");
        } else if signing.public_key.is_none() {
            let fix = "set signing.public_key to the key that clients have, or remove this line";
            found.add(key, "is set without a public key", "signing.public_key", fix);
        }
    }
}

fn channels(settings: &Settings, found: &mut Findings) {
    let channels = &settings.legacy.channels;
    let tags = channels.iter().map(|channel| channel.tag.as_str());
    found.unique(tags, |at| format!("legacy.channels[{at}].tag"), "a tag for each channel");
    for (at, channel) in channels.iter().enumerate() {
        if settings.release.tag.version_of(&channel.tag).is_some() {
            let key = format!("legacy.channels[{at}].tag");
            found.add(
                &key,
                "is a version's tag",
                "a tag that is no version: published bytes stay",
                "write e.g. Update",
            );
        }
        if !settings.release.assets.iter().any(|asset| asset.name == channel.asset) {
            let key = format!("legacy.channels[{at}].asset");
            found.add(&key, "is no asset of the release", "a name from [[release.asset]]", "write such a name");
        }
    }
}
