//! `verify [TAG]`: a published version looked at wherever it stands, by readers only. SPEC §4, §9.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;

use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use support::{MANIFEST, Practice, Ran, TAG, VERSIONED, side_by_side};

fn released() -> Practice {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice
}

/// The cells of a kind: source and field.
fn cells(ran: &Ran, state: &str) -> Vec<(String, String)> {
    let events = ran.events();
    let report = events.iter().find(|event| event["kind"] == "verification").unwrap();
    let cells = report["data"]["cells"].as_array().unwrap().iter().filter(|cell| cell["state"] == state);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    cells.map(|cell| (text(&cell["source"]), text(&cell["field"]))).collect()
}

fn verify(practice: &Practice) -> Ran {
    practice.run(&["verify", "--output", "json"])
}

#[test]
fn a_release_is_aligned_everywhere_and_nothing_is_written() {
    let practice = released();
    let before = practice.snapshot();
    let ran = verify(&practice).expect_code(0);
    assert_eq!((cells(&ran, "drifted"), cells(&ran, "unknown")), (vec![], vec![]));
    let aligned = cells(&ran, "aligned");
    for source in ["release", "public", "journal"] {
        for asset in ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"] {
            assert!(aligned.contains(&(source.into(), asset.into())), "{source} {asset}: {aligned:?}");
        }
    }
    for path in [MANIFEST, VERSIONED] {
        for field in ["version", "build", "url", "size", "sha256"] {
            assert!(aligned.contains(&(path.into(), field.into())), "{path} {field}: {aligned:?}");
        }
    }
    assert!(aligned.contains(&("VERSION".into(), "version".into())));
    assert_eq!((practice.snapshot(), practice.mutations()), (before, vec![]));
    let downloads = practice.requests().into_iter().filter(|request| request.origin == Origin::Blobs);
    assert!(downloads.clone().count() == 3 && downloads.clone().all(|request| !request.authorized));
}

#[test]
fn an_earlier_version_is_verified_by_its_tag_or_by_itself() {
    let practice = released();
    for tag in ["v1.6.1.43", "1.6.1.43"] {
        let ran = practice.run(&["verify", tag, "--output", "json"]).expect_code(0);
        assert!(cells(&ran, "not-applicable").contains(&(MANIFEST.into(), "url".into())));
    }
}

#[test]
fn what_is_not_published_or_no_version_is_said_so() {
    let practice = Practice::tiny();
    let ran = practice.run(&["verify"]).expect_code(1);
    ran.expect_error("NX-TAG-04");
    assert!(ran.stderr.contains("newest first: v1.6.1.43"), "{}", ran.stderr);
    practice.run(&["verify", "Update"]).expect_code(2).expect_error("NX-USAGE-01");
    practice.set("release.repo", "'Seregawpn/Nexy_nowhere'");
    practice.run(&["verify", "v1.6.1.43"]).expect_code(4).expect_error("NX-REPO-01");
}

#[test]
fn what_clients_download_decides() {
    let cases = [
        (Fault::new(Action::Flip(70)).at(Origin::Blobs), 7, "NX-VERIFY-01"),
        (Fault::new(Action::Endless).at(Origin::Blobs), 6, "NX-VERIFY-02"),
        (Fault::answer(404).at(Origin::Web), 7, "NX-VERIFY-01"),
        (Fault::answer(503).at(Origin::Blobs), 6, "NX-VERIFY-02"),
        (Fault::new(Action::Stall { after: Stage::Head }).at(Origin::Blobs), 6, "NX-VERIFY-02"),
        (Fault::answer(502).at(Origin::Api).on("GET", "/releases/tags/"), 6, "NX-NET-04"),
        (Fault::answer(401).at(Origin::Api), 4, "NX-AUTH-02"),
    ];
    side_by_side(cases, |(fault, code, error)| {
        let practice = released();
        practice.set("github.max_wait_s", "2");
        practice.set("github.idle_timeout_s", "1");
        practice.faults([fault]);
        practice.run(&["verify"]).expect_code(code).expect_error(error);
    });
}

#[test]
fn a_lost_asset_is_found() {
    let practice = released();
    let pkg = practice.tagged()[0].assets.iter().find(|asset| asset.name == "LATEST_CHANGES.md").unwrap().id;
    practice.somebody("DELETE", &format!("/repos/{}/releases/assets/{pkg}", support::REPO), "");
    let ran = verify(&practice).expect_code(7);
    let lost = |source: &str| (source.into(), "LATEST_CHANGES.md".into());
    assert_eq!(cells(&ran, "drifted"), [lost("release"), lost("journal")]);
}

/// What no field tells: the two are not the same document.
#[test]
fn a_versioned_manifest_that_differs_is_found() {
    let practice = released();
    practice.write(VERSIONED, practice.read(VERSIONED).replace("\"critical\": false", "\"critical\": true"));
    assert_eq!(cells(&verify(&practice).expect_code(7), "drifted"), [(VERSIONED.into(), "copy".into())]);
    practice.run(&["manifest", "check"]).expect_code(7);
}

