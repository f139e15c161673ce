//! What comes back over the line: answers to writes, bytes of downloads, and what it means when the line fails.

use std::time::Duration;

use reqwest::Response;
use tokio_util::bytes::Bytes;
use url::Url;

use super::answer::Answer;
use super::hosts::place;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::stop::Stop;

/// What became of a request that changes something.
#[derive(Debug)]
pub enum Sent {
    /// The host answered; the statuses that mean the same everywhere are failures already.
    Answered(Answer),
    /// The host answered that it did nothing.
    Refused(Failure),
    /// No answer, or one that tells nothing: it may have happened. Ask before sending again.
    Unknown(Failure),
}

/// A public download: its bytes, or the host's word that there is none.
#[derive(Debug)]
pub enum Fetched {
    /// 200.
    Body(Download),
    /// 404.
    Missing(Failure),
}

/// The bytes of a download, as they come.
#[derive(Debug)]
pub struct Download {
    pub(super) response: Response,
    pub(super) idle: Duration,
    pub(super) stop: Stop,
}

impl Download {
    /// The next bytes; `None` at the end. A short download ends like a whole one: compare its size.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.stop.or(next_chunk(&mut self.response, self.idle)).await
    }

    /// How long the host says it is.
    pub fn announced(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The failure of a download that ended before its time.
    pub fn ended_early(&self, size: u64, expected: u64) -> Failure {
        Failure::new(Code::NetUnreachable, format!("The download from {} ended early", place(self.response.url())))
            .why(format!("{size} of {expected} bytes came, and the host had not said how many there are."))
            .fix("Run the same command again; what is done is not done twice")
    }

    /// The failure of a download that has no end where it should.
    pub fn goes_on(&self, expected: u64) -> Failure {
        Failure::new(
            Code::NetUnexpected,
            format!("The download from {} goes on beyond its end", place(self.response.url())),
        )
        .why(format!("More than its {expected} bytes came, and the host had not said how many there are."))
        .fix("Run the same command again; what is done is not done twice")
    }
}

pub(super) async fn next_chunk(response: &mut Response, idle_time: Duration) -> Result<Option<Bytes>, Failure> {
    match tokio::time::timeout(idle_time, response.chunk()).await {
        Ok(Ok(chunk)) => Ok(chunk),
        Ok(Err(error)) => Err(unreachable(&response.url().clone(), &error)),
        Err(_) => Err(idle(&response.url().clone(), idle_time)),
    }
}

/// A URL without its query: that of a signed download is a secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some_and(|query| !query.starts_with("per_page=") && !query.starts_with("name=")) {
        url.set_query(Some("…"));
    }
    url.into()
}

/// Whether trying again is of no use.
pub(super) fn is_final(failure: &Failure) -> bool {
    !matches!(failure.code, Code::NetUnreachable | Code::NetIdle)
}

pub(super) fn idle(url: &Url, time: Duration) -> Failure {
    Failure::new(Code::NetIdle, format!("No byte from {} for {} s", place(url), time.as_secs()))
        .why("The host or the network between stalls.")
        .fix("Run the same command again; what is done is not done twice")
}

pub(super) fn unreachable(url: &Url, error: &reqwest::Error) -> Failure {
    Failure::new(Code::NetUnreachable, format!("The connection to {} failed", place(url)))
        .why(error_chain(error))
        .fix("Check the network, then run the same command again; what is done is not done twice")
}

/// The causes of an error, outermost first, without the URL that reqwest would add.
pub(super) fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut causes = Vec::new();
    let mut next = error.source().or(Some(error));
    while let Some(error) = next {
        let text = error.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = error.source();
    }
    causes.join(": ")
}
