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
