//! `manifest point`: the way out at two in the morning. SPEC §4, §8; facts/TRUST.md row 13.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::host::{Action, Fault, Origin, SeedRelease, Source, Stage};
use serde_json::{Value, json};
use support::terminal::Terminal;
use support::{MANIFEST, Practice, REPO, Ran, TAG, VERSIONED, side_by_side};

const EARLIER: &str = "v1.6.1.43";
const EARLIER_OWN: &str = "server/updates/manifests/manifest_1.6.1.43.json";
const WITHDRAW: [&str; 6] = ["manifest", "point", EARLIER, "--reason", "crash at start", "--yes"];

fn point(practice: &Practice, tag: &str) -> Ran {
    practice.run(&["manifest", "point", tag, "--yes"])
}

/// Published, both versions' manifests there, nothing asked yet.
fn released() -> Practice {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice
}

#[test]
fn row_13_a_run_killed_after_the_publication_is_finished_without_its_inbox() {
    let practice = Practice::tiny();
    practice.faults([Fault::new(Action::Stall { after: Stage::Head }).at(Origin::Blobs)]);
    let run = practice.start(&["publish", "--yes"]);
    support::eventually("a published release", || practice.tagged().iter().any(|r| !r.draft).then_some(()));
    run.kill();
    practice.faults([]);
    let dmg = practice.digest("release_inbox/Nexy.dmg").to_string();
    fs::remove_dir_all(practice.path("release_inbox")).unwrap();
    practice.host().clear_requests();

    let ran = point(&practice, TAG).expect_code(0);
    assert_eq!(ran.count("Remote SHA256: "), 1);
    assert_eq!(ran.count("Manifest updated at "), 2);
    assert_eq!(ran.count("RELEASE COMPLETE"), 0);
    let text = practice.read(MANIFEST);
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&manifest["version"], &manifest["artifact"]["sha256"]), (&"1.6.1.44".into(), &dmg.into()));
    assert_eq!(text, practice.read(VERSIONED));
    assert_eq!(practice.mutations(), [""; 0]);
    assert!(!practice.path("release_inbox").exists(), "no inbox is needed, none is made");
    practice.run(&["verify"]).expect_code(0);
    let history = practice.run(&["history", "--verify"]).expect_code(0).stdout;
    assert!(history.contains("publish v1.6.1.44  began, and left no end"), "{history}");
    let again = point(&practice, TAG).expect_code(0);
    assert!(again.stdout.contains("offer 1.6.1.44 already"), "{}", again.stdout);
}

#[test]
fn a_bad_release_is_withdrawn_and_brought_back_and_the_history_tells_it() {
    let practice = Practice::tiny();
    let earlier = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    let bad = practice.read(MANIFEST);
    practice.host().clear_requests();

    let ran = practice.run(&WITHDRAW).expect_code(0);
    assert!(ran.stderr.contains("Clients that have 1.6.1.44 keep it"), "{}", ran.stderr);
    assert!(ran.stderr.contains("publish a version above 1.6.1.44"), "{}", ran.stderr);
    assert_eq!(practice.read(MANIFEST), earlier, "the manifest of that version, byte for byte");
    assert_eq!(practice.read(VERSIONED), bad, "the manifest of the bad version stays for going back");
    practice.run(&["verify", EARLIER]).expect_code(0);
    let ran = practice.run(&["verify"]).expect_code(0);
    assert!(ran.stdout.contains("withdrawn") && ran.stdout.contains("crash at start"), "{}", ran.stdout);

    // Going forward again needs no reason, and is no secret.
    let ran = point(&practice, TAG).expect_code(0);
    assert!(ran.stderr.contains("1.6.1.44 was withdrawn on"), "{}", ran.stderr);
    assert_eq!(practice.read(MANIFEST), bad);
    practice.run(&["verify"]).expect_code(0);
    assert_eq!(practice.mutations(), [""; 0]);

    let journal = practice.journal();
    assert_eq!(journal.len(), 3);
    assert_eq!((&journal[1]["withdrawn"], &journal[1]["reason"]), (&"1.6.1.44".into(), &"crash at start".into()));
    assert_eq!(journal[1]["manifest"][0]["before"], Digest::of(&bad).to_string());
    assert_eq!(journal[1]["manifest"][0]["after"], Digest::of(&earlier).to_string());
    let history = practice.run(&["history", "--verify"]).expect_code(0).stdout;
    let at = |text: &str| history.find(text).unwrap_or_else(|| panic!("`{text}` is not in\n{history}"));
    let story = ["publish v1.6.1.44", "manifest point v1.6.1.43", "withdrew 1.6.1.44", "reason: crash at start"];
    assert!(story.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{history}");
    assert!(at("crash at start") < history.rfind("manifest point v1.6.1.44").unwrap(), "{history}");
}

#[test]
fn row_13_mending_a_copy_of_what_is_offered_forgets_no_withdrawal() {
    let practice = released();
    practice.run(&WITHDRAW).expect_code(0);
    practice.write(MANIFEST, "{ broken");
    point(&practice, EARLIER).expect_code(0);
    practice.publish().expect_code(3).expect_error("NX-VERSION-03");
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.43\""));
    point(&practice, TAG).expect_code(0);
    practice.publish().expect_code(0);
}

