//! The way every request takes, on every origin: it is logged, meets its faults, and its answer gets GitHub's headers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{HeaderMap as Headers, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::faults::{End, Rewrite, Stage};
use super::log::redacted;
use super::wire::{Cut, Line};
use super::{Origin, Shared};

/// Middleware around the handlers of one origin.
pub(super) async fn gate(
    State((shared, origin)): State<(Arc<Shared>, Origin)>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let method = request.method().as_str();
    let authorized = request.headers().contains_key(header::AUTHORIZATION);
    let entry = shared.log.enter(origin, method, redacted(path), authorized);
    let effects = shared.faults.effects(origin, method, path);
    tokio::time::sleep(effects.delay).await;

    let received = entry.received();
    let mut request = request.map(|body| counted(body, received));
    request.extensions_mut().insert(effects.quirks);
    let mut response = match effects.end {
        None => next.run(request).await,
        Some((stage, end)) => interrupted(stage, end, &line, request, next).await,
    };
    if let Some(rewrite) = effects.rewrite {
        response = rewritten(rewrite, response);
    }
    if matches!(origin, Origin::Api | Origin::Uploads) {
        // GitHub counts no answer that says that nothing changed, if it knows who asks.
        let free = response.status() == StatusCode::NOT_MODIFIED && authorized;
        decorate(&shared, response.headers_mut(), free);
    }
    if let Some(date) = effects.date_offset_s.and_then(date_off_by) {
        response.headers_mut().insert(header::DATE, date);
    }
    entry.answered(response.status().as_u16());
    response
}

/// Runs a request up to the stage at which its fault strikes.
async fn interrupted(stage: Stage, end: End, line: &Line, request: Request, next: Next) -> Response {
    match stage {
        Stage::Head => end.strike(line).await,
        Stage::Request => {
            drain(request.into_body()).await;
            end.strike(line).await
        }
        Stage::Body(bytes) => {
            let reached = CancellationToken::new();
            let request = request.map(|body| tripwire(body, bytes, reached.clone()));
            tokio::select! {
                // Dropping the handler is what a host that dies in the middle does: whatever it has done stays.
                biased;
                () = reached.cancelled() => {}
                response = next.run(request) => return response,
            }
            end.strike(line).await
        }
        Stage::Work => {
            next.run(request).await;
            end.strike(line).await
        }
        Stage::Answer(bytes) => cut_short(next.run(request).await, bytes, end, line.clone()),
    }
}

impl End {
    async fn strike(self, line: &Line) -> Response {
        match self {
            Self::Answer { status, headers, body } => {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                for (name, value) in headers {
                    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                        response.headers_mut().insert(name, value);
                    }
                }
                return response;
            }
            Self::Reset => line.cut(Cut::Reset),
            Self::Close => line.cut(Cut::FlushAndClose),
            Self::Stall => {}
        }
        std::future::pending().await
    }
}

/// Reads what is left of a body, so that a client that is still sending gets to see its answer.
pub(super) async fn drain(body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
}

fn counted(body: Body, received: Arc<AtomicU64>) -> Body {
    Body::from_stream(body.into_data_stream().inspect_ok(move |chunk| {
        received.fetch_add(chunk.len() as u64, Ordering::SeqCst);
    }))
}

/// A body that, after so many bytes or at its end, gives the sign and never ends.
fn tripwire(body: Body, bytes: u64, reached: CancellationToken) -> Body {
    let chunks = body.into_data_stream();
    Body::from_stream(stream::try_unfold((chunks, bytes), move |(mut chunks, left)| {
        let reached = reached.clone();
        async move {
            if left > 0
                && let Some(chunk) = chunks.try_next().await?
            {
                let left = left.saturating_sub(chunk.len() as u64);
                return Ok(Some((chunk, (chunks, left))));
            }
            reached.cancel();
            std::future::pending::<Result<_, axum::Error>>().await
        }
    }))
}

/// An answer that announces all its bytes and of which only the first ones come.
fn cut_short(mut response: Response, bytes: u64, end: End, line: Line) -> Response {
    if let Some(size) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| size.into());
    }
    response.map(|body| {
        let blow = stream::once(async move {
            match end {
                End::Reset => line.cut(Cut::FlushAndReset),
                End::Close => line.cut(Cut::FlushAndClose),
                End::Stall | End::Answer { .. } => {}
            }
            std::future::pending().await
        });
        Body::from_stream(first(body, bytes).chain(blow))
    })
}

fn rewritten(rewrite: Rewrite, mut response: Response) -> Response {
    if matches!(rewrite, Rewrite::Shorten(_) | Rewrite::Endless) {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response.map(|body| match rewrite {
        Rewrite::Shorten(bytes) => Body::from_stream(first(body, bytes)),
        Rewrite::Flip(offset) => Body::from_stream(flipped(body, offset)),
        Rewrite::Endless => {
            let zeros = stream::repeat_with(|| Ok(Bytes::from_static(&[0; 16 * 1024])));
            Body::from_stream(body.into_data_stream().chain(zeros))
        }
    })
}

/// The first bytes of a body.
fn first(body: Body, bytes: u64) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::try_unfold((body.into_data_stream(), bytes), |(mut chunks, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(mut chunk) = chunks.try_next().await? else { return Ok(None) };
        chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left - chunk.len() as u64;
        Ok(Some((chunk, (chunks, left))))
    })
}

fn flipped(body: Body, offset: u64) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let mut start = 0;
    body.into_data_stream().map_ok(move |chunk| {
        let at = offset.checked_sub(start).and_then(|at| usize::try_from(at).ok());
        start += chunk.len() as u64;
        let Some(at) = at.filter(|at| *at < chunk.len()) else { return chunk };
        let mut bytes = chunk.to_vec();
        bytes[at] = !bytes[at];
        bytes.into()
    })
}

/// Request id and rate limit, unless the answer has its own.
fn decorate(shared: &Shared, headers: &mut HeaderMap, free: bool) {
    let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    let id = format!("{}:{}:{}", &id[..4], &id[4..12], &id[12..]);
    let limit = shared.rate.take(u64::from(!free));
    let fields: [(&'static str, String); 6] = [
        ("x-github-request-id", id),
        ("x-github-api-version-selected", "2022-11-28".into()),
        ("x-ratelimit-limit", limit.of.to_string()),
        ("x-ratelimit-remaining", limit.remaining.to_string()),
        ("x-ratelimit-used", limit.used.to_string()),
        ("x-ratelimit-reset", limit.reset.to_string()),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            Headers::entry(headers, name).or_insert(value);
        }
    }
}

fn date_off_by(seconds: i64) -> Option<HeaderValue> {
    let time = Timestamp::now().checked_add(SignedDuration::from_secs(seconds)).ok()?;
    HeaderValue::try_from(DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()?).ok()
}
