//! The web origin: what people and updaters open, without a token and for published releases only.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::Shared;
use super::blobs;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{owner}/{repo}/releases/download/{tag}/{name}", get(download))
        .route("/{owner}/{repo}/releases/tag/{tag}", get(page))
        .fallback(async || not_found())
        .with_state(shared)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Html("<!doctype html><title>Page not found</title><h1>404</h1>")).into_response()
}

async fn download(
    State(shared): State<Arc<Shared>>,
    Path((owner, repo, tag, name)): Path<(String, String, String, String)>,
    method: Method,
) -> Response {
    let repo = format!("{owner}/{repo}");
    let asset = shared.store.read(|state| {
        let release = state.published(&repo, &tag)?;
        release.assets.iter().find(|asset| asset.name == name && asset.uploaded).cloned()
    });
    asset.map_or_else(not_found, |asset| blobs::redirect(&shared, &asset, method == Method::GET))
}

async fn page(State(shared): State<Arc<Shared>>, Path((owner, repo, tag)): Path<(String, String, String)>) -> Response {
    let repo = format!("{owner}/{repo}");
    let Some(release) = shared.store.read(|state| state.published(&repo, &tag).cloned()) else { return not_found() };
    let mut assets = String::new();
    for asset in &release.assets {
        let (tag, name) = (escaped(&tag), escaped(&asset.name));
        let link = format!("/{repo}/releases/download/{tag}/{name}");
        assets.extend(["<li><a href=\"", &link, "\">", &name, "</a> ", &asset.size.to_string(), " bytes</li>"]);
    }
    let title = escaped(release.title.as_deref().unwrap_or(&tag));
    let body = escaped(release.body.as_deref().unwrap_or_default());
    let html = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><pre>{body}</pre><ul>{assets}</ul>"
    );
    Html(html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