/// The day after: VERSION names the next one.
#[test]
fn a_manifest_that_is_gone_or_leads_elsewhere_is_found_whatever_version_is_next() {
    let practice = released();
    practice.write("VERSION", "1.6.1.45\n");
    let text = practice.read(MANIFEST);
    let url = text.lines().find(|line| line.contains("\"url\"")).unwrap();
    practice.write(MANIFEST, text.replace(url, "    \"url\": \"https://elsewhere.example/feed.xml\","));
    let ran = practice.run(&["verify", TAG, "--output", "json"]).expect_code(7);
    assert_eq!(cells(&ran, "drifted"), [(MANIFEST.into(), "url".into())]);
    fs::remove_file(practice.path(MANIFEST)).unwrap();
    let ran = practice.run(&["verify", TAG, "--output", "json"]).expect_code(7);
    assert_eq!(cells(&ran, "drifted"), [(MANIFEST.into(), "file".into())]);
}

/// Whoever is offered the version would get 404.
#[test]
fn a_lost_package_is_found_whether_it_was_published_from_here_or_not() {
    let practice = released();
    let dmg = practice.tagged()[0].assets.iter().find(|asset| asset.name == "Nexy.dmg").unwrap().id;
    practice.somebody("DELETE", &format!("/repos/{}/releases/assets/{dmg}", support::REPO), "");
    let drifted = cells(&verify(&practice).expect_code(7), "drifted");
    assert_eq!(drifted, [("journal".into(), "Nexy.dmg".into()), (MANIFEST.into(), "url".into())]);
    practice.run(&["manifest", "check"]).expect_code(7).expect_error("NX-MANIFEST-06");
    fs::remove_dir_all(practice.path(".nexy-release")).unwrap();
    assert_eq!(cells(&verify(&practice).expect_code(7), "drifted"), [(MANIFEST.into(), "url".into())]);
}

#[test]
fn a_manifest_that_mixes_two_versions_is_not_pending() {
    let practice = released();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("v1.6.1.44/Nexy.dmg", "v1.6.1.43/Nexy.dmg"));
    let ran = practice.run(&["manifest", "check", "--output", "json"]).expect_code(7);
    assert!(cells(&ran, "pending").is_empty() && cells(&ran, "drifted").contains(&(MANIFEST.into(), "sha256".into())));
    let before = practice.snapshot();
    practice.run(&["manifest", "sync", "--dry-run"]).expect_code(7).expect_error("NX-MANIFEST-06");
    assert_eq!(practice.snapshot(), before);
}

#[test]
fn every_field_of_every_manifest_is_compared() {
    let practice = released();
    let text = practice.read(MANIFEST);
    let edits = [
        ("version", "\"version\": \"1.6.1.44\"", "\"version\": \"1.6.1.40\""),
        ("build", "\"build\": \"1.6.1.44\"", "\"build\": \"1.6.1.40\""),
        ("size", "\"size\": 98304", "\"size\": 98305"),
        ("type", "\"type\": \"dmg\"", "\"type\": \"pkg\""),
        ("notes_url", "\"notes_url\": \"http", "\"notes_url\": \"https://elsewhere.example/http"),
        ("url", "v1.6.1.44/Nexy.dmg", "v1.6.1.44/Nexy2.dmg"),
        ("sha256", "\"sha256\": \"", "\"sha256\": \"f00"),
    ];
    for (field, from, to) in edits {
        for path in [MANIFEST, VERSIONED] {
            let mut edited = text.replace(from, to);
            if field == "sha256" {
                let end = edited.find("f00").unwrap() + 64;
                edited.replace_range(end..end + 3, "");
            }
            assert_ne!(edited, text);
            practice.write(path, edited);
            let ran = verify(&practice).expect_code(7);
            // The two differ as well; what differs from the canonical one is the versioned one.
            let expected = [(path.into(), field.into()), (VERSIONED.into(), "copy".into())];
            let drifted = cells(&ran, "drifted");
            assert!(
                drifted.contains(&expected[0]) && drifted.iter().all(|cell| expected.contains(cell)),
                "{drifted:?}"
            );
            practice.write(path, &text);
        }
    }
    fs::remove_file(practice.path(VERSIONED)).unwrap();
    let ran = practice.run(&["verify"]).expect_code(7);
    ran.expect_error("NX-MANIFEST-06");
    assert!(ran.stderr.contains(&format!("nexy-release manifest point {TAG}")), "{}", ran.stderr);
}

/// As `version set` leaves it: the version is ahead, the artifact is still the one that is published.
#[test]
fn a_pending_manifest_is_pending() {
    let practice = released();
    practice.write("VERSION", "1.6.1.45\n");
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\": \"1.6.1.44\"", "\": \"1.6.1.45\""));
    let ran = practice.run(&["verify", TAG, "--output", "json"]).expect_code(0);
    let pending = cells(&ran, "pending");
    let vm = ("VM".into(), "served".into());
    assert_eq!(pending, [(MANIFEST.into(), "version".into()), (MANIFEST.into(), "build".into()), vm]);
    practice.run(&["manifest", "check"]).expect_code(0);
}
