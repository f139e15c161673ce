//! `status`: what is published, served and under way; who may see it; and what looking costs.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use serde_json::Value;
use support::status::{cell, data, released, status};
use support::{MANIFEST, Practice, REPO, Ran};

/// What is advised.
fn fixes(ran: &Ran) -> impl Iterator<Item = &str> {
    ran.stdout.lines().filter(|line| line.contains("fix: "))
}

/// The same without a token, or with one that may only read.
fn without_push(practice: &Practice, token: Option<&str>) -> Value {
    let mut command = practice.command(&["status", "--output", "json"]);
    for (name, _) in practice.variables() {
        command.env_remove(&name);
        if let Some(token) = token {
            command.env(&name, token);
        }
    }
    data(&practice.start_command(command).wait().expect_code(0))
}

#[test]
fn everything_is_aligned_after_a_release_that_was_delivered() {
    let practice = released();
    let status = status(&practice, &[]);
    assert_eq!(status["judged"], "1.6.1.44");
    let cells = status["rows"].as_array().unwrap().iter().flat_map(|row| row["cells"].as_array().unwrap());
    let wrong: Vec<_> = cells.filter(|cell| cell["state"] == "drifted" || cell["state"] == "unknown").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (source, field) in [(MANIFEST, "sha256"), ("release", "sha256"), ("public", "url"), ("/appcast.xml", "url")] {
        assert_eq!(cell(&status, source, field)["state"], "aligned", "{source} {field}");
    }
    assert_eq!(cell(&status, "VM", "served")["state"], "pending", "no command is run there to look");
    assert_eq!(status["latest"]["value"]["tag"], "v1.6.1.44");
    assert_eq!(status["latest"]["value"]["assets"].as_array().unwrap().len(), 3);
    let versions: Vec<_> =
        status["versions"]["value"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
    assert_eq!(versions, ["1.6.1.44", "1.6.1.43"]);
    assert_eq!(status["drafts"]["value"], serde_json::json!([]));
    assert_eq!(status["journal"]["value"][0]["command"], "publish");
    assert_eq!(status["run"], Value::Null);
    assert!(status["vm"]["value"].as_str().unwrap().contains("signed in"));
    assert_eq!(practice.invocations(), 3, "the release's own: status runs nothing on the VM");
}

#[test]
fn what_is_pending_says_why_once_for_each_reason() {
    let practice = released();
    let ran = practice.run(&["status"]).expect_code(0);
    let pending: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("  pending: ")).collect();
    let expected = [
        "  pending: public sha256: not downloaded: nexy-release verify v1.6.1.44",
        "  pending: VM: not asked here: nexy-release verify --served",
    ];
    assert_eq!(pending, expected, "{}", ran.stdout);
    let place = |text: &str| ran.stdout.find(text).unwrap();
    assert!(place("/api/manifests ") < place(expected[0]) && place(expected[1]) < place("Latest:"), "{}", ran.stdout);
}

#[test]
fn drift_is_named_with_its_fix_and_is_no_error() {
    let practice = released();
    fs::write(practice.on_vm("config.env"), "SERVER_VERSION=1.6.1.43\n").unwrap();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("/v1.6.1.44/Nexy.dmg", "/v1.6.1.43/Nexy.dmg"));
    let ran = practice.run(&["status"]).expect_code(0);
    for text in ["/health version drifted: 1.6.1.43; should be 1.6.1.44", "SERVER_(VERSION|BUILD)", "offers 1.6.1.43"] {
        assert!(ran.stdout.contains(text), "{text}\n{}", ran.stdout);
    }
    let row = ran.stdout.lines().find(|line| line.trim_start().starts_with("/health ")).unwrap();
    assert!(row.contains("DRIFTED"), "{row}");
}

#[test]
fn a_version_that_was_taken_back_is_not_what_is_judged() {
    let practice = released();
    practice.run(&["manifest", "point", "v1.6.1.43", "--reason", "crash", "--yes"]).expect_code(0);
    let status = status(&practice, &[]);
    assert_eq!(status["judged"], "1.6.1.43");
    assert_eq!(cell(&status, MANIFEST, "version")["state"], "aligned");
    assert_eq!(cell(&status, "/updates/health", "version")["state"], "drifted", "the VM was not told");
}

