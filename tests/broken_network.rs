//! Every request of a release meets every misfortune, once and for good: the run succeeds or ends in order, and the
//! next one finishes. Issue "The corridor under fire", part 4; facts/TRUST.md rows 3 to 10.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use nexy_release::sandbox::host::{Action, Fault, Origin, Request, Stage};
use support::{Practice, Ran, sweep};

/// Where a run begins: each sends requests of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Nothing is there.
    First,
    /// Nothing is there, and the host reports no digests: what was sent is downloaded and hashed.
    WithoutDigests,
    /// Our draft, with a half-uploaded DMG and other notes.
    Resumed,
    /// Published without the PKG.
    Extended,
}

const STARTS: [Start; 4] = [Start::First, Start::WithoutDigests, Start::Resumed, Start::Extended];

/// One run: its `k`th request meets this, or all from it on.
#[derive(Debug, Clone)]
struct Point {
    start: Start,
    k: u64,
    always: bool,
    action: Action,
}

/// A world in which giving up takes seconds.
fn begun(start: Start) -> Practice {
    let practice = Practice::tiny();
    practice.set("github.idle_timeout_s", "1");
    practice.set("github.max_wait_s", "3");
    match start {
        Start::First => {}
        Start::WithoutDigests => practice.host().configure(|config| config.digest = false),
        Start::Resumed => {
            let refused = answer(401, &[], "", Stage::Body(1000));
            practice.faults([Fault::new(refused).on("POST", "name=Nexy.dmg")]);
            practice.publish().expect_code(4);
            practice.faults([]);
            let notes = practice.read("release_inbox/LATEST_CHANGES.md") + "- one more line\n";
            practice.write("release_inbox/LATEST_CHANGES.md", notes);
            assert!(
                practice.tagged()[0].assets.iter().any(|asset| asset.state == "starter"),
                "{:#?}",
                practice.tagged()
            );
        }
        Start::Extended => _ = practice.seed(practice.without_pkg()),
    }
    practice.host().clear_requests();
    practice
}

/// All requests of an undisturbed run from here.
fn requests(start: Start) -> Vec<Request> {
    let practice = begun(start);
    practice.publish().expect_code(0);
    practice.requests()
}

/// Every request of every start meets each of these, once and for good.
fn points(actions: &[Action]) -> Vec<Point> {
    let all = STARTS.into_iter().flat_map(|start| (1..=requests(start).len() as u64).map(move |k| (start, k)));
    let all = all.flat_map(|(start, k)| [false, true].map(|always| (start, k, always)));
    let all = all.flat_map(|(start, k, always)| {
        actions.iter().map(move |action| Point { start, k, always, action: action.clone() })
    });
    shuffled(all)
}

