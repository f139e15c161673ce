//! The host's JSON of a release, and of a list of releases, as the client reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::world::github::model::Release;
use octocrab::models::repos as wire;

fuzz_target!(|bytes: &[u8]| {
    let one = serde_json::from_slice::<wire::Release>(bytes).map(|release| vec![release]);
    for release in one.or_else(|_| serde_json::from_slice::<Vec<wire::Release>>(bytes)).unwrap_or_default() {
        let release = Release::from(release);
        let planned = release.planned();
        assert_eq!(planned.assets.len(), release.assets.len());
        assert!(!release.author.as_str().contains('\u{1b}'));
        let _ = release.carries("nonce");
    }
});
