//! Releases that are looked at again and again: a page that has not changed is not sent, and costs who is signed in
//! no rate limit.

use std::collections::HashSet;

use octocrab::models::repos as wire;
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderValue};

use super::model::Release;
use super::reader::{JSON, MAX_PAGES, Reader};
use crate::release::failure::Failure;

/// Pages of releases as they were last told.
#[derive(Debug, Clone, Default)]
pub struct Pages(Vec<Page>);

/// One of them.
#[derive(Debug, Clone)]
struct Page {
    mark: Option<HeaderValue>,
    releases: Vec<Release>,
    more: bool,
}

/// What a look cost, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Answers that count against the limit of requests.
    pub counted: u64,
    /// Nobody is signed in: the limit is the small one, whether or not the host tells.
    pub anonymous: bool,
    /// Requests left; `None`: the host does not tell.
    pub left: Option<u64>,
    /// Seconds until there are more, by the host's clock.
    pub reset_s: Option<u64>,
}

impl Pages {
    /// Every release, each once, newest first.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        let mut seen = HashSet::new();
        // A release made between two pages pushes the last of one page onto the next.
        self.0.iter().flat_map(|page| &page.releases).filter(move |release| seen.insert(release.id))
    }
}

impl Reader {
    /// Brings the pages up to date. On a failure they stay as they were.
    pub async fn watch(&self, pages: &mut Pages) -> Result<Cost, Failure> {
        let mut cost = Cost { anonymous: self.door.is_anonymous(), ..Cost::default() };
        // `None`: as it was.
        let mut fresh: Vec<Option<Page>> = Vec::new();
        for number in 1..=MAX_PAGES {
            let known = pages.0.get(number - 1);
            let mut url = self.repo_url("/releases");
            url.set_query(Some(&format!("per_page=100&page={number}")));
            let mark = known.and_then(|page| page.mark.as_ref());
            let answer = self.door.read_unless(&url, JSON, mark).await?;
            (cost.left, cost.reset_s) = (answer.rate_remaining().or(cost.left), answer.rate_reset().or(cost.reset_s));
            let (page, more) = match (answer.status, known) {
                (StatusCode::NOT_MODIFIED, Some(known)) => {
                    // That nothing changed is free only for who is known to the host.
                    cost.counted += u64::from(cost.anonymous);
                    (None, known.more)
                }
                (StatusCode::OK, _) => {
                    cost.counted += 1;
                    let entries: Vec<wire::Release> = answer.json()?;
                    let releases = entries.into_iter().map(|release| slim(release.into()));
                    let (mark, more) = (answer.headers.get(ETAG).cloned(), answer.has_next_page());
                    (Some(Page { mark, releases: releases.collect(), more }), more)
                }
                _ => return Err(answer.unexpected()),
            };
            fresh.push(page);
            if !more {
                break;
            }
        }
        pages.0.truncate(fresh.len());
        for (at, page) in fresh.into_iter().enumerate() {
            match (page, pages.0.get_mut(at)) {
                (None, _) => {}
                (Some(page), Some(known)) => *known = page,
                (Some(page), None) => pages.0.push(page),
            }
        }
        Ok(cost)
    }
}

/// Of a published release the notes are of no use here; in a draft's stands whose it is.
fn slim(mut release: Release) -> Release {
    if !release.draft {
        release.body = String::new();
    }
    release
}