/// In no order, the same on every machine: a sample of them then has something of everything.
fn shuffled<T>(points: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut points: Vec<_> = points.into_iter().enumerate().collect();
    points.sort_by_key(|(at, _)| (*at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    points.into_iter().map(|(_, point)| point).collect()
}

/// Whatever the misfortune was, the run ended in order; then it is over, and the next run finishes. Answers how it ended,
/// and whether it met a single read.
fn ends_in_order(point: &Point, codes: &[i32]) -> (Ran, bool) {
    let practice = begun(point.start);
    let fault = Fault::new(point.action.clone());
    practice.faults([if point.always { Fault { from: point.k, ..fault } } else { fault.window(point.k, 1) }]);
    let ran = practice.publish();
    assert!(codes.contains(&ran.code), "exit {}, {codes:?} expected\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    if ran.code != 0 {
        is_clean(&ran);
        assert_eq!(ran.count("RELEASE COMPLETE"), 0);
        // It may have to say that it does not know; what it says it knows is true.
        let public = practice.tagged().iter().any(|release| !release.draft);
        practice.assert_manifest_moved_last(&ran);
        let said = ["v1.6.1.44 is public.", "v1.6.1.44 is public,"];
        assert!(public || !said.iter().any(|said| ran.stderr.contains(said)), "it is not\n{}", ran.stderr);
        assert!(!public || !ran.stderr.contains("v1.6.1.44 is not public."), "it is\n{}", ran.stderr);
    }
    let hit = practice.requests().into_iter().nth(usize::try_from(point.k).unwrap() - 1);
    let once_read = !point.always && hit.is_some_and(|request| request.method == "GET");
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
    (ran, once_read)
}

/// The same for a misfortune that passes: a read that meets it once is asked again, and nobody notices.
fn passes(point: &Point) {
    let (ran, once_read) = ends_in_order(point, &[0, 6]);
    assert!(!once_read || ran.code == 0, "a read that fails once\n{}", ran.stderr);
}

/// What happened, why, and how to go on.
fn is_clean(ran: &Ran) {
    let has = |start: &str| ran.stderr.lines().any(|line| line.trim_start().starts_with(start));
    assert!(has("ERROR [NX-") && has("why:") && has("fix:"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str, after: Stage) -> Action {
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Action::Answer { status, headers, body: body.into(), after }
}

/// Every stage of a request at which a line may fail.
const STAGES: [Stage; 6] =
    [Stage::Head, Stage::Request, Stage::Work, Stage::Answer(0), Stage::Answer(1), Stage::Answer(u64::MAX)];

#[test]
fn row_03_a_line_that_fails_at_any_request_ends_in_order() {
    let actions: Vec<_> =
        STAGES.into_iter().flat_map(|after| [Action::Reset { after }, Action::Close { after }]).collect();
    sweep("a line that fails", points(&actions), 32, passes);
}

#[test]
fn row_08_a_stall_at_any_request_ends_by_its_deadline() {
    let actions = STAGES.map(|after| Action::Stall { after });
    sweep("a stall", points(&actions), 12, passes);
}

#[test]
fn row_05_a_host_that_fails_at_any_request_ends_in_order() {
    let stages = [Stage::Head, Stage::Request, Stage::Work];
    let actions: Vec<_> =
        [500, 502, 503].into_iter().flat_map(|status| stages.map(|after| answer(status, &[], "", after))).collect();
    sweep("5xx", points(&actions), 12, passes);
}

#[test]
fn row_06_a_limit_at_any_request_is_waited_out_or_ends_in_order() {
    let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let limit = |status, headers: &[_]| answer(status, headers, secondary, Stage::Request);
    let actions =
        [limit(429, &[("retry-after", "1")]), limit(403, &[("retry-after", "1")]), limit(429, &[]), limit(403, &[])];
    sweep("429 and 403 with a limit", points(&actions), 12, |point| _ = ends_in_order(point, &[0, 6]));
}

#[test]
fn row_07_a_token_refused_once_or_for_good_at_any_request_stops_the_run_with_nothing_deleted() {
    let refusals = [401, 403].map(|status| answer(status, &[], r#"{"message":"Bad credentials"}"#, Stage::Request));
    sweep("401 and 403", points(&refusals), 12, |point| {
        // What nobody needs a token for tells nothing about the token.
        ends_in_order(point, &[4, 6, 0]);
    });
}

#[test]
fn row_07_a_401_at_any_authorized_request_is_exit_4_and_deletes_nothing() {
    let all = STARTS.into_iter().flat_map(|start| {
        let authorized = requests(start).into_iter().filter(|request| request.authorized).count() as u64;
        (1..=authorized).map(move |k| (start, k))
    });
    sweep("401", shuffled(all), 12, |&(start, k)| {
        let practice = begun(start);
        practice.faults([Fault { from: k, ..Fault::answer(401) }]);
        let ran = practice.publish();
        // Storage that refuses what it needs no token for tells nothing about the token.
        let storage = practice.requests().iter().any(|request| request.status == Some(401) && !request.authorized);
        assert!(ran.code == 4 || ran.code == 6 && storage, "{}\n{}", ran.stdout, ran.stderr);
        is_clean(&ran);
        // The one that is refused may be a removal itself: it did nothing.
        let deleted = practice.requests().into_iter().filter(|r| r.method == "DELETE" && r.status == Some(204));
        let before =
            practice.requests().iter().take_while(|r| r.status != Some(401)).filter(|r| r.method == "DELETE").count();
        assert_eq!(deleted.count(), before, "nothing after the refusal");
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn row_09_an_answer_without_an_end_or_with_half_of_it_ends_in_order() {
    let actions = [Action::Endless, Action::Shorten(0), Action::Shorten(1), Action::Shorten(1000)];
    sweep("endless and truncated answers", points(&actions), 12, |point| _ = ends_in_order(point, &[0, 6]));
}

#[test]
fn row_10_a_redirect_to_a_foreign_host_at_any_request_is_not_followed() {
    let to = |status, url: &str| answer(status, &[("location", url)], "", Stage::Request);
    let actions = [
        to(301, "https://example.invalid/steal"),
        to(302, "https://example.invalid/steal"),
        to(307, "http://192.0.2.1/steal"),
        to(308, "//example.invalid/steal"),
    ];
    sweep("foreign redirects", points(&actions), 12, |point| _ = ends_in_order(point, &[0, 6]));
}

#[test]
fn row_03_a_lost_answer_to_any_write_is_looked_into() {
    let losses = [
        Action::Reset { after: Stage::Work },
        Action::Close { after: Stage::Answer(0) },
        Action::Close { after: Stage::Answer(10) },
        Action::Stall { after: Stage::Work },
        answer(500, &[], "", Stage::Work),
        answer(504, &[], "<html>", Stage::Work),
    ];
    let all = STARTS.into_iter().flat_map(|start| {
        let writes = requests(start).into_iter().filter(Request::mutates).map(|r| r.method).collect::<Vec<_>>();
        let nth = |k: usize| writes[..k].iter().filter(|method| **method == writes[k]).count() as u64 + 1;
        (0..writes.len()).map(|k| (start, writes[k].clone(), nth(k))).collect::<Vec<_>>()
    });
    let all = all.flat_map(|(start, method, nth)| losses.clone().map(|loss| (start, method.clone(), nth, loss)));
    sweep("lost answers", shuffled(all), 16, |(start, method, nth, loss)| {
        let practice = begun(*start);
        practice.faults([Fault::new(loss.clone()).on(method, "").window(*nth, 1)]);
        let ran = practice.publish();
        assert!(matches!(ran.code, 0 | 6), "{}\n{}", ran.stdout, ran.stderr);
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
        // What was lost had been done: where the run went on, nothing was sent again.
        let posts: Vec<_> = practice.requests().into_iter().filter(|r| r.method == "POST").map(|r| r.path).collect();
        let different: BTreeSet<_> = posts.iter().collect();
        assert!(ran.code != 0 || different.len() == posts.len(), "sent twice: {posts:#?}");
    });
}

/// The bytes at which a transfer may break: the first, those around a buffer's end, the last.
fn bytes_of(size: u64) -> [u64; 7] {
    let buffer = 64 << 10;
    [0, 1, buffer - 1, buffer, buffer + 1, size - 1, size]
}

/// The artifacts of a tiny release.
const SIZES: [(&str, u64); 3] = [("Nexy.dmg", 96 << 10), ("Nexy.pkg", 32 << 10), ("LATEST_CHANGES.md", 318)];

/// Each artifact with the bytes at which its upload may break; the last of them is its size.
fn breaks() -> impl Iterator<Item = (&'static str, u64)> {
    SIZES.into_iter().flat_map(|(name, size)| {
        bytes_of(size).into_iter().filter(move |bytes| *bytes <= size).map(move |bytes| (name, bytes))
    })
}

fn failures(after: Stage) -> [Action; 3] {
    [Action::Reset { after }, Action::Close { after }, Action::Stall { after }]
}

#[test]
fn row_03_an_upload_that_breaks_at_any_byte_arrives_once() {
    let stages = breaks().map(|(name, bytes)| (name, Stage::Body(bytes)));
    let around = [Stage::Head, Stage::Work, Stage::Answer(0)].map(|stage| ("Nexy.dmg", stage));
    let all = stages.chain(around).flat_map(|(name, stage)| failures(stage).map(|action| (name, action)));
    sweep("uploads that break", shuffled(all), 14, |(name, action)| {
        let practice = begun(Start::First);
        practice.faults([Fault::new(action.clone()).on("POST", &format!("name={name}")).window(1, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn row_03_a_download_that_breaks_at_any_byte_once_is_begun_again_and_for_good_ends_in_order() {
    let all = bytes_of(96 << 10).into_iter().flat_map(|bytes| failures(Stage::Answer(bytes)));
    let all = all.flat_map(|action| [Start::First, Start::WithoutDigests].map(|start| (start, action.clone())));
    let all = all.flat_map(|(start, action)| [false, true].map(|always| (start, action.clone(), always)));
    sweep("downloads that break", shuffled(all), 14, |(start, action, always)| {
        let practice = begun(*start);
        let fault = Fault::new(action.clone()).at(Origin::Blobs);
        practice.faults([if *always { fault } else { fault.window(1, 1) }]);
        let ran = practice.publish();
        // All bytes came: that the line fails after them is nobody's loss, unless the end was waited for.
        assert!(ran.code == 0 || *always && ran.code == 6, "{}\n{}", ran.stdout, ran.stderr);
        practice.faults([]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}

#[test]
fn row_02_an_upload_cut_short_at_any_byte_but_answered_201_is_sent_again() {
    let short = breaks().filter(|broken| !SIZES.contains(broken));
    let all = short.flat_map(|(name, bytes)| [Start::First, Start::WithoutDigests].map(|start| (start, name, bytes)));
    sweep("uploads cut short", shuffled(all), 16, |&(start, name, bytes)| {
        let practice = begun(start);
        practice.faults([Fault::new(Action::KeepOnly(bytes)).on("POST", &format!("name={name}")).window(1, 1)]);
        practice.publish().expect_code(0);
        let sent = practice.mutations().iter().filter(|request| request.ends_with(&format!("?name={name}"))).count();
        assert_eq!(sent, 2, "sent again once");
        practice.assert_released();
    });
}

#[test]
fn row_04_a_refusal_at_any_byte_of_the_body_is_looked_into() {
    let taken = r#"{"message":"Validation Failed","errors":[{"resource":"ReleaseAsset","code":"already_exists","field":"name"}]}"#;
    let all = breaks().map(|(name, bytes)| (name, answer(422, &[], taken, Stage::Body(bytes))));
    sweep("early refusals", shuffled(all), 16, |(name, action)| {
        let practice = begun(Start::First);
        practice.faults([Fault::new(action.clone()).on("POST", &format!("name={name}")).window(1, 1)]);
        practice.publish().expect_code(0);
        practice.assert_released();
    });
}
