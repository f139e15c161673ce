//! A ruleset that keeps the tag from being made: facts/GITHUB.md, "honest release host", point 13.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use support::Practice;

#[test]
fn a_publication_that_a_ruleset_refuses_ends_clearly_and_is_continued_once_it_is_allowed() {
    let practice = Practice::tiny();
    practice.host().configure(|config| config.tags_restricted = true);
    let ran = practice.publish().expect_code(1);
    ran.expect_error("NX-PUBLISH-01");
    for part in [
        "creations being restricted",
        "v1.6.1.44 is not public",
        "repos/Seregawpn/Nexy_production/rulesets",
        "Run the same command again",
    ] {
        assert!(ran.stderr.contains(part), "{part}\n{}", ran.stderr);
    }
    practice.assert_not_public();
    let draft = practice.tagged().remove(0);
    practice.host().configure(|config| config.tags_restricted = false);
    practice.host().clear_requests();
    practice.publish().expect_code(0);
    assert_eq!(practice.tagged()[0].id, draft.id, "the same draft, with what it holds");
    assert!(!practice.mutations().iter().any(|request| request.contains("?name=")), "{:?}", practice.mutations());
    practice.assert_released();
}
