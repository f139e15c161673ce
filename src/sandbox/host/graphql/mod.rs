//! `POST /graphql`, as far as gh asks it about releases. It answers from the state, field by field; a field or an
//! argument that it does not know is an error that names it.

mod query;

use std::sync::Arc;

use axum::body::Bytes;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::query::Field;
use super::Shared;
use super::json::time;
use super::refs;
use super::refusal::Refusal;
use super::state::Release;
use super::visit::{Caller, Visit};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/graphql", post(answer))
}

#[derive(Deserialize)]
struct Asked {
    query: String,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
}

/// The answer to a query that has none, or only half of one.
struct Unanswered(Box<Value>);

impl Unanswered {
    fn new(error: &Value) -> Self {
        Self(Box::new(json!({ "errors": [error] })))
    }

    fn unknown_field(on: &str, field: &str) -> Self {
        Self::new(&json!({
            "message": format!("Field '{field}' doesn't exist on type '{on}'"),
            "extensions": { "code": "undefinedField", "typeName": on, "fieldName": field },
        }))
    }
}

async fn answer(visit: Visit, body: Bytes) -> Result<Json<Value>, Refusal> {
    if visit.caller == Caller::Anonymous {
        return Err(Refusal::unauthorized("This endpoint requires you to be authenticated."));
    }
    let asked: Asked = serde_json::from_slice(&body).map_err(|_| Refusal::bad_request("Problems parsing JSON"))?;
    let variables = asked.variables.unwrap_or_default();
    let data = query::parse(&asked.query, &variables)
        .map_err(|why| Unanswered::new(&json!({ "message": format!("{why}: {}", asked.query) })))
        .and_then(|fields| root(&visit, &fields));
    Ok(Json(data.map_or_else(|Unanswered(answer)| *answer, |data| json!({ "data": data }))))
}

fn root(visit: &Visit, fields: &[Field]) -> Result<Value, Unanswered> {
    each("Query", fields, |field| match field.name.as_str() {
        "viewer" => {
            args(field, "Query", &[])?;
            select(&user(&visit.shared.config().login), "User", &field.fields)
        }
        "repository" => {
            let [owner, name] = args(field, "Query", &["owner", "name"])?;
            let (owner, name) = (text(owner), text(name));
            let Ok((number, repo)) = visit.repo(owner, name) else {
                let message = format!("Could not resolve to a Repository with the name '{owner}/{name}'.");
                let error = json!({ "type": "NOT_FOUND", "path": [field.alias], "message": message });
                let answer = json!({ "data": { &field.alias: null }, "errors": [error] });
                return Err(Unanswered(Box::new(answer)));
            };
            repository(visit, number, &repo, &field.fields)
        }
        _ => Err(Unanswered::unknown_field("Query", &field.name)),
    })
}

fn repository(visit: &Visit, number: usize, repo: &str, fields: &[Field]) -> Result<Value, Unanswered> {
    let push = visit.caller == Caller::Pusher;
    let (owner, name) = repo.split_once('/').unwrap_or(("", repo));
    let plain = json!({
        "id": format!("R_practice{}", number + 1),
        "databaseId": number + 1,
        "name": name,
        "nameWithOwner": repo,
        "owner": user(owner),
        "url": format!("{}/{repo}", visit.shared.urls.web),
        "isPrivate": false,
        "viewerPermission": if push { "ADMIN" } else { "READ" },
    });
    let releases: Vec<Release> = visit.shared.store.read(|state| {
        let seen = |release: &&Release| release.repo == repo && release.unlisted == 0 && visit.sees(release);
        state.releases.iter().filter(seen).cloned().collect()
    });
    let shown = |found: Option<&Release>, fields: &[Field]| {
        found.map_or(Ok(Value::Null), |found| select(&release(visit, found), "Release", fields))
    };
    each("Repository", fields, |field| match field.name.as_str() {
        "release" => {
            let [tag] = args(field, "Repository", &["tagName"])?;
            // What is public comes before a draft of the same tag.
            let of_tag = || releases.iter().filter(|release| release.tag == text(tag));
            shown(of_tag().find(|release| !release.draft).or_else(|| of_tag().next()), &field.fields)
        }
        "latestRelease" => {
            args(field, "Repository", &[])?;
            shown(releases.iter().find(|release| release.latest), &field.fields)
        }
        "releases" => page(visit, releases.clone(), field),
        "ref" => {
            let [name] = args(field, "Repository", &["qualifiedName"])?;
            let tag = text(name).strip_prefix("refs/tags/").filter(|tag| refs::has_tag(&visit.shared, repo, tag));
            let found = tag.map(|tag| json!({ "id": refs::node_id(tag), "name": tag, "prefix": "refs/tags/" }));
            found.map_or(Ok(Value::Null), |found| select(&found, "Ref", &field.fields))
        }
        _ => {
            args(field, "Repository", &[])?;
            one(&plain, "Repository", field)
        }
    })
}

