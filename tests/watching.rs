//! What watching costs the release host, and how often it is looked at.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::time::Duration;

use nexy_release::engine::base::Base;
use nexy_release::engine::feed;
use nexy_release::engine::status::{Facts, Rhythm};
use nexy_release::release::code::Code;
use nexy_release::release::failure::Failure;
use nexy_release::sandbox::host::{Action, Fault, Origin, SeedRelease, Stage};
use nexy_release::settings::{self, Environment};
use nexy_release::world::github::watch::Cost;
use nexy_release::world::stop::Stop;
use support::status::{cell, released};
use support::{Practice, REPO};

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
