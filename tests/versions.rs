//! `version read`, `set` and `check` on the tree of facts/NEXY.md "Version points": SPEC S3, §5.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nexy_release::release::fingerprint::Digest;
use serde_json::{Value, json};
use support::terminal::Terminal;
use support::{MANIFEST, Practice, Ran};

const INTENT: &str = ".nexy-release/intent.json";

/// A copy of the tree, and the binary on it.
struct Tree {
    folder: tempfile::TempDir,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/workspace/.");
        let copied = Command::new("cp").arg("-R").arg(fixture).arg(folder.path()).status().unwrap();
        assert!(copied.success());
        let tree = Self { folder };
        tree.write("release.toml", "config_version = 1\n");
        tree
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(relative), content).unwrap();
    }

    fn change(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "no `{from}` in {relative}");
        self.write(relative, text.replacen(from, to, 1));
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.arg("version").args(args).arg("--workspace").arg(self.folder.path());
        command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Every file but those of the state folder.
    fn files(&self) -> Files {
        fn walk(root: &Path, folder: &Path, found: &mut Files) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, fs::read(&path).unwrap_or_default());
                }
            }
        }
        let mut found = Files::new();
        walk(self.folder.path(), self.folder.path(), &mut found);
        found.retain(|name, _| !name.starts_with(".nexy-release/"));
        found
    }

    /// The data of the report of this kind.
    fn report(ran: &Ran, kind: &str) -> Value {
        let events = ran.events();
        events.into_iter().find(|event| event["kind"] == kind).unwrap()["data"].take()
    }
}

/// What the bytes are when every four numbers of the present version become the next: in these files, nothing else is.
fn by_hand(before: &Files) -> Files {
    let set = |(name, bytes): (&String, &Vec<u8>)| {
        let text = String::from_utf8_lossy(bytes);
        let stays = name.starts_with("release_inbox/") || name == "client/Docs/LATEST_CHANGES.md";
        let lines = text.split_inclusive('\n').map(|line| {
            if stays || line.contains("/releases/download/") {
                line.to_owned()
            } else {
                line.replace("1.6.1.43", "1.6.1.44")
            }
        });
        (name.clone(), if stays { bytes.clone() } else { lines.collect::<String>().into_bytes() })
    };
    before.iter().map(set).collect()
}

#[test]
fn a_bump_changes_exactly_the_23_files_and_the_second_one_none() {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert!(ran.stdout.contains("5 - SERVER_VERSION=1.6.1.43\n       5 + SERVER_VERSION=1.6.1.44"), "{}", ran.stdout);
    assert!(ran.stderr.contains("manifest.json is pending"), "{}", ran.stderr);
    let after = tree.files();
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert_eq!(before.iter().filter(|(name, bytes)| after[*name] != **bytes).count(), 23);
    assert_eq!(after, by_hand(&before));

    let journal = tree.read(".nexy-release/journal.jsonl");
    let entry: Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
    assert_eq!((&entry["command"], &entry["version"]), (&"version set".into(), &"1.6.1.44".into()));
    assert_eq!(entry["manifest"].as_array().unwrap().len(), 23);
    let touched = |tree: &Tree| fs::metadata(tree.path("VERSION")).unwrap().modified().unwrap();
    let at = touched(&tree);
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert_eq!((ran.count("  No change"), tree.files(), touched(&tree)), (1, after, at));
    assert_eq!(tree.read(".nexy-release/journal.jsonl"), journal);
    tree.run(&["check"]).expect_code(0);
    // And back: that is asked about on a terminal only.
    let ran = tree.run(&["set", "1.6.1.43"]).expect_code(0);
    assert!(ran.stderr.contains("WARNING: 1.6.1.43 is lower than 1.6.1.44"), "{}", ran.stderr);
    assert_eq!(tree.files(), before);
    assert!(tree.run(&["set", "1.6.9.43", "--yes"]).expect_code(0).stderr.contains("unusual jump"));
}

