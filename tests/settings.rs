//! Settings through the library's public face: defaults, overrides and origins, refusals with their place.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the report")]

use std::path::Path;

use nexy_release::release::artifact::Kind;
use nexy_release::release::failure::Failure;
use nexy_release::release::version::Version;
use nexy_release::settings::{
    Answers, DEFAULTS, Detected, Environment, Loaded, Occurrence, PointFormat, Repo, load, show, starter_file,
};
use tempfile::TempDir;
use url::Url;

#[path = "settings/refusals.rs"]
mod refusals;

fn workspace(text: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("release.toml"), text).unwrap();
    dir
}

fn loaded(text: &str) -> Loaded {
    load(workspace(text).path(), &Environment::default()).unwrap_or_else(|f| panic!("{text}\n{f}: {}", f.why))
}

fn defaults() -> Loaded {
    load(tempfile::tempdir().unwrap().path(), &Environment::default()).unwrap()
}

fn with(name: &str, value: &str) -> Result<Loaded, Failure> {
    load(tempfile::tempdir().unwrap().path(), &Environment::default().with(name, value))
}

#[test]
fn row_10_only_listed_hosts_see_the_token_or_serve_bytes() {
    let github = defaults().settings.github;
    let at = |text: &str| Url::parse(text).unwrap();
    assert!(github.may_receive_token(&at("https://api.github.com/repos")));
    assert!(github.may_receive_token(&at("https://uploads.github.com/x")));
    for text in [
        "http://api.github.com/",
        "https://github.com/",
        "https://objects.githubusercontent.com/",
        "https://u@api.github.com/",
        "https://uploads.github.com:444/",
        "http://127.0.0.1/",
    ] {
        assert!(!github.may_receive_token(&at(text)), "{text}");
    }
    for text in
        ["https://github.com/x", "https://objects.githubusercontent.com/x", "https://a.b.githubusercontent.com/"]
    {
        assert!(github.may_serve_bytes(&at(text)), "{text}");
    }
    for text in [
        "https://githubusercontent.com/",
        "https://evilgithubusercontent.com/",
        "http://127.0.0.1:1/",
        "http://github.com/",
    ] {
        assert!(!github.may_serve_bytes(&at(text)), "{text}");
    }
    let local =
        loaded("[github]\napi_url = \"http://127.0.0.1:8080/\"\nweb_url = \"http://localhost:1\"\n").settings.github;
    assert!(local.is_loopback() && local.may_serve_bytes(&at("http://[::1]:9/x")));
    assert!(local.may_receive_token(&at("http://127.0.0.2:9/x")));
    assert!(!local.may_receive_token(&at("https://evil.example/")));
    assert_eq!(local.api_url.as_str(), "http://127.0.0.1:8080");
}