#[test]
fn a_published_version_that_the_manifests_do_not_offer_is_in_doubt() {
    let practice = Practice::with_dmg(Scenario::AlreadyPublished, 96 << 10);
    let ran = practice.run(&["status", "--output", "json"]).expect_code(0);
    let status = data(&ran);
    assert_eq!((&status["judged"], &status["latest"]["value"]["tag"]), (&"1.6.1.43".into(), &"v1.6.1.44".into()));
    let newer = cell(&status, "release", "newer");
    assert_eq!(newer["state"], "unknown");
    assert!(newer["found"].as_str().unwrap().contains("looks withdrawn, or it is not delivered yet"), "{newer:#}");
    assert_eq!(cell(&status, MANIFEST, "url")["state"], "aligned");
    assert!(!ran.stdout.contains("manifest point"), "{}", ran.stdout);
    assert_eq!(cell(&status, "/health", "served")["state"], "not-applicable");
}

/// Whoever did not take it back has no line of it, nor has one whose journal is long.
#[test]
fn a_withdrawal_that_the_journal_does_not_tell_of_is_no_drift() {
    let practice = released();
    practice.run(&["manifest", "point", "v1.6.1.43", "--reason", "crash", "--yes"]).expect_code(0);
    practice.run(&["manifest", "push-vm"]).expect_code(0);
    let journal = practice.read(".nexy-release/journal.jsonl");
    let published = journal.lines().find(|line| line.contains("\"publish\"") && line.contains("\"done\"")).unwrap();
    for known in [String::new(), format!("{published}\n")] {
        practice.write(".nexy-release/journal.jsonl", known);
        let ran = practice.run(&["status"]).expect_code(0);
        assert!(ran.stdout.contains("everything against 1.6.1.43"), "{}", ran.stdout);
        assert!(ran.stdout.contains("1.6.1.44 is published, and 1.6.1.43 is offered by the manifests here and by the"));
        assert!(fixes(&ran).all(|fix| !fix.contains("manifest p")), "{}", ran.stdout);
        assert!(!ran.stdout.contains("DRIFTED"), "{}", ran.stdout);
    }
    // The withdrawal came to the servers, and not to this workspace; or the publication did not.
    practice.write(".nexy-release/journal.jsonl", "");
    for (git, judged, meaning) in [("1.6.1.44", "1.6.1.43", "looks withdrawn"), ("1.6.1.43", "1.6.1.44", "is behind")] {
        let own = practice.read(&format!("server/updates/manifests/manifest_{git}.json"));
        practice.write(MANIFEST, own);
        let ran = practice.run(&["status"]).expect_code(0);
        assert!(ran.stdout.contains(&format!("everything against {judged}")), "{}", ran.stdout);
        assert!(ran.stdout.contains(meaning) && ran.stdout.contains("git pull"), "{}", ran.stdout);
        assert!(fixes(&ran).all(|fix| !fix.contains("manifest p")), "{}", ran.stdout);
        // The next turn: the servers offer what was published.
        practice.write(MANIFEST, practice.read("server/updates/manifests/manifest_1.6.1.44.json"));
        practice.run(&["manifest", "push-vm"]).expect_code(0);
    }
}

#[test]
fn a_page_with_another_status_is_wrong_whatever_was_published() {
    let practice = released();
    practice.faults([Fault::answer(401).at(Origin::Api), Fault::answer(502).on("GET", "/appcast.xml")]);
    let status = status(&practice, &[]);
    let page = cell(&status, "/appcast.xml", "status");
    assert_eq!((&page["state"], &page["found"]), (&"drifted".into(), &"502".into()));
    // Nothing is known to compare them with; they answered all the same.
    for source in ["/health", "/updates/health", "/api/manifests"] {
        let cell = cell(&status, source, "served");
        assert_eq!(cell["state"], "unknown");
        assert!(cell["found"].as_str().unwrap().starts_with("says 1.6.1.44; not compared: "), "{cell:#}");
    }
    practice.faults([Fault::answer(500).at(Origin::Api)]);
    let status = self::status(&practice, &[]);
    let appcast = cell(&status, "/appcast.xml", "served");
    assert!(appcast["found"].as_str().unwrap().starts_with("says 1.6.1.44; not compared: "), "{appcast:#}");
}

