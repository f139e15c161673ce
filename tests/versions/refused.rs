//! What is not set: places that are not found, files that are none, versions that are none.

use std::fs;
use std::os::unix::fs::symlink;

use super::support::Practice;
use super::support::terminal::Terminal;
use super::tree::Tree;

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