#[test]
fn variables_override_the_file_and_origins_tell() {
    let dir =
        workspace("[release]\nrepo = \"a/b\"\ntitle = \"T\"\n[[release.asset]]\nname = \"x.dmg\"\nkind = \"dmg\"\n");
    let env = Environment::default()
        .with("NEXY_RELEASE__RELEASE__REPO", "c/d")
        .with("NEXY_RELEASE__GITHUB__MAX_WAIT_S", "7")
        .with("NEXY_RELEASE__VM__ENABLED", "false")
        .with("NEXY_RELEASE__MANIFEST__PATHS", r#"["a.json", "b.json"]"#)
        .with("NEXY_RELEASE__GIT__REMOTE", "")
        .with("NEXY_RELEASE__KEYS__QUIT", "x")
        .with("GH_TOKEN", "canary");
    let loaded = load(dir.path(), &env).unwrap();
    let s = &loaded.settings;
    assert_eq!((s.release.repo.as_str(), s.release.repo.owner(), s.release.repo.name()), ("c/d", "c", "d"));
    assert_eq!((s.github.max_wait_s, s.vm.enabled, s.manifest.paths.len()), (7, false, 2));
    assert_eq!((s.release.assets.len(), s.release.assets[0].manifest, s.keys["quit"].as_str()), (1, false, "x"));
    assert_eq!(loaded.file.as_deref(), Some(dir.path().join("release.toml").as_path()));
    let of = |key: &str| loaded.origins.of(key).to_string();
    assert_eq!(of("release.repo"), "NEXY_RELEASE__RELEASE__REPO");
    assert_eq!(of("release.title"), "release.toml:3:9");
    assert_eq!(of("release.asset[0].name"), "release.toml:5:8");
    assert_eq!(of("release.tag"), "default");
    assert!(!format!("{env:?}").contains("canary") && format!("{env:?}").contains("GH_TOKEN"));
    assert_eq!(env.get("GH_TOKEN"), Some("canary"));

    // Without a file the variables still apply, and the workspace stays READ-ONLY.
    let bare = with("NEXY_RELEASE__RELEASE__TITLE", "N {version}").unwrap();
    assert_eq!((bare.file, bare.settings.release.title.as_str()), (None, "N {version}"));
    // A variable that replaces a list replaces its places too, also of keys that its entries no longer have.
    let dir = workspace("[[version.point]]\nfile = \"VERSION\"\nformat = \"env\"\nkey = \"V\"\n");
    let name = "NEXY_RELEASE__VERSION__POINT";
    let env = Environment::default().with(name, r#"[{file = "VERSION", format = "env"}]"#);
    let failure = load(dir.path(), &env).unwrap_err();
    assert!(failure.what.as_str().starts_with(name), "{failure:#?}");
    let env = Environment::default().with("NEXY_RELEASE__RELEASE__ASSET", "[{name = \"a b\", kind = \"dmg\"}]");
    let failure = load(dir.path(), &env).unwrap_err();
    assert!(failure.what.as_str().starts_with("NEXY_RELEASE__RELEASE__ASSET: "), "{failure:#?}");
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let Loaded { settings: s, file, .. } = defaults();
    let version: Version = "1.6.1.44".parse().unwrap();
    assert_eq!((file, s.config_version), (None, 1));
    assert_eq!(
        (s.release.repo.as_str(), s.release.tag.tag(&version)),
        ("Seregawpn/Nexy_production", "v1.6.1.44".into())
    );
    assert_eq!((s.release.title(&version).as_str(), s.release.inbox.as_str()), ("Nexy 1.6.1.44", "release_inbox"));
    let assets: Vec<_> = s.release.assets.iter().map(|a| (a.name.as_str(), a.kind, a.manifest, a.required)).collect();
    assert_eq!(
        assets,
        [
            ("Nexy.dmg", Kind::Dmg, true, false),
            ("Nexy.pkg", Kind::Pkg, false, false),
            ("LATEST_CHANGES.md", Kind::Notes, false, true)
        ]
    );
    assert_eq!(s.release.manifest_asset().unwrap().name, "Nexy.dmg");
    assert_eq!(
        (s.github.api_url.as_str(), s.github.web_url.as_str()),
        ("https://api.github.com", "https://github.com")
    );
    assert_eq!((s.github.upload_hosts[0].to_string(), s.github.upload_hosts.len()), ("uploads.github.com".into(), 1));
    assert_eq!(
        (s.github.download_hosts[0].to_string(), s.github.download_hosts.len()),
        ("*.githubusercontent.com".into(), 1)
    );
    assert_eq!((&s.github.token_env, s.github.idle_timeout_s, s.github.max_wait_s), (&None, 30, 120));
    assert_eq!(s.manifest.paths, ["server/updates/manifests/manifest.json"]);
    assert!(s.manifest.versioned_copy);
    assert_eq!((s.manifest.arch.as_str(), s.manifest.min_os.as_str()), ("universal2", "11.0"));
    let base = "https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.44";
    assert_eq!(s.notes_url(&version), Some(format!("{base}/LATEST_CHANGES.md")));
    assert_eq!(s.asset_url(&version, "Nexy.dmg"), format!("{base}/Nexy.dmg"));
    assert_eq!((&s.signing.public_key, s.signing.command.len()), (&None, 0));
    assert_eq!((s.git.commit_manifest, s.git.push_manifest, &s.git.remote), (false, false, &None));
    assert_eq!(s.git.expected_repo.as_str(), "Seregawpn/Nexy_server");
    assert_eq!(
        (s.vm.enabled, s.vm.program.as_slice(), &s.vm.subscription),
        (true, ["az".to_owned()].as_slice(), &None)
    );
    assert_eq!((s.vm.resource_group.as_str(), s.vm.name.as_str()), ("NetworkWatcherRG", "Nexy"));
    assert_eq!(
        (s.vm.app_dir.as_str(), s.vm.env_files),
        ("/home/azureuser/voice-assistant", vec!["config.env".to_owned()])
    );
    assert_eq!(s.vm.manifests, ["server/updates/manifests/manifest.json"]);
    assert_eq!((s.vm.push_manifest, s.vm.service.as_str()), (false, "voice-assistant.service"));
    assert_eq!((s.vm.busy_wait_s, s.vm.busy_retries), (45, 1));
    let server = "https://nexy-server.canadacentral.cloudapp.azure.com";
    assert_eq!(s.updates.health_url.unwrap().as_str(), format!("{server}/health"));
    assert_eq!(s.updates.updates_url.unwrap().as_str(), format!("{server}/updates"));
    assert_eq!((s.database.enabled, s.database.url_env.as_deref()), (false, Some("NEXY_DATABASE_URL")));
    assert_eq!(s.database.backup_dir, Path::new("server/backups/postgres"));
    assert_eq!((s.database.backup_max_age_h, s.database.drill_max_age_days), (24, 7));
    assert!(s.keys.is_empty() && s.legacy.channels.is_empty());

    let point = |file: &str, key: &str| {
        let is = |p: &&nexy_release::settings::VersionPoint| p.file == file && p.key.as_deref().unwrap_or("") == key;
        s.version.points.iter().find(is).map_or_else(|| panic!("{file} {key}"), |p| (p.format, p.occurrence))
    };
    assert_eq!(point("VERSION", ""), (PointFormat::Text, Occurrence::First));
    assert_eq!(point("server/config/unified_config.yaml", "default_build"), (PointFormat::Yaml, Occurrence::All));
    assert_eq!(point("server/config/unified_config.yaml", "build"), (PointFormat::Yaml, Occurrence::First));
    let files: std::collections::BTreeSet<_> = s.version.points.iter().map(|p| p.file.as_str()).collect();
    assert_eq!((files.len(), s.version.points.len()), (17, 23));
}

#[test]
fn every_default_is_explained_where_it_stands() {
    let lines: Vec<_> = DEFAULTS.lines().collect();
    let is_setting = |line: &str| !line.is_empty() && !line.starts_with('#');
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_setting(line)) {
        // An entry's keys are explained above the first entry of its list.
        let inside_entry = lines[..at].iter().rev().find(|l| l.starts_with('[')).is_some_and(|l| l.starts_with("[["));
        let first = lines[..at].iter().all(|before| before != line);
        let explained = lines[at - 1].starts_with("# ");
        assert!(
            explained || (line.starts_with("[[") && !first) || (inside_entry && !line.starts_with("[[")),
            "line {}: {line}",
            at + 1
        );
    }
    for field in ["name", "kind", "manifest", "required", "file", "format", "key", "pattern", "occurrence"] {
        assert!(lines.iter().any(|line| line.starts_with(&format!("# {field} "))), "{field}");
    }
}

#[test]
fn show_lists_every_setting_in_the_order_of_the_reference() {
    let shown = show(&loaded("[vm]\nname = \"Other\"\n"));
    let keys: Vec<_> = shown.iter().map(|s| s.key.as_str()).collect();
    assert_eq!(keys[..4], ["config_version", "release.repo", "release.tag", "release.title"]);
    assert_eq!((keys.len(), keys[5], keys[keys.len() - 1]), (49, "release.asset", "version.point"));
    let name = shown.iter().find(|s| s.key == "vm.name").unwrap();
    assert_eq!(
        serde_json::to_string(name).unwrap(),
        r#"{"key":"vm.name","value":"\"Other\"","origin":"release.toml:2:8"}"#
    );
    assert_eq!(shown[1].origin, "default");
}

#[test]
fn a_starter_file_loads_and_holds_the_answers_alone() {
    let plain = loaded(&starter_file(&Answers::default()));
    assert_eq!(plain.settings, defaults().settings);
    assert_eq!(show(&plain).iter().filter(|s| s.origin != "default").count(), 2, "config_version and [keys]");

    let remotes = [
        ("up", "https://gitlab.com/a/b"),
        ("fork", "git@github.com:me/Nexy.git"),
        ("origin", "https://github.com/You/Srv.git"),
    ];
    let remotes = remotes.map(|(name, url)| (name.to_owned(), url.to_owned())).to_vec();
    let suggested = Answers::suggested(&Detected { remotes, gh: true, az: false });
    let answers = Answers {
        repo: Some(Repo::parse("me/out").unwrap()),
        push_manifest: Some(true),
        database_enabled: Some(true),
        ..suggested
    };
    let text = starter_file(&answers);
    let s = loaded(&text).settings;
    assert_eq!((s.release.repo.as_str(), s.git.expected_repo.as_str()), ("me/out", "You/Srv"));
    assert_eq!(
        (s.git.commit_manifest, s.git.push_manifest, s.vm.enabled, s.database.enabled),
        (true, true, false, true)
    );
    assert!(text.contains("\n#tag = \"v{version}\"\n") && text.contains("\n#[[release.asset]]\n"), "{text}");
    // Every commented default can be taken back by removing its `#`.
    let uncommented = text.lines().map(|l| if l.starts_with("# ") { l } else { l.trim_start_matches('#') });
    let back = uncommented.collect::<Vec<_>>().join("\n");
    assert_eq!(loaded(&back).settings, s);
}
