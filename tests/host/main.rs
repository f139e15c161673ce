//! The practice host does what GitHub does, over real HTTP. This file: what the tests stand on.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod faults;
mod github;
mod points;
mod socket;
mod worlds;

use std::sync::Once;
use std::time::{Duration, Instant};

use nexy_release::sandbox::host::{AssetView, Fault, SeedRelease, Source};
use nexy_release::sandbox::{Config, Host};
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;

const REPO: &str = "Seregawpn/Nexy_production";

/// A host in a folder of its own, and a client that follows no redirect by itself.
struct Lab {
    host: Host,
    client: Client,
    dir: TempDir,
}

fn client() -> Client {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
    let client = Client::builder().user_agent("host-test").redirect(redirect::Policy::none());
    client.timeout(Duration::from_secs(20)).build().unwrap()
}

async fn lab(config: Config) -> Lab {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(dir.path(), config).await.unwrap();
    Lab { host, client: client(), dir }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Lab {
    /// A request to the API with the push token.
    async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.api_as(Some(self.host.token()), method, path, body).await
    }

    async fn api_as(&self, token: Option<&str>, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.host.api_url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        answer(request.send().await.unwrap()).await
    }

    async fn draft(&self, tag: &str) -> u64 {
        let made = self.api(Method::POST, &releases(""), Some(json!({ "tag_name": tag, "draft": true }))).await;
        assert_eq!(made.status, 201, "{}", made.json);
        made.json["id"].as_u64().unwrap()
    }

    fn upload(&self, release: u64, name: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.host.upload_url(), releases(&format!("/{release}/assets")));
        self.client.post(url).query_pairs(name).bearer_auth(self.host.token()).body(body)
    }

    async fn uploaded(&self, release: u64, name: &str, body: impl Into<reqwest::Body>) -> Answer {
        answer(self.upload(release, name, body).send().await.unwrap()).await
    }

    async fn publish(&self, release: u64) -> Answer {
        self.api(Method::PATCH, &releases(&format!("/{release}")), Some(json!({ "draft": false }))).await
    }

    /// The tags in the list that this token is shown.
    async fn listed(&self, token: Option<&str>) -> Vec<String> {
        let list = self.api_as(token, Method::GET, &releases(""), None).await.json;
        list.as_array().unwrap().iter().map(|release| release["tag_name"].as_str().unwrap().to_owned()).collect()
    }

    /// A published release with one asset; gives its public URL.
    async fn published(&self, bytes: &[u8]) -> String {
        let seed = SeedRelease::new(REPO, "v1.0.0.0").asset("Nexy.dmg", Source::Bytes(bytes.into()));
        self.host.seed_release(seed).await.unwrap();
        format!("{}/{REPO}/releases/download/v1.0.0.0/Nexy.dmg", self.host.web_url())
    }

    /// Where a download URL leads.
    async fn blob_url(&self, url: &str) -> String {
        let answer = self.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    fn assets(&self, release: u64) -> Vec<AssetView> {
        self.host.releases().into_iter().find(|view| view.id == release).unwrap().assets
    }

    fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.host.set_faults(faults.into_iter().collect());
    }
}

/// Only `name=`, encoded.
trait QueryName {
    fn query_pairs(self, name: &str) -> Self;
}

impl QueryName for reqwest::RequestBuilder {
    fn query_pairs(self, name: &str) -> Self {
        let (client, request) = self.build_split();
        let mut request = request.unwrap();
        request.url_mut().query_pairs_mut().append_pair("name", name);
        Self::from_parts(client, request)
    }
}

async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    Answer { status, headers, json: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

fn releases(rest: &str) -> String {
    format!("/repos/{REPO}/releases{rest}")
}

/// Waits for something that happens elsewhere.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::task::yield_now().await;
    }
}

/// Whether the error behind a failed request is a TCP reset.
fn is_reset(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset) {
            return true;
        }
        cause = error.source();
    }
    false
}
