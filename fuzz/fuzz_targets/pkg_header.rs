//! The first bytes of a PKG.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::release::artifact::{Kind, XAR_LEN};

fuzz_target!(|head: &[u8]| {
    if Kind::Pkg.judge(head, &[]).is_ok() {
        assert!(head.len() >= XAR_LEN && head.starts_with(b"xar!"));
    }
});
