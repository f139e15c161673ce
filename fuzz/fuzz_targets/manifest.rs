//! Manifests: what is accepted is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::release::manifest::Manifest;
use nexy_release::release::version::TagTemplate;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    let again = Manifest::parse(manifest.render().as_bytes()).expect("what was written is read");
    assert_eq!(again.render(), manifest.render());
    assert!(Manifest::changes(Some(&manifest), &again).is_empty());
    assert!(manifest.version().is_some() && manifest.fingerprint().is_some());
    let tags = TagTemplate::parse("v{version}").expect("the default");
    let _ = (manifest.url_version(&tags), manifest.signature());
});
