//! Hosts that answer what nobody expects: never taken for absent, never for different, never a panic.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, SeedRelease, Source, Stage};
use nexy_release::sandbox::samples;
use support::{Practice, REPO, TAG};

#[test]
fn a_published_asset_in_a_state_that_is_not_understood_is_not_touched() {
    let practice = Practice::tiny();
    let pkg = practice.path("release_inbox/Nexy.pkg");
    practice.seed(practice.without_pkg().asset("Nexy.pkg", Source::Path(pkg)));
    let path = format!("/repos/{REPO}/releases/tags/{TAG}");
    let mut release: serde_json::Value = serde_json::from_str(&practice.somebody("GET", &path, "")).unwrap();
    for asset in release["assets"].as_array_mut().unwrap() {
        asset["state"] = "open".into();
    }
    practice.host().clear_requests();
    practice.faults([Practice::says("GET", &path, &release.to_string())]);
    practice.publish().expect_code(6).expect_error("NX-NET-05");
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn a_draft_that_stands_on_two_pages_is_one_draft() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(401).on("POST", "?name=Nexy.pkg")]);
    practice.publish().expect_code(4);
    practice.faults([]);
    let page = practice.somebody("GET", &format!("/repos/{REPO}/releases?per_page=100"), "");
    practice.host().clear_requests();
    let mut first = Practice::says("GET", "&page=1", &page);
    if let Action::Answer { headers, .. } = &mut first.action {
        headers.insert("link".into(), format!("<{}/x?page=2>; rel=\"next\"", practice.host().api_url()));
    }
    practice.faults([first, Practice::says("GET", "&page=2", &page)]);
    practice.publish().expect_code(0);
    // A half-uploaded asset may go; the draft stays.
    let draft_removed = |request: &String| request.starts_with("DELETE") && !request.contains("/assets/");
    assert!(!practice.mutations().iter().any(draft_removed), "{:?}", practice.mutations());
    practice.assert_released();
}

#[test]
fn row_12_both_fingerprints_are_shown_where_the_host_reports_no_digest() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.digest = false);
    let other = practice.path("other.dmg");
    let theirs = samples::dmg(&other, 97 << 10, 99).unwrap();
    practice.seed(SeedRelease::new(REPO, TAG).asset("Nexy.dmg", Source::Path(other)));
    let ran = practice.publish().expect_code(5);
    assert!(ran.stderr.contains(&theirs.sha256.to_string()), "{}", ran.stderr);
}

#[test]
fn row_06_waits_beyond_all_reckoning_end_the_run_in_order() {
    for (method, path, name, value) in [
        ("GET", "/releases?", "retry-after", "18446744073709551615"),
        ("PATCH", "/releases/", "retry-after", "18446744073709551615"),
        ("GET", "/releases?", "x-ratelimit-reset", "-9223372036854775808"),
    ] {
        let practice = Practice::tiny();
        let mut limit = Fault::answer(429).on(method, path);
        if let Action::Answer { headers, .. } = &mut limit.action {
            headers.insert("x-ratelimit-remaining".into(), "0".into());
            headers.insert(name.into(), value.into());
        }
        practice.faults([limit, Fault::new(Action::DelayMs(50)).on(method, path)]);
        let ran = practice.publish().expect_code(6);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        practice.faults([]);
        practice.publish().expect_code(0);
    }
}

#[test]
fn row_02_an_addition_cut_short_without_an_answer_is_told_apart_from_a_bad_line() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    practice.faults([
        Fault::new(Action::KeepOnly(1000)).on("POST", "?name=Nexy.pkg"),
        Fault::new(Action::Reset { after: Stage::Work }).on("POST", "?name=Nexy.pkg"),
    ]);
    practice.publish().expect_code(7).expect_error("NX-VERIFY-01");
    assert_eq!(practice.mutations().len(), 1, "{:?}", practice.mutations());
}
