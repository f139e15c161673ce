//! Reads: of the API, where a host that is told what is known answers that nothing changed; and whether a download is
//! there, without its bytes.

use std::time::Instant;

use reqwest::header::{ACCEPT, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use url::Url;

use super::super::answer::{Answer, Verdict};
use super::super::body::Activity;
use super::super::hosts::Audience;
use super::super::line::is_final;
use super::Door;
use crate::release::failure::Failure;

impl Door {
    /// Reads from the API: again after 5xx, limits and network failures, 5 tries at most within `max_wait`.
    /// 2xx, 3xx and 4xx that are not the same for everyone come back as answers.
    pub async fn read(&self, url: &Url, accept: &'static str) -> Result<Answer, Failure> {
        self.read_unless(url, accept, None).await
    }

    /// The same, unless it still has this mark (`ETag`): then the answer is a 304, which counts against no limit
    /// where a token says who asks.
    pub async fn read_unless(
        &self,
        url: &Url,
        accept: &'static str,
        known: Option<&HeaderValue>,
    ) -> Result<Answer, Failure> {
        self.hosts.allow(url, Audience::Api)?;
        let started = Instant::now();
        let mut delays = self.delays();
        loop {
            let mut request = self.request(Method::GET, url, Audience::Api).header(ACCEPT, accept);
            if let Some(known) = known {
                request = request.header(IF_NONE_MATCH, known);
            }
            let (wait, failure) = match self.stop.or(self.exchange(request, "GET", url)).await {
                Ok(answer) => match answer.verdict() {
                    Verdict::Fine => return Ok(answer),
                    Verdict::Refused(failure) => return Err(failure),
                    Verdict::Limited(wait, failure) => (Some(wait), failure),
                    Verdict::Broken(wait, failure) => (wait, failure),
                },
                Err(failure) if is_final(&failure) => return Err(failure),
                Err(failure) => (None, failure),
            };
            self.before_next(&mut delays, wait, started, failure).await?;
        }
    }

    /// Asks, as anybody may, whether a public download is there: once, for its head alone. Where it leads to storage that
    /// is as good as being there; the storage itself is not asked, some of it refuses to be asked so.
    pub async fn public_head(&self, url: &Url) -> Result<StatusCode, Failure> {
        self.hosts.allow(url, Audience::Public)?;
        let request = self.request(Method::HEAD, url, Audience::Public);
        let activity = Activity::default();
        let head = self.head(request, "HEAD", url, &activity);
        Ok(self.stop.or(head).await?.status())
    }
}
