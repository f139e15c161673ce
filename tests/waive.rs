//! Waiving a blocked check: SPEC §7, exit codes of §4.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::Fault;
use support::{Practice, side_by_side};

fn publish_waiving(practice: &Practice, waiver: &str) -> support::Ran {
    practice.run(&["publish", "--yes", "--waive", waiver])
}

/// Notes of another cycle: the check `notes` blocks, and may be waived.
fn with_old_notes() -> Practice {
    let practice = Practice::tiny();
    let notes = practice.read("release_inbox/LATEST_CHANGES.md").replace("1.6.1.44", "1.6.1.43");
    practice.write("release_inbox/LATEST_CHANGES.md", notes);
    practice
}

#[test]
fn a_waived_check_does_not_block_and_its_reason_is_in_the_journal() {
    let practice = with_old_notes();
    practice.publish().expect_code(3).expect_error("NX-NOTES-01");
    assert_eq!(practice.mutations(), [""; 0]);
    let ran = publish_waiving(&practice, "notes=the cycle is named wrongly").expect_code(0);
    assert!(ran.stdout.contains("(waived: the cycle is named wrongly)"), "{}", ran.stdout);
    assert_eq!(practice.journal()[0]["waived"]["notes"], "the cycle is named wrongly");
    practice.assert_released();
}

#[test]
fn a_waiver_that_is_not_needed_changes_nothing() {
    let practice = Practice::tiny();
    publish_waiving(&practice, "notes=to be sure").expect_code(0);
    practice.assert_released();
}

#[test]
fn a_waiver_without_a_reason_is_refused_before_any_request() {
    side_by_side(["notes", "notes=", "notes=  "], |waiver| {
        let practice = with_old_notes();
        publish_waiving(&practice, waiver).expect_code(2).expect_error("NX-USAGE-01");
        assert_eq!(practice.requests(), []);
    });
}

#[test]
fn an_unknown_check_is_refused_with_the_nearest_one() {
    let practice = Practice::tiny();
    let ran = publish_waiving(&practice, "note=why not").expect_code(2);
    ran.expect_error("NX-USAGE-01");
    assert!(ran.stderr.contains("Did you mean `notes`?"), "{}", ran.stderr);
    assert_eq!(practice.requests(), []);
}

#[test]
fn what_can_never_be_waived_is_refused_before_any_request() {
    side_by_side(["lock", "inbox", "version", "manifest", "github-auth", "target-repo"], |id| {
        let practice = Practice::tiny();
        let before = practice.snapshot();
        publish_waiving(&practice, &format!("{id}=please")).expect_code(2).expect_error("NX-USAGE-04");
        assert_eq!((practice.requests(), practice.snapshot()), (Vec::new(), before), "{id}");
    });
}

#[test]
fn different_published_bytes_cannot_be_waived() {
    let practice = Practice::with_dmg(nexy_release::sandbox::Scenario::Conflict, 96 << 10);
    let releases = practice.host().releases();
    publish_waiving(&practice, "tag-state=we want it").expect_code(2).expect_error("NX-USAGE-04");
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.host().releases(), releases);
}

#[test]
fn of_an_artifact_only_its_type_can_be_waived() {
    let practice = Practice::tiny();
    practice.write("release_inbox/Nexy.dmg", vec![7; 5000]);
    practice.publish().expect_code(3).expect_error("NX-ARTIFACT-05");
    publish_waiving(&practice, "artifacts=a raw image, on purpose").expect_code(0);
    practice.assert_released();
    let practice = Practice::tiny();
    practice.write("release_inbox/Nexy.dmg", "");
    publish_waiving(&practice, "artifacts=it is meant to be empty").expect_code(2).expect_error("NX-USAGE-04");
    assert_eq!(practice.mutations(), [""; 0]);
}

#[test]
fn of_several_blocking_checks_the_first_of_8_4_5_6_3_decides() {
    let practice = with_old_notes();
    practice.host().configure(|config| config.push = false);
    practice.publish().expect_code(4);
    let folder = std::fs::File::open(practice.workspace()).unwrap();
    folder.try_lock().unwrap();
    practice.publish().expect_code(8);
}

#[test]
fn what_could_not_be_found_out_is_not_called_a_wrong_waiver() {
    let practice = Practice::with_dmg(nexy_release::sandbox::Scenario::Resume, 96 << 10);
    practice.set("github.max_wait_s", "1");
    practice.faults([Fault::answer(500).on("GET", "/releases")]);
    publish_waiving(&practice, "tag-state=Anna is on holiday").expect_code(6).expect_error("NX-NET-04");
    practice.faults([]);
    publish_waiving(&practice, "tag-state=Anna is on holiday").expect_code(0);
}
