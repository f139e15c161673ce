//! Two consoles at once: SPEC §6.2 rule 7, facts/TRUST.md row 11.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use nexy_release::sandbox::host::{Action, Fault, ReleaseView};
use support::{MANIFEST, Practice, Ran, eventually, side_by_side, sweep};

/// Of all meetings so many are tried, unless all are asked for.
const ROUNDS: usize = 24;

/// How two consoles meet.
#[derive(Debug, Clone, Copy)]
enum Meeting {
    /// Started at once; this request of all is late, so that they meet in many orders.
    Together(u64),
    /// The second one starts when the first has sent so many requests.
    Staggered(usize),
}

fn meetings() -> Vec<Meeting> {
    (1..=24).flat_map(|k| [Meeting::Together(2 * k as u64), Meeting::Staggered(k)]).collect()
}

/// Both publish; answers how both ended.
fn race(practice: &Practice, other: &Path, meeting: Meeting) -> (Ran, Ran) {
    if let Meeting::Together(late) = meeting {
        practice.faults([Fault::new(Action::DelayMs(150)).window(late, 1)]);
    }
    let mut first = practice.start(&["publish", "--yes"]);
    if let Meeting::Staggered(requests) = meeting {
        eventually("the first console at work", || {
            (practice.requests().len() >= requests || first.is_over()).then_some(())
        });
    }
    let second = practice.start_command(practice.command_in(other, &["publish", "--yes"]));
    let ended = (first.wait(), second.wait());
    practice.faults([]);
    ended
}

/// The one release of the tag that is public.
fn public(practice: &Practice) -> ReleaseView {
    let mut public: Vec<_> = practice.tagged().into_iter().filter(|release| !release.draft).collect();
    assert_eq!(public.len(), 1, "{public:#?}");
    public.remove(0)
}

/// Nobody's draft is left: each console removed its own, and only that.
fn no_draft_is_left(practice: &Practice) {
    assert_eq!(practice.tagged().len(), 1, "{:#?}", practice.tagged());
}

#[test]
fn row_11_of_two_consoles_with_the_same_bytes_one_publishes_and_both_agree() {
    sweep("two consoles, same bytes", meetings(), ROUNDS, |&meeting| {
        let practice = Practice::tiny();
        let other = practice.copy();
        let (first, second) = race(&practice, other.path(), meeting);
        for ran in [&first, &second] {
            assert!(matches!(ran.code, 0 | 8), "{}\n{}", ran.stdout, ran.stderr);
        }
        assert!(first.code == 0 || second.code == 0, "somebody publishes");
        practice.assert_published(&public(&practice));
        no_draft_is_left(&practice);
        // Whoever stepped back has nothing to do any more but to follow with the manifest.
        practice.publish().expect_code(0);
        let late = practice.command_in(other.path(), &["publish", "--yes"]);
        practice.start_command(late).wait().expect_code(0);
        assert!(std::fs::read_to_string(other.path().join(MANIFEST)).unwrap().contains("1.6.1.44"));
        practice.assert_released();
    });
}

#[test]
fn row_11_of_two_consoles_with_different_bytes_exactly_one_set_is_public() {
    sweep("two consoles, different bytes", meetings(), ROUNDS, |&meeting| {
        let practice = Practice::tiny();
        let other = practice.copy();
        let theirs = practice.inbox();
        practice.replace_dmg(96 << 10, 7);
        let mine = practice.inbox();
        let (first, second) = race(&practice, other.path(), meeting);
        let (winner, loser) = if first.code == 0 { (&mine, &second) } else { (&theirs, &first) };
        assert!(first.code == 0 || second.code == 0, "{}\n{}", first.stderr, second.stderr);
        assert!(matches!(loser.code, 5 | 8), "{}\n{}", loser.stdout, loser.stderr);
        let held: BTreeMap<_, _> =
            public(&practice).assets.into_iter().map(|asset| (asset.name, asset.sha256.unwrap())).collect();
        assert_eq!(held, *winner, "never mixed");
        no_draft_is_left(&practice);
        // Asked again, the loser is told of the conflict, and nothing moves.
        let again = if first.code == 0 {
            practice.start_command(practice.command_in(other.path(), &["publish", "--yes"])).wait()
        } else {
            practice.publish()
        };
        again.expect_code(5);
    });
}

#[test]
fn row_11_who_loses_at_the_publication_with_the_same_bytes_ends_well_and_removes_its_draft() {
    side_by_side([(false, 0), (true, 5)], |(changed, code)| {
        let practice = Practice::tiny();
        // The other one has only so much time, which is plenty also where the machine is busy.
        practice.set("vm.enabled", "false");
        practice.set("github.idle_timeout_s", "30");
        // Held at the door of the publication until the other one is through.
        practice.faults([Fault::new(Action::DelayMs(8000)).on("PATCH", "").window(1, 1)]);
        let other = practice.copy();
        if changed {
            practice.replace_dmg(96 << 10, 7);
        }
        let loser = practice.start(&["publish", "--yes"]);
        eventually("the publication", || {
            practice.requests().iter().any(|request| request.method == "PATCH").then_some(())
        });
        let waive = ["publish", "--yes", "--waive", "tag-state=we race on purpose"];
        practice.start_command(practice.command_in(other.path(), &waive)).wait().expect_code(0);
        let ran = loser.wait().expect_code(code);
        assert_eq!(ran.count("already published, skip"), usize::from(!changed));
        let tagged = practice.tagged();
        assert_eq!((tagged.len(), tagged[0].draft), (1, false), "the loser's draft is gone: {tagged:#?}");
        if changed {
            ran.expect_error("NX-TAG-02");
            assert!(practice.read(MANIFEST).contains("1.6.1.43"));
        } else {
            practice.assert_released();
        }
    });
}

/// Whoever copies a workspace copies what it noted of its drafts: they are not the copy's.
#[test]
fn row_11_a_copy_of_a_workspace_takes_its_drafts_for_foreign_ones() {
    let practice = Practice::tiny();
    practice.faults([Fault::answer(422).on("PATCH", "")]);
    practice.publish().expect_code(1);
    practice.faults([]);
    practice.host().clear_requests();
    let other = practice.copy_with_state();
    let theirs = practice.command_in(other.path(), &["publish", "--yes"]);
    practice.start_command(theirs).wait().expect_code(8).expect_error("NX-TAG-01");
    assert_eq!(practice.mutations(), [""; 0]);
    // Where it was noted it is ours still.
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_11_one_workspace_is_published_from_once_at_a_time() {
    let practice = Practice::first_release();
    practice.host().configure(|config| config.throttle_bytes_per_s = Some(1 << 20));
    let first = practice.start(&["publish", "--yes"]);
    practice.until_uploading();
    let asked = practice.mutations().len();
    let second = practice.publish().expect_code(8);
    second.expect_error("NX-LOCK-01");
    assert!(second.stderr.contains("Process "), "who holds it\n{}", second.stderr);
    assert!(practice.mutations().len() <= asked + 2, "only the first one writes");
    practice.host().configure(|config| config.throttle_bytes_per_s = None);
    first.wait().expect_code(0);
    practice.assert_released();
}
