//! The practice world on a terminal, when its folder was kept and its settings were changed.

use std::path::Path;
use std::process::Command;

use super::screen::{Console, binary};

/// A world that was played through once, with `more` at the end of its settings.
fn kept(folder: &Path, more: &str) -> String {
    let world = folder.join("world").to_str().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["sandbox", "--headless", "--dir", &world]).env_clear().env("PATH", "/usr/bin:/bin");
    assert!(command.output().unwrap().status.success());
    let settings = folder.join("world/workspace/release.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(settings, text + more).unwrap();
    world
}

#[test]
fn keys_are_rebound_in_a_practice_world_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let world = kept(folder.path(), "[keys]\nquit = \"x\"\n");
    let mut console = Console::start(binary(&["sandbox", "--dir", &world]));
    console.see("x quit");
    console.see("enter finish");
    console.press("q");
    console.press("x");
    assert_eq!(console.code(), 0);

    let settings = folder.path().join("world/workspace/release.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(settings, text.replace("\"x\"", "\"?\"")).unwrap();
    let mut console = Console::start(binary(&["sandbox", "--dir", &world]));
    assert_eq!(console.code(), 2);
    console.see("`?` is both");
    assert!(!console.shown().sent().contains("\u{1b}[?1049h"), "nothing was drawn");
}

#[test]
fn row_10_the_badge_of_the_practice_world_never_stands_over_another_host() {
    let folder = tempfile::tempdir().unwrap();
    let world = kept(folder.path(), "");
    let settings = folder.path().join("world/workspace/release.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let elsewhere = |line: &str| match line.split_once(" = ") {
        Some((key @ ("api_url" | "web_url"), _)) => format!("{key} = \"https://releases.invalid\"\n"),
        _ => format!("{line}\n"),
    };
    std::fs::write(&settings, text.lines().map(elsewhere).collect::<String>()).unwrap();
    let mut console = Console::start(binary(&["sandbox", "--dir", &world]));
    console.see("SANDBOX");
    console.see("NX-SETTINGS-04");
    console.see("github.api_url is https://releases.invalid");
    console.press("q");
    assert_eq!(console.code(), 2);
    console.see("NX-SETTINGS-04");
    console.assert_restored();
}

#[test]
fn a_busy_vm_is_waited_for_before_everybody_s_eyes() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world").to_str().unwrap().to_owned();
    let mut console = Console::start(binary(&["sandbox", "--scenario", "vm-busy", "--dir", &world]));
    console.see("4 s: The key check waits");
    console.see("3 s: The key check waits");
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
}
