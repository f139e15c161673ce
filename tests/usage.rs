//! Wrong command lines: each is refused in the house's form, with the word that was meant and a line that works.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::Read as _;

use clap::Parser as _;
use nexy_release::cli::Cli;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use support::Ran;

fn run(args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(args).current_dir(folder.path()).env_clear().stdin(std::process::Stdio::null());
    Ran::from(command.output().unwrap())
}

fn fixes(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("  fix: ")).collect()
}

#[test]
fn every_slip_is_named_with_what_was_meant_and_a_line_that_works() {
    for (line, says, fix) in [
        ("pubish", "Did you mean `publish`?", "nexy-release publish"),
        ("chekc --only inbox", "Did you mean `check`?", "nexy-release check --only inbox"),
        ("config shw", "Did you mean `show`?", "nexy-release config show"),
        ("help pubish", "Did you mean `publish`?", "nexy-release help publish"),
        ("man config shw", "Did you mean `show`?", "nexy-release man config show"),
        ("publish --dryrun", "Did you mean --dry-run?", "nexy-release publish --dry-run"),
        ("publish --yess", "Did you mean --yes?", "nexy-release publish --yes"),
        ("publish -y", "Did you mean --yes?", "nexy-release publish --yes"),
        ("-y publish", "Did you mean --yes?", "nexy-release publish --yes"),
        ("--yes publish", "stands before its command", "nexy-release publish --yes"),
        ("check --yes", "an option of `publish`", "nexy-release check"),
        ("publish dry-run", "Did you mean --dry-run?", "nexy-release publish --dry-run"),
        ("publish now", "one word too many", "nexy-release publish"),
        ("check --nothing-like-it", "Options: --only", "nexy-release check"),
        ("check --only inbx", "Did you mean `inbox`?", "nexy-release check --only inbox"),
        ("check --only clock,inbx", "Did you mean `inbox`?", "nexy-release check --only 'clock,inbox'"),
        ("check --only=github", "Did you mean `github-auth`?", "nexy-release check '--only=github-auth'"),
        ("--output jsn check", "Did you mean `json`?", "nexy-release --output json check"),
        ("check --output", "has no value", "nexy-release check --output text"),
        ("check --workspace", "has no value", "nexy-release check --workspace DIR"),
        ("completions bsh", "Did you mean `bash`?", "nexy-release completions bash"),
        ("completions", "<SHELL> is missing", "nexy-release completions --help"),
        ("config", "needs a command behind it", "nexy-release config init"),
        ("publish --yes --yes", "stands there twice", "nexy-release publish --yes"),
        ("publish --yes=1", "--yes", "nexy-release publish --help"),
        ("check -v -q", "--quiet", "nexy-release check --help"),
        ("publish --yes --waive note=x", "Did you mean `notes`?", "nexy-release publish"),
        ("sandbox --headless --scenario conflct", "Did you mean `conflict`?", "nexy-release sandbox --headless"),
    ] {
        let words = shlex::split(line).unwrap();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let ran = run(&words).expect_code(2);
        ran.expect_error("NX-USAGE-01");
        assert!(ran.stderr.contains(says), "{line}: {}", ran.stderr);
        assert!(fixes(&ran).iter().any(|found| found.starts_with(fix)), "{line}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{line}");
    }
}

#[test]
fn of_two_options_that_exclude_each_other_either_is_offered() {
    let ran = run(&["publish", "--yes", "--dry-run"]).expect_code(2);
    ran.expect_error("NX-USAGE-01");
    let expected = ["nexy-release publish --dry-run", "nexy-release publish --yes", "nexy-release publish --help"];
    let mut found = fixes(&ran);
    found.sort_unstable();
    assert_eq!(found, [expected[0], expected[2], expected[1]]);
}

#[test]
fn the_bare_name_without_a_terminal_names_what_works_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("VERSION"), "1.6.1.44\n").unwrap();
    let ran = run(&["--workspace", folder.path().to_str().unwrap()]).expect_code(2);
    ran.expect_error("NX-USAGE-02");
    for command in ["publish --yes", "publish --dry-run", "check"] {
        assert!(ran.stderr.contains(command), "{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
}

#[test]
fn where_there_is_no_workspace_what_begins_one_is_named_and_does() {
    let fixes = ["nexy-release config init   (begin one here)", "nexy-release sandbox   (practise)"];
    let offered = &fixes[..if cfg!(feature = "sandbox") { 2 } else { 1 }];
    for words in [&[][..], &["status"], &["check"]] {
        let ran = run(words).expect_code(2);
        ran.expect_error("NX-USAGE-05");
        assert_eq!(&self::fixes(&ran)[1..], offered, "{words:?}: {}", ran.stderr);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    init.args(["config", "init"]).current_dir(folder.path()).env_clear().stdin(std::process::Stdio::null());
    Ran::from(init.output().unwrap()).expect_code(0);
    assert!(folder.path().join("release.toml").is_file());
}

#[test]
fn the_bare_name_where_there_is_no_workspace_says_so_and_takes_no_screen() {
    let folder = tempfile::tempdir().unwrap();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.env("TERM", "xterm-256color");
    command.cwd(folder.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut screen = Vec::new();
    // Linux calls it an error when the program on the other side is gone.
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut screen);
    assert_eq!(child.wait().unwrap().exit_code(), 2);
    let screen = String::from_utf8_lossy(&screen);
    assert!(screen.contains("ERROR [NX-") && screen.contains("fix: "), "{screen}");
    assert!(!screen.contains("\u{1b}[?1049h"), "{screen}");
}

#[test]
fn what_is_offered_can_be_typed_whatever_stands_in_the_line() {
    for words in [
        &["publish", "--waive", "notes=it's late; $(rm -rf x)", "--yess"][..],
        &["check", "--workspace", "a folder with 'quotes'", "--onyl", "inbox"],
        &["explain", "--outptu", "json", "a \"text\" with\nlines"],
    ] {
        let ran = run(words).expect_code(2);
        let text: Vec<_> = ran.stderr.lines().collect();
        let start = text.iter().position(|line| line.starts_with("  fix: ")).unwrap();
        let end = text.iter().rposition(|line| line.starts_with("  fix: ")).unwrap();
        let first = text[start..end].join("\n");
        let split = shlex::split(first.strip_prefix("  fix: ").unwrap()).unwrap();
        Cli::try_parse_from(&split).unwrap();
        let kept = words.iter().filter(|word| split.iter().any(|found| found == *word)).count();
        assert_eq!(kept, words.len() - 1, "all but the mistyped word: {split:?}");
    }
}

#[test]
fn help_and_version_go_to_stdout() {
    for words in [&["--help"][..], &["help"], &["publish", "--help"], &["config", "init", "-h"], &["--version"]] {
        let ran = run(words).expect_code(0);
        assert!(ran.stdout.contains("nexy-release"), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn an_escape_sequence_in_a_wrong_word_is_not_repeated() {
    for words in [&["\u{1b}[31mpublish"][..], &["--output", "json", "check", "--\u{202e}yes"]] {
        let ran = run(words).expect_code(2);
        let all = ran.stdout + &ran.stderr;
        assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all}");
    }
}
