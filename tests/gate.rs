//! The consistency gate: step `gate`, and the check that comes before it (SPEC §7, §9).
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use rustix::process::Signal;
use serde_json::Value;
use support::{MANIFEST, Practice, Ran, side_by_side};

const JSON: [&str; 4] = ["publish", "--yes", "--output", "json"];
const PAGES: [&str; 4] = ["/health", "/updates/health", "/appcast.xml", "/api/manifests"];

/// A world whose releases go on to the VM and the servers that read it.
fn delivering() -> Practice {
    let practice = Practice::tiny();
    practice.deliver();
    practice
}

/// The cells of the gate, by source and field: state and text.
fn cells(ran: &Ran) -> BTreeMap<(String, String), (String, String)> {
    let report = ran.events().into_iter().find(|event| event["kind"] == "gate").unwrap();
    let text = |cell: &Value, key: &str| cell[key].as_str().unwrap_or_default().to_owned();
    let cells = report["data"]["cells"].as_array().unwrap().clone();
    cells
        .iter()
        .map(|cell| ((text(cell, "source"), text(cell, "field")), (text(cell, "state"), text(cell, "found"))))
        .collect()
}

/// A line of the final checklist: state and evidence.
fn checked(ran: &Ran, id: &str) -> (String, String) {
    let report = ran.events().into_iter().rfind(|event| event["kind"] == "checklist").unwrap();
    let item = report["data"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    (item["state"].as_str().unwrap().into(), item["evidence"].as_str().unwrap().into())
}

fn served(fault: Fault) -> Fault {
    fault.at(Origin::Updates)
}

fn says(path: &str, body: &str) -> Fault {
    let (headers, body) = (BTreeMap::new(), body.into());
    served(Fault::new(Action::Answer { status: 200, headers, body, after: Stage::Request }).on("GET", path))
}

/// What the servers say before the release: the gate of the check is not what is looked at.
fn only_after(practice: &Practice, fault: Fault) {
    // The first two requests to the health pages are the check's, before and under the lock.
    let first = if fault.path.contains("health") { Fault { from: 3, ..fault } } else { fault };
    practice.faults([first]);
}

#[test]
fn a_release_that_is_delivered_ends_green_from_the_public_url_to_the_appcast() {
    let practice = delivering();
    let ran = practice.run(&JSON).expect_code(0);
    let cells = cells(&ran);
    let fine = |(state, _): &(String, String)| state == "aligned" || state == "not-applicable";
    assert!(cells.values().all(fine), "{cells:#?}");
    for (source, field) in [("VERSION", "version"), ("release", "sha256"), ("public", "url"), ("public", "sha256")]
        .into_iter()
        .chain([("VM", "version")])
        .chain(PAGES.map(|page| (page, "version")))
    {
        assert_eq!(cells[&(source.into(), field.into())].0, "aligned", "{source} {field}");
    }
    assert!(cells[&("/appcast.xml".into(), "offered".into())].1.starts_with("1.6.1.43: "), "{cells:?}");
    let (state, evidence) = checked(&ran, "served");
    assert_eq!((state.as_str(), PAGES.iter().all(|page| evidence.contains(page))), ("ok", true), "{evidence}");
    // Again: nothing is new, and all of it is looked at but the download.
    let ran = practice.run(&JSON).expect_code(0);
    let (state, found) = &self::cells(&ran)[&("public".into(), "download".into())];
    assert!(state == "pending" && found.contains("nexy-release verify v1.6.1.44"), "{found}");
    assert_eq!(checked(&ran, "served").0, "ok");
}

#[test]
fn the_practice_world_is_delivered_and_says_so() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(["sandbox", "--headless"]).env_clear().env("PATH", "/usr/bin:/bin");
    let ran = Ran::from(command.output().unwrap()).expect_code(0);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    let line = |start: &str| ran.stdout.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned();
    assert!(line("/appcast.xml").contains("aligned"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("served          /health, /updates/health, /appcast.xml, /api/manifests show 1.6.1.44")
    );
    assert!(!ran.stdout.contains("DRIFTED"), "{}", ran.stdout);
}

#[test]
fn what_a_run_did_not_deliver_is_pending_and_nobody_is_asked_for_it() {
    let practice = delivering();
    practice.set("vm.push_manifest", "false");
    let ran = practice.run(&JSON).expect_code(0);
    let cells = cells(&ran);
    for source in PAGES.into_iter().chain(["VM"]) {
        let (state, found) = &cells[&(source.into(), "served".into())];
        assert!(state == "pending" && found.contains("nexy-release manifest push-vm"), "{source}: {found}");
    }
    assert_eq!(checked(&ran, "served"), ("pending".into(), "nexy-release manifest push-vm".into()));
    let again = practice.publish().expect_code(0);
    let why = format!("  pending: VM, {}: not delivered by this run: nexy-release manifest push-vm", PAGES.join(", "));
    assert_eq!(again.count(&why), 1, "{}", again.stdout);
    let asked = practice.requests().into_iter().filter(|request| request.origin == Origin::Updates);
    assert!(asked.map(|request| request.path).all(|path| path.ends_with("health")), "the check's alone");
}

#[test]
fn servers_that_take_a_moment_are_read_until_they_agree_and_the_wait_has_an_end() {
    let practice = delivering();
    practice.faults([served(Fault::answer(500).on("GET", "appcast")).window(1, 2)]);
    let ran = practice.run(&JSON).expect_code(0);
    let waits: Vec<_> = ran.events().into_iter().filter(|event| event["kind"] == "wait").collect();
    let [wait] = &waits[..] else { panic!("{waits:?}") };
    let text = wait["text"].as_str().unwrap();
    assert!(text.contains("/appcast.xml does not say 1.6.1.44 yet (status 500)"), "{text}");
    let seconds = wait["seconds"].as_u64().unwrap();
    assert!((1..=20).contains(&seconds), "no longer than github.max_wait_s: {seconds}");
    let asked = practice.requests().into_iter().filter(|request| request.path.contains("appcast")).count();
    assert_eq!(asked, 3);
    assert_eq!(checked(&ran, "served").0, "ok");
}

type Bend = (&'static str, fn() -> Fault, &'static str, &'static str, &'static str);

const OLD: &str = r#"{"latest_version": "1.6.1.43", "latest_build": "1.6.1.43"}"#;

const BENDS: [Bend; 8] = [
    ("an old version in health", || says("/health", OLD), "/health", "version", "SERVER_(VERSION|BUILD)"),
    ("appcast 500", || served(Fault::answer(500).on("GET", "appcast")), "/appcast.xml", "status", "curl"),
    ("health 404", || served(Fault::answer(404).on("GET", "/updates/health")), "/updates/health", "status", "curl"),
    ("an empty list", || says("manifests", "[]"), "/api/manifests", "version", "systemctl restart"),
    ("no JSON", || says("manifests", "<html>"), "/api/manifests", "body", "curl"),
    ("no item", || says("appcast", "<rss><channel/></rss>"), "/appcast.xml", "version", "systemctl restart"),
    ("no XML", || says("appcast", "<rss><channel></item>"), "/appcast.xml", "body", "curl"),
    ("304 without cache", || served(Fault::answer(304).on("GET", "manifests")), "/api/manifests", "status", "curl"),
];

#[test]
fn a_source_that_is_bent_makes_the_gate_red_and_the_release_is_public_all_the_same() {
    side_by_side(BENDS, |(what, bend, source, field, fix)| {
        let practice = delivering();
        practice.set("github.max_wait_s", "1");
        only_after(&practice, bend());
        let ran = practice.run(&JSON).expect_code(7);
        let cells = cells(&ran);
        let wrong = cells.get(&(source.to_owned(), field.to_owned()));
        assert!(wrong.is_some_and(|(state, _)| state == "drifted"), "{what}: {cells:#?}");
        let result = ran.events().pop().unwrap();
        assert_eq!(result["code"], "NX-SERVED-01", "{what}");
        assert!(result["why"].as_str().unwrap().contains("v1.6.1.44 is public"), "{what}: {result}");
        let fixes = result["fix"].to_string();
        assert!(fixes.contains(fix), "{what}: {fixes}");
        assert_eq!((checked(&ran, "served").0, checked(&ran, "complete").0), ("failed".into(), "failed".into()));
        assert_eq!(checked(&ran, "assets-public").0, "ok", "{what}");
        assert_eq!(ran.stdout.matches("RELEASE COMPLETE").count(), 0, "{what}");
        practice.assert_released();
        let last = practice.journal().pop().unwrap();
        assert_eq!(
            (&last["outcome"], &last["public"], &last["code"]),
            (&"failed".into(), &true.into(), &"NX-SERVED-01".into())
        );
        // Mended, the same command is the way on.
        practice.faults([]);
        practice.publish().expect_code(0);
    });
}

#[test]
fn a_release_that_is_not_what_was_published_makes_the_gate_red() {
    let practice = delivering();
    practice.publish().expect_code(0);
    practice.write(support::VERSIONED, practice.read(MANIFEST).replace("\"critical\": false", "\"critical\": true"));
    let ran = practice.run(&["verify"]).expect_code(7);
    ran.expect_error("NX-MANIFEST-06");
}

#[test]
fn servers_that_cannot_be_reached_leave_the_gate_unknown_not_red() {
    let practice = delivering();
    practice.set("github.idle_timeout_s", "1");
    practice.set("github.max_wait_s", "1");
    practice.faults([served(Fault::new(Action::Stall { after: Stage::Request }).on("GET", "appcast"))]);
    let ran = practice.publish().expect_code(6);
    ran.expect_error("NX-VERIFY-02");
    assert!(ran.stderr.contains("v1.6.1.44 is public"), "{}", ran.stderr);
    practice.faults([]);
    practice.publish().expect_code(0);
}

#[test]
fn an_interrupted_gate_says_that_the_version_is_public() {
    let practice = delivering();
    practice.set("github.idle_timeout_s", "60");
    practice.faults([served(Fault::new(Action::Stall { after: Stage::Request }).on("GET", "appcast"))]);
    let running = practice.start(&["publish", "--yes"]);
    support::eventually("the gate at the appcast", || {
        practice.requests().iter().any(|request| request.path.contains("appcast")).then_some(())
    });
    running.signal(Signal::INT);
    let ran = running.wait().expect_code(130);
    assert!(ran.stderr.contains("v1.6.1.44 is public"), "{}", ran.stderr);
}

#[test]
fn a_service_that_holds_what_it_read_is_found_and_a_restart_mends_it() {
    let practice = Practice::with_dmg(Scenario::StaleAppcast, 96 << 10);
    practice.deliver();
    practice.set("github.max_wait_s", "2");
    let ran = practice.publish().expect_code(7);
    ran.expect_error("NX-SERVED-01");
    assert!(ran.stderr.contains("fix: sudo systemctl restart voice-assistant.service"), "{}", ran.stderr);
    let restart =
        Command::new(practice.vm().join("bin/systemctl")).args(["restart", "voice-assistant.service"]).status();
    assert!(restart.unwrap().success());
    practice.publish().expect_code(0);
}

#[test]
fn the_scenario_names_the_command_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let headless = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.args(["sandbox", "--headless", "--scenario", "stale-appcast", "--dir"]).arg(&world);
        Ran::from(command.env_clear().env("PATH", "/usr/bin:/bin").output().unwrap())
    };
    let ran = headless().expect_code(7);
    let (_, mends) = ran.stderr.split_once("On the practice VM that is: ").unwrap();
    let words = shlex::split(mends.lines().next().unwrap()).unwrap();
    assert!(Command::new(&words[0]).args(&words[1..]).status().unwrap().success());
    headless().expect_code(0);
}

