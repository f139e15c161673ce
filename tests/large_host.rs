//! A host with a thousand releases and a thousand assets costs no more than the pages that must be read.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use nexy_release::sandbox::host::{SeedRelease, Source};
use support::{Practice, REPO};

/// What a run asks: method and path, numbers of releases and assets left out.
fn asked(practice: &Practice, args: &[&str]) -> Vec<String> {
    practice.host().clear_requests();
    practice.run(args).expect_code(0);
    let number = |part: &str| part.len() >= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let path =
        |path: &str| path.split('/').map(|part| if number(part) { "N" } else { part }).collect::<Vec<_>>().join("/");
    let mut asked: Vec<_> = practice.requests().iter().map(|r| format!("{} {}", r.method, path(&r.path))).collect();
    asked.retain(|request| !request.contains("se="));
    asked.sort();
    asked
}

fn pages(asked: &[String]) -> Vec<&str> {
    asked.iter().filter_map(|request| request.split_once("&page=").map(|(_, page)| page)).collect()
}

#[test]
fn a_thousand_releases_cost_their_pages_and_nothing_else() {
    let (small, large) = (Practice::tiny(), Practice::tiny());
    let releases = (0..1000).map(|n| SeedRelease::new(REPO, &format!("v1.0.0.{n}"))).collect();
    large.block_on(large.host().seed_releases(releases)).unwrap();
    let dry = ["publish", "--dry-run"];
    let (few, many) = (asked(&small, &dry), asked(&large, &dry));
    assert_eq!(pages(&few), ["1"]);
    let mut read: Vec<u32> = pages(&many).into_iter().map(|page| page.parse().unwrap()).collect();
    read.sort_unstable();
    assert_eq!(read, (1..=11).collect::<Vec<_>>(), "1,001 releases, a hundred a page, each read once");
    let others =
        |asked: &[String]| asked.iter().filter(|request| !request.contains("&page=")).cloned().collect::<Vec<_>>();
    assert_eq!(others(&few), others(&many));
    large.publish().expect_code(0);
    large.assert_released();
}

#[test]
fn a_release_with_a_thousand_assets_costs_no_request_more() {
    let (small, large) = (Practice::tiny(), Practice::tiny());
    let many = (0..1000).fold(SeedRelease::new(REPO, "v1.6.1.42"), |release, n| {
        release.asset(&format!("part-{n}.zip"), Source::Bytes(vec![b'x'; 10]))
    });
    large.seed(many);
    small.seed(SeedRelease::new(REPO, "v1.6.1.42"));
    let publish = ["publish", "--yes"];
    assert_eq!(asked(&small, &publish), asked(&large, &publish));
    assert_eq!(asked(&small, &publish), asked(&large, &publish), "nor does the rerun");
    large.assert_released();
}
