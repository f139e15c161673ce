//! The publish pipeline through the binary: SPEC §6.2.

mod support;

use support::{MANIFEST, Practice, TAG};

#[test]
fn a_first_release_is_published_verified_and_written_to_the_manifests() {
    let practice = Practice::first_release();
    let ran = practice.publish().expect_code(0);
    for marker in ["Current Version: 1.6.1.44", "Release Tag: v1.6.1.44", "Target Repo: Seregawpn/Nexy_production"] {
        assert_eq!(ran.count(marker), 1, "{marker}");
    }
    assert_eq!((ran.count("Plan: "), ran.count("Uploaded. URL: "), ran.count("Remote SHA256: ")), (1, 3, 3));
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    assert!(practice.read(MANIFEST).contains("\"version\": \"1.6.1.44\""));
    let release = practice.host().releases().into_iter().find(|release| release.tag == TAG).unwrap();
    assert!(!release.draft);
    assert_eq!(practice.mutations().len(), 5, "draft, three uploads, publication: {:?}", practice.mutations());
}