#[test]
fn a_dry_run_shows_the_same_lines_and_writes_nothing() {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run", "--output", "json"]).expect_code(0);
    let proposal = Tree::report(&ran, "version-set");
    let files = proposal["files"].as_array().unwrap();
    assert_eq!((files.len(), files[22]["path"].as_str()), (23, Some("VERSION")), "VERSION goes last");
    assert_eq!(files[22]["lines"], json!([{ "line": 1, "before": "1.6.1.43", "after": "1.6.1.44" }]));
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
    assert_eq!((ran.count("[dry-run] would set 1.6.1.44 in "), ran.count("DRY RUN COMPLETE")), (23, 1));
    assert_eq!(tree.files(), before);
    assert!(!tree.path(".nexy-release").exists());
}

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
fn a_place_that_is_not_found_stops_it_before_the_first_byte_and_is_named() {
    for (file, from, to, named) in [
        (
            "client/RELEASE_CHECKLIST.md",
            "**Версия:**",
            "**Version:**",
            r"client/RELEASE_CHECKLIST.md (\*\*Версия:\*\* {version}): nothing there matches",
        ),
        (
            "client/client/VERSION_INFO.json",
            "\"version\"",
            "\"v\"",
            "client/client/VERSION_INFO.json (version): nothing there matches",
        ),
        ("client/client/VERSION_INFO.json", "{", "", "VERSION_INFO.json (version): it is no JSON"),
        (
            "server/config/unified_config.yaml",
            "grpc:",
            "grpc: [",
            "unified_config.yaml (default_version): it is no YAML",
        ),
        (
            "client/packaging/distribution.xml",
            "</title>",
            "",
            "distribution.xml (pkg-ref[@id='com.nexy.assistant.pkg']): it is no XML",
        ),
        (
            "client/config/unified_config.yaml",
            "1.6.1.43",
            "1.6.1",
            "client/config/unified_config.yaml:7 (version) says 1.6.1, not four numbers",
        ),
    ] {
        let tree = Tree::new();
        tree.change(file, from, to);
        let before = tree.files();
        let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
        ran.expect_error("NX-VERSION-05");
        assert!(ran.stderr.contains(named), "`{named}`\n{}", ran.stderr);
        assert_eq!(tree.files(), before);
        tree.run(&["check"]).expect_code(7);
    }
    // Of a glob with a pattern one file is enough, but one there must be.
    let tree = Tree::new();
    for module in ["grpc_client", "hardware_id", "input_processing"] {
        tree.change(&format!("client/modules/{module}/__init__.py"), "__version__", "VERSION");
    }
    tree.run(&["set", "1.6.1.44"]).expect_code(1).expect_error("NX-VERSION-05");
}

#[test]
fn a_missing_file_is_named_and_the_others_are_set() {
    let tree = Tree::new();
    fs::remove_file(tree.path("client/RELEASE_CHECKLIST.md")).unwrap();
    fs::remove_dir_all(tree.path("server/config")).unwrap();
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
    let line = "WARNING: Not there, and passed over: server/config/unified_config.yaml, server/config/unified_config.py, client/RELEASE_CHECKLIST.md";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    assert!(ran.stdout.contains("1.6.1.44 is set in 20 files"), "{}", ran.stdout);
    tree.run(&["check"]).expect_code(0);

    let tree = Tree::new();
    fs::remove_file(tree.path("VERSION")).unwrap();
    tree.run(&["check"]).expect_code(3).expect_error("NX-VERSION-01");
    tree.run(&["set", "1.6.1.44"]).expect_code(3).expect_error("NX-VERSION-01");
}

#[test]
fn row_15_links_and_what_is_no_text_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    let theirs = outside.path().join("VERSION_INFO.json");
    for file in ["client/client/VERSION_INFO.json", "client/modules/grpc_client/macos/info/Info.plist"] {
        let tree = Tree::new();
        fs::rename(tree.path(file), &theirs).unwrap();
        symlink(&theirs, tree.path(file)).unwrap();
        let (before, bytes) = (tree.files(), fs::read(&theirs).unwrap());
        let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
        ran.expect_error("NX-VERSION-05");
        assert!(ran.stderr.contains(&format!("{file} is a link")), "{}", ran.stderr);
        tree.run(&["check"]).expect_code(1).expect_error("NX-VERSION-05");
        assert_eq!((tree.files(), fs::read(&theirs).unwrap()), (before, bytes));
    }
    // A folder on the way is one as well.
    let tree = Tree::new();
    fs::rename(tree.path("client/config"), outside.path().join("config")).unwrap();
    symlink(outside.path().join("config"), tree.path("client/config")).unwrap();
    let ran = tree.run(&["set", "1.6.1.44"]).expect_code(1);
    assert!(ran.stderr.contains("client/config is a link"), "{}", ran.stderr);
    let tree = Tree::new();
    tree.write("client/client/VERSION_INFO.json", b"{\"version\": \"1.6.1.43\", \"a\": \"\xff\"}");
    assert!(tree.run(&["set", "1.6.1.44"]).expect_code(1).stderr.contains("not UTF-8"));
    let tree = Tree::new();
    fs::remove_file(tree.path("client/client/VERSION_INFO.json")).unwrap();
    fs::create_dir(tree.path("client/client/VERSION_INFO.json")).unwrap();
    tree.run(&["set", "1.6.1.44"]).expect_code(6).expect_error("NX-LOCAL-01");
    tree.run(&["check"]).expect_code(6).expect_error("NX-LOCAL-01");
}

