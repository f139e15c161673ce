//! `release.toml`: refused or read, and what is read can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexy_release::settings::{self, Environment};

fuzz_target!(|text: &str| {
    match settings::parse(text, &Environment::default()) {
        Ok(loaded) => assert!(!settings::show(&loaded).is_empty()),
        Err(failure) => assert!(failure.code.as_str().starts_with("NX-SETTINGS-"), "{failure:?}"),
    }
});
