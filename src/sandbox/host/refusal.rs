//! Refusals in GitHub's words.

use std::io;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

const DOCS: &str = "https://docs.github.com/rest";

/// An error answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// A message and the page that explains it.
    pub fn new(status: StatusCode, message: &str) -> Self {
        let body = json!({ "message": message, "documentation_url": DOCS, "status": status.as_str() });
        Self { status, body }
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// What a token without the permission is told.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Resource not accessible by personal access token")
    }

    pub fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unprocessable(message: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// A 422 that names the field and what is wrong with it.
    pub fn invalid(resource: &str, code: &str, field: &str) -> Self {
        Self::errors(&[json!({ "resource": resource, "code": code, "field": field })])
    }

    /// A 422 whose reason is a sentence.
    pub fn custom(resource: &str, field: &str, message: &str) -> Self {
        Self::errors(&[json!({ "resource": resource, "code": "custom", "field": field, "message": message })])
    }

    /// What a publication is told where a ruleset keeps its tag from being made.
    pub fn tag_restricted() -> Self {
        let rule =
            "pre_receive Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n";
        Self::errors(&[
            json!({ "resource": "Release", "code": "custom", "field": "pre_receive", "message": rule }),
            json!({ "resource": "Release", "code": "custom", "message": "Published releases must have a valid tag" }),
        ])
    }

    fn errors(errors: &[Value]) -> Self {
        let docs = format!("{DOCS}/releases/releases#create-a-release");
        let body = json!({
            "message": "Validation Failed", "errors": errors, "documentation_url": docs, "status": "422",
        });
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body }
    }
}

/// The host's own trouble: a full disk, a folder that went away.
impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, &format!("the practice host could not do it: {error}"))
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::other(refusal.body["message"].as_str().unwrap_or_default().to_owned())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
