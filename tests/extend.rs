//! A published release lacks an asset: SPEC §6.2 rule 4.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{Action, Fault, SeedRelease, Source, Stage};
use support::{Practice, REPO, eventually};

fn uploads(practice: &Practice) -> Vec<String> {
    practice.mutations().into_iter().filter(|request| request.contains("?name=")).collect()
}

#[test]
fn only_the_missing_asset_is_added_to_a_published_release() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    let dry = practice.run(&["publish", "--dry-run"]).expect_code(0);
    assert_eq!((dry.count("  extend   Nexy.pkg"), dry.count("  skip     ")), (1, 2), "{}", dry.stdout);
    assert_eq!(dry.count("[dry-run] would add Nexy.pkg"), 1);
    let ran = practice.publish().expect_code(0);
    assert_eq!((ran.count("Uploaded. URL: "), ran.count("RELEASE COMPLETE")), (1, 1));
    assert_eq!(ran.count("already published"), 0);
    assert_eq!((practice.mutations().len(), uploads(&practice).len()), (1, 1), "{:?}", practice.mutations());
    practice.assert_released();
}

#[test]
fn row_05_a_half_uploaded_asset_of_a_published_release_is_replaced_where_a_person_says_that_nobody_sends_it() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg().asset("Nexy.pkg", Source::Starter(0)));
    practice.publish().expect_code(8).expect_error("NX-TAG-06");
    assert_eq!(practice.mutations(), [""; 0]);
    practice.run(&["publish", "--yes", "--waive", "tag-state=nobody sends it"]).expect_code(0);
    let mutations = practice.mutations();
    assert_eq!(mutations.len(), 2, "{mutations:?}");
    assert!(mutations[0].starts_with("DELETE ") && mutations[1].ends_with("?name=Nexy.pkg"), "{mutations:?}");
    practice.assert_released();
}

#[test]
fn row_05_a_half_uploaded_asset_that_a_killed_run_of_this_workspace_was_adding_is_replaced() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    practice.faults([Fault::new(Action::Stall { after: Stage::Body(1000) }).on("POST", "name=Nexy.pkg").window(1, 1)]);
    let run = practice.start(&["publish", "--yes"]);
    let half = || practice.tagged()[0].assets.iter().any(|asset| asset.state == "starter");
    eventually("the half of it", || half().then_some(()));
    run.kill();
    practice.until_vm_is_free();
    practice.faults([]);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn row_11_what_another_console_is_adding_to_a_published_release_is_left_to_it() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    // Who came first is held at the door until the other one is at it, and meets what is half there when it sends.
    practice.set("github.idle_timeout_s", "30");
    practice.faults([Fault::new(Action::DelayMs(5000)).on("POST", "name=Nexy.pkg").window(1, 1)]);
    practice.host().configure(|config| config.throttle_bytes_per_s = Some(1 << 9));
    let other = practice.copy();
    let loser = practice.start(&["publish", "--yes"]);
    let posts = || practice.requests().iter().filter(|request| request.path.contains("name=Nexy.pkg")).count();
    eventually("the first sending", || (posts() == 1).then_some(()));
    let winner = practice.start_command(practice.command_in(other.path(), &["publish", "--yes"]));
    let half = || practice.tagged()[0].assets.iter().any(|asset| asset.state == "starter");
    eventually("the half of it", || half().then_some(()));
    loser.wait().expect_code(8).expect_error("NX-TAG-06");
    // Nor later: who stepped back has added nothing.
    practice.publish().expect_code(8).expect_error("NX-TAG-06");
    assert!(half() && practice.mutations().iter().all(|request| !request.starts_with("DELETE ")));
    practice.host().configure(|config| config.throttle_bytes_per_s = None);
    winner.wait().expect_code(0);
    practice.publish().expect_code(0);
    practice.assert_released();
}

#[test]
fn a_half_uploaded_asset_that_this_run_does_not_add_is_left_alone() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg().asset("Other.zip", Source::Starter(10)));
    practice.publish().expect_code(0);
    assert_eq!(practice.mutations().len(), 1, "{:?}", practice.mutations());
    assert!(practice.tagged()[0].assets.iter().any(|asset| asset.name == "Other.zip"));
}

#[test]
fn an_immutable_release_is_not_extended() {
    let practice = Practice::tiny();
    practice.seed(SeedRelease { immutable: true, ..practice.without_pkg() });
    let before = practice.snapshot();
    practice.publish().expect_code(1).expect_error("NX-TAG-03");
    assert_eq!(practice.mutations(), [""; 0]);
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn a_release_found_immutable_only_at_the_upload_stops_the_run() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    let mut frozen = Fault::answer(422).on("POST", "?name=Nexy.pkg");
    if let nexy_release::sandbox::host::Action::Answer { body, .. } = &mut frozen.action {
        *body = r#"{"message":"Cannot upload assets to an immutable release."}"#.into();
    }
    practice.faults([frozen]);
    practice.publish().expect_code(1).expect_error("NX-TAG-03");
    assert!(practice.read(support::MANIFEST).contains("1.6.1.43"));
}

#[test]
fn an_addition_that_arrives_with_other_bytes_is_never_deleted_from_a_published_release() {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    let cut = nexy_release::sandbox::host::Action::KeepOnly(1000);
    practice.faults([Fault::new(cut).on("POST", "?name=Nexy.pkg")]);
    let ran = practice.publish().expect_code(7);
    ran.expect_error("NX-VERIFY-01");
    assert!(ran.stderr.contains("fix: Set VERSION to the next version"), "{}", ran.stderr);
    assert_eq!(practice.mutations().len(), 1, "sent once, not removed: {:?}", practice.mutations());
    assert!(practice.read(support::MANIFEST).contains("1.6.1.43"));
    practice.faults([]);
    practice.publish().expect_code(5).expect_error("NX-TAG-02");
}

/// Somebody removed an asset of the published release: it is put back with the same bytes or not at all.
#[test]
fn what_was_published_once_is_not_published_with_other_bytes() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let remove = || {
        let dmg = practice.tagged()[0].assets.iter().find(|asset| asset.name == "Nexy.dmg").unwrap().id;
        practice.somebody("DELETE", &format!("/repos/{REPO}/releases/assets/{dmg}"), "");
        practice.host().clear_requests();
    };
    remove();
    let kept = std::fs::read(practice.path("release_inbox/Nexy.dmg")).unwrap();
    practice.replace_dmg(96 << 10, 7);
    let ran = practice.publish().expect_code(5);
    ran.expect_error("NX-TAG-02");
    assert!(ran.stderr.contains("gone from the release"), "{}", ran.stderr);
    // The manifests know it as well.
    std::fs::remove_dir_all(practice.path(".nexy-release")).unwrap();
    practice.publish().expect_code(5).expect_error("NX-TAG-02");
    assert_eq!(practice.mutations(), [""; 0]);
    practice.write("release_inbox/Nexy.dmg", kept);
    practice.publish().expect_code(0);
    practice.assert_released();
}
