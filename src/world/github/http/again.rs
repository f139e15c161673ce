//! Reads: of the API, where a host that is told what is known answers that nothing changed; and whether a download is
//! there, without its bytes.

use std::time::Instant;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_RANGE, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use url::Url;

use super::super::answer::{Answer, Verdict};
use super::super::hosts::Audience;
use super::super::line::is_final;
use super::{Door, Wanted};
use crate::release::failure::Failure;

/// What the first byte of a public download tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// It is there, with so many bytes, where the host says how many.
    There(Option<u64>),
    /// There is none.
    Missing(StatusCode),
    /// The host answered something else.
    Unclear(StatusCode),
}

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

    /// Asks once, as anybody may, for the first byte of a public download, by the way that clients go, to its end. The
    /// release host does not count it as a download.
    pub async fn probe(&self, url: &Url) -> Result<Probed, Failure> {
        let (response, _) = self.stop.or(self.follow(url, Audience::Public, Wanted::FirstByte)).await?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        Ok(match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = header(CONTENT_RANGE).and_then(|range| range.rsplit_once('/'));
                Probed::There(range.and_then(|(_, whole)| whole.parse().ok()))
            }
            StatusCode::OK => Probed::There(header(CONTENT_LENGTH).and_then(|size| size.parse().ok())),
            StatusCode::NOT_FOUND | StatusCode::GONE => Probed::Missing(response.status()),
            status => Probed::Unclear(status),
        })
    }
}
