//! `vm-gemini-key`: what counts as a key in the environment files of the VM.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use nexy_release::sandbox::Scenario;
use support::{Practice, Ran};

const KEY: &str = "AIzaSyA-1234567890_abcdefghijklmnopqrst";

fn check(practice: &Practice) -> Ran {
    practice.run(&["check", "--only", "vm-gemini-key"])
}

#[test]
fn a_key_is_found_however_the_file_is_written() {
    let practice = Practice::tiny();
    for text in [
        format!("GEMINI_API_KEY={KEY}\n"),
        format!("GEMINI_API_KEY={KEY}"),
        format!("export GEMINI_API_KEY=\"{KEY}\"\n"),
        format!("  export  GEMINI_API_KEY = '{KEY}' # of the team\n"),
        format!("A=1\r\nGEMINI_API_KEY={KEY}\r\nB=2\r\n"),
        format!("\u{feff}GEMINI_API_KEY={KEY}\n"),
        format!("# GEMINI_API_KEY=\nGEMINI_API_KEY={KEY} # your key\n"),
    ] {
        fs::write(practice.on_vm("config.env"), &text).unwrap();
        let ran = check(&practice).expect_code(0);
        assert!(ran.stdout.contains("there in 1 file, and nothing against it"), "{text:?}\n{}", ran.stdout);
    }
}

#[test]
fn what_is_no_key_blocks_and_names_the_file() {
    let practice = Practice::tiny();
    for (text, found) in [
        ("", "is missing"),
        ("# GEMINI_API_KEY=abc\n", "is missing"),
        ("OLD_GEMINI_API_KEY=abcdefgh\n", "is missing"),
        ("GEMINI_API_KEY_2=abcdefgh\n", "is missing"),
        ("GEMINI_API_KEY=\n", "is empty"),
        ("GEMINI_API_KEY=''\n", "is empty"),
        ("GEMINI_API_KEY=\"  \"\n", "is empty"),
        ("GEMINI_API_KEY= # to be filled in\n", "is empty"),
        ("GEMINI_API_KEY=your_api_key_here\n", "is a placeholder"),
        ("GEMINI_API_KEY=<key>\n", "is a placeholder"),
        ("GEMINI_API_KEY=\"changeme\"\n", "is a placeholder"),
        ("GEMINI_API_KEY=AIzaSyXXXXXXXXXXXXXXXXXXXX\n", "is a placeholder"),
        ("GEMINI_API_KEY=AIza...\n", "is a placeholder"),
        ("GEMINI_API_KEY=${GEMINI}\n", "is a placeholder"),
        // The last one counts, as it does for the server.
        ("GEMINI_API_KEY=AIzaSyA-1234567890\nGEMINI_API_KEY=\n", "is empty"),
    ] {
        fs::write(practice.on_vm("config.env"), text).unwrap();
        let ran = check(&practice).expect_code(3);
        ran.expect_error("NX-VM-11");
        assert!(ran.stderr.contains(&format!("config.env: GEMINI_API_KEY {found}")), "{text:?}\n{}", ran.stderr);
        assert!(ran.stderr.contains("sudo systemctl restart voice-assistant.service"), "{}", ran.stderr);
    }
}

#[test]
fn two_lines_with_a_key_are_told() {
    let practice = Practice::tiny();
    fs::write(practice.on_vm("config.env"), format!("GEMINI_API_KEY=\nGEMINI_API_KEY={KEY}\n")).unwrap();
    let ran = check(&practice).expect_code(0);
    assert!(ran.stderr.contains("WARNING [NX-VM-11]") && ran.stderr.contains("more than once"), "{}", ran.stderr);
}

