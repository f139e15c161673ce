//! Rate limits and redirects: facts/TRUST.md rows 6 and 10.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::{Practice, side_by_side};

fn limited(status: u16, headers: &[(&str, &str)], body: &str) -> Fault {
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Fault::new(Action::Answer { status, headers, body: body.into(), after: Stage::Request })
}

#[test]
fn row_06_retry_after_is_waited_out_for_every_kind_of_request() {
    let requests =
        [("GET", "/releases?"), ("POST", "/releases"), ("POST", "name=Nexy.dmg"), ("PATCH", ""), ("GET", "/download/")];
    side_by_side(requests.into_iter().flat_map(|at| [(at, 429), (at, 403)]), |((method, path), status)| {
        let practice = Practice::tiny();
        practice.faults([limited(status, &[("retry-after", "1")], "").on(method, path).window(1, 1)]);
        let started = Instant::now();
        let ran = practice.publish().expect_code(0);
        assert!(started.elapsed() >= Duration::from_secs(1), "{method} {path} {status}");
        assert!(ran.stdout.contains("waiting 1 s"), "the wait is shown\n{}", ran.stdout);
        practice.assert_released();
    });
}

#[test]
fn row_05_a_server_that_fails_and_says_when_to_come_back_is_asked_then() {
    side_by_side([("GET", "/releases?"), ("GET", "/download/")], |(method, path)| {
        let practice = Practice::tiny();
        practice.faults([limited(503, &[("retry-after", "2")], "").on(method, path).window(1, 1)]);
        let ran = practice.publish().expect_code(0);
        assert!(ran.stdout.contains("waiting 2 s"), "the wait is shown\n{}", ran.stdout);
        practice.assert_released();
    });
}

#[test]
fn row_06_a_longer_wait_than_allowed_stops_the_run_and_says_until_when() {
    let limits = [
        limited(429, &[("retry-after", "3600")], ""),
        limited(403, &[("retry-after", "21")], ""),
        limited(429, &[], ""),
        limited(403, &[], r#"{"message":"You have exceeded a secondary rate limit."}"#),
        limited(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999")], ""),
    ];
    side_by_side(limits, |limit| {
        let practice = Practice::tiny();
        practice.faults([limit]);
        let started = Instant::now();
        let ran = practice.publish().expect_code(6);
        ran.expect_error("NX-NET-03");
        assert!(started.elapsed() < Duration::from_secs(20));
        assert!(ran.stderr.contains("that is until "), "{}", ran.stderr);
        assert_eq!(practice.mutations(), [""; 0]);
    });
}

#[test]
fn row_06_a_plain_403_is_final_and_names_the_request() {
    let practice = Practice::tiny();
    practice.faults([limited(403, &[], r#"{"message":"Resource not accessible"}"#).on("POST", "/releases")]);
    let ran = practice.publish().expect_code(4);
    ran.expect_error("NX-AUTH-03");
    assert!(ran.stderr.contains("request id") && ran.stderr.contains(support::REPO), "{}", ran.stderr);
    assert_eq!(practice.mutations().len(), 1);
}

/// A server of somebody else on this machine, to which no request of ours may come.
fn stranger() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/steal", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn row_10_an_api_or_upload_redirect_is_not_followed() {
    let requests = [("GET", "/user"), ("GET", "/releases?"), ("POST", "/releases"), ("POST", "name="), ("PATCH", "")];
    side_by_side(requests.into_iter().flat_map(|at| [(at, 302), (at, 307)]), |((method, path), status)| {
        let practice = Practice::tiny();
        let (stranger, url) = stranger();
        practice.faults([Fault::redirect(status, &url).on(method, path)]);
        let ran = practice.publish();
        assert_ne!(ran.code, 0, "{method} {path}\n{}", ran.stdout);
        assert!(stranger.accept().is_err(), "{method} {path} was followed");
        practice.assert_not_public();
    });
}

#[test]
fn row_10_a_download_that_leads_to_a_host_that_is_not_allowed_is_refused() {
    for url in ["https://example.invalid/Nexy.dmg", "http://192.0.2.1/Nexy.dmg", "file:///etc/passwd"] {
        let practice = Practice::tiny();
        practice.faults([Fault::redirect(302, url).at(Origin::Web)]);
        let ran = practice.publish().expect_code(6);
        ran.expect_error("NX-NET-06");
        assert!(ran.stderr.contains("v1.6.1.44 is public"), "{}", ran.stderr);
        assert!(practice.read(support::MANIFEST).contains("1.6.1.43"));
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
    }
}

#[test]
fn row_10_an_upload_url_that_leads_elsewhere_never_sees_the_token() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(422).on("POST", "name=Nexy.dmg")]);
    practice.publish().expect_code(1);
    let draft = practice.tagged().remove(0);
    // The host's word for our draft from now on: the DMG is still missing, and is to be sent to a stranger.
    let body = serde_json::json!({
        "id": draft.id, "node_id": "x", "tag_name": draft.tag, "name": "Nexy 1.6.1.44", "body": draft.body, "draft": true,
        "prerelease": false, "target_commitish": "main", "created_at": "2026-02-20T10:00:00Z", "published_at": null,
        "url": "http://x", "html_url": "http://x", "assets_url": "http://x", "assets": [],
        "upload_url": "https://example.invalid/upload{?name,label}",
    });
    practice.faults([limited(200, &[], &body.to_string()).on("GET", &format!("/releases/{}", draft.id))]);
    practice.publish().expect_code(6).expect_error("NX-NET-06");
    practice.assert_not_public();
}
