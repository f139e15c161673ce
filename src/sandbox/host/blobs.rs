//! The blob origin: storage behind signed URLs that expire. It knows no tokens and refuses to be shown one.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::release::fingerprint::Digest;

use super::Shared;
use super::state::Asset;

const CHUNK: usize = 64 * 1024;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/{id}", any(blob)).with_state(shared)
}

/// A redirect to the bytes of an asset, under a fresh signature; it counts as a download, unless only its head was asked.
pub(super) fn redirect(shared: &Shared, asset: &Asset, counts: bool) -> Response {
    let id = asset.id;
    let expires = Timestamp::now().as_second().saturating_add_unsigned(shared.config().url_lifetime_s);
    let sig = signature(shared, id, expires);
    let counted = shared.store.change(|state| {
        let assets = state.releases.iter_mut().flat_map(|release| &mut release.assets);
        assets.filter(|asset| asset.id == id).for_each(|asset| asset.downloads += u64::from(counts));
        Ok(())
    });
    if let Err(refusal) = counted {
        return refusal.into_response();
    }
    let location = format!("{}/{id}?se={expires}&sig={sig}", shared.urls.blobs);
    (StatusCode::FOUND, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-cache".into())]).into_response()
}

/// Enough for practice: whoever does not know the secret cannot make one.
fn signature(shared: &Shared, id: u64, expires: i64) -> Digest {
    let secret = shared.store.read(|state| state.secret.clone());
    Digest::of(format!("{secret}\n{id}\n{expires}\n{secret}"))
}

#[derive(Deserialize)]
struct Signed {
    se: Option<i64>,
    sig: Option<Digest>,
}

async fn blob(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<u64>,
    signed: Result<Query<Signed>, QueryRejection>,
    request: Request,
) -> Response {
    if request.headers().contains_key(header::AUTHORIZATION) {
        let message = "Authentication information is not given in the correct format. Check the value of \
                       Authorization header.";
        return refusal(StatusCode::BAD_REQUEST, "InvalidAuthenticationInfo", message);
    }
    let denied = || {
        let message = "Server failed to authenticate the request. Make sure the signature is correct and not expired.";
        refusal(StatusCode::FORBIDDEN, "AuthenticationFailed", message)
    };
    let Ok(Query(Signed { se: Some(expires), sig: Some(sig) })) = signed else { return denied() };
    // The storage signs for GET; some of GitHub's refuses HEAD for that reason.
    let valid = request.method() == Method::GET
        && expires > Timestamp::now().as_second()
        && sig == signature(&shared, id, expires);
    if !valid {
        return denied();
    }
    match serve(shared, id, request.headers()).await {
        Ok(response) => response,
        Err(_) => refusal(StatusCode::NOT_FOUND, "BlobNotFound", "The specified blob does not exist."),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], xml).into_response()
}

async fn serve(shared: Arc<Shared>, id: u64, headers: &HeaderMap) -> std::io::Result<Response> {
    let mut file = File::open(shared.store.blob(id)).await?;
    let size = file.metadata().await?.len();
    // Blobs never change, so the id is as good a tag as a digest.
    let etag = format!("\"blob-{id}\"");
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known == etag));
    let (status, start, end) = match range.map_or(Asked::All, |range| asked(range, size)) {
        Asked::All => (StatusCode::OK, 0, size),
        Asked::Part(start, end) => (StatusCode::PARTIAL_CONTENT, start, end),
        Asked::Nothing => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    file.seek(SeekFrom::Start(start)).await?;
    let mut response = Response::new(Body::from_stream(chunks(shared, file, end - start)));
    *response.status_mut() = status;
    let fields = [
        (header::CONTENT_TYPE, "application/octet-stream".into()),
        (header::CONTENT_LENGTH, (end - start).to_string()),
        (header::ACCEPT_RANGES, "bytes".into()),
        (header::ETAG, etag),
    ];
    let range = (status == StatusCode::PARTIAL_CONTENT)
        .then(|| [(header::CONTENT_RANGE, format!("bytes {start}-{}/{size}", end.saturating_sub(1)))]);
    Ok(match range {
        Some(range) => (range, fields, response).into_response(),
        None => (fields, response).into_response(),
    })
}

/// What a `Range` header asks for; the end is exclusive.
enum Asked {
    All,
    Part(u64, u64),
    Nothing,
}

/// Reads one range. What is malformed, or asks for several, is ignored, as HTTP allows.
fn asked(range: &str, size: u64) -> Asked {
    let parsed = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')).and_then(|(first, last)| {
        if first.is_empty() {
            return Some((size.saturating_sub(last.parse().ok()?), size));
        }
        let end = if last.is_empty() { size } else { last.parse::<u64>().ok()?.saturating_add(1).min(size) };
        Some((first.parse().ok()?, end))
    });
    match parsed {
        None => Asked::All,
        Some((start, end)) if start < end => Asked::Part(start, end),
        Some(_) => Asked::Nothing,
    }
}

fn chunks(shared: Arc<Shared>, file: File, left: u64) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((shared, file, left), |(shared, mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut buffer = vec![0; usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK))];
        file.read_exact(&mut buffer).await?;
        shared.pace.pass(shared.config().throttle_bytes_per_s, buffer.len()).await;
        let left = left - buffer.len() as u64;
        Ok(Some((Bytes::from(buffer), (shared, file, left))))
    })
}
