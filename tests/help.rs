//! `--help`, `completions` and `man`: every command has examples, and each of them works.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::process::Command;

use clap::{CommandFactory as _, Parser as _};
use nexy_release::cli::{Cli, examples};
use support::Ran;

fn run(args: &[&str]) -> Ran {
    Ran::from(Command::new(env!("CARGO_BIN_EXE_nexy-release")).args(args).env_clear().output().unwrap()).expect_code(0)
}

/// Every command with its words, e.g. `config init`; the tool itself has none.
fn commands() -> Vec<(String, clap::Command)> {
    fn walk(path: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
        found.push((path.to_owned(), command.clone()));
        for inner in command.get_subcommands() {
            walk(format!("{path} {}", inner.get_name()).trim(), inner, found);
        }
    }
    let mut found = Vec::new();
    walk("", &Cli::command(), &mut found);
    assert!(found.len() > 8);
    found
}

/// The words of a line before the shell's part of it.
fn words(line: &str) -> Vec<String> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("not a line of a shell: {line}"));
    words.into_iter().take_while(|word| !matches!(word.as_str(), "|" | ">" | "<" | "&&")).collect()
}

#[test]
fn every_command_has_examples_and_each_of_them_works() {
    for (path, command) in commands() {
        let examples = examples(&command);
        assert!(!examples.is_empty(), "`{path}`: its help has no `Examples:`");
        for line in examples {
            let words = words(&line);
            assert_eq!(words[0], "nexy-release", "{line}");
            let parsed = Cli::try_parse_from(&words);
            assert!(parsed.is_ok(), "`{path}`: {line}: {}", parsed.unwrap_err());
        }
        let line: Vec<_> = path.split_whitespace().chain(["--help"]).collect();
        assert!(run(&line).stdout.contains("\nExamples:\n"), "{path}");
    }
}

#[test]
fn every_command_says_what_it_does_and_what_each_option_means() {
    for (path, command) in commands() {
        assert!(command.get_about().is_some(), "{path}");
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "`{path}`: {}", arg.get_id());
        }
    }
}

#[test]
fn status_says_that_its_exit_code_judges_nothing_and_what_does() {
    let help = run(&["status", "--help"]).stdout;
    assert!(help.contains("Exit code 0, whatever it finds. For scripts: nexy-release verify --served"), "{help}");
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("nexy-release.bash");
    std::fs::write(&script, run(&["completions", "bash"]).stdout).unwrap();
    let checked = Command::new("bash").arg("-n").arg(&script).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    for (line, expected) in [
        ("pub", "publish"),
        ("config sh", "show"),
        ("publish --dry", "--dry-run"),
        ("--output js", "json"),
        ("check --only tag", "tag-state"),
        ("completions fi", "fish"),
    ] {
        let asked = r#"
            source "$1"
            COMP_WORDS=(nexy-release $2)
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            $(complete -p nexy-release | sed 's/.*-F \([^ ]*\) .*/\1/') nexy-release \
                "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
        "#;
        let output = Command::new("bash").args(["-c", asked, "bash"]).arg(&script).arg(line).output().unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(found.trim(), expected, "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]).stdout;
        for word in ["publish", "dry-run", "explain"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let formatter = Command::new("groff").arg("--version").output().is_ok();
    for (path, command) in commands() {
        let words: Vec<_> = std::iter::once("man").chain(path.split_whitespace()).collect();
        let page = run(&words).stdout;
        let title = std::iter::once("nexy-release").chain(path.split_whitespace()).collect::<Vec<_>>().join("-");
        assert!(page.contains(&format!(".TH {title} 1 ")), "{path}: {page}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES"] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{path}: {section}");
        }
        for inner in command.get_subcommands() {
            // In roff a hyphen is written `\-`.
            let name = format!("{title}-{}(1)", inner.get_name()).replace('-', "\\-");
            assert!(page.contains(&name), "{path}: {name}");
        }
        if formatter {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("page.1");
            std::fs::write(&file, &page).unwrap();
            let out = Command::new("groff").args(["-man", "-Tutf8", "-ww", "-Kutf8"]).arg(&file).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{path}");
        }
    }
}