#[test]
fn line_endings_and_permissions_stay() {
    let tree = Tree::new();
    let text = tree.read("server/config/unified_config.yaml").replace('\n', "\r\n");
    tree.write("server/config/unified_config.yaml", &text);
    tree.write("VERSION", "1.6.1.43");
    fs::set_permissions(tree.path("server/config/unified_config.py"), Permissions::from_mode(0o755)).unwrap();
    let before = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(0);
    assert_eq!(tree.files(), by_hand(&before));
    let mode = fs::metadata(tree.path("server/config/unified_config.py")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
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
fn what_is_no_version_and_a_workspace_without_settings_are_refused() {
    let tree = Tree::new();
    let before = tree.files();
    for text in ["v1.6.1.44", "1.6.1", "1.6.1.044", "", "1.6.1.44 "] {
        tree.run(&["set", text]).expect_code(2).expect_error("NX-USAGE-01");
    }
    assert_eq!(tree.files(), before);
    fs::remove_file(tree.path("release.toml")).unwrap();
    tree.run(&["set", "1.6.1.44"]).expect_code(2).expect_error("NX-USAGE-03");
    tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
    tree.run(&["check"]).expect_code(0);
    assert!(!tree.path(".nexy-release").exists());
}

#[test]
fn on_a_terminal_a_version_that_goes_down_is_typed_once_more() {
    let practice = Practice::tiny();
    let before = practice.snapshot();
    let mut terminal = Terminal::start(&practice, &["version", "set", "1.6.1.40"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("1.6.1.44 becomes 1.6.1.40 in 2 files.", 1);
    terminal.wait_for("Type 1.6.1.40", 1);
    terminal.keys(&mut writer, "yes\n");
    terminal.wait_for("`yes` is not 1.6.1.40", 1);
    terminal.wait_for("Type 1.6.1.40", 2);
    assert_eq!(practice.snapshot(), before);
    terminal.keys(&mut writer, "1.6.1.40\n");
    assert_eq!(terminal.code(), 0);
    assert_eq!(practice.read("VERSION"), "1.6.1.40\n");
    // The usual step is none to ask about, and Ctrl-D is no yes.
    assert_eq!(Terminal::start(&practice, &["version", "set", "1.6.1.41"]).code(), 0);
    let mut terminal = Terminal::start(&practice, &["version", "set", "1.6.1.40"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type 1.6.1.40", 1);
    terminal.keys(&mut writer, "\u{4}");
    assert_eq!(terminal.code(), 130);
    assert_eq!(practice.read("VERSION"), "1.6.1.41\n");
    assert_eq!(Terminal::start(&practice, &["version", "set", "1.6.1.40", "--yes"]).code(), 0);
}

/// A release that was prepared so goes on as one whose VERSION was written by hand.
#[test]
fn what_is_set_is_published_and_then_nothing_is_pending() {
    let practice = Practice::tiny();
    practice.run(&["version", "set", "1.6.1.44"]).expect_code(0);
    assert!(practice.read(MANIFEST).contains("/v1.6.1.43/"), "URL, size and hash stay the old ones");
    practice.run(&["check"]).expect_code(0);
    practice.publish().expect_code(0);
    practice.assert_released();
    practice.run(&["version", "check"]).expect_code(0);
    practice.run(&["verify"]).expect_code(0);
}

/// The tree as a run leaves it that died after so many of its files.
fn died_after(count: usize) -> (Tree, Files, Files) {
    let tree = Tree::new();
    let before = tree.files();
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run", "--output", "json"]).expect_code(0);
    let order = Tree::report(&ran, "version-set")["files"].take();
    let after = by_hand(&before);
    let order: Vec<_> =
        order.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect();
    let text = |name: &String| String::from_utf8(after[name].clone()).unwrap();
    let file =
        |name: &String| json!({ "path": name, "before": Digest::of(&before[name]).to_string(), "after": text(name) });
    fs::create_dir(tree.path(".nexy-release")).unwrap();
    tree.write(INTENT, json!({ "act": "version", "files": order.iter().map(file).collect::<Vec<_>>() }).to_string());
    for name in &order[..count] {
        tree.write(name, &after[name]);
    }
    (tree, before, after)
}

#[test]
fn row_13_a_run_that_died_at_any_write_is_completed_by_the_next_and_nothing_stays_mixed() {
    for count in 0..=23 {
        let (tree, _, after) = died_after(count);
        let mixed = tree.files();
        // Who only looks is told of it, sees the files as they are, and leaves them.
        let seen = tree.run(&["check"]);
        assert!(seen.stderr.contains("An update of 23 files was interrupted"), "{}", seen.stderr);
        assert_eq!(seen.code, if count == 0 || count == 23 { 0 } else { 7 }, "{}", seen.stdout);
        let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
        assert_eq!((ran.count("  No change"), tree.files() == mixed), (1, true));
        let ran = tree.run(&["set", "1.6.1.44"]).expect_code(0);
        assert!(ran.stdout.contains("finished an interrupted update of 23 version files"), "{}", ran.stdout);
        assert_eq!((tree.files(), tree.path(INTENT).exists()), (after, false), "after {count} files");
        let journal = tree.read(".nexy-release/journal.jsonl");
        assert!(journal.lines().last().unwrap().contains("\"version finish\""), "{journal}");
        tree.run(&["check"]).expect_code(0);
    }
}

#[test]
fn row_13_another_version_is_set_after_what_died_is_finished() {
    let (tree, before, _) = died_after(9);
    let ran = tree.run(&["set", "1.6.1.45"]).expect_code(0);
    assert!(ran.stdout.contains("SERVER_VERSION=1.6.1.44") && ran.stdout.contains("SERVER_VERSION=1.6.1.45"));
    tree.run(&["check"]).expect_code(0);
    tree.run(&["set", "1.6.1.43"]).expect_code(0);
    assert_eq!(tree.files(), before);
}

#[test]
fn row_13_a_file_that_somebody_changed_meanwhile_is_not_overwritten() {
    let (tree, ..) = died_after(9);
    let theirs = tree.read(MANIFEST).replace("\"critical\": false", "\"critical\": true");
    tree.write(MANIFEST, &theirs);
    let mixed = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(6).expect_error("NX-LOCAL-02");
    assert_eq!((tree.files(), tree.path(INTENT).exists()), (mixed, true));
}

#[test]
fn row_11_nobody_sets_a_version_while_somebody_publishes() {
    let tree = Tree::new();
    let folder = fs::File::open(tree.folder.path()).unwrap();
    folder.lock().unwrap();
    let before = tree.files();
    tree.run(&["set", "1.6.1.44"]).expect_code(8).expect_error("NX-LOCK-01");
    let ran = tree.run(&["set", "1.6.1.44", "--dry-run"]).expect_code(0);
    assert!(ran.stderr.contains("is publishing from this workspace"), "{}", ran.stderr);
    assert_eq!(tree.files(), before);
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
        support::eventually("the end of the look", || child.try_wait().unwrap())
    }));
    if ended.is_err() {
        child.kill().unwrap();
    }
    assert_eq!(ended.unwrap().code(), Some(0));
    assert_eq!(wrong(&tree), rows);
    tree.run(&["set", "1.6.1.44"]).expect_code(0);
}

#[test]
fn in_the_practice_world_the_version_is_ahead_until_its_release_and_then_everywhere() {
    let practice = Practice::tiny();
    let ran = practice.run(&["version", "check"]).expect_code(7);
    ran.expect_error("NX-VERSION-04");
    assert!(ran.stderr.contains("1.6.1.44 is not released yet"), "{}", ran.stderr);
    assert!(ran.stderr.contains("fix: nexy-release publish"), "{}", ran.stderr);
    practice.publish().expect_code(0);
    practice.run(&["version", "check"]).expect_code(0);
    // A manifest that is ahead of VERSION, or a place that is no manifest, is another matter.
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"version\": \"1.6.1.44\"", "\"version\": \"1.6.1.45\""));
    assert!(!practice.run(&["version", "check"]).expect_code(7).stderr.contains("not released yet"));
}
