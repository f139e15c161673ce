//! `version check` and `read`: every place, and which of them says something else.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use serde_json::{Value, json};

use super::support::eventually;
use super::tree::Tree;

/// The lines that are wrong, of the whole report.
fn wrong(tree: &Tree) -> Vec<(String, Value, String, String)> {
    let ran = tree.run(&["check", "--output", "json"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let survey = Tree::report(&ran, "version");
    let points = survey["points"].as_array().unwrap().iter().filter(|point| point["state"] != "aligned");
    let row = |p: &Value| (text(&p["file"]), p["line"].clone(), text(&p["found"]), text(&p["state"]));
    points.map(row).collect()
}

#[test]
fn check_finds_every_kind_of_drift_and_nothing_else() {
    let tree = Tree::new();
    assert_eq!(wrong(&tree), []);
    let ran = tree.run(&["check"]).expect_code(0);
    assert!(!ran.stdout.contains("updater"), "a module without a version: {}", ran.stdout);

    tree.change("server/config.env.example", "SERVER_BUILD=1.6.1.43", "SERVER_BUILD=1.6.1.42");
    tree.change("client/packaging/distribution.xml", "version=\"1.6.1.43\">", "version=\"1.6.1.41\">");
    tree.change("client/modules/hardware_id/macos/info/Info.plist", "<string>1.6.1.43", "<string>v1.6.1.43");
    tree.change("client/RELEASE_CHECKLIST.md", "**Версия:** 1.6.1.43", "**Версия:** soon");
    tree.change("client/integration/workflows/__init__.py", "1.6.1.43", "1.6.1");
    fs::remove_file(tree.path("client/config/README.md")).unwrap();
    // Decoys and prose.
    tree.change("server/config/unified_config.yaml", "9.9.9.9", "9.9.9.8");
    tree.change("server/Docs/RELEASE_AND_UPDATE_GUIDE.md", "v1.6.1.40", "v1.6.1.39");
    tree.change("client/modules/updater/__init__.py", "(fixture)", "(1.2.3.4)");
    let before = tree.files();
    let row =
        |file: &str, line: Value, found: &str, state: &str| (file.to_owned(), line, found.to_owned(), state.to_owned());
    assert_eq!(
        wrong(&tree),
        [
            row("server/config.env.example", json!(6), "1.6.1.42", "drifted"),
            row("client/packaging/distribution.xml", json!(10), "1.6.1.41", "drifted"),
            row("client/modules/hardware_id/macos/info/Info.plist", json!(8), "v1.6.1.43", "malformed"),
            row("client/integration/workflows/__init__.py", json!(2), "1.6.1", "malformed"),
            row("client/RELEASE_CHECKLIST.md", Value::Null, "", "absent"),
            row("client/config/README.md", Value::Null, "", "missing"),
        ]
    );
    let ran = tree.run(&["check"]).expect_code(7);
    ran.expect_error("NX-VERSION-04");
    for expected in ["server/config.env.example:6", "1.6.1.42, expected 1.6.1.43"] {
        assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    }
    assert!(
        ran.stderr.contains("and 4 more") && ran.stderr.contains("nexy-release version set 1.6.1.43"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("passed over: client/config/README.md"), "{}", ran.stderr);

    // What is not found keeps all of it from being set.
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
    ran.expect_error("NX-VERSION-05");
    assert!(ran.stderr.contains("and 2 more"), "{}", ran.stderr);
    assert_eq!(tree.files(), before);
    assert_eq!(before.len(), tree.files().len());
}

#[test]
fn the_settings_name_the_places() {
    let tree = Tree::new();
    tree.write("a b[1].txt", "v9.9.9.9\nrelease 1.6.1.43!\n");
    tree.write(
        "release.toml",
        "[[version.point]]\nfile = 'a b[1].txt'\nformat = 'regex'\npattern = '^release {version}!$'\n\
         [[version.point]]\nfile = 'client/*/VERSION_INFO.json'\nformat = 'json'\nkey = 'version'\n",
    );
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert!(ran.stdout.contains("1.6.1.44 is set in 3 files"), "VERSION as well: {}", ran.stdout);
    assert_eq!(tree.read("a b[1].txt"), "v9.9.9.9\nrelease 1.6.1.44!\n");
    tree.run(&["check"]).expect_code(0);
}

#[test]
fn read_shows_what_every_place_says() {
    let tree = Tree::new();
    tree.change("client/client/VERSION_INFO.json", "1.6.1.43", "1.6.1.42");
    let ran = tree.run(&["read"]).expect_code(0);
    assert_eq!((ran.count("Current Version: 1.6.1.43"), ran.count("  aligned ")), (1, 31));
    assert_eq!(tree.run(&["read", "-q"]).expect_code(0).count("Current Version: 1.6.1.43"), 1);
    let ran = tree.run(&["read", "--output", "json"]).expect_code(0);
    let survey = Tree::report(&ran, "version");
    assert_eq!((&survey["version"], survey["points"].as_array().unwrap().len()), (&json!("1.6.1.43"), 32));
    let drifted = json!({ "file": "client/client/VERSION_INFO.json", "format": "json", "at": "version", "line": 2,
        "found": "1.6.1.42", "expected": "1.6.1.43", "state": "drifted" });
    assert!(survey["points"].as_array().unwrap().contains(&drifted), "{survey:#}");
}

#[test]
fn the_first_place_of_a_key_decides_and_what_stands_below_is_never_taken_for_it() {
    const YAML: &str = "server/config/unified_config.yaml";
    for value in ["latest", "3", "\"3.8\"", "${VERSION}", "\"\"", ""] {
        let tree = Tree::new();
        tree.change(YAML, "  version: 1.6.1.43", &format!("  version: {value}"));
        let before = tree.files();
        let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
        ran.expect_error("NX-VERSION-05");
        assert!(
            ran.stderr.contains(&format!("{YAML}:")) && ran.stderr.contains("(version)"),
            "{value}\n{}",
            ran.stderr
        );
        assert_eq!(tree.files(), before);
        let ran = tree.run(&["check"]).expect_code(7);
        assert!(!ran.stdout.contains("9.9.9.9"), "{value}: the decoy\n{}", ran.stdout);
    }
    let tree = Tree::new();
    tree.change("server/config.env.example", "SERVER_BUILD=1.6.1.43", "SERVER_BUILD=latest\nSERVER_BUILD=1.6.1.40");
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
    assert!(ran.stderr.contains("server/config.env.example:6 (SERVER_BUILD) says latest"), "{}", ran.stderr);
}

#[test]
fn links_to_folders_are_not_followed_when_files_are_looked_for() {
    let tree = Tree::new();
    let rows = wrong(&tree);
    // Each of them leads back to where it is: followed, there is no end of names.
    for number in 0..12 {
        symlink(tree.path("client/modules"), tree.path(&format!("client/modules/again{number}"))).unwrap();
        symlink(tree.path("client"), tree.path(&format!("client/integration/up{number}"))).unwrap();
    }
    let mut child = tree.command(&["check"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("the end of the look", || child.try_wait().unwrap())
    }));
    if ended.is_err() {
        child.kill().unwrap();
    }
    assert_eq!(ended.unwrap().code(), Some(0));
    assert_eq!(wrong(&tree), rows);
    tree.run(&["set", "1.6.1.44"]).expect_code(0);
}
