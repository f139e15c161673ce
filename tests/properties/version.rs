//! Versions and tags: what is read is what was written, and nothing else is read.

use nexy_release::release::version::{TagTemplate, Version};
use proptest::prelude::*;

const LARGEST: u32 = i32::MAX.cast_unsigned();

pub fn version() -> impl Strategy<Value = Version> {
    let part = prop_oneof![0..12_u32, 0..=LARGEST, Just(LARGEST)];
    prop::array::uniform4(part).prop_map(Version::new)
}

/// Texts that look like versions, and texts that do not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["v?[0-9]{1,11}(\\.[0-9]{1,11}){2,4}", "[0-9v. +\\-\u{661}]{0,20}", any::<String>()]
}

fn around() -> impl Strategy<Value = String> {
    prop_oneof![Just("v".to_owned()), Just(String::new()), "[a-zA-Z0-9._-]{0,6}"]
}

proptest! {
    #[test]
    fn what_is_printed_is_read(version in version()) {
        prop_assert_eq!(version.to_string().parse(), Ok(version));
        for ending in ["", "\n", "\r\n"] {
            prop_assert_eq!(Version::from_file(format!("{version}{ending}").as_bytes()), Ok(version));
        }
    }

    #[test]
    fn what_is_read_prints_as_it_was(text in text()) {
        if let Ok(version) = text.parse::<Version>() {
            prop_assert_eq!(version.to_string(), text);
        }
    }

    #[test]
    fn a_file_holds_its_version_and_one_line_ending(text in text(), ending in "[\r\n \t]{0,3}") {
        let file = format!("{text}{ending}");
        if let Ok(version) = Version::from_file(file.as_bytes()) {
            let allowed = ["", "\n", "\r\n"].map(|ending| format!("{version}{ending}"));
            prop_assert!(allowed.contains(&file));
        }
    }

    #[test]
    fn the_order_is_that_of_the_four_numbers(a in version(), b in version()) {
        prop_assert_eq!(a.cmp(&b), a.parts().cmp(&b.parts()));
        prop_assert!(!a.follows(&b) || a > b);
    }

    #[test]
    fn a_tag_leads_back_to_its_version_alone(prefix in around(), suffix in around(), version in version(), text in text()) {
        if let Ok(tags) = TagTemplate::parse(&format!("{prefix}{{version}}{suffix}")) {
            prop_assert_eq!(tags.version_of(&tags.tag(&version)), Some(version));
            let other = format!("{prefix}{text}{suffix}");
            if let Some(found) = tags.version_of(&other) {
                prop_assert_eq!(tags.tag(&found), other);
            }
        }
    }
}
