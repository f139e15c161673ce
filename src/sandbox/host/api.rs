//! The API origin: users, repositories, releases and what is known about assets.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::release::fingerprint::Digest;

use super::Shared;
use super::blobs;
use super::graphql;
use super::refs;
use super::refusal::Refusal;
use super::releases::Fields;
use super::rival;
use super::state::Release;
use super::visit::{Caller, Visit};

type Repo = Path<(String, String)>;
type Item = Path<(String, String, u64)>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(root))
        .route("/user", get(user))
        .route("/rate_limit", get(rate_limit))
        .route("/repos/{owner}/{repo}", get(repository))
        .route("/repos/{owner}/{repo}/immutable-releases", get(immutable_releases))
        .route("/repos/{owner}/{repo}/releases", get(list).post(create))
        .route("/repositories/{repo}/releases", get(list_by_id))
        .route("/repos/{owner}/{repo}/releases/latest", get(latest))
        .route("/repos/{owner}/{repo}/releases/tags/{tag}", get(by_tag))
        .route("/repos/{owner}/{repo}/releases/{id}", get(by_id).patch(edit).delete(remove))
        .route("/repos/{owner}/{repo}/releases/{id}/assets", get(assets))
        .route("/repos/{owner}/{repo}/releases/assets/{id}", get(asset).delete(remove_asset))
        .merge(refs::router())
        .merge(graphql::router())
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(conditional))
        .with_state(shared)
}

async fn unknown(_: Visit) -> Refusal {
    Refusal::not_found()
}

/// What there is, and what the token may do: clients look at its scopes first.
async fn root(visit: Visit) -> Response {
    let api = &visit.shared.urls.api;
    let body = json!({
        "current_user_url": format!("{api}/user"),
        "rate_limit_url": format!("{api}/rate_limit"),
        "repository_url": format!("{api}/repos/{{owner}}/{{repo}}"),
    });
    let scopes = match visit.caller {
        Caller::Anonymous => return Json(body).into_response(),
        Caller::Reader => "read:org",
        Caller::Pusher => "gist, read:org, repo",
    };
    ([("x-oauth-scopes", scopes)], Json(body)).into_response()
}

async fn user(visit: Visit) -> Result<Json<Value>, Refusal> {
    if visit.caller == Caller::Anonymous {
        return Err(Refusal::unauthorized("Requires authentication"));
    }
    Ok(Json(visit.view().profile(&visit.shared.config().login)))
}

async fn rate_limit(visit: Visit) -> Json<Value> {
    let limit = visit.shared.rate.take(0);
    let core = json!({
        "limit": limit.of, "used": limit.used, "remaining": limit.remaining, "reset": limit.reset,
        "resource": "core",
    });
    Json(
        json!({ "resources": { "core": core.clone(), "search": core.clone(), "graphql": core.clone() }, "rate": core }),
    )
}

async fn repository(visit: Visit, Path((owner, name)): Repo) -> Result<Json<Value>, Refusal> {
    let (number, repo) = visit.repo(&owner, &name)?;
    let push = (visit.caller != Caller::Anonymous).then_some(visit.caller == Caller::Pusher);
    Ok(Json(visit.view().repository(number + 1, &repo, push)))
}

/// Told to those who could change it.
async fn immutable_releases(visit: Visit, Path((owner, name)): Repo) -> Result<Json<Value>, Refusal> {
    visit.repo(&owner, &name)?;
    if visit.caller != Caller::Pusher {
        return Err(Refusal::not_found());
    }
    Ok(Json(json!({ "enabled": visit.shared.config().immutable, "enforced_by_owner": false })))
}

/// Which page of a list is asked for.
#[derive(Deserialize)]
struct Page {
    per_page: Option<usize>,
    page: Option<usize>,
}

impl Page {
    /// The items of this page and the `Link` header, whose URLs name the repository by number as GitHub's do.
    fn cut(&self, all: Vec<Value>, base: &str) -> Response {
        let per_page = self.per_page.unwrap_or(30).clamp(1, 100);
        let page = self.page.unwrap_or(1).max(1);
        let last = all.len().div_ceil(per_page).max(1);
        let items: Vec<Value> = all.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page).collect();
        let link = |to: usize, rel: &str| format!("<{base}?per_page={per_page}&page={to}>; rel=\"{rel}\"");
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        let mut response = Json(items).into_response();
        if let (false, Ok(value)) = (links.is_empty(), HeaderValue::try_from(links.join(", "))) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}

async fn list(visit: Visit, Path((owner, name)): Repo, Query(page): Query<Page>) -> Result<Response, Refusal> {
    let (number, repo) = visit.repo(&owner, &name)?;
    listed(&visit, number, &repo, &page)
}

async fn list_by_id(visit: Visit, Path(id): Path<usize>, Query(page): Query<Page>) -> Result<Response, Refusal> {
    let number = id.checked_sub(1).ok_or_else(Refusal::not_found)?;
    let repo = visit.shared.config().repos.get(number).cloned().ok_or_else(Refusal::not_found)?;
    listed(&visit, number, &repo, &page)
}

