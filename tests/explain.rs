//! `explain`: every code, check and step has its guide, and every symptom is recognised by a message as it is printed.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::{CommandFactory as _, Parser as _};
use nexy_release::cli::Cli;
use nexy_release::engine::checks::Waivable;
use nexy_release::engine::event::{CheckId, StepId};
use nexy_release::guide::{self, Entry, Kind};
use nexy_release::release::code::Code;
use support::Ran;

/// Commands of SPEC §4 that a guide may name before they are there; once they are, they must parse.
const SPECIFIED: [&str; 1] = ["db"];

fn run(args: &[&str], stdin: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.arg("explain").args(args).env_clear();
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // It may have refused the line before it read anything.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap().into()
}

fn everything() -> Vec<Entry> {
    let mut named: Vec<_> = guide::topics().into_iter().map(|topic| topic.id).collect();
    named.dedup();
    named.iter().flat_map(|id| guide::explain(id)).chain(guide::symptoms()).collect()
}

#[test]
fn every_code_has_its_text() {
    let topics = guide::topics();
    let codes: Vec<_> = topics.iter().filter(|topic| topic.kind == Kind::Code).map(|topic| topic.id.as_str()).collect();
    assert_eq!(codes, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(), "assets/guide/en/codes.toml");
    let listed = include_str!("../assets/guide/en/codes.toml").lines().filter(|line| line.starts_with('[')).count();
    assert_eq!(listed, codes.len(), "a code that is gone");
    for code in Code::ALL {
        let [entry] = &guide::explain(code.as_str())[..] else { panic!("{code}") };
        assert!(entry.why.ends_with('.') && !entry.fix.is_empty() && !entry.rerun.is_empty(), "{entry:?}");
        assert_eq!((entry.exit_code, entry.title.as_str()), (Some(code.exit() as u8), code.meaning()));
    }
}

#[test]
fn every_check_and_step_has_its_guide() {
    for (kind, folder, ids) in [
        (Kind::Check, "check", CheckId::ALL.iter().map(|id| id.as_str()).collect::<Vec<_>>()),
        (Kind::Step, "step", StepId::ALL.iter().map(|id| id.as_str()).collect()),
    ] {
        let known: BTreeSet<_> = guide::topics().into_iter().filter(|t| t.kind == kind).map(|t| t.id).collect();
        for id in &ids {
            assert!(known.contains(*id), "assets/guide/en/{folder}/{id}.md");
        }
        let files = std::fs::read_dir(Path::new("assets/guide/en").join(folder)).unwrap();
        let files = files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        assert_eq!(files.collect::<BTreeSet<_>>(), known, "a file that is not compiled in");
        for id in known {
            let entry = guide::explain(&id).into_iter().find(|entry| entry.kind == kind).unwrap();
            let headings: Vec<_> = entry.text.lines().filter(|line| line.starts_with('#')).collect();
            let expected: &[&str] = match kind {
                Kind::Check => &["## Looks at", "## Why it matters", "## When it blocks", "## Waiver"],
                _ => &["## Does", "## Changes", "## When it fails"],
            };
            assert_eq!(headings, expected, "{folder}/{id}");
            assert_eq!(entry.text.contains("does not have it yet"), !ids.contains(&id.as_str()), "{folder}/{id}");
            let prose = entry.text.lines().filter(|line| !line.starts_with("    "));
            assert_eq!(prose.filter(|line| line.chars().count() > 80).count(), 0, "{folder}/{id}: too wide");
        }
    }
}

#[test]
fn a_guide_says_of_waivers_what_the_check_does() {
    for id in CheckId::ALL {
        let entry = guide::explain(id.as_str()).into_iter().find(|entry| entry.kind == Kind::Check).unwrap();
        let (_, waiver) = entry.text.split_once("## Waiver\n").unwrap();
        let word = match id.waivable() {
            Waivable::No => "No.",
            Waivable::Partly => "Partly",
            Waivable::Yes => "Yes",
        };
        assert!(waiver.starts_with(word), "{id}: {waiver}");
        assert_eq!(waiver.contains(&format!("--waive {id}=")), id.waivable() != Waivable::No, "{id}");
    }
}

#[test]
fn everything_that_a_text_leads_to_is_there() {
    let symptoms: BTreeSet<_> = guide::symptoms().into_iter().map(|symptom| symptom.id).collect();
    assert_eq!(symptoms.len(), guide::symptoms().len(), "an id stands twice");
    for entry in everything() {
        for see in &entry.see {
            let next = guide::explain(see);
            assert!(next.iter().all(|next| next.id == *see) && !next.is_empty(), "{}: {see}", entry.id);
        }
        if entry.kind == Kind::Symptom {
            assert!(entry.title.ends_with('.') && entry.why.ends_with('.') && !entry.fix.is_empty(), "{entry:?}");
        }
    }
}

