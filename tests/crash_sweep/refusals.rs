//! Row 14: an operation on a file is refused; the old state is kept, the end is clean, the next run finishes.

use rustix::io::Errno;

use super::acts::{ACTS, Act, COPY, Undisturbed, is_public};
use super::support::{MANIFEST, Practice, Ran, TAG, VERSIONED, sweep};

/// A full disk and one that went read-only refuse all that follows as well; the others are about one operation.
const ERRNOS: [(Errno, &str); 4] = [(Errno::NOSPC, " on"), (Errno::ROFS, " on"), (Errno::IO, ""), (Errno::ACCESS, "")];

/// The end is told as it is: what happened, how to go on, and nothing about the release that is not true.
#[track_caller]
fn assert_clean(practice: &Practice, ran: &Ran) {
    let all = format!("{}\n{}", ran.stdout, ran.stderr);
    assert!(!all.contains("panicked") && !all.contains("NX-INTERNAL"), "{all}");
    if ran.code == 0 {
        return;
    }
    assert!(matches!(ran.code, 1 | 6), "exit code {}\n{all}", ran.code);
    let error: Vec<_> = ran.stderr.lines().skip_while(|line| !line.starts_with("ERROR [NX-")).collect();
    assert!(error.iter().any(|line| line.trim_start().starts_with("why: ")), "{all}");
    assert!(error.iter().any(|line| line.trim_start().starts_with("fix: ")), "{all}");
    assert_eq!(ran.count("RELEASE COMPLETE"), 0, "{all}");
    if is_public(practice) {
        assert!(!all.contains(&format!("{TAG} is not public.")), "{all}");
    } else {
        assert!(!all.contains(&format!("{TAG} is public.")), "{all}");
    }
}

/// Every manifest is as it was or as it was going to be.
fn manifests(practice: &Practice) -> Vec<Option<String>> {
    let read = |path| std::fs::read_to_string(practice.path(path)).ok().map(|text| practice.same_everywhere(&text));
    [MANIFEST, VERSIONED, COPY].map(read).into()
}

fn refused(act: &Act, most: usize) {
    let undisturbed = act.undisturbed();
    let of = |class: &'static str| (1..=undisturbed.points(class)).map(move |k| (class, k));
    let points: Vec<_> = of("read").chain(of("change")).collect();
    // Side by side, so that a sample has all four of them.
    let cases: Vec<_> =
        points.iter().enumerate().flat_map(|(index, point)| (0..4).map(move |n| (*point, (index + n) % 4))).collect();
    sweep(&format!("refused: {}", act.name), cases, most, |((class, k), errno)| {
        one(act, &undisturbed, class, *k, ERRNOS[*errno]);
    });
}

fn one(act: &Act, undisturbed: &Undisturbed, class: &str, k: usize, (errno, on): (Errno, &str)) {
    let practice = (act.lay)();
    let before = manifests(&practice);
    let ran = act.run(&practice, Some(&format!("{} {class} {k}{on}", errno.raw_os_error())));
    assert_clean(&practice, &ran);
    let after = manifests(&undisturbed.practice);
    for ((now, before), after) in manifests(&practice).iter().zip(&before).zip(&after) {
        assert!(now == before || now == after, "neither old nor new: {now:?}");
    }
    act.assert_converges(&practice, undisturbed);
}

#[test]
fn row_14_a_first_release_refused_any_operation_keeps_the_old_state_and_is_finished_by_the_next_run() {
    refused(&ACTS[0], 60);
}

#[test]
fn row_14_an_extension_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[1], 20);
}

#[test]
fn row_14_a_resumed_release_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[2], 20);
}

#[test]
fn row_14_a_manifest_point_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[3], 30);
}

#[test]
fn row_14_a_withdrawal_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[4], 30);
}

#[test]
fn row_14_a_manifest_sync_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[5], 30);
}

#[test]
fn row_14_a_finish_of_manifests_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[6], 20);
}

#[test]
fn row_14_a_version_set_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[8], 30);
}

#[test]
fn row_14_a_release_that_goes_to_git_and_the_vm_refused_any_operation_is_finished_by_the_next_run() {
    refused(&ACTS[9], 20);
}
