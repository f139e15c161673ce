//! The one door to HTTP: every request of the console goes through here. Deadlines, allowed hosts, who may see the
//! token, retry of reads, and the log.

mod again;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::BackoffBuilder as _;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio_util::bytes::BytesMut;
use url::Url;

pub use self::again::Probed;
use super::answer::{Answer, Verdict};
use super::body::{Activity, Upload};
use super::hosts::{Audience, Hosts, place};
use super::line::{Download, Fetched, Sent, error_chain, idle, is_final, next_chunk, shown, unreachable};
use super::patience::Patience;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::is_loopback;
use crate::world::stop::{Stop, interrupted};
use crate::world::token::Token;

/// An API answer larger than this in bytes is not read on: a page of 100 releases stays far below.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Redirects followed for one public download.
const MAX_HOPS: usize = 5;
/// A publication that was sent already is awaited for so long after Ctrl-C (SPEC §6.3).
const GRACE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(15);

/// A wait that a person should see, with its countdown.
#[derive(Debug, Clone)]
pub struct Wait {
    /// Why.
    pub reason: Clean,
    /// How long.
    pub time: Duration,
}

/// Told of every wait.
pub type OnWait = Arc<dyn Fn(Wait) + Send + Sync>;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    client: Client,
    /// Which hosts it opens to.
    pub hosts: Arc<Hosts>,
    token: Option<Token>,
    patience: Patience,
    stop: Stop,
    on_wait: OnWait,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// How much of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    FirstByte,
}

impl Door {
    /// A door to these hosts. Fails when the TLS stack cannot be set up.
    pub fn new(
        hosts: Hosts,
        token: Option<Token>,
        patience: Patience,
        stop: Stop,
        on_wait: OnWait,
    ) -> Result<Self, Failure> {
        // A second installation answers an error; the provider is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28"));
        let mut builder = Client::builder()
            .user_agent(concat!("nexy-release/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT.min(patience.idle));
        if is_loopback(hosts.api()) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Failure::new(Code::NetUnreachable, "The HTTP client cannot be set up").why(error_chain(&error))
        })?;
        Ok(Self { client, hosts: Arc::new(hosts), token, patience, stop, on_wait })
    }

    /// Whether the host is asked without a token.
    pub fn is_anonymous(&self) -> bool {
        self.token.is_none()
    }

    /// The wish to stop that this door obeys.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// All waiting for a limited or busy host, per request.
    pub fn max_wait(&self) -> Duration {
        self.patience.max_wait
    }