#[test]
fn a_withdrawn_version_is_the_newest_file_whatever_the_update_server_looks_at() {
    let practice = released();
    practice.run(&WITHDRAW).expect_code(0);
    let modified = |path: &str| fs::metadata(practice.path(path)).unwrap().modified().unwrap();
    assert!(modified(EARLIER_OWN) > modified(VERSIONED));
    assert!(modified(EARLIER_OWN) >= modified(MANIFEST));
}

#[test]
fn a_signature_comes_back_with_its_own_bytes() {
    let practice = Practice::tiny();
    let signed = practice.read(MANIFEST).replace("\"ed25519\": \"\"", "\"ed25519\": \"c2lnbmF0dXJl\"");
    practice.write(MANIFEST, &signed);
    practice.write(EARLIER_OWN, &signed);
    practice.publish().expect_code(0);
    assert!(practice.read(MANIFEST).contains("\"ed25519\": \"\""));
    practice.run(&WITHDRAW).expect_code(0);
    assert_eq!(practice.read(MANIFEST), signed);
}

#[test]
fn without_its_own_manifest_an_earlier_version_is_described_anew() {
    let practice = released();
    fs::remove_file(practice.path(EARLIER_OWN)).unwrap();
    practice.run(&WITHDRAW).expect_code(0);
    let manifest: Value = serde_json::from_str(&practice.read(MANIFEST)).unwrap();
    assert_eq!(manifest["version"], "1.6.1.43");
    assert_eq!(practice.read(MANIFEST), practice.read(EARLIER_OWN));
    practice.run(&["verify", EARLIER]).expect_code(0);
}

#[test]
fn going_back_without_a_reason_is_refused_before_anybody_is_asked() {
    let practice = released();
    let before = practice.snapshot();
    let ran = point(&practice, EARLIER).expect_code(2);
    ran.expect_error("NX-USAGE-01");
    assert!(ran.stderr.contains("manifest point v1.6.1.43 --reason"), "{}", ran.stderr);
    practice.run(&["manifest", "point", EARLIER, "--yes", "--reason", " "]).expect_code(2);
    assert_eq!((practice.requests().len(), practice.snapshot()), (0, before));
}

#[test]
fn it_is_one_typed_confirmation() {
    let practice = released();
    let mut terminal = Terminal::start(&practice, &["manifest", "point", EARLIER, "--reason", "crash at start"]);
    let mut writer = terminal.master.take_writer().unwrap();
    terminal.wait_for("Type v1.6.1.43", 1);
    terminal.wait_for("Clients that have 1.6.1.44 keep it", 1);
    terminal.keys(&mut writer, "v1.6.1.44\n");
    terminal.wait_for("`v1.6.1.44` is not v1.6.1.43", 1);
    terminal.wait_for("Type v1.6.1.43", 2);
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.44\""));
    terminal.keys(&mut writer, "v1.6.1.43\n");
    terminal.wait_for("offer 1.6.1.43 now", 1);
    assert_eq!(terminal.code(), 0);
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.43\""));
}

#[test]
fn without_a_terminal_and_without_yes_it_asks_nobody() {
    let practice = released();
    practice.run(&["manifest", "point", TAG]).expect_code(2).expect_error("NX-USAGE-02");
    assert_eq!(practice.requests().len(), 0);
}

#[test]
fn a_dry_run_writes_nothing() {
    let practice = released();
    let before = practice.snapshot();
    let ran = practice.run(&["manifest", "point", EARLIER, "--reason", "x", "--dry-run"]).expect_code(0);
    assert_eq!(ran.count("[dry-run] would write "), 2, "{}", ran.stdout);
    assert_eq!((ran.count("DRY RUN COMPLETE"), ran.count("Manifest updated")), (1, 0));
    assert!(ran.stderr.contains("Clients that have 1.6.1.44 keep it"), "{}", ran.stderr);
    assert_eq!((practice.mutations(), practice.snapshot()), (vec![], before));
}