fn listed(visit: &Visit, number: usize, repo: &str, page: &Page) -> Result<Response, Refusal> {
    let mut releases: Vec<Release> = visit.shared.store.read(|state| {
        let shown = |release: &&Release| release.repo == repo && release.unlisted == 0 && visit.sees(release);
        state.releases.iter().filter(shown).cloned().collect()
    });
    if visit.shared.store.read(|state| state.releases.iter().any(|release| release.unlisted > 0)) {
        visit.shared.store.change(|state| {
            state.releases.iter_mut().for_each(|release| release.unlisted = release.unlisted.saturating_sub(1));
            Ok(())
        })?;
    }
    releases.sort_by_key(|release| std::cmp::Reverse((release.created_at, release.id)));
    let view = visit.view();
    let all = releases.iter().map(|release| view.release(release)).collect();
    Ok(page.cut(all, &format!("{}/repositories/{}/releases", visit.shared.urls.api, number + 1)))
}

async fn latest(visit: Visit, Path((owner, name)): Repo) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.shared.store.read(|state| {
        visit.show(state.releases.iter().find(|release| release.repo == repo && release.latest)).map(Json)
    })
}

async fn by_tag(
    visit: Visit,
    Path((owner, name, tag)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.shared.store.read(|state| visit.show(state.published(&repo, &tag)).map(Json))
}

async fn by_id(visit: Visit, Path((owner, name, id)): Item) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.shared.store.read(|state| visit.show(state.release(&repo, id)).map(Json))
}

async fn create(visit: Visit, Path((owner, name)): Repo, body: Bytes) -> Result<Response, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.must_push()?;
    let fields = Fields::parse(&body)?;
    let config = visit.shared.config();
    let created = visit.shared.store.change(|state| {
        let id = state.create(&repo, &config.login, fields, &config)?;
        visit.show(state.release(&repo, id))
    })?;
    let location = created["url"].as_str().unwrap_or_default().to_owned();
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(created)).into_response())
}

async fn edit(visit: Visit, Path((owner, name, id)): Item, body: Bytes) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.must_push()?;
    let fields = Fields::parse(&body)?;
    let config = visit.shared.config();
    if config.rival && fields.draft == Some(false) {
        rival::outrun(&visit.shared, &repo, id).await?;
    }
    visit.shared.store.change(|state| {
        state.edit(&repo, id, fields, &config)?;
        visit.show(state.release(&repo, id)).map(Json)
    })
}

async fn remove(visit: Visit, Path((owner, name, id)): Item) -> Result<StatusCode, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.must_push()?;
    let assets = visit.shared.store.change(|state| state.remove(&repo, id))?;
    for asset in assets {
        visit.shared.forget(asset);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn assets(visit: Visit, Path((owner, name, id)): Item, Query(page): Query<Page>) -> Result<Response, Refusal> {
    let (number, repo) = visit.repo(&owner, &name)?;
    let release = visit.shared.store.read(|state| state.release(&repo, id).cloned());
    let release = release.filter(|release| visit.sees(release)).ok_or_else(Refusal::not_found)?;
    let all = release.assets.iter().map(|asset| visit.view().asset(&release, asset)).collect();
    Ok(page.cut(all, &format!("{}/repositories/{}/releases/{id}/assets", visit.shared.urls.api, number + 1)))
}

async fn asset(visit: Visit, Path((owner, name, id)): Item, headers: HeaderMap) -> Result<Response, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    let found = visit.shared.store.read(|state| {
        state.asset(&repo, id).filter(|(release, _)| visit.sees(release)).map(|(r, a)| (r.clone(), a.clone()))
    });
    let (release, asset) = found.ok_or_else(Refusal::not_found)?;
    let wants_bytes = headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|accept| accept.to_str().is_ok_and(|accept| accept.contains("application/octet-stream")));
    if !wants_bytes {
        return Ok(Json(visit.view().asset(&release, &asset)).into_response());
    }
    if !asset.uploaded {
        return Err(Refusal::not_found());
    }
    Ok(blobs::redirect(&visit.shared, &asset, true))
}

async fn remove_asset(visit: Visit, Path((owner, name, id)): Item) -> Result<StatusCode, Refusal> {
    let (_, repo) = visit.repo(&owner, &name)?;
    visit.must_push()?;
    visit.shared.store.change(|state| state.remove_asset(&repo, id))?;
    visit.shared.forget(id);
    Ok(StatusCode::NO_CONTENT)
}

/// An `ETag` on every read, and 304 for a client that has the answer already. Like GitHub's it differs by token.
async fn conditional(request: Request, next: Next) -> Response {
    let asked = (request.method() == Method::GET).then(|| {
        (request.headers().get(header::AUTHORIZATION).cloned(), request.headers().get(header::IF_NONE_MATCH).cloned())
    });
    let response = next.run(request).await;
    let Some((token, known)) = asked.filter(|_| response.status() == StatusCode::OK) else { return response };
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let token = token.as_ref().map_or(&b""[..], HeaderValue::as_bytes);
    let etag = format!("W/\"{}\"", Digest::of([token, b"\n", &body].concat()));
    if let Ok(value) = HeaderValue::try_from(&etag) {
        head.headers.insert(header::ETAG, value);
    }
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60, s-maxage=60"));
    if known.is_some_and(|known| known.to_str().is_ok_and(|known| known.split(", ").any(|known| known == etag))) {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        head.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(body))
}