    /// The delays before the second to fifth try of whatever may be tried again.
    pub fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        backon::ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500).min(self.patience.idle))
            .with_max_times(4)
            .with_jitter()
            .build()
    }

    /// Waits before another try, seen by people and ended by a stop.
    pub async fn pause(&self, time: Duration, reason: &Clean) -> Result<(), Failure> {
        if time >= Duration::from_secs(1) {
            (self.on_wait)(Wait { reason: reason.clone(), time });
        }
        self.stop.pause(time).await
    }

    /// Changes something on the API. Sent once; only a limit, where the host says that it did nothing, is waited out.
    pub async fn write(&self, method: Method, url: &Url, json: Option<&serde_json::Value>) -> Sent {
        if let Err(failure) = self.hosts.allow(url, Audience::Api).and_then(|()| self.stop.check()) {
            return Sent::Refused(failure);
        }
        let started = Instant::now();
        let mut delays = self.delays();
        loop {
            let mut request =
                self.request(method.clone(), url, Audience::Api).header(ACCEPT, "application/vnd.github+json");
            if let Some(json) = json {
                request = request.header(CONTENT_TYPE, "application/json").body(json.to_string());
            }
            let answer = self.with_grace(self.exchange(request, method.as_str(), url)).await;
            if let Some(sent) = self.settle(answer, &mut delays, started).await {
                return sent;
            }
        }
    }

    /// Sends one file, once. The body says how it ended if it ended before the last byte.
    pub async fn upload(&self, url: &Url, media_type: &str, upload: Upload) -> Sent {
        if let Err(failure) = self.hosts.allow(url, Audience::Upload).and_then(|()| self.stop.check()) {
            return Sent::Refused(failure);
        }
        let Upload { size, body, activity, verdict } = upload;
        let request = self
            .request(Method::POST, url, Audience::Upload)
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, media_type)
            .header(CONTENT_LENGTH, size)
            .body(body);
        let answer = self.stop.or(self.exchange_while(request, "POST", url, &activity)).await;
        if let Some(failure) = verdict.get().cloned() {
            return Sent::Refused(failure);
        }
        // A limit here would need the body again: the caller decides on a new try.
        match answer {
            Ok(answer) => match answer.verdict() {
                Verdict::Fine => Sent::Answered(answer),
                Verdict::Refused(failure) => Sent::Refused(failure),
                Verdict::Limited(wait, failure) => match self.wait_for_limit(wait, failure).await {
                    Ok(failure) => Sent::Unknown(failure),
                    Err(failure) => Sent::Refused(failure),
                },
                Verdict::Broken(_, failure) => Sent::Unknown(failure),
            },
            Err(failure) if is_final(&failure) => Sent::Refused(failure),
            Err(failure) => Sent::Unknown(failure),
        }
    }

    /// Opens a download. `first` says who is asked; every redirect leads to the public, without the token, and must be
    /// allowed. A 5xx or a network failure is tried again as in [`Self::read`].
    pub async fn download(&self, start: &Url, first: Audience) -> Result<Fetched, Failure> {
        let started = Instant::now();
        let mut delays = self.delays();
        loop {
            let (wait, failure) = match self.stop.or(self.follow(start, first, Wanted::All)).await {
                Ok((response, _)) if response.status() == StatusCode::OK => {
                    let (idle, stop) = (self.patience.idle, self.stop.clone());
                    return Ok(Fetched::Body(Download { response, idle, stop }));
                }
                Ok((response, asked)) => {
                    let answer = self.stop.or(self.take_in(response, "GET", start)).await?;
                    match answer.verdict() {
                        // Who never saw the token does not judge it.
                        Verdict::Refused(_) if asked == Audience::Public => return Err(answer.withheld()),
                        Verdict::Limited(wait, failure) => (Some(wait), failure),
                        Verdict::Broken(wait, failure) => (wait, failure),
                        Verdict::Refused(failure) => return Err(failure),
                        Verdict::Fine if answer.status == StatusCode::NOT_FOUND => {
                            let failure = answer.failure(Code::VerifyUnreachable, "There is no such download");
                            return Ok(Fetched::Missing(failure));
                        }
                        Verdict::Fine => return Err(answer.unexpected()),
                    }
                }
                Err(failure) if is_final(&failure) => return Err(failure),
                Err(failure) => (None, failure),
            };
            self.before_next(&mut delays, wait, started, failure).await?;
        }
    }

    /// Asks for a page of the servers that clients are updated from: once, without the token, past caches; what its
    /// status means is the caller's to say. A redirect is an answer, and is not followed.
    pub async fn page(&self, url: &Url) -> Result<Answer, Failure> {
        self.hosts.allow(url, Audience::Served)?;
        let request = self.request(Method::GET, url, Audience::Served).header(CACHE_CONTROL, "no-cache");
        self.stop.or(self.exchange(request, "GET", url)).await
    }

    /// The answer at the end of the redirects, and who gave it.
    async fn follow(&self, start: &Url, first: Audience, wanted: Wanted) -> Result<(Response, Audience), Failure> {
        let mut url = start.clone();
        let mut audience = first;
        for hop in 0..=MAX_HOPS {
            self.hosts.allow(&url, audience)?;
            // Whoever asks for the head of what is counted is not counted; storage may refuse to be asked so.
            let method = if wanted == Wanted::FirstByte && hop == 0 { Method::HEAD } else { Method::GET };
            let mut request = self.request(method.clone(), &url, audience).header(ACCEPT, "application/octet-stream");
            if wanted == Wanted::FirstByte {
                request = request.header(RANGE, "bytes=0-0");
            }
            let response = self.head(request, method.as_str(), &url, &Activity::default()).await?;
            let location = response.headers().get(reqwest::header::LOCATION).and_then(|value| value.to_str().ok());
            match location.filter(|_| response.status().is_redirection()) {
                None => return Ok((response, audience)),
                Some(location) => {
                    url = url.join(location).map_err(|error| {
                        Failure::new(Code::NetUnexpected, "The host redirects to something that is no URL")
                            .why(format!("{}: {error}", place(&url)))
                    })?;
                    audience = Audience::Public;
                }
            }
        }
        Err(Failure::new(Code::NetUnexpected, "The host redirects in a circle")
            .why(format!("{} led to more than {MAX_HOPS} redirects", shown(start))))
    }

    /// The delay before the next try, or the failure when there is none.
    async fn before_next(
        &self,
        delays: &mut impl Iterator<Item = Duration>,
        wait: Option<Duration>,
        started: Instant,
        failure: Failure,
    ) -> Result<(), Failure> {
        let Some(delay) = delays.next() else { return Err(failure) };
        let delay = wait.unwrap_or(delay);
        if started.elapsed().saturating_add(delay) > self.patience.max_wait {
            return Err(failure);
        }
        self.pause(delay, &failure.what).await
    }

    async fn wait_for_limit(&self, wait: Duration, failure: Failure) -> Result<Failure, Failure> {
        if wait > self.patience.max_wait {
            return Err(failure);
        }
        self.pause(wait, &failure.what).await.map(|()| failure)
    }

    /// What became of a write; `None` when it has to be sent again after a limit.
    async fn settle(
        &self,
        answer: Result<Answer, Failure>,
        delays: &mut impl Iterator<Item = Duration>,
        started: Instant,
    ) -> Option<Sent> {
        match answer {
            Ok(answer) => match answer.verdict() {
                Verdict::Fine => Some(Sent::Answered(answer)),
                Verdict::Refused(failure) => Some(Sent::Refused(failure)),
                Verdict::Broken(_, failure) => Some(Sent::Unknown(failure)),
                Verdict::Limited(wait, failure) => {
                    self.before_next(delays, Some(wait), started, failure).await.err().map(Sent::Refused)
                }
            },
            Err(failure) => Some(Sent::Unknown(failure)),
        }
    }

    /// Awaits a write that may be on its way already, a little beyond a stop.
    async fn with_grace(&self, work: impl Future<Output = Result<Answer, Failure>>) -> Result<Answer, Failure> {
        tokio::select! {
            result = work => result,
            () = async { self.stop.stopped().await; tokio::time::sleep(GRACE).await } => Err(interrupted()),
        }
    }

    fn request(&self, method: Method, url: &Url, audience: Audience) -> RequestBuilder {
        let request = self.client.request(method, url.clone());
        match (&self.token, audience) {
            (Some(token), Audience::Api | Audience::Upload) => request.header(AUTHORIZATION, token.header()),
            _ => request,
        }
    }

    async fn exchange(&self, request: RequestBuilder, method: &str, url: &Url) -> Result<Answer, Failure> {
        self.exchange_while(request, method, url, &Activity::default()).await
    }

    async fn exchange_while(
        &self,
        request: RequestBuilder,
        method: &str,
        url: &Url,
        activity: &Activity,
    ) -> Result<Answer, Failure> {
        let response = self.head(request, method, url, activity).await?;
        self.take_in(response, method, url).await
    }

    /// Sends, and awaits the head of the answer. While a body is being sent, its progress counts as life.
    async fn head(
        &self,
        request: RequestBuilder,
        method: &str,
        url: &Url,
        activity: &Activity,
    ) -> Result<Response, Failure> {
        let started = Instant::now();
        activity.touch();
        let mut sending = std::pin::pin!(request.send());
        let result = loop {
            let deadline = activity.deadline(self.patience);
            tokio::select! {
                result = &mut sending => break result,
                () = tokio::time::sleep_until(deadline.into()) => {
                    if activity.deadline(self.patience) <= Instant::now() {
                        return Err(idle(url, activity.limit(self.patience)));
                    }
                }
            }
        };
        let response = result.map_err(|error| unreachable(url, &error))?;
        tracing::debug!(
            method,
            url = shown(url),
            status = response.status().as_u16(),
            request_id = response.headers().get("x-github-request-id").and_then(|id| id.to_str().ok()),
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "request"
        );
        Ok(response)
    }

    /// Reads an answer to its end, within bounds of size and time.
    async fn take_in(&self, mut response: Response, method: &str, url: &Url) -> Result<Answer, Failure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        let reading = async {
            while let Some(chunk) = next_chunk(&mut response, self.patience.idle).await? {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_ANSWER {
                    return Err(Failure::new(Code::NetUnexpected, "The host's answer has no end")
                        .why(format!("{method} {} sent more than {MAX_ANSWER} bytes", shown(url)))
                        .fix("Run the same command again; what is done is not done twice"));
                }
            }
            Ok(())
        };
        let total = self.patience.idle + self.patience.max_wait;
        tokio::time::timeout(total, reading).await.map_err(|_| idle(url, total))??;
        let body = body.freeze();
        // A host that repeats what it was sent must not bring the token to screen or journal.
        let body = self.token.as_ref().map_or_else(|| body.clone(), |token| token.redact(&body));
        Ok(Answer { asked: format!("{method} {}", shown(url)), status, headers, body })
    }
}