/// Whatever is wrong with the bytes, the manifests stay.
#[test]
fn bytes_that_are_not_what_they_should_be_are_never_pointed_at() {
    let cases = [
        (Fault::new(Action::Flip(9)).at(Origin::Blobs), 7, "NX-VERIFY-01"),
        (Fault::new(Action::Endless).at(Origin::Blobs), 6, "NX-NET-05"),
        (Fault::answer(404).at(Origin::Web), 6, "NX-VERIFY-02"),
        (Fault::new(Action::Close { after: Stage::Answer(99) }).at(Origin::Blobs), 6, "NX-NET-01"),
        (Fault::answer(404).on("GET", "/releases/tags/"), 1, "NX-TAG-04"),
    ];
    side_by_side(cases, |(fault, code, error)| {
        let practice = released();
        practice.faults([fault]);
        let before = practice.work();
        practice.run(&WITHDRAW).expect_code(code).expect_error(error);
        assert_eq!(practice.work(), before);
    });
}

#[test]
fn an_asset_that_was_exchanged_since_is_not_pointed_at() {
    let practice = released();
    practice.run(&WITHDRAW).expect_code(0);
    exchange(&practice);
    let before = practice.work();
    point(&practice, TAG).expect_code(7).expect_error("NX-VERIFY-01");
    assert_eq!(practice.work(), before);
    let ran = practice.run(&["verify"]).expect_code(7);
    ran.expect_error("NX-VERIFY-01");
    assert!(ran.stdout.contains("  journal\n    DRIFTED  Nexy.dmg "), "{}", ran.stdout);
}

/// Somebody with push access puts another DMG into the published release.
fn exchange(practice: &Practice) {
    let release = practice.tagged().remove(0);
    let dmg = release.assets.iter().find(|asset| asset.name == "Nexy.dmg").unwrap().id;
    practice.somebody("DELETE", &format!("/repos/{REPO}/releases/assets/{dmg}"), "");
    let path = format!("/repos/{REPO}/releases/{}/assets?name=Nexy.dmg", release.id);
    let answer = practice.somebody_at(practice.host().upload_url(), "POST", &path, "other bytes");
    assert!(answer.contains("\"uploaded\""), "{answer}");
}

#[test]
fn what_is_no_disk_image_is_never_pointed_at() {
    let practice = released();
    let feed =
        SeedRelease::new(REPO, "v1.6.1.50").asset("Nexy.dmg", Source::Bytes(b"<rss>this is the feed</rss>".into()));
    practice.seed(feed);
    let before = practice.work();
    let ran = point(&practice, "v1.6.1.50").expect_code(7);
    ran.expect_error("NX-VERIFY-01");
    assert!(ran.stderr.contains("koly"), "{}", ran.stderr);
    practice.seed(SeedRelease::new(REPO, "v1.6.1.51").asset("Nexy.pkg", Source::Bytes(b"xar!".into())));
    point(&practice, "v1.6.1.51").expect_code(1).expect_error("NX-TAG-05");
    point(&practice, "v1.6.1.52").expect_code(1).expect_error("NX-TAG-04");
    point(&practice, "Update").expect_code(2).expect_error("NX-USAGE-01");
    assert_eq!(practice.work(), before);
}

#[test]
fn a_host_without_digests_is_asked_for_the_bytes() {
    let practice = released();
    practice.host().configure(|config| config.digest = false);
    practice.run(&WITHDRAW).expect_code(0);
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.43\""));
}

#[test]
fn what_anybody_may_read_needs_no_token() {
    let practice = released();
    for args in [&WITHDRAW[..], &["verify", EARLIER], &["manifest", "check"]] {
        let mut command = practice.command(args);
        command.env_remove("NEXY_SANDBOX_TOKEN");
        practice.start_command(command).wait().expect_code(0);
    }
    assert!(practice.requests().iter().all(|request| !request.authorized));
}

#[test]
fn a_held_lock_and_a_workspace_without_settings_are_left_alone() {
    let practice = released();
    let folder = fs::File::open(practice.workspace()).unwrap();
    folder.lock().unwrap();
    let before = practice.work();
    practice.run(&WITHDRAW).expect_code(8).expect_error("NX-LOCK-01");
    practice.run(&["manifest", "sync"]).expect_code(8).expect_error("NX-LOCK-01");
    assert_eq!(practice.work(), before);
    folder.unlock().unwrap();
    fs::remove_file(practice.path("release.toml")).unwrap();
    practice.run(&WITHDRAW).expect_code(2).expect_error("NX-USAGE-03");
    practice.run(&["manifest", "sync"]).expect_code(2).expect_error("NX-USAGE-03");
}