#[test]
fn a_manifest_that_keeps_its_own_min_os_is_not_judged_by_the_setting() {
    let practice = delivering();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"min_os\": \"11.0\"", "\"min_os\": \"12.0\""));
    assert!(practice.read(MANIFEST).contains("12.0"));
    practice.publish().expect_code(0);
    practice.run(&["verify", "--served"]).expect_code(0);
    practice.run(&["status"]).expect_code(0);
}

const CHECK: [&str; 3] = ["check", "--only", "update-server"];

#[test]
fn the_check_says_what_the_servers_say() {
    let practice = delivering();
    let ran = practice.run(&CHECK).expect_code(0);
    assert!(ran.stdout.contains("/health 1.6.1.43, /updates/health 1.6.1.43\n"), "{}", ran.stdout);
    let manifest = practice.read(MANIFEST);
    practice.write(MANIFEST, manifest.replace("1.6.1.43", "1.6.1.44"));
    let ran = practice.run(&CHECK).expect_code(0);
    assert!(ran.stdout.contains("1.6.1.43; the manifest here offers 1.6.1.44\n"), "{}", ran.stdout);
    practice.write(MANIFEST, manifest);
    practice.set("updates.health_url", "\"\"");
    practice.set("updates.updates_url", "\"\"");
    let ran = practice.run(&CHECK).expect_code(0);
    assert!(ran.stdout.contains("skipped  update-server"), "{}", ran.stdout);
}