/// `releases(first:, after:, orderBy:)`: a page of them.
fn page(visit: &Visit, mut releases: Vec<Release>, field: &Field) -> Result<Value, Unanswered> {
    let [first, after, order] = args(field, "Repository", &["first", "after", "orderBy"])?;
    if !matches!(order["field"].as_str(), None | Some("CREATED_AT")) {
        return Err(Unanswered::new(
            &json!({ "message": format!("Releases are not ordered by {} here", order["field"]) }),
        ));
    }
    releases.sort_by_key(|release| (release.created_at, release.id));
    if order["direction"].as_str() != Some("ASC") {
        releases.reverse();
    }
    let Some(first) = first.as_u64().filter(|first| (1..=100).contains(first)) else {
        let message =
            "You must provide a `first` value between 1 and 100 to properly paginate the `releases` connection.";
        return Err(Unanswered::new(&json!({ "type": "MISSING_PAGINATION_BOUNDARIES", "message": message })));
    };
    let total = releases.len();
    let start = after.as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let nodes = releases.iter().skip(start).take(usize::try_from(first).unwrap_or(100));
    let nodes: Vec<Value> = nodes.map(|found| release(visit, found)).collect();
    let end = start + nodes.len();
    let info = json!({ "hasNextPage": end < total, "endCursor": (!nodes.is_empty()).then(|| end.to_string()) });
    select(&json!({ "nodes": nodes, "pageInfo": info, "totalCount": total }), "ReleaseConnection", &field.fields)
}

fn release(visit: &Visit, release: &Release) -> Value {
    json!({
        "id": format!("RE_practice{}", release.id),
        "databaseId": release.id,
        "name": release.title,
        "tagName": release.tag,
        "description": release.body,
        "isDraft": release.draft,
        "isLatest": release.latest,
        "isPrerelease": release.prerelease,
        "immutable": release.immutable,
        "createdAt": time(release.created_at),
        "publishedAt": release.published_at.map(time),
        "author": user(&release.author),
        "url": visit.view().release(release)["html_url"],
    })
}

fn user(login: &str) -> Value {
    json!({ "id": format!("U_practice{login}"), "login": login })
}

/// Answers each field under the name that was asked for.
fn each(on: &str, fields: &[Field], answer: impl Fn(&Field) -> Result<Value, Unanswered>) -> Result<Value, Unanswered> {
    if fields.is_empty() {
        return Err(Unanswered::new(&json!({ "message": format!("'{on}' must have a selection of subfields") })));
    }
    fields.iter().map(|field| Ok((field.alias.clone(), answer(field)?))).collect()
}

/// The fields that are asked of an object, a list of them, or nothing.
fn select(value: &Value, on: &str, fields: &[Field]) -> Result<Value, Unanswered> {
    match value {
        Value::Array(items) => items.iter().map(|item| select(item, on, fields)).collect(),
        Value::Object(_) => each(on, fields, |field| {
            args(field, on, &[])?;
            one(value, on, field)
        }),
        scalar if fields.is_empty() => Ok(scalar.clone()),
        _ => Err(Unanswered::new(&json!({ "message": format!("'{on}' has no subfields") }))),
    }
}

fn one(object: &Value, on: &str, field: &Field) -> Result<Value, Unanswered> {
    if field.name == "__typename" {
        return Ok(on.into());
    }
    let value = object.get(&field.name).ok_or_else(|| Unanswered::unknown_field(on, &field.name))?;
    let of = match field.name.as_str() {
        "author" | "owner" => "User",
        "nodes" => "Release",
        "pageInfo" => "PageInfo",
        scalar => scalar,
    };
    select(value, of, &field.fields)
}

/// The arguments of a field by name, null where they are left out; others are refused.
fn args<'a, const N: usize>(field: &'a Field, on: &str, known: &[&str; N]) -> Result<[&'a Value; N], Unanswered> {
    if let Some(other) = field.args.keys().find(|name| !known.contains(&name.as_str())) {
        let message = format!("Field '{}' on '{on}' doesn't accept argument '{other}'", field.name);
        return Err(Unanswered::new(&json!({ "message": message })));
    }
    Ok(known.map(|name| field.args.get(name).unwrap_or(&Value::Null)))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
