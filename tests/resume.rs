//! A run that died, and the one that goes on: SPEC §6.2 rule 5, §2 "our draft".
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use nexy_release::sandbox::host::{Action, Fault, ReleaseView, SeedRelease, Source};
use support::{Practice, REPO, Ran, TAG, eventually};

/// A run killed while its DMG is on its way: the notes and the PKG are there by then.
fn killed_during_the_upload() -> (Practice, ReleaseView) {
    let practice = Practice::first_release();
    practice.host().configure(|config| config.throttle_bytes_per_s = Some(1 << 20));
    let run = practice.start(&["publish", "--yes"]);
    let arrived = |release: &ReleaseView, name: &str| {
        release.assets.iter().any(|asset| asset.name == name && asset.state == "uploaded")
    };
    eventually("the notes in the draft", || {
        practice.tagged().first().filter(|draft| arrived(draft, "LATEST_CHANGES.md")).map(|_| ())
    });
    practice.until_uploading();
    run.kill();
    practice.host().configure(|config| config.throttle_bytes_per_s = None);
    practice.host().clear_requests();
    let draft = practice.tagged().remove(0);
    assert!(draft.draft && !arrived(&draft, "Nexy.dmg"), "{draft:#?}");
    (practice, draft)
}

fn plan(ran: &Ran) -> String {
    ran.stdout.lines().find(|line| line.starts_with("Plan: ")).unwrap().to_owned()
}

fn sent(practice: &Practice, name: &str) -> usize {
    practice.mutations().iter().filter(|request| request.ends_with(&format!("?name={name}"))).count()
}

/// Our draft of the present plan, as a run that stopped before its publication leaves it.
fn left_behind() -> (Practice, ReleaseView) {
    let practice = Practice::tiny();
    let refused = nexy_release::sandbox::host::Fault::answer(422).on("PATCH", "");
    practice.faults([refused]);
    practice.publish().expect_code(1);
    practice.faults([]);
    practice.host().clear_requests();
    let draft = practice.tagged().remove(0);
    (practice, draft)
}

/// The same draft again, by ourselves: as after an answer that was lost.
fn twin(draft: &ReleaseView, age: u64) -> SeedRelease {
    SeedRelease {
        body: draft.body.clone(),
        draft: true,
        author: draft.author.clone(),
        age: Duration::from_secs(age),
        ..SeedRelease::new(REPO, TAG)
    }
}

#[test]
fn row_13_a_killed_run_is_taken_up_and_what_arrived_is_not_sent_again() {
    let (practice, draft) = killed_during_the_upload();
    let dry = practice.run(&["publish", "--dry-run"]).expect_code(0);
    let ran = practice.publish().expect_code(0);
    assert_eq!(plan(&ran), plan(&dry));
    assert!(draft.body.contains(plan(&ran).trim_start_matches("Plan: ")), "the plan of the killed run");
    assert_eq!((sent(&practice, "LATEST_CHANGES.md"), sent(&practice, "Nexy.dmg")), (0, 1));
    let mutations = practice.mutations();
    assert!(!mutations.iter().any(|request| request.ends_with("/releases")), "no second draft: {mutations:?}");
    let starters = draft.assets.iter().filter(|asset| asset.state == "starter").count();
    let deleted = mutations.iter().filter(|request| request.starts_with("DELETE ")).count();
    assert_eq!(deleted, starters, "{mutations:?}");
    practice.assert_released();
    assert_eq!(practice.tagged()[0].id, draft.id);
}

#[test]
fn of_two_own_drafts_the_oldest_is_used_and_the_other_removed() {
    let (practice, draft) = left_behind();
    let younger = practice.seed(twin(&draft, 0));
    practice.publish().expect_code(0);
    let mutations = practice.mutations();
    let removed = mutations.iter().filter(|request| request.ends_with(&format!("/releases/{younger}"))).count();
    assert_eq!((removed, mutations.len()), (1, 2), "the twin removed, the older published: {mutations:?}");
    practice.assert_released();
    assert_eq!(practice.tagged()[0].id, draft.id);
}

