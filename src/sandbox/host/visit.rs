//! Who asks, what they may see, and the checks that stand before every API call and upload.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;

use super::faults::Quirks;
use super::json::View;
use super::refusal::Refusal;
use super::state::Release;
use super::{Shared, lock};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Anonymous,
    Reader,
    Pusher,
}

/// One request to the API or the uploads origin, let in.
pub(super) struct Visit {
    pub shared: Arc<Shared>,
    pub caller: Caller,
    pub quirks: Quirks,
}

impl FromRequestParts<Arc<Shared>> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        if !parts.headers.contains_key(header::USER_AGENT) {
            let message = "Request forbidden by administrative rules. Please make sure your request has a \
                           User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api\
                           #user-agent-required).";
            return Err(Refusal::new(StatusCode::FORBIDDEN, message));
        }
        let caller = match parts.headers.get(header::AUTHORIZATION) {
            None => Caller::Anonymous,
            Some(value) => shared.caller(value.to_str().unwrap_or_default())?,
        };
        let quirks = parts.extensions.get().copied().unwrap_or_default();
        Ok(Self { shared: Arc::clone(shared), caller, quirks })
    }
}

impl Shared {
    fn caller(&self, authorization: &str) -> Result<Caller, Refusal> {
        let token = authorization.split_once(' ').and_then(|(scheme, token)| {
            let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
            known.then_some(token.trim())
        });
        let push = self.config().push;
        self.store.read(|state| match token {
            Some(token) if token == state.push_token && push => Ok(Caller::Pusher),
            Some(token) if token == state.push_token || token == state.read_token => Ok(Caller::Reader),
            _ => Err(Refusal::unauthorized("Bad credentials")),
        })
    }
}

impl Visit {
    /// The repository under its own spelling, with its number.
    pub fn repo(&self, owner: &str, name: &str) -> Result<(usize, String), Refusal> {
        let wanted = format!("{owner}/{name}");
        let mut repos = self.shared.config().repos.into_iter().enumerate();
        repos.find(|(_, repo)| repo.eq_ignore_ascii_case(&wanted)).ok_or_else(Refusal::not_found)
    }

    /// Refuses those who may only read, as GitHub does for a public repository.
    pub fn must_push(&self) -> Result<(), Refusal> {
        match self.caller {
            Caller::Pusher => Ok(()),
            Caller::Reader => Err(Refusal::forbidden()),
            Caller::Anonymous => Err(Refusal::unauthorized("Requires authentication")),
        }
    }

    /// Drafts are shown to those who may push.
    pub fn sees(&self, release: &Release) -> bool {
        !release.draft || self.caller == Caller::Pusher
    }

    /// How this caller is answered.
    pub fn view(&self) -> View<'_> {
        View { urls: &self.shared.urls, digests: self.shared.config().digest && !self.quirks.digest_null }
    }

    /// A release that this caller sees, as JSON.
    pub fn show(&self, release: Option<&Release>) -> Result<Value, Refusal> {
        let release = release.filter(|release| self.sees(release)).ok_or_else(Refusal::not_found)?;
        Ok(self.view().release(release))
    }
}

/// The rate limit that is told; to enforce one is what the fault plan is for.
pub(super) struct Rate(Mutex<(Instant, u64)>);

/// What the `x-ratelimit-…` headers say.
pub(super) struct Limit {
    pub of: u64,
    pub used: u64,
    pub remaining: u64,
    /// Unix time in seconds.
    pub reset: i64,
}

impl Rate {
    const LIMIT: u64 = 5000;
    const WINDOW: Duration = Duration::from_hours(1);

    pub fn new() -> Self {
        Self(Mutex::new((Instant::now(), 0)))
    }

    /// Counts so many requests.
    pub fn take(&self, requests: u64) -> Limit {
        let mut window = lock(&self.0);
        if window.0.elapsed() >= Self::WINDOW {
            *window = (Instant::now(), 0);
        }
        // Never told to be used up, because the next request is answered all the same.
        window.1 = (window.1 + requests).min(Self::LIMIT - 1);
        let left = Self::WINDOW.saturating_sub(window.0.elapsed());
        let reset = Timestamp::now().as_second().saturating_add_unsigned(left.as_secs());
        Limit { of: Self::LIMIT, used: window.1, remaining: Self::LIMIT - window.1, reset }
    }
}
