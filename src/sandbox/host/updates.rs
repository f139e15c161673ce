//! The servers that clients are updated from, as the original reads its VM (facts/NEXY.md, "What reads our manifest"):
//! the newest `manifest_*.json` is the artifact, VERSION is the version of the appcast, `SERVER_VERSION` in `config.env`
//! wins on the health page. Nothing is ever written here.
//!
//! A service that holds what it read at its start has it in `vm/service/loaded`, and reads that until it is restarted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::Shared;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/updates/health", get(updates_health))
        .route("/updates/appcast.xml", get(appcast))
        .route("/updates/api/manifests", get(manifests))
        .with_state(shared)
}

/// What stands on the VM.
struct Machine(PathBuf);

impl Machine {
    /// The folder that the service reads.
    fn of(shared: &Shared) -> Self {
        let loaded = shared.machine.join("service/loaded");
        Self(if loaded.is_dir() { loaded } else { shared.machine.join("home/azureuser/voice-assistant") })
    }

    /// `manifest_*.json`, the newest file first.
    fn manifests(&self) -> Vec<Value> {
        let entries = fs::read_dir(self.0.join("server/updates/manifests")).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                name.starts_with("manifest_") && name.ends_with(".json")
            })
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let read = |path: &Path| serde_json::from_slice(&fs::read(path).ok()?).ok();
        files.iter().rev().filter_map(|(_, path)| read(path)).collect()
    }

    fn version(&self) -> Option<String> {
        let text = fs::read_to_string(self.0.join("VERSION")).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn variable(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.0.join("config.env")).ok()?;
        let value = text.lines().rev().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))?;
        Some(value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty())
    }
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let machine = Machine::of(&shared);
    let manifest = machine.manifests().into_iter().next().unwrap_or_default();
    let says = |variable: &str, field: &str| {
        let of_manifest = || manifest[field].as_str().map(str::to_owned);
        machine.variable(variable).or_else(of_manifest).or_else(|| machine.version())
    };
    let (version, build) = (says("SERVER_VERSION", "version"), says("SERVER_BUILD", "build"));
    Json(json!({ "status": "OK", "service": "voice-assistant", "version": version, "build": build })).into_response()
}

async fn updates_health(State(shared): State<Arc<Shared>>) -> Response {
    let manifest = Machine::of(&shared).manifests().into_iter().next().unwrap_or_default();
    let body = json!({
        "status": "ok", "service": "updates",
        "latest_version": manifest["version"], "latest_build": manifest["build"],
    });
    Json(body).into_response()
}

async fn manifests(State(shared): State<Arc<Shared>>) -> Response {
    Json(Machine::of(&shared).manifests()).into_response()
}

async fn appcast(State(shared): State<Arc<Shared>>) -> Response {
    let machine = Machine::of(&shared);
    let (Some(manifest), Some(version)) = (machine.manifests().into_iter().next(), machine.version()) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "No manifest").into_response();
    };
    let artifact = &manifest["artifact"];
    let text = |value: &Value| escaped(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let signature = match artifact["ed25519"].as_str() {
        None | Some("") => String::new(),
        Some(signature) => format!(" sparkle:edSignature=\"{}\"", escaped(signature)),
    };
    let xml = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
  <channel>
    <title>Nexy</title>
    <item>
      <title>Nexy {version}</title>
      <sparkle:version>{version}</sparkle:version>
      <sparkle:shortVersionString>{version}</sparkle:shortVersionString>
      <sparkle:minimumSystemVersion>{min_os}</sparkle:minimumSystemVersion>
      <enclosure url="{url}" length="{length}" type="application/octet-stream"{signature}/>
    </item>
  </channel>
</rss>
"#,
        version = escaped(&version),
        min_os = text(&artifact["min_os"]),
        url = text(&artifact["url"]),
        length = text(&artifact["size"]),
    );
    let headers =
        [(header::CONTENT_TYPE, "application/rss+xml; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=60")];
    (headers, xml).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
