//! Two consoles at once: SPEC §6.2 rule 7, facts/TRUST.md row 11.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;
use std::process::Command;

use nexy_release::sandbox::host::{Action, Fault};
use support::{MANIFEST, Practice, Ran, side_by_side};

/// A second workspace with the files of the first, as a colleague has it.
fn copy(practice: &Practice) -> tempfile::TempDir {
    fn copy_into(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_name() == ".nexy-release" {
            } else if entry.path().is_dir() {
                copy_into(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy_into(practice.workspace(), folder.path());
    folder
}

fn command_in(practice: &Practice, folder: &Path, args: &[&str]) -> Command {
    let mut command = practice.command(&[]);
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
    command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.args(args).arg("--workspace").arg(folder).env_clear().envs(variables);
    command
}

/// Both publish at once; answers how both ended.
fn race(practice: &Practice, other: &Path) -> (Ran, Ran) {
    let first = practice.start(&["publish", "--yes"]);
    let second = practice.start_command(command_in(practice, other, &["publish", "--yes"]));
    (first.wait(), second.wait())
}

/// The requests meet in many orders: the `k`th of all is late.
fn late(practice: &Practice, k: u64) {
    practice.faults([Fault::new(Action::DelayMs(150)).window(k, 1)]);
}

#[test]
fn row_11_of_two_consoles_with_the_same_bytes_one_publishes_and_both_agree() {
    side_by_side(1..=24, |k| {
        let practice = Practice::tiny();
        late(&practice, k * 2);
        let other = copy(&practice);
        let (first, second) = race(&practice, other.path());
        for ran in [&first, &second] {
            assert!(matches!(ran.code, 0 | 8), "{k}\n{}\n{}", ran.stdout, ran.stderr);
        }
        let public: Vec<_> = practice.tagged().into_iter().filter(|release| !release.draft).collect();
        assert!(public.len() <= 1, "{public:#?}");
        practice.faults([]);
        // Whoever saw the other one's draft steps back; a draft of a run that stepped back blocks until it is judged.
        if public.is_empty() {
            assert_eq!((first.code, second.code), (8, 8));
            practice.run(&["publish", "--yes", "--waive", "tag-state=that was us, both stepped back"]).expect_code(0);
        } else {
            practice.publish().expect_code(0);
            let late = command_in(&practice, other.path(), &["publish", "--yes"]);
            practice.start_command(late).wait().expect_code(0);
            let theirs = std::fs::read_to_string(other.path().join(MANIFEST)).unwrap();
            assert!(theirs.contains("1.6.1.44"));
        }
        let public = practice.tagged().into_iter().find(|release| !release.draft).unwrap();
        practice.assert_published(&public);
        practice.assert_manifests();
    });
}

#[test]
fn row_11_of_two_consoles_with_different_bytes_exactly_one_set_is_public() {
    side_by_side(1..=24, |k| {
        let practice = Practice::tiny();
        late(&practice, k * 2);
        let other = copy(&practice);
        let mine = practice.inbox();
        practice.replace_dmg(96 << 10, 7);
        let changed = practice.inbox();
        let (first, second) = race(&practice, other.path());
        for ran in [&first, &second] {
            assert!(matches!(ran.code, 0 | 5 | 8), "{k}\n{}\n{}", ran.stdout, ran.stderr);
        }
        assert!(first.code != 0 || second.code != 0, "both cannot have won");
        for release in practice.tagged().into_iter().filter(|release| !release.draft) {
            let held: std::collections::BTreeMap<_, _> =
                release.assets.iter().map(|asset| (asset.name.clone(), asset.sha256.unwrap())).collect();
            assert!(held == mine || held == changed, "mixed: {release:#?}");
            assert_eq!(first.code == 0, held == changed);
        }
    });
}

#[test]
fn row_11_who_loses_at_the_publication_with_the_same_bytes_ends_well_and_removes_its_draft() {
    for (changed, code) in [(false, 0), (true, 5)] {
        let practice = Practice::tiny();
        // Held at the door of the publication until the other one is through.
        practice.faults([Fault::new(Action::DelayMs(1500)).on("PATCH", "").window(1, 1)]);
        let other = copy(&practice);
        if changed {
            practice.replace_dmg(96 << 10, 7);
        }
        let loser = practice.start(&["publish", "--yes"]);
        support::eventually("the publication", || {
            practice.requests().iter().any(|request| request.method == "PATCH").then_some(())
        });
        let waive = ["publish", "--yes", "--waive", "tag-state=we race on purpose"];
        practice.start_command(command_in(&practice, other.path(), &waive)).wait().expect_code(0);
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
    }
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
