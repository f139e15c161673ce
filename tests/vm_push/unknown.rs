//! What became of a push is not told: it is looked up, and never sent again blindly.

use std::fs;

use nexy_release::sandbox::azure::Turn;
use rustix::process::Signal;

use super::support::{MANIFEST, Practice, VERSIONED, eventually};
use super::{WROTE, assert_delivered, push, released};

#[test]
fn an_outcome_that_was_not_told_is_looked_up_and_never_sent_again() {
    let practice = released();
    practice.turns([Turn::Well, Turn::LostEnd]);
    let ran = push(&practice).expect_code(0);
    assert!(ran.stderr.contains("a look at the VM shows that it wrote every file"), "{}", ran.stderr);
    assert_delivered(&practice);
    assert_eq!(practice.invocations(), 3 + 1, "the release's check, then look, push, look");
    assert_eq!(practice.scripts().iter().filter(|script| script.contains(WROTE)).count(), 1);
}

#[test]
fn an_outcome_that_stays_unknown_ends_unfinished_and_the_same_command_goes_on() {
    let practice = released();
    practice.turns([Turn::Well, Turn::Unfinished]);
    let ran = push(&practice).expect_code(6);
    ran.expect_error("NX-VM-13");
    assert!(ran.stderr.contains("nothing was written yet"), "{}", ran.stderr);
    push(&practice).expect_code(0);
    assert_delivered(&practice);
}

#[test]
fn a_script_that_az_sends_twice_does_its_work_once() {
    let practice = released();
    practice.turns([Turn::Well, Turn::Twice]);
    push(&practice).expect_code(0);
    assert_delivered(&practice);
}

#[test]
fn row_29_a_push_that_is_cancelled_is_told_and_found_done_by_the_next_run() {
    let practice = Practice::tiny();
    practice.set("vm.push_manifest", "true");
    practice.turns([Turn::Well, Turn::Well, Turn::Slow(1500)]);
    let run = practice.start(&["publish", "--yes"]);
    practice.until_on_vm(3);
    run.signal(Signal::INT);
    let ran = run.wait().expect_code(130);
    assert!(ran.stderr.contains("may still be running on the VM Nexy"), "{}", ran.stderr);
    assert!(ran.stderr.contains("v1.6.1.44 is public."), "{}", ran.stderr);
    // The VM is not stopped by that.
    let wanted = practice.read(MANIFEST);
    eventually("the manifest on the VM", || {
        (fs::read_to_string(practice.on_vm(VERSIONED)).is_ok_and(|text| text == wanted)).then_some(())
    });
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("The manifest's way to the VM of"), "what was kept\n{}", ran.stderr);
    assert!(ran.stdout.contains("already right on"), "{}", ran.stdout);
    assert_delivered(&practice);
}

#[test]
fn an_error_of_az_after_azure_took_the_script_is_looked_up() {
    for text in [
        "ERROR: (VMAgentStatusCommunicationError) VM 'Nexy' has not reported status",
        "ERROR: AADSTS700082: The refresh token has expired",
        "ERROR: (AuthorizationFailed) no Microsoft.Compute/locations/operations/read",
        "ERROR: (ResourceNotFound) The operation was not found.",
    ] {
        let practice = released();
        practice.turns([Turn::Well, Turn::Accepted { code: 1, text: text.into() }]);
        let ran = push(&practice).expect_code(0);
        assert!(ran.stderr.contains("a look at the VM shows that it wrote every file"), "{text}\n{}", ran.stderr);
        assert_delivered(&practice);
        assert_eq!(practice.scripts().iter().filter(|script| script.contains(WROTE)).count(), 1);
    }
}

#[test]
fn an_error_of_az_that_no_look_explains_is_unknown_and_kept() {
    let practice = released();
    let text = "ERROR: AADSTS700082: The refresh token has expired";
    practice.turns([
        Turn::Well,
        Turn::Accepted { code: 1, text: text.into() },
        Turn::Says { code: 1, text: text.into() },
    ]);
    let ran = push(&practice).expect_code(6);
    ran.expect_error("NX-VM-13");
    for said in ["UNKNOWN", "AADSTS700082", "az logout; az login"] {
        assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
    }
    let ran = push(&practice).expect_code(0);
    assert!(ran.stderr.contains("The manifest's way to the VM of"), "what was kept\n{}", ran.stderr);
    assert!(ran.stdout.contains("already right on"), "{}", ran.stdout);
}

#[test]
fn a_vm_that_stays_busy_may_be_busy_with_our_own_script() {
    let practice = released();
    practice.turns([Turn::Well, Turn::Busy, Turn::Busy, Turn::Busy, Turn::Busy]);
    push(&practice).expect_code(6).expect_error("NX-VM-13");
    let ran = push(&practice).expect_code(0);
    assert!(ran.stderr.contains("The manifest's way to the VM of"), "what was kept\n{}", ran.stderr);
    assert_delivered(&practice);
}

#[test]
fn a_refusal_that_a_look_confirms_is_one() {
    let practice = released();
    let text = "ERROR: (VMAgentStatusCommunicationError) VM 'Nexy' has not reported status".into();
    practice.turns([Turn::Well, Turn::Says { code: 1, text }]);
    let ran = push(&practice).expect_code(6);
    ran.expect_error("NX-VM-17");
    assert!(ran.stderr.contains("A look shows that nothing was written"), "{}", ran.stderr);
    assert!(!push(&practice).expect_code(0).stderr.contains("may still be running"));
}