#[test]
fn a_server_version_that_was_forgotten_is_recognised_before_a_release() {
    for line in ["SERVER_VERSION=1.6.1.42", "SERVER_BUILD=1.6.1.42", "SERVER_VERSION=v1.6.1.43"] {
        let practice = delivering();
        fs::write(practice.on_vm("config.env"), format!("GEMINI_API_KEY=\"AIza-practice-0123456789\"\n{line}\n"))
            .unwrap();
        let ran = practice.publish().expect_code(3);
        ran.expect_error("NX-SERVED-02");
        for part in ["SERVER_(VERSION|BUILD)", "config.env", "systemctl restart", "--waive"] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        practice.assert_not_public();
        // What it advises mends it for this release and the next.
        let advised = ran.stderr.lines().find_map(|line| line.split_once("fix: sudo sed ")).unwrap().1;
        let sed = format!("sed {}", advised.split(" && sudo systemctl").next().unwrap());
        assert!(Command::new("sh").args(["-c", &sed]).status().unwrap().success(), "{sed}");
        let left = fs::read_to_string(practice.on_vm("config.env")).unwrap();
        assert_eq!(left, "GEMINI_API_KEY=\"AIza-practice-0123456789\"\n");
        practice.run(&CHECK).expect_code(0);
    }
}

#[test]
fn a_server_that_is_down_blocks_and_can_be_waived() {
    let practice = delivering();
    practice.set("vm.push_manifest", "false");
    for (fault, code, error) in [
        (served(Fault::answer(502).on("GET", "/health")), 3, "NX-SERVED-03"),
        (says("/updates/health", "It works!"), 3, "NX-SERVED-03"),
        (says("/updates/health", r#"{"status": "error", "latest_version": "1.6.1.43"}"#), 3, "NX-SERVED-03"),
        (served(Fault::new(Action::Reset { after: Stage::Request }).on("GET", "/health")), 6, "NX-NET-01"),
    ] {
        practice.faults([fault]);
        practice.run(&CHECK).expect_code(code).expect_error(error);
    }
    practice.faults([served(Fault::answer(502).on("GET", "/health"))]);
    practice.run(&["publish", "--yes", "--waive", "update-server=maintenance until noon"]).expect_code(0);
    assert_eq!(practice.journal().pop().unwrap()["waived"]["update-server"], "maintenance until noon");
}