#[test]
fn row_13_a_point_that_died_between_two_files_is_finished_by_the_next() {
    let practice = Practice::tiny();
    let earlier = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    let bad = practice.digest(MANIFEST).to_string();
    let own = Digest::of(&earlier).to_string();
    let file = |path: &str, before: &str| json!({ "path": path, "before": before, "after": earlier });
    let intent = json!({ "files": [file(MANIFEST, &bad), file(EARLIER_OWN, &own)] });
    practice.write(".nexy-release/intent.json", intent.to_string());
    let ran = practice.run(&WITHDRAW).expect_code(0);
    assert_eq!(practice.read(MANIFEST), earlier);
    assert!(!practice.path(".nexy-release/intent.json").exists(), "{}", ran.stdout);
}

#[test]
fn a_withdrawn_version_does_not_come_back_by_running_publish_again() {
    let practice = released();
    practice.run(&WITHDRAW).expect_code(0);
    let before = practice.work();
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-VERSION-03");
    assert!(ran.stderr.contains("crash at start") && ran.stderr.contains("manifest point v1.6.1.44"), "{}", ran.stderr);
    assert_eq!(practice.work(), before);
    point(&practice, TAG).expect_code(0);
    practice.publish().expect_code(0);
}

#[test]
fn a_manifest_that_is_none_is_written_anew_and_its_bytes_are_kept() {
    let practice = released();
    let sound = practice.read(MANIFEST);
    practice.write(MANIFEST, "<<<<<<< HEAD");
    practice.publish().expect_code(3).expect_error("NX-MANIFEST-01");
    let ran = point(&practice, TAG).expect_code(0);
    assert_eq!(practice.read(MANIFEST), sound);
    let kept = fs::read_dir(practice.path(".nexy-release/replaced")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(&kept).unwrap(), "<<<<<<< HEAD");
    assert!(ran.stderr.contains(&kept.display().to_string()), "{}", ran.stderr);
}

#[test]
fn an_empty_inbox_of_a_public_version_names_the_way_out() {
    let practice = released();
    fs::remove_file(practice.path("release_inbox/Nexy.dmg")).unwrap();
    fs::remove_file(practice.path("release_inbox/Nexy.pkg")).unwrap();
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-INBOX-02");
    assert!(ran.stderr.contains("nexy-release manifest point v1.6.1.44"), "{}", ran.stderr);
}

#[test]
fn whichever_way_it_goes_the_version_that_is_pointed_at_has_the_newest_file() {
    let practice = released();
    let modified = |path: &str| fs::metadata(practice.path(path)).unwrap().modified().unwrap();
    practice.run(&WITHDRAW).expect_code(0);
    assert!(modified(EARLIER_OWN) > modified(VERSIONED));
    point(&practice, TAG).expect_code(0);
    assert!(modified(VERSIONED) > modified(EARLIER_OWN));
    // A file that somebody touched is served: there is something to do, although every manifest says the right thing.
    let text = practice.read(EARLIER_OWN);
    practice.write(EARLIER_OWN, text);
    assert!(modified(EARLIER_OWN) > modified(VERSIONED));
    point(&practice, TAG).expect_code(0);
    assert!(modified(VERSIONED) > modified(EARLIER_OWN));
}

#[test]
fn going_back_needs_a_reason_also_where_the_canonical_manifest_is_gone_or_half_written() {
    let practice = released();
    fs::remove_file(practice.path(MANIFEST)).unwrap();
    point(&practice, EARLIER).expect_code(2).expect_error("NX-USAGE-01");

    let practice = Practice::tiny();
    let earlier = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    let bad = practice.read(MANIFEST);
    practice.write(MANIFEST, &earlier);
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    let file = |path: &str, before: Value| json!({ "path": path, "before": before, "after": bad });
    let before = Digest::of(&earlier).to_string();
    let intent = json!({ "files": [file(MANIFEST, before.into()), file(VERSIONED, Value::Null)] });
    practice.write(".nexy-release/intent.json", intent.to_string());
    point(&practice, EARLIER).expect_code(2).expect_error("NX-USAGE-01");
    practice.run(&WITHDRAW).expect_code(0);
    let modified = |path: &str| fs::metadata(practice.path(path)).unwrap().modified().unwrap();
    assert!(modified(EARLIER_OWN) > modified(VERSIONED));
    let entries: Vec<_> =
        practice.journal().iter().map(|entry| entry["command"].as_str().unwrap().to_owned()).collect();
    assert_eq!(entries, ["publish", "manifest finish", "manifest point"], "what was finished is told as well");
}

/// The run failed after the version was public, and somebody exchanged an asset before anybody looked again.
#[test]
fn what_a_failed_run_published_is_known_too() {
    let practice = Practice::tiny();
    practice.set("github.max_wait_s", "1");
    practice.faults([Fault::answer(404).at(Origin::Web)]);
    practice.publish().expect_code(6);
    practice.faults([]);
    exchange(&practice);
    point(&practice, TAG).expect_code(7).expect_error("NX-VERIFY-01");
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.43\""));
}