#[test]
fn a_draft_that_the_list_hid_is_removed_before_ours_is_public() {
    let (practice, draft) = left_behind();
    // Both previews see an empty list, the look before the publication the whole one.
    let mut hidden = Fault::answer(200).on("GET", "/releases?").window(1, 2);
    if let Action::Answer { body, .. } = &mut hidden.action {
        *body = "[]".into();
    }
    practice.faults([hidden]);
    practice.publish().expect_code(0);
    practice.assert_released();
    assert_ne!(practice.tagged()[0].id, draft.id, "a second draft was made, and the hidden one removed");
}

#[test]
fn an_asset_of_our_draft_with_other_bytes_is_replaced() {
    let (practice, _) = left_behind();
    practice.replace_dmg(96 << 10, 7);
    practice.publish().expect_code(0);
    assert_eq!((sent(&practice, "Nexy.dmg"), sent(&practice, "Nexy.pkg")), (1, 0));
    practice.assert_released();
}

#[test]
fn a_half_uploaded_asset_and_one_that_is_not_in_the_plan_go_from_our_draft() {
    let practice = Practice::tiny();
    let (other, draft) = left_behind();
    drop(other);
    let nonce = draft.body.split("nonce=").nth(1).unwrap().split(' ').next().unwrap();
    std::fs::create_dir_all(practice.path(".nexy-release/drafts")).unwrap();
    let folder = std::fs::metadata(practice.path(".nexy-release")).unwrap().ino();
    let note = format!(r#"{{"repo":"{REPO}","tag":"{TAG}","nonce":"{nonce}","folder":{folder}}}"#);
    practice.write(&format!(".nexy-release/drafts/{TAG}.json"), note);
    let ours = twin(&draft, 60);
    practice
        .seed(ours.asset("Nexy.dmg", Source::Starter(96 << 10)).asset("Gone.zip", Source::Bytes(b"no more".to_vec())));
    practice.publish().expect_code(0);
    let deleted = practice.mutations().into_iter().filter(|request| request.starts_with("DELETE ")).count();
    assert_eq!(deleted, 2, "{:?}", practice.mutations());
    practice.assert_released();
}

#[test]
fn changed_notes_reach_the_body_of_our_draft() {
    let (practice, _) = left_behind();
    let notes = practice.read("release_inbox/LATEST_CHANGES.md") + "- one more line\n";
    practice.write("release_inbox/LATEST_CHANGES.md", notes);
    practice.publish().expect_code(0);
    let release = practice.tagged().remove(0);
    assert!(release.body.contains("- one more line"), "{}", release.body);
    assert_eq!((sent(&practice, "LATEST_CHANGES.md"), sent(&practice, "Nexy.dmg")), (1, 0));
    practice.assert_released();
}

#[test]
fn row_11_a_foreign_draft_blocks_and_stays_untouched() {
    let practice = Practice::tiny();
    practice.seed(SeedRelease { draft: true, ..SeedRelease::new(REPO, TAG) }.asset("a", Source::Starter(3)));
    let (before, releases) = (practice.snapshot(), practice.host().releases());
    let ran = practice.publish().expect_code(8);
    ran.expect_error("NX-TAG-01");
    assert!(ran.stderr.contains("by seregawpn, 1 hour old"), "author and age\n{}", ran.stderr);
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!((practice.snapshot(), practice.host().releases()), (before, releases));
}

#[test]
fn row_11_a_waived_foreign_draft_is_published_beside_and_stays_untouched() {
    let practice = Practice::tiny();
    let foreign =
        practice.seed(SeedRelease { draft: true, ..SeedRelease::new(REPO, TAG) }.asset("Nexy.dmg", Source::Starter(3)));
    let view = |practice: &Practice| practice.tagged().into_iter().find(|release| release.id == foreign).unwrap();
    let before = view(&practice);
    practice.run(&["publish", "--yes", "--waive", "tag-state=asked, it is forgotten"]).expect_code(0);
    assert_eq!(view(&practice), before);
    let ours: Vec<_> = practice.tagged().into_iter().filter(|release| release.id != foreign).collect();
    assert_eq!(ours.len(), 1);
    practice.assert_published(&ours[0]);
    practice.assert_manifests();
}