#[test]
fn every_command_of_ours_in_a_text_works() {
    let commands = Cli::command();
    let mut tried = 0;
    for entry in everything() {
        let indented = entry.text.lines().filter_map(|line| line.strip_prefix("    "));
        for line in indented.chain(entry.fix.iter().map(String::as_str)) {
            let mut starts = line.match_indices("nexy-release ").map(|(start, _)| start);
            let Some(start) = starts.find(|start| !line[..*start].ends_with('.')) else { continue };
            // What stands behind several blanks says what the line does.
            let line = line[start..].split("   ").next().unwrap();
            let words = shlex::split(line).unwrap_or_else(|| panic!("{}: {line}", entry.id));
            let words: Vec<_> = words.into_iter().take_while(|word| word != "<").collect();
            if words[1].starts_with("--") || commands.find_subcommand(&words[1]).is_some() {
                let parsed = Cli::try_parse_from(&words);
                let wrong = parsed.as_ref().is_err_and(clap::Error::use_stderr);
                assert!(!wrong, "{}: {line}: {:?}", entry.id, parsed.err());
                tried += 1;
            } else {
                assert!(SPECIFIED.contains(&words[1].as_str()), "{}: {line}", entry.id);
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

/// Messages as they are printed, and the symptom that they are.
const MESSAGES: &str = include_str!("fixtures/messages.txt");

#[test]
fn every_symptom_is_recognised_by_a_message_as_it_is_printed() {
    let mut seen = BTreeSet::new();
    for line in MESSAGES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (id, message) = line.split_once(": ").unwrap();
        let message = message.replace("\\n", "\n");
        let found = guide::explain(&message);
        assert_eq!(found.first().map(|entry| entry.id.as_str()), Some(id), "{message}");
        assert!(
            message
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains(found[0].found.as_ref().unwrap().as_str())
        );
        seen.insert(id);
    }
    let known: BTreeSet<_> = guide::symptoms().into_iter().map(|symptom| symptom.id).collect();
    assert_eq!(seen.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), known, "a symptom without a message");
}

#[test]
fn of_a_long_log_every_symptom_is_shown_the_code_first() {
    let log = format!(
        "{0}\n\u{1b}[31mgh: HTTP 40\u{1b}[0m1: Bad credentials\n{0}write: no space left on device\nERROR [NX-TAG-02]: x\n",
        "Uploading part 1 of 3\n".repeat(20_000)
    );
    let ran = run(&["-"], &log).expect_code(0);
    let place = |text: &str| ran.stdout.find(text).unwrap_or_else(|| panic!("{text}: {}", ran.stdout));
    assert!(place("NX-TAG-02: ") < place("does not accept the token"));
    assert!(place("fix: gh auth status") > 0 && place("fix: df -h .") > 0);
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn a_log_of_nothing_but_half_symptoms_is_read_once() {
    // Each line begins a pattern that the rest never ends, and names a step.
    let log = "404 Permission to plan ".repeat(60_000);
    run(&["-"], &log).expect_code(1).expect_error("NX-EXPLAIN-01");
}

#[test]
fn ordinary_output_is_no_symptom() {
    for text in [
        "RELEASE COMPLETE",
        "Uploaded. URL: https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.44/Nexy.dmg",
        "the lock of the door",
        "",
    ] {
        assert_eq!(guide::explain(text), [], "{text}");
    }
}

#[test]
fn a_name_is_found_however_it_is_written() {
    for (words, expected) in [
        (&["nx-upload-03"][..], "NX-UPLOAD-03: "),
        (&["[NX-UPLOAD-03]:"], "NX-UPLOAD-03: "),
        (&["Tag-State"], "Check tag-state: "),
        (&["lock"], "Step lock: "),
        (&["HTTP", "401"], "does not accept the token"),
    ] {
        let ran = run(words, "").expect_code(0);
        assert!(ran.stdout.contains(expected), "{words:?}: {}", ran.stdout);
    }
    let all = run(&[], "").expect_code(0).stdout;
    for expected in ["  NX-TAG-02 ", "  tag-state ", "  seal "] {
        assert!(all.contains(expected), "{expected}: {all}");
    }
}

#[test]
fn what_is_not_known_ends_with_1_and_the_nearest_name() {
    for (text, near) in [("NX-UPLOD-03", "NX-UPLOAD-03"), ("tag-stat", "tag-state"), ("gemini", "vm-gemini-key")] {
        let ran = run(&[text], "").expect_code(1);
        ran.expect_error("NX-EXPLAIN-01");
        assert!(ran.stderr.contains(&format!("  fix: nexy-release explain {near}\n")), "{}", ran.stderr);
    }
    for stdin in ["", "\u{1b}[2Jall is well\n"] {
        let ran = run(&["-"], stdin).expect_code(1);
        ran.expect_error("NX-EXPLAIN-01");
        assert!(!ran.stderr.contains('\u{1b}'));
    }
}

/// The troubleshooting of documents 002 §4 and 004 §4: what people paste, as it is printed, and the fix that they need.
const TROUBLES: [(&str, &str, &str); 31] = [
    ("4.1 inbox", "Inbox directory not found: /Users/s/Nexy/release_inbox", "mkdir -p release_inbox"),
    ("4.1 inbox", "MISSING: release_inbox", "mkdir -p release_inbox"),
    ("4.1 inbox", "### 4.1 Inbox not found", "mkdir -p release_inbox"),
    ("4.1 inbox", "release_inbox is empty", "cp dist/Nexy.dmg"),
    ("4.2 script", "### 4.2 Script not found", "nexy-release publish"),
    (
        "4.2 script",
        "python3: can't open file '/Users/s/Nexy/scripts/publish_assets_and_sync.py': [Errno 2] No such file or directory",
        "nexy-release publish",
    ),
    (
        "4.2 script",
        "can't open file 'server/server/scripts/publish_assets_and_sync.py': [Errno 2] No such file or directory",
        "nexy-release publish",
    ),
    ("4.3 gh", "zsh: command not found: gh", "brew install gh"),
    ("4.3 gh", "bash: gh: command not found", "gh auth login"),
    ("4.3 gh", "### 4.3 GH CLI auth issues", "gh auth login"),
    ("4.3 gh", "authentication required", "gh auth login"),
    ("4.3 gh", "HTTP 401: Bad credentials (https://uploads.github.com/repos/…/assets?name=Nexy.dmg)", "gh auth login"),
    ("4.3 gh", "HTTP 403: Resource not accessible by personal access token", "gh auth refresh --scopes repo"),
    ("4.4 target", "### 4.4 Wrong target repo/tag", "Correct `release.repo`"),
    ("4.4 target", "Target Repo: Seregawpn/Nexy_server", "Correct `release.repo`"),
    (
        "4.4 target",
        "Uploaded. URL: https://github.com/Seregawpn/Nexy_server/releases/download/v1.6.1.43/Nexy.dmg",
        "nexy-release check --only target-repo",
    ),
    (
        "4.5 code repository",
        "To https://github.com/Seregawpn/Nexy.git\n   1a2b3c4..5d6e7f8  main -> main",
        "git remote -v",
    ),
    (
        "4.6 run-command",
        "(Conflict) Run command extension execution is in progress. Please wait for completion before invoking a run command.",
        "Wait until the other command is done",
    ),
    ("4.6 run-command", "RunCommandExtension conflict", "Wait until the other command is done"),
    ("4.7 Gemini key", "GEMINI_API_KEY invalid", "Put a valid key"),
    ("4.7 Gemini key", "GEMINI_API_KEY is a placeholder", "Put a valid key"),
    ("4.7 Gemini key", "google.api_core.exceptions.InvalidArgument: 400 API_KEY_INVALID", "systemctl restart"),
    ("4.7 Gemini key", "API key expired. Please renew the API key.", "Put a valid key"),
    ("4.7 Gemini key", "ERROR TextProcessor initialization failed", "Put a valid key"),
    ("4.8 config.env", "ValueError: illegal environment variable name", "split('=', 1)"),
    ("4.9 appcast", "/updates/appcast.xml returns old artifact URL", "nexy-release verify --served"),
    ("4.9 appcast", "/updates/appcast.xml returns outdated size", "nexy-release verify --served"),
    ("4.9 appcast", "HTTP 404 manifest_1.6.1.34.json", "nexy-release manifest sync"),
    ("4.9 appcast", "Client update fails with HTTP 404", "nexy-release manifest point"),
    ("4.9 appcast", "AppCast serves stale artifact URL/version", "systemctl restart voice-assistant.service"),
    ("4.9 appcast", "Update failed: Nexy.dmg: HTTP 404", "nexy-release manifest point"),
];

#[test]
fn every_trouble_of_the_documents_is_found_from_its_message_with_its_fix() {
    let sections: BTreeSet<_> = TROUBLES.iter().map(|(section, ..)| &section[..3]).collect();
    assert_eq!(sections.len(), 9, "4.1 to 4.9");
    for (section, message, fix) in TROUBLES {
        let ran = run(&["-"], message).expect_code(0);
        // Of the symptom that is shown first: the others say less.
        let first = ran.stdout.split("\n\n").next().unwrap();
        let fixes: Vec<_> = first.lines().filter(|line| line.trim_start().starts_with("fix: ")).collect();
        assert!(fixes.iter().any(|line| line.contains(fix)), "{section}: {message}\n{}", ran.stdout);
    }
}
