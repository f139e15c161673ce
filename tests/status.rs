//! `status`: what is published, served and under way; who may see it; and what looking costs.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::time::Duration;

use nexy_release::engine::base::Base;
use nexy_release::engine::feed;
use nexy_release::engine::status::{Facts, Rhythm};
use nexy_release::release::code::Code;
use nexy_release::release::failure::Failure;
use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::host::{Action, Fault, Origin, SeedRelease, Stage};
use nexy_release::settings::{self, Environment};
use nexy_release::world::github::watch::Cost;
use nexy_release::world::stop::Stop;
use serde_json::Value;
use support::{MANIFEST, Practice, REPO, Ran};

/// A version that is published and delivered.
fn released() -> Practice {
    let practice = Practice::tiny();
    practice.deliver();
    practice.publish().expect_code(0);
    practice
}

fn status(practice: &Practice, more: &[&str]) -> Value {
    let ran = practice.run(&[&["status", "--output", "json"], more].concat()).expect_code(0);
    data(&ran)
}

fn data(ran: &Ran) -> Value {
    ran.events().into_iter().find(|event| event["kind"] == "status").unwrap()["data"].clone()
}

/// The cell of a source and a field.
fn cell<'a>(status: &'a Value, source: &str, field: &str) -> &'a Value {
    let rows = status["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["source"] == source).unwrap_or_else(|| panic!("no {source}: {status:#}"));
    let cells = row["cells"].as_array().unwrap();
    cells.iter().find(|cell| cell["field"] == field).unwrap_or_else(|| panic!("no {field}: {row:#}"))
}

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
fn drift_is_named_with_its_fix_and_is_no_error() {
    let practice = released();
    fs::write(practice.on_vm("config.env"), "SERVER_VERSION=1.6.1.43\n").unwrap();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("/v1.6.1.44/Nexy.dmg", "/v1.6.1.43/Nexy.dmg"));
    let ran = practice.run(&["status"]).expect_code(0);
    for text in ["/health version drifted: 1.6.1.43; should be 1.6.1.44", "SERVER_VERSION=1.6.1.44", "offers 1.6.1.43"]
    {
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

/// An answer that is an error is no answer: what was seen before is not what is.
#[test]
fn a_host_that_answers_only_errors_is_named_with_why_and_since_when() {
    let practice = released();
    let base = base(&practice);
    let mut facts = practice.block_on(Facts::new(&base, Vec::new()));
    practice.block_on(facts.look()).unwrap();
    let reset = [("x-ratelimit-remaining".into(), "0".into()), ("x-ratelimit-reset".into(), "99999999999".into())];
    let used_up = Action::Answer { status: 403, headers: reset.into(), body: "{}".into(), after: Stage::Request };
    let mut since = None;
    for fault in [Fault::answer(401), Fault::new(used_up), Fault::answer(403)] {
        practice.faults([fault.at(Origin::Api)]);
        practice.block_on(facts.look()).unwrap();
        let status = practice.block_on(async { serde_json::to_value(facts.status().await).unwrap() });
        let answer = cell(&status, "release", "answer");
        assert_eq!(answer["state"], "unknown");
        let found = answer["found"].as_str().unwrap();
        let (_, began) = found.split_once(", since ").unwrap_or_else(|| panic!("{found}"));
        assert_eq!(since.get_or_insert_with(|| began.to_owned()), began, "since the first of them");
        assert!(began.contains("last seen"), "{found}");
        let row = status["rows"].as_array().unwrap().iter().find(|row| row["source"] == "release").unwrap().clone();
        let aligned = row["cells"].as_array().unwrap().iter().any(|cell| cell["state"] == "aligned");
        assert!(!aligned, "{row:#}");
    }
    practice.faults([]);
    practice.block_on(facts.look()).unwrap();
    let status = practice.block_on(async { serde_json::to_value(facts.status().await).unwrap() });
    assert_eq!(cell(&status, "release", "sha256")["state"], "aligned");
}

#[test]
fn a_page_with_another_status_is_wrong_whatever_was_published() {
    let practice = released();
    practice.faults([Fault::answer(401).at(Origin::Api), Fault::answer(502).on("GET", "/appcast.xml")]);
    let status = status(&practice, &[]);
    let page = cell(&status, "/appcast.xml", "status");
    assert_eq!((&page["state"], &page["found"]), (&"drifted".into(), &"502".into()));
    assert_eq!(cell(&status, "/health", "served")["state"], "unknown");
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
    assert!(ran.stderr.contains("fix: nexy-release status\n"), "{}", ran.stderr);
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

fn base(practice: &Practice) -> Base {
    let variables = practice.variables().into_iter();
    let environment = variables.fold(Environment::default(), |all, (name, value)| all.with(name, value));
    let settings = settings::load(practice.workspace(), &environment).unwrap().settings;
    Base {
        root: practice.workspace().to_owned(),
        settings: settings.into(),
        environment,
        run: "01a1fdc2-e7ce-76d7-9258-f82182f5b7d9".into(),
        stop: Stop::default(),
        events: feed::channel().0,
    }
}

/// The clock stands still: what passes is the time that the rhythm asks to be waited for.
#[test]
fn an_hour_of_watching_costs_nothing_where_the_host_answers_that_nothing_changed() {
    let practice = released();
    let releases = (0..150).map(|n| SeedRelease::new(REPO, &format!("v1.0.0.{n}"))).collect();
    practice.block_on(practice.host().seed_releases(releases)).unwrap();
    let base = base(&practice);
    practice.block_on(async {
        let mut facts = Facts::new(&base, Vec::new()).await;
        facts.look().await.unwrap();
        assert_eq!(facts.cost.counted, 2, "two pages, once");
        let left = facts.cost.left.unwrap();
        practice.host().clear_requests();
        let (mut rhythm, mut passed, mut looks) = (Rhythm::default(), Duration::ZERO, 0_u128);
        while passed < Duration::from_hours(1) {
            passed += rhythm.next(&facts.cost, facts.missed.as_ref(), looks * 37);
            facts.look().await.unwrap();
            looks += 1;
            assert_eq!((facts.cost.counted, facts.cost.left), (0, Some(left)), "look {looks}");
        }
        assert!((100..=134).contains(&looks), "every 30 s, a tenth more or less: {looks}");
    });
    let requests = practice.requests();
    assert!(requests.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")));
    let api: Vec<_> = requests.iter().filter(|request| request.origin == Origin::Api).collect();
    assert!(api.len() >= 200 && api.iter().all(|request| request.status == Some(304)), "{:?}", api.first());
}

/// The host counts every answer to who is not signed in.
#[test]
fn an_hour_of_watching_without_a_token_stays_within_the_limit() {
    let practice = released();
    let base = Base { environment: Environment::default(), ..base(&practice) };
    practice.block_on(async {
        let mut facts = Facts::new(&base, Vec::new()).await;
        facts.look().await.unwrap();
        let left = facts.cost.left.unwrap();
        practice.host().clear_requests();
        facts.look().await.unwrap();
        assert_eq!((facts.cost.counted, facts.cost.left), (1, Some(left - 1)), "a 304 too");
        // As from a host that gives so little; and from one that does not tell.
        for told in [true, false] {
            let (mut rhythm, mut passed, mut left) = (Rhythm::default(), Duration::ZERO, 60_u64);
            while passed < Duration::from_hours(1) {
                left = left.checked_sub(facts.cost.counted).expect("a request too many");
                let reset = Duration::from_hours(1).saturating_sub(passed).as_secs();
                let cost = Cost { left: told.then_some(left), reset_s: told.then_some(reset), ..facts.cost };
                passed += rhythm.next(&cost, None, u128::from(left) * 37).max(Duration::from_secs(1));
            }
        }
    });
    let api: Vec<_> = practice.requests().into_iter().filter(|request| request.origin == Origin::Api).collect();
    assert!(api.iter().all(|request| request.status == Some(304) && !request.authorized), "{api:#?}");
}

#[test]
fn a_change_is_seen_at_the_next_look_and_an_outage_leaves_what_was_known() {
    let practice = released();
    let base = base(&practice);
    let versions = |facts: &Facts| practice.block_on(async { serde_json::to_value(facts.status().await).unwrap() });
    let mut facts = practice.block_on(Facts::new(&base, Vec::new()));
    practice.block_on(facts.look()).unwrap();
    practice.seed(SeedRelease { draft: true, author: "anna".into(), ..SeedRelease::new(REPO, "v1.6.1.45") });
    practice.block_on(facts.look()).unwrap();
    let status = versions(&facts);
    assert_eq!(status["drafts"]["value"][0]["owner"], "anna");
    practice.faults([Fault::answer(403).at(Origin::Api)]);
    practice.block_on(facts.look()).unwrap();
    let status = versions(&facts);
    assert_eq!(status["drafts"]["value"][0]["owner"], "anna", "as it was");
    assert!(status["drafts"]["unknown"].is_string() && status["drafts"]["seen"].is_string());
    assert_eq!(status["judged"], "1.6.1.44");
}

#[test]
fn the_rhythm_backs_off_and_spares_the_limit() {
    let usual = |pause: Duration| (Duration::from_secs(27)..=Duration::from_secs(33)).contains(&pause);
    let free = Cost { left: Some(3), reset_s: Some(3000), ..Cost::default() };
    let mut rhythm = Rhythm::default();
    for chance in 0..1000 {
        assert!(usual(rhythm.next(&free, None, chance)));
    }
    assert_ne!(rhythm.next(&free, None, 3), rhythm.next(&free, None, 150), "not in step with others");
    // Nobody is signed in: 60 requests an hour, half of which are left to others.
    let anonymous = Cost { counted: 1, anonymous: true, left: Some(60), reset_s: Some(3600) };
    assert!(rhythm.next(&anonymous, None, 100) >= Duration::from_secs(119));
    let used_up = Cost { counted: 1, left: Some(0), reset_s: Some(900), ..Cost::default() };
    assert!(rhythm.next(&used_up, None, 100) >= Duration::from_secs(899), "until there are more");
    let failure = Failure::new(Code::NetServer, "x");
    let pauses: Vec<_> = (0..6).map(|_| rhythm.next(&free, Some(&failure), 100).as_secs()).collect();
    assert_eq!(pauses, [60, 120, 240, 300, 300, 300]);
    assert!(usual(rhythm.next(&free, None, 100)), "and back");
    let limited = Failure::new(Code::NetRateLimit, "x");
    assert!(rhythm.next(&free, Some(&limited), 100) >= Duration::from_mins(2));
}
