//! The dashboard: `status --watch` on a terminal.

use std::fs;

use nexy_release::sandbox::host::{Action, Fault, Stage};

use super::screen::{Console, on};
use super::support::status::released;
use super::support::{MANIFEST, Practice};

fn watching(practice: &Practice, cols: u16, rows: u16) -> Console {
    let console = Console::sized(on(practice, &["status", "--watch", "--simulate", "1.6.1.43"]), cols, rows);
    console.see("looks again in ");
    console
}

#[test]
fn it_shows_what_is_published_served_and_under_way_and_leaves_the_terminal_as_it_was() {
    let practice = released();
    practice.host().clear_requests();
    let mut console = watching(&practice, 110, 34);
    for text in
        ["READ-ONLY", "Everything against 1.6.1.44", "/appcast.xml", "Nothing is wrong", "Drafts in flight", "Nexy.dmg"]
    {
        console.see(text);
    }
    for text in ["Under way: nothing", "signed in to Azure", "1.6.1.43 offered"] {
        console.see(text);
    }
    console.press("?");
    console.see("check all again");
    console.press("\u{1b}");
    console.gone("check all again");
    console.press("q");
    assert_eq!(console.code(), 0);
    console.assert_restored();
    assert!(practice.requests().iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")));
}

#[test]
fn what_drifts_is_seen_at_the_next_look_with_its_fix() {
    let practice = released();
    let mut console = watching(&practice, 110, 34);
    console.see("Nothing is wrong");
    fs::write(practice.on_vm("config.env"), "SERVER_VERSION=1.6.1.43\n").unwrap();
    console.press("R");
    console.see("DRIFTED");
    console.see("/health version drifted: 1.6.1.43; should be 1.6.1.44");
    console.see("SERVER_(VERSION|BUILD)");
    console.press("y");
    console.see("Sent to the terminal's clipboard");
    practice.faults([Fault::answer(502).on("GET", "/releases")]);
    console.press("R");
    console.see("unknown: ");
    console.press("\u{3}");
    assert_eq!(console.code(), 0);
    console.assert_restored();
}

#[test]
fn a_run_under_way_is_followed_to_its_end() {
    let practice = Practice::tiny();
    let stall = Action::Stall { after: Stage::Work };
    practice.faults([Fault::new(stall).on("POST", "/assets?name=Nexy.pkg")]);
    let running = practice.start(&["publish", "--yes"]);
    practice.until_uploading();
    let mut console = watching(&practice, 160, 34);
    console.see("publish v1.6.1.44, upload for ");
    console.see(" of 128.3 KiB");
    running.kill();
    // No key is pressed: what it changed is looked at as soon as it has ended.
    console.see("Under way: nothing");
    console.see("publish v1.6.1.44: began, and left no end");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn it_is_of_use_on_a_small_screen() {
    let practice = released();
    let mut console = watching(&practice, 80, 24);
    for source in ["VERSION", "manifest.json", "public", "/health", "/api/manifests", "Nothing is wrong"] {
        console.see(source);
    }
    console.press("\t");
    console.see("Drafts in flight");
    console.gone("Nothing is wrong");
    console.press("\t");
    console.see("Under way: nothing");
    console.resize(60, 20);
    console.see("needs 80×24");
    console.resize(80, 24);
    console.see("Under way: nothing");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn without_a_token_it_says_what_is_not_known() {
    let practice = released();
    let mut command = on(&practice, &["status", "--watch"]);
    for (name, _) in practice.variables() {
        command.env_remove(name);
    }
    let mut console = Console::start(command);
    console.see("only who may push sees drafts");
    console.see("Everything against 1.6.1.44");
    console.press("q");
    assert_eq!(console.code(), 0);
    assert!(practice.read(MANIFEST).contains("1.6.1.44"));
}
