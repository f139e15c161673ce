//! An answer of the host, and what it means for the one who asked.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName, LINK, LOCATION, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_util::bytes::Bytes;
use url::Url;

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;

const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
/// GitHub: "wait at least one minute" when a limit names no time.
const UNNAMED_LIMIT: Duration = Duration::from_mins(1);

/// Status, headers and the whole of a bounded body.
#[derive(Debug)]
pub struct Answer {
    /// What was asked, e.g. `GET https://api.github.com/user`.
    pub asked: String,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// GitHub's error body.
#[derive(Debug, Default, Deserialize)]
pub struct ApiError {
    /// In words.
    #[serde(default)]
    pub message: String,
    /// In detail; entries are objects, sometimes plain strings.
    #[serde(default)]
    pub errors: Vec<serde_json::Value>,
}

/// What to do about an answer that is no success.
#[derive(Debug)]
pub enum Verdict {
    /// The one who asked knows what it means.
    Fine,
    /// The host asks to come back after this time; nothing was done.
    Limited(Duration, Failure),
    /// The host failed; what it did is not known. It may say when to come back.
    Broken(Option<Duration>, Failure),
    /// No use in asking again.
    Refused(Failure),
}

impl Answer {
    /// Judges the statuses that mean the same for every request.
    pub fn verdict(&self) -> Verdict {
        match self.status.as_u16() {
            401 => Verdict::Refused(
                self.failure(Code::AuthRejected, "The host does not accept the token")
                    .fix("gh auth status")
                    .fix("gh auth login"),
            ),
            403 | 429 => match self.limit() {
                Some(wait) => Verdict::Limited(wait, self.limited(wait)),
                None => Verdict::Refused(
                    self.failure(Code::AuthForbidden, "The token may not do this")
                        .fix("gh auth refresh --scopes repo")
                        .fix("Ask the owner of the repository for push access"),
                ),
            },
            500..=599 => Verdict::Broken(
                self.retry_after(),
                self.failure(Code::NetServer, format!("The host failed with {}", self.status))
                    .fix("Run the same command again; what is done is not done twice"),
            ),
            _ => Verdict::Fine,
        }
    }

    /// A failure that names the request, the host's words and its request id.
    pub fn failure(&self, code: Code, what: impl AsRef<str>) -> Failure {
        let error = self.api_error();
        let mut why = format!("{} answered {}", self.asked, self.status.as_u16());
        // Writing to a `String` cannot fail.
        if !error.message.is_empty() {
            let _ = write!(why, ": {}", Clean::line(&error.message, 200));
        }
        if !error.errors.is_empty() {
            let details = serde_json::Value::Array(error.errors).to_string();
            let _ = write!(why, " {}", Clean::line(&details, 300));
        }
        if let Some(id) = self.header(&REQUEST_ID) {
            let _ = write!(why, " (request id {})", Clean::line(id, 60));
        }
        Failure::new(code, what.as_ref()).why(why)
    }

    /// A status that nobody expected here.
    pub fn unexpected(&self) -> Failure {
        self.failure(Code::NetUnexpected, "The host gave an answer that is not understood")
            .fix("Run the same command again")
            .fix("Check `github.api_url`: nexy-release config show")
    }

    /// Bytes for everybody that were not given to us.
    pub fn withheld(&self) -> Failure {
        self.failure(Code::VerifyUnreachable, "The public download was refused")
            .fix("Run the same command again; what is done is not done twice")
    }