#[test]
fn every_file_is_looked_at() {
    let practice = Practice::tiny();
    practice.set("vm.env_files", r#"["config.env", "server/config.env", "server", "locked.env"]"#);
    fs::write(practice.on_vm("locked.env"), format!("GEMINI_API_KEY={KEY}\n")).unwrap();
    fs::set_permissions(practice.on_vm("locked.env"), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = check(&practice).expect_code(3);
    for found in
        ["server/config.env: the file is missing", "server: it is no file", "locked.env: the service may not read it"]
    {
        assert!(ran.stderr.contains(found), "{found}\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("; config.env:"), "{}", ran.stderr);
    assert_eq!(practice.invocations(), 1, "one invocation for all of them");
}

#[test]
fn a_key_that_google_refuses_is_known_from_the_service_s_log() {
    let practice = Practice::tiny();
    for (log, found) in [
        ("InvalidArgument: 400 API key expired. Please renew the API key. [API_KEY_INVALID]\n", "API key expired"),
        ("google: API key not valid. Please pass a valid API key.\n", "API_KEY_INVALID"),
        ("os.environ: ValueError: illegal environment variable name\n", "does not get through config.env"),
        ("ERROR TextProcessor initialization failed\n", "text processing did not start"),
        ("Failed to initialize TextProcessor\n", "text processing did not start"),
    ] {
        fs::write(practice.vm().join("service/log"), log).unwrap();
        let ran = check(&practice).expect_code(3);
        ran.expect_error("NX-VM-11");
        assert!(ran.stderr.contains(found) && ran.stderr.contains("systemctl restart"), "{}", ran.stderr);
    }
    fs::remove_file(practice.vm().join("service/log")).unwrap();
    let ran = check(&practice).expect_code(0);
    assert!(ran.stdout.contains("log cannot be read"), "{}", ran.stdout);
}

#[test]
fn key_missing_blocks_and_is_mended_on_the_vm_or_waived() {
    let practice = Practice::open(Scenario::KeyMissing);
    practice.publish().expect_code(3).expect_error("NX-VM-11");
    practice.assert_not_public();
    practice.run(&["publish", "--yes", "--waive", "vm-gemini-key=the server is deployed later"]).expect_code(0);
    practice.assert_released();
    fs::write(practice.on_vm("config.env"), format!("GEMINI_API_KEY={KEY}\n")).unwrap();
    check(&practice).expect_code(0);
}

/// What people leave in place of a key, one file each: all of them are looked at in one invocation.
#[test]
fn placeholders_of_every_kind_are_none() {
    let practice = Practice::tiny();
    let placeholders = [
        "your_api_key_here",
        "YOUR_GEMINI_API_KEY",
        "your-key",
        "your key here",
        "<your key>",
        "<...>",
        "[insert key]",
        "(ask Boris, he has the key somewhere)",
        "changeme",
        "CHANGE_ME",
        "change-me-please-before-start",
        "replace_with_your_key",
        "REPLACE_ME",
        "placeholder",
        "xxx",
        "XXXXXXXX",
        "xxxx-xxxx-xxxx-xxxx-xxxx",
        "TODO",
        "TODO: get one from Anna",
        "FIXME",
        "TBD",
        "n/a",
        "none",
        "null",
        "undefined",
        "-",
        "_",
        "...",
        "…",
        "????????????????????????",
        "********************",
        "0",
        "0000000000000000000000000000000000000000",
        "12345",
        "1234567890",
        "abc123",
        "test",
        "test-key",
        "dummy-key-for-the-tests-of-the-server",
        "fake_key_for_local_development_only",
        "secret",
        "key",
        "api_key",
        "example-key-0123456789-0123456789",
        "redacted-by-the-security-team-1234",
        "${GEMINI_API_KEY}",
        "${GEMINI_API_KEY:-}",
        "$GEMINI_API_KEY",
        "$(cat /run/secrets/gemini)",
        "`cat key.txt`",
        "%GEMINI_API_KEY%",
        "{{ gemini_api_key }}",
        "@@GEMINI_API_KEY@@",
        "__GEMINI_API_KEY__",
        "/run/secrets/gemini_api_key",
        "op://vault/gemini/credential",
        "ENC[AES256_GCM,data:abcdefgh]",
        "AIza...",
        "AIza",
        "AIzaSy",
        "AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "AIzaSy0000000000000000000000000000000000",
        "AIzaSy-your-key-here-your-key-here-1234",
        "AIzaSyYourApiKeyHere1234567890abcdefgh",
        "AIzaSyExampleExampleExample1234567890ab",
        "AIzaSy_REPLACE_ME_REPLACE_ME_REPLACE_ME",
    ];
    let real = [
        KEY,
        "AIzaSyD4fK9wQz7LmN2pR8tV1xB6yC3hJ5gS0aE",
        "AIzaSyBqHere0test1key2me3_put-4dev5tbd6",
        "AQ.Ab8RN6Kx0sPq3vT9wYzL2mC5dF7gH1jK4nQ8",
    ];
    let all: Vec<_> = placeholders.iter().chain(&real).collect();
    for (number, value) in all.iter().enumerate() {
        fs::write(practice.on_vm(&format!("{number}.env")), format!("GEMINI_API_KEY=\"{value}\"\n")).unwrap();
    }
    let names: Vec<_> = (0..all.len()).map(|number| format!("\"{number}.env\"")).collect();
    practice.set("vm.env_files", &format!("[{}]", names.join(", ")));
    let ran = check(&practice).expect_code(3);
    for (number, value) in all.iter().enumerate() {
        let found = format!(" {number}.env: GEMINI_API_KEY is a placeholder");
        let line = ran.stderr.lines().find(|line| line.starts_with("ERROR")).unwrap().replace("]: ", "]:  ");
        assert_eq!(line.contains(&found), number < placeholders.len(), "{value}\n{line}");
    }
    for empty in ["\"\"", "''", "\"\" # later", "''  ", "\"   \""] {
        fs::write(practice.on_vm("0.env"), format!("GEMINI_API_KEY={empty}\n")).unwrap();
        assert!(check(&practice).stderr.contains(" 0.env: GEMINI_API_KEY is empty"), "{empty}");
    }
}

#[test]
fn a_folder_above_that_the_service_may_not_enter_is_found_and_named() {
    let practice = Practice::tiny();
    for folder in [practice.vm().join("home/azureuser"), practice.on_vm("")] {
        let mode = fs::metadata(&folder).unwrap().permissions();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o600)).unwrap();
        let ran = check(&practice);
        fs::set_permissions(&folder, mode).unwrap();
        let ran = ran.expect_code(3);
        ran.expect_error("NX-VM-11");
        let folder = folder.to_str().unwrap().trim_end_matches('/');
        assert!(ran.stderr.contains("config.env: the service may not enter a folder above it"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("sudo chmod o+x {folder}   (on the VM)")), "{}", ran.stderr);
    }
    check(&practice).expect_code(0);
}
