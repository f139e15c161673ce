//! The uploads origin: bytes stream to disk and are hashed as they come.

use std::fs;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::TryStreamExt as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::release::fingerprint::{Fingerprint, Hasher};

use super::Shared;
use super::config::Interrupted;
use super::gate::drain;
use super::refusal::Refusal;
use super::releases::Announced;
use super::visit::Visit;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/repos/{owner}/{repo}/releases/{id}/assets", post(upload)).fallback(unknown).with_state(shared)
}

async fn unknown(_: Visit) -> Refusal {
    Refusal::not_found()
}

#[derive(Deserialize)]
struct Names {
    name: Option<String>,
    label: Option<String>,
}

async fn upload(
    visit: Result<Visit, Refusal>,
    Path((owner, repo, id)): Path<(String, String, u64)>,
    Query(names): Query<Names>,
    request: Request,
) -> Result<Response, Refusal> {
    let admitted = visit.and_then(|visit| {
        let upload = Upload::admit(&visit, (&owner, &repo, id), names, &request)?;
        Ok((visit, upload))
    });
    let (visit, upload) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => {
            drain(request.into_body()).await;
            return Err(refusal);
        }
    };
    let received = upload.receive(request.into_body(), visit.quirks.keep_only).await?;
    let shown = upload.finish(&visit, id, received)?;
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// An upload under way. Dropped before it is finished, it leaves what the host is told to leave.
struct Upload {
    shared: Arc<Shared>,
    repo: String,
    asset: u64,
    size: u64,
    finished: bool,
}

impl Upload {
    /// Checks all that can be checked before the first byte, and takes the name.
    fn admit(visit: &Visit, at: (&str, &str, u64), names: Names, request: &Request) -> Result<Self, Refusal> {
        let (_, repo) = visit.repo(at.0, at.1)?;
        visit.must_push()?;
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let size = header(header::CONTENT_LENGTH)
            .and_then(|size| size.parse::<u64>().ok())
            .filter(|size| *size > 0)
            .ok_or_else(|| Refusal::bad_request("Bad Content-Length"))?;
        let name = names
            .name
            .filter(|name| !name.is_empty())
            .ok_or_else(|| Refusal::invalid("ReleaseAsset", "missing_field", "name"))?;
        let content_type = header(header::CONTENT_TYPE).unwrap_or("application/octet-stream").to_owned();
        let config = visit.shared.config();
        let announced = Announced { name, label: names.label, content_type, size };
        let asset = visit.shared.store.change(|state| {
            let asset = state.announce(&repo, at.2, &config.login, announced)?;
            if let (Interrupted::FullSizeStarter, Some(asset)) = (config.interrupted, state.asset_mut(&repo, asset)) {
                asset.size = size;
            }
            Ok(asset)
        })?;
        Ok(Self { shared: Arc::clone(&visit.shared), repo, asset, size, finished: false })
    }

    /// Streams the body to disk. `keep_only` is the fault of a host that loses the rest and does not notice.
    async fn receive(&self, body: Body, keep_only: Option<u64>) -> Result<Fingerprint, Refusal> {
        let mut file = File::create(self.shared.store.part(self.asset)).await?;
        let mut hasher = Hasher::default();
        let mut received = 0;
        let mut left = keep_only.unwrap_or(u64::MAX);
        let mut chunks = body.into_data_stream();
        while let Some(mut chunk) = chunks.try_next().await.map_err(io::Error::other)? {
            received += chunk.len() as u64;
            self.shared.pace.pass(self.shared.config().throttle_bytes_per_s, chunk.len()).await;
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= chunk.len() as u64;
            hasher.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        if received != self.size {
            return Err(Refusal::bad_request("Bad Content-Length"));
        }
        Ok(hasher.finish())
    }

    /// Turns the `starter` into an asset; somebody may have deleted it meanwhile.
    fn finish(mut self, visit: &Visit, release: u64, bytes: Fingerprint) -> Result<Value, Refusal> {
        let (part, blob) = (self.shared.store.part(self.asset), self.shared.store.blob(self.asset));
        let shown = self.shared.store.change(|state| {
            let asset = state.asset_mut(&self.repo, self.asset).ok_or_else(Refusal::not_found)?;
            asset.uploaded = true;
            asset.size = bytes.size;
            asset.sha256 = Some(bytes.sha256);
            asset.updated_at = Timestamp::now();
            fs::rename(part, blob)?;
            let asset = state.asset(&self.repo, self.asset);
            let (_, asset) = asset.ok_or_else(Refusal::not_found)?;
            let release = state.release(&self.repo, release).ok_or_else(Refusal::not_found)?;
            Ok(visit.view().asset(release, asset))
        })?;
        self.finished = true;
        Ok(shown)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let _ = fs::remove_file(self.shared.store.part(self.asset));
        if self.shared.config().interrupted == Interrupted::Nothing {
            // Refused only where it is gone already.
            let _ = self.shared.store.change(|state| state.remove_asset(&self.repo, self.asset));
        }
    }
}
