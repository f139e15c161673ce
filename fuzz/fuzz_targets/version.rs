//! VERSION, versions in tags, and templates of tags.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::release::version::{TagTemplate, Version};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(version) = Version::from_file(bytes) {
        let text = std::str::from_utf8(bytes).expect("what is read is text");
        assert_eq!(text.trim_end_matches(['\r', '\n']), version.to_string());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (template, tag) = text.split_once('\n').unwrap_or(("v{version}", text));
    if let Ok(template) = TagTemplate::parse(template)
        && let Some(version) = template.version_of(tag)
    {
        assert_eq!(template.tag(&version), tag);
    }
});