    /// The body as `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Failure::new(Code::NetUnexpected, "The host gave an answer that is not understood")
                .why(format!("{} answered {}: {error}", self.asked, self.status.as_u16()))
                .fix("Run the same command again")
                .fix("Check `github.api_url`: nexy-release config show")
        })
    }

    /// GitHub's error body; empty when the body is none.
    pub fn api_error(&self) -> ApiError {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether this is the 422 that says that `field` exists already.
    pub fn says_already_exists(&self, field: &str) -> bool {
        let is = |error: &serde_json::Value, key: &str, value: &str| error[key].as_str() == Some(value);
        self.status == StatusCode::UNPROCESSABLE_ENTITY
            && self.api_error().errors.iter().any(|e| is(e, "code", "already_exists") && is(e, "field", field))
    }

    /// Whether this is the 422 of a ruleset, which forbids what was asked for.
    pub fn says_rules_violated(&self) -> bool {
        let is = |error: &serde_json::Value| error["message"].as_str().is_some_and(|m| m.contains("rule violations"));
        self.status == StatusCode::UNPROCESSABLE_ENTITY && self.api_error().errors.iter().any(is)
    }

    /// Whether this redirects to another place of the same host.
    pub fn leads_to(&self, host: &Url) -> bool {
        let to = self.header(&LOCATION).and_then(|location| host.join(location).ok());
        self.status.is_redirection() && to.is_some_and(|to| to.origin() == host.origin())
    }

    /// Whether the host says that another page follows.
    pub fn has_next_page(&self) -> bool {
        self.header(&LINK).is_some_and(|link| link.split(',').any(|part| part.contains("rel=\"next\"")))
    }

    /// The host's clock.
    pub fn date(&self) -> Option<Timestamp> {
        DateTimeParser::new().parse_timestamp(self.header(&DATE)?).ok()
    }

    /// For how long a cache has held it, for ever where it does not say that in seconds; `None`: no cache says so.
    pub fn age(&self) -> Option<Duration> {
        // One cache behind another may have added its own; the oldest counts.
        let ages = self.headers.get_all(&AGE).iter();
        let seconds = ages.map(|age| age.to_str().ok().and_then(|age| age.trim().parse().ok()).unwrap_or(u64::MAX));
        seconds.max().map(Duration::from_secs)
    }

    /// Requests left in this hour.
    pub fn rate_remaining(&self) -> Option<u64> {
        self.header(&REMAINING)?.parse().ok()
    }

    /// Seconds until the hour of requests is over, by the host's own clock.
    pub fn rate_reset(&self) -> Option<u64> {
        let reset: i64 = self.header(&RESET)?.trim().parse().ok()?;
        let now = self.date().unwrap_or_else(Timestamp::now).as_second();
        Some(u64::try_from(reset.saturating_sub(now)).unwrap_or(0))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After`; a minute where it names no seconds.
    fn retry_after(&self) -> Option<Duration> {
        let after = self.header(&RETRY_AFTER)?;
        Some(after.trim().parse().map_or(UNNAMED_LIMIT, Duration::from_secs))
    }

    /// How long a limit lasts: `Retry-After`, else until the reset, else a minute. `None`: this 403 is no limit.
    fn limit(&self) -> Option<Duration> {
        if let Some(after) = self.retry_after() {
            return Some(after);
        }
        let used_up = self.rate_remaining() == Some(0);
        let reset = self.header(&RESET).and_then(|reset| reset.trim().parse::<i64>().ok());
        if let Some(reset) = reset.filter(|_| used_up) {
            // Against the host's clock: this machine's may be wrong by a day.
            let now = self.date().unwrap_or_else(Timestamp::now).as_second();
            return Some(Duration::from_secs(u64::try_from(reset.saturating_sub(now)).unwrap_or(0).saturating_add(1)));
        }
        let secondary = self.api_error().message.to_lowercase().contains("rate limit");
        (used_up || secondary || self.status == StatusCode::TOO_MANY_REQUESTS).then_some(UNNAMED_LIMIT)
    }

    fn limited(&self, wait: Duration) -> Failure {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).min(366 * 24 * 3600);
        let when = Timestamp::now().saturating_add(jiff::SignedDuration::from_secs(seconds));
        let when = when.map_or_else(|_| String::new(), |t| format!(", that is until {t:.0}"));
        self.failure(Code::NetRateLimit, format!("The host asks to wait {seconds} s{when}"))
            .fix("Run the same command again after that; what is done is not done twice")
            .fix("Or raise `github.max_wait_s` in release.toml")
    }
}
