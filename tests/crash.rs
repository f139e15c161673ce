//! Killed at any request, taken up again: SPEC §6.2 rule 5, facts/TRUST.md row 13.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::{Practice, eventually, side_by_side, sweep};

const ARTIFACTS: [&str; 3] = ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"];

/// How far into the bytes of each artifact the run gets, with the edges of what is read and sent at once.
fn depths(practice: &Practice) -> Vec<(&'static str, u64)> {
    let size = |name| std::fs::metadata(practice.path(&format!("release_inbox/{name}"))).unwrap().len();
    let within = |name| {
        let all = [0, 1, size(name) / 2, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, size(name) - 1, size(name)];
        all.into_iter().filter(move |depth| *depth <= size(name)).map(move |depth| (name, depth))
    };
    ARTIFACTS.into_iter().flat_map(within).collect()
}

/// A first release is killed where the transfer of an artifact stalls; the next run ends as one that nothing disturbed,
/// and sends nothing that had arrived.
fn killed_inside(
    what: &str,
    stalls: impl Fn(&str, u64) -> Fault + Sync,
    reached: impl Fn(&Practice, &str, u64) -> bool + Sync,
) {
    let undisturbed = Practice::tiny();
    undisturbed.publish().expect_code(0);
    let (expected, depths) = (undisturbed.left(), depths(&undisturbed));
    sweep(what, depths, 24, |(name, depth)| {
        let practice = Practice::tiny();
        practice.faults([stalls(name, *depth)]);
        let run = practice.start(&["publish", "--yes"]);
        eventually("the byte at which the run dies", || reached(&practice, name, *depth).then_some(()));
        run.kill();
        practice.until_vm_is_free();
        let arrived = practice.tagged().into_iter().flat_map(|release| release.assets);
        let arrived: Vec<_> = arrived.filter(|asset| asset.state == "uploaded").map(|asset| asset.name).collect();
        practice.faults([]);
        practice.host().clear_requests();
        practice.publish().expect_code(0);
        practice.left().assert_is(&expected);
        let sent = practice.sent();
        assert!(arrived.iter().all(|name| !sent.contains_key(name)), "{arrived:?} were there, {sent:?} were sent");
        practice.run(&["history", "--verify"]).expect_code(0);
    });
}

#[test]
fn row_13_a_run_killed_inside_any_upload_is_finished_by_the_next() {
    killed_inside(
        "killed inside an upload",
        |name, depth| Fault::new(Action::Stall { after: Stage::Body(depth) }).on("POST", &format!("?name={name}")),
        |practice, name, depth| {
            let wanted = format!("/assets?name={name}");
            practice.requests().iter().any(|r| r.path.ends_with(&wanted) && r.received >= depth)
        },
    );
}

#[test]
fn row_13_a_run_killed_inside_any_download_is_finished_by_the_next() {
    killed_inside(
        "killed inside a download",
        |name, depth| {
            // The bytes come from signed addresses without names: the first, second and third of them.
            let nth = (1..).zip(ARTIFACTS).find(|(_, artifact)| *artifact == name).unwrap().0;
            Fault::new(Action::Stall { after: Stage::Answer(depth) }).at(Origin::Blobs).window(nth, 1)
        },
        |practice, name, _| {
            let mut asked = practice.requests().into_iter().filter(|request| request.origin == Origin::Blobs);
            let nth = ARTIFACTS.iter().position(|artifact| *artifact == name).unwrap();
            asked.nth(nth).is_some_and(|request| request.status.is_some())
        },
    );
}

/// Requests of a first release.
fn requests_of_a_release() -> u64 {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.requests().len() as u64
}

/// A first release is killed when its `k`th request stalls at `stage`; the next run finishes it.
fn killed_at(k: u64, stage: Stage) {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Stall { after: stage }).window(k, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    eventually("the request at which the run dies", || {
        let request = practice.requests().into_iter().nth(usize::try_from(k - 1).unwrap())?;
        (stage == Stage::Request || request.status.is_some()).then_some(())
    });
    run.kill();
    practice.until_vm_is_free();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
    let posts = practice.mutations().into_iter().filter(|request| request.ends_with("/releases"));
    assert!(posts.count() <= 2, "request {k}, {stage:?}");
}

#[test]
fn row_13_a_run_killed_before_any_request_did_its_work_is_finished_by_the_next() {
    side_by_side(1..=requests_of_a_release(), |k| killed_at(k, Stage::Request));
}

#[test]
fn row_13_a_run_killed_after_any_request_did_its_work_is_finished_by_the_next() {
    side_by_side(1..=requests_of_a_release(), |k| killed_at(k, Stage::Answer(0)));
}