#[test]
fn drafts_in_flight_have_an_owner_and_an_age_for_who_may_push() {
    let practice = Practice::open(Scenario::Resume);
    let ran = practice.run(&["status"]).expect_code(0);
    assert!(ran.stdout.contains("v1.6.1.44 by anna, made 3 days ago"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("v1.6.1.44 by nexy-practice, ours, made 2 h ago, 1 of 2 assets whole"),
        "{}",
        ran.stdout
    );
    for token in [None, Some(practice.host().read_token())] {
        let status = without_push(&practice, token);
        assert_eq!(status["drafts"]["unknown"], "only who may push sees drafts");
        assert_eq!(status["drafts"]["value"], Value::Null);
        assert_eq!(status["judged"], "1.6.1.43", "what everybody sees is shown");
    }
}

#[test]
fn what_one_may_not_see_is_unknown_and_no_error() {
    let practice = released();
    practice.set("release.repo", "\"Seregawpn/Private\"");
    let status = status(&practice, &[]);
    assert_eq!(status["judged"], Value::Null);
    assert!(status["latest"]["unknown"].as_str().unwrap().contains("Seregawpn/Private is not there"));
    assert_eq!(cell(&status, MANIFEST, "served")["state"], "unknown");
    practice.set("release.repo", &format!("{REPO:?}"));
    practice.faults([Fault::answer(401).at(Origin::Api)]);
    let status = self::status(&practice, &[]);
    assert!(status["drafts"]["unknown"].as_str().unwrap().contains("does not accept the token"));
}

#[test]
fn clients_are_simulated_with_the_reason() {
    let practice = released();
    let ran = practice
        .run(&["status", "--simulate", "1.6.1.42,1.6.1.44,v1.6.1.43,1.6.1.43@10.15,1.6.1.43@14.2"])
        .expect_code(0);
    let line = |version: &str| {
        let is = |line: &&str| line.trim_start().starts_with(&format!("{version} ")) && line.contains("offered ");
        ran.stdout.lines().find(is).unwrap_or_else(|| panic!("{version}: {}", ran.stdout))
    };
    assert!(line("1.6.1.42").contains("offered      1.6.1.44 against 1.6.1.42: part 4: 44 comes after 42"));
    assert!(line("1.6.1.44").contains("not offered  1.6.1.44 against 1.6.1.44: every part is equal"));
    assert!(line("v1.6.1.43").contains("offered      1.6.1.44 against v1.6.1.43: `v` is text"));
    assert!(line("1.6.1.43@10.15").contains("not offered  it needs macOS 11.0"), "{}", ran.stdout);
    assert!(line("1.6.1.43@14.2").contains("offered      1.6.1.44 against 1.6.1.43"), "{}", ran.stdout);
    practice.faults([Fault::answer(500).on("GET", "appcast")]);
    let status = status(&practice, &["--simulate", "1.6.1.43"]);
    assert!(status["offers"]["unknown"].as_str().unwrap().contains("answered 500: nobody is offered anything"));
    for wrong in ["", "@11.0", "1.6.1.43@"] {
        practice.run(&["status", "--simulate", wrong]).expect_code(2);
    }
}

#[test]
fn a_repository_without_a_release_is_shown_as_one() {
    let practice = Practice::tiny();
    practice.set("release.repo", "\"Seregawpn/Nexy_server\"");
    practice.set("vm.enabled", "false");
    let status = status(&practice, &[]);
    assert_eq!((&status["judged"], &status["latest"]["unknown"]), (&Value::Null, &"nothing is published yet".into()));
    assert_eq!(status["versions"]["value"], serde_json::json!([]));
    assert_eq!(status["vm"]["value"], "none: vm.enabled = false");
}

#[test]
fn of_a_long_journal_the_end_is_read() {
    let practice = released();
    let path = practice.path(".nexy-release/journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let last = text.lines().last().unwrap().to_owned();
    let runs = (0..3000).map(|n| last.replace("\"publish\"", &format!("\"run {n}\"")) + "\n");
    let long = runs.collect::<String>();
    assert!(long.len() > 1 << 20, "longer than what is read of it");
    fs::write(path, long).unwrap();
    let status = status(&practice, &[]);
    let shown: Vec<_> =
        status["journal"]["value"].as_array().unwrap().iter().map(|run| run["command"].clone()).collect();
    assert_eq!(shown, (2990..3000).rev().map(|n| format!("run {n}")).collect::<Vec<_>>());
}

#[test]
fn the_download_is_asked_for_to_its_end_and_its_size_is_compared() {
    let practice = released();
    practice.host().clear_requests();
    let fine = status(&practice, &[]);
    assert_eq!(["url", "size"].map(|field| cell(&fine, "public", field)["state"].clone()), ["aligned", "aligned"]);
    let blobs = practice.requests().into_iter().filter(|request| request.origin == Origin::Blobs);
    assert_eq!(blobs.map(|request| request.status).collect::<Vec<_>>(), [Some(206)], "one byte");
    let cases = [
        (Fault::answer(404).at(Origin::Web), "url", "drifted", "not there: 404"),
        (Fault::answer(404).at(Origin::Blobs), "url", "drifted", "not there: 404"),
        (Fault::answer(410).at(Origin::Blobs), "url", "drifted", "not there: 410"),
        (Fault::answer(403).at(Origin::Blobs), "url", "unknown", "answered 403"),
        (Fault::redirect(302, "https://example.invalid/x").at(Origin::Web), "url", "unknown", "example.invalid"),
        (whole("other bytes").at(Origin::Blobs), "size", "drifted", "11"),
    ];
    for (fault, field, state, found) in cases {
        practice.faults([fault.clone()]);
        let status = status(&practice, &[]);
        let cell = cell(&status, "public", field);
        assert_eq!(cell["state"], state, "{fault:?}: {cell:#}");
        assert!(cell["found"].as_str().unwrap().contains(found), "{fault:?}: {cell:#}");
        let fixes = cell["fix"].as_array().unwrap();
        assert!(fixes.iter().any(|fix| fix.as_str().unwrap().starts_with("curl -fLI 'http")), "{cell:#}");
        assert_eq!(fixes.last().unwrap(), "nexy-release verify v1.6.1.44", "{fault:?}: {cell:#}");
    }
}

/// A download that gives all of its bytes, whatever was asked for.
fn whole(body: &str) -> Fault {
    Fault::new(Action::Answer { status: 200, headers: [].into(), body: body.into(), after: Stage::Request })
}

#[test]
fn without_a_terminal_there_is_no_dashboard() {
    let practice = Practice::tiny();
    let ran = practice.run(&["status", "--watch"]).expect_code(2);
    ran.expect_error("NX-USAGE-02");
    assert!(ran.stderr.contains("]: There is no terminal for a dashboard"), "{}", ran.stderr);
    assert!(ran.stderr.contains("fix: nexy-release status\n"), "{}", ran.stderr);
    let plain = practice.run(&["status", "--watch", "--plain"]).expect_code(2);
    assert!(plain.stderr.contains("]: `--plain` has no dashboard"), "{}", plain.stderr);
    assert!(plain.stderr.contains("fix: nexy-release status\n"), "{}", plain.stderr);
    let json = practice.run(&["status", "--watch", "--output", "json"]).expect_code(2);
    assert!(json.stdout.contains("`--output json` has no dashboard"), "{}", json.stdout);
    assert!(practice.requests().is_empty());
}

#[test]
fn status_and_verify_ask_and_change_nothing() {
    let practice = released();
    let (before, files) = (practice.host().releases(), practice.snapshot());
    practice.host().clear_requests();
    practice.run(&["status", "--simulate", "1.6.1.43"]).expect_code(0);
    practice.run(&["verify", "--served"]).expect_code(0);
    let requests = practice.requests();
    assert!(requests.iter().any(|request| request.origin == Origin::Blobs), "the download, by the way of clients");
    assert!(requests.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")), "{requests:#?}");
    let authorized: Vec<_> =
        requests.iter().filter(|request| request.authorized).map(|request| request.origin).collect();
    assert!(authorized.iter().all(|origin| *origin == Origin::Api), "the token is the release host's");
    // What was downloaded is counted there.
    let tags = |releases: Vec<nexy_release::sandbox::host::ReleaseView>| {
        releases.into_iter().map(|r| (r.id, r.tag, r.draft)).collect::<Vec<_>>()
    };
    assert_eq!((tags(practice.host().releases()), practice.snapshot()), (tags(before), files));
}
