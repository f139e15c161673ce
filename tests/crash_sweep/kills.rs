//! Row 13: killed anywhere, finished by the next run.

use super::acts::{ACTS, Act};
use super::support::sweep;

fn killed(act: &Act, most: usize) {
    let undisturbed = act.undisturbed();
    let at = |class: &'static str| (1..=undisturbed.points(class)).map(move |k| (class, k));
    let points: Vec<_> = at("step").chain(at("change")).collect();
    sweep(&format!("killed: {}", act.name), points, most, |(class, k)| {
        let practice = (act.lay)();
        let ran = act.run(&practice, Some(&format!("kill {class} {k}")));
        assert_eq!(ran.code, -1, "not killed\n{}", ran.stderr);
        act.assert_converges(&practice, &undisturbed);
    });
}

#[test]
fn row_13_a_first_release_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[0], 40);
}

#[test]
fn row_13_a_release_that_goes_to_git_and_the_vm_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[9], 20);
}

#[test]
fn row_13_an_extension_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[1], 20);
}

#[test]
fn row_13_a_resumed_release_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[2], 20);
}

#[test]
fn row_13_a_manifest_point_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[3], 30);
}

#[test]
fn row_13_a_withdrawal_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[4], 30);
}

#[test]
fn row_13_a_manifest_sync_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[5], 30);
}

#[test]
fn row_13_a_finish_of_manifests_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[6], 20);
}

#[test]
fn row_13_a_version_set_killed_at_any_point_is_finished_by_the_next_run() {
    killed(&ACTS[8], 60);
}

#[test]
fn row_13_a_missing_inbox_is_made_whole_whenever_the_run_is_killed() {
    killed(&ACTS[7], 20);
}
