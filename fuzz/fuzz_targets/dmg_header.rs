//! The last bytes of a DMG.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::release::artifact::{KOLY_LEN, Kind};

fuzz_target!(|tail: &[u8]| {
    if Kind::Dmg.judge(&[], tail).is_ok() {
        assert!(tail.len() as u64 == KOLY_LEN && tail.starts_with(b"koly"));
    }
});
