//! Git tags, which come into being when their release is published.

use std::sync::Arc;

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::release::fingerprint::Digest;

use super::Shared;
use super::refusal::Refusal;
use super::visit::Visit;

type Ref = Path<(String, String, String)>;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/repos/{owner}/{repo}/git/ref/{*name}", get(one))
        .route("/repos/{owner}/{repo}/git/refs/{*name}", get(one))
        .route("/repos/{owner}/{repo}/git/matching-refs/{*start}", get(matching))
}

async fn one(visit: Visit, Path((owner, repo, name)): Ref) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &repo)?;
    let tag = name.strip_prefix("tags/").filter(|tag| has_tag(&visit.shared, &repo, tag));
    Ok(Json(shown(&visit, &repo, tag.ok_or_else(Refusal::not_found)?)))
}

/// Every tag that begins so; none is no error.
async fn matching(visit: Visit, Path((owner, repo, start)): Ref) -> Result<Json<Value>, Refusal> {
    let (_, repo) = visit.repo(&owner, &repo)?;
    let tags: Vec<String> = visit.shared.store.read(|state| {
        let of_repo = state.tags.iter().filter_map(|known| known.strip_prefix(&repo)?.strip_prefix(' '));
        of_repo.filter(|tag| format!("tags/{tag}").starts_with(&start)).map(str::to_owned).collect()
    });
    Ok(Json(tags.iter().map(|tag| shown(&visit, &repo, tag)).collect()))
}

pub(super) fn has_tag(shared: &Shared, repo: &str, tag: &str) -> bool {
    shared.store.read(|state| state.tags.contains(&format!("{repo} {tag}")))
}

/// There is no history here: every tag of a repository is at the same commit.
fn shown(visit: &Visit, repo: &str, tag: &str) -> Value {
    let url = format!("{}/repos/{repo}/git", visit.shared.urls.api);
    let sha = format!("{:.40}", Digest::of(repo).to_string());
    json!({
        "ref": format!("refs/tags/{tag}"),
        "node_id": node_id(tag),
        "url": format!("{url}/refs/tags/{tag}"),
        "object": { "type": "commit", "sha": sha, "url": format!("{url}/commits/{sha}") },
    })
}

pub(super) fn node_id(tag: &str) -> String {
    format!("REF_practice{tag}")
}
