//! The practice host does what GitHub does, over real HTTP. Numbers are those of "An honest release host reproduces".
#![cfg(feature = "sandbox")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Once;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use nexy_release::release::fingerprint::Digest;
use nexy_release::release::version::Version;
use nexy_release::sandbox::host::{Action, AssetView, Fault, Interrupted, Origin, Request, SeedRelease, Source, Stage};
use nexy_release::sandbox::{Config, Host, Options, SandboxError, Scenario, World, samples};
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;

const REPO: &str = "Seregawpn/Nexy_production";

/// A host in a folder of its own, and a client that follows no redirect by itself.
struct Lab {
    host: Host,
    client: Client,
    _dir: TempDir,
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
    Lab { host, client: client(), _dir: dir }
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

#[tokio::test]
async fn point_01_a_tag_shows_only_what_is_published() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    assert_eq!(lab.api(Method::GET, &releases("/tags/v1.0.0.0"), None).await.status, 404);
    assert_eq!(lab.publish(id).await.status, 200);
    let shown = lab.api(Method::GET, &releases("/tags/v1.0.0.0"), None).await;
    assert_eq!((shown.status, shown.json["id"].as_u64()), (200, Some(id)));
}

#[tokio::test]
async fn point_02_drafts_are_for_those_who_may_push() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    assert_eq!(lab.listed(Some(lab.host.token())).await, ["v1.0.0.0"]);
    for token in [None, Some(lab.host.read_token())] {
        assert!(lab.listed(token).await.is_empty());
        let by_id = lab.api_as(token, Method::GET, &releases(&format!("/{id}")), None).await;
        assert_eq!(by_id.status, 404);
    }
    let repo = format!("/repos/{REPO}");
    let permission =
        async |token| lab.api_as(token, Method::GET, &repo, None).await.json["permissions"]["push"].clone();
    assert_eq!(permission(Some(lab.host.token())).await, json!(true));
    assert_eq!(permission(Some(lab.host.read_token())).await, json!(false));
    assert_eq!(permission(None).await, Value::Null);
    let body = Some(json!({ "tag_name": "v2.0.0.0" }));
    assert_eq!(lab.api_as(Some(lab.host.read_token()), Method::POST, &releases(""), body.clone()).await.status, 403);
    assert_eq!(lab.api_as(None, Method::POST, &releases(""), body).await.status, 401);
    lab.host.configure(|config| config.push = false);
    assert!(lab.listed(Some(lab.host.token())).await.is_empty());
}

#[tokio::test]
async fn point_03_drafts_share_a_tag_and_one_of_them_wins() {
    let lab = lab(Config::default()).await;
    let (first, second) = (lab.draft("v1.0.0.0").await, lab.draft("v1.0.0.0").await);
    assert_ne!(first, second);
    let (one, other) = tokio::join!(lab.publish(first), lab.publish(second));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let loser = if one.status == 422 { one } else { other };
    let expected = json!({ "resource": "Release", "code": "already_exists", "field": "tag_name" });
    assert_eq!(loser.json["errors"][0], expected);
    assert!(loser.json["documentation_url"].is_string());
    assert_eq!(lab.host.releases().iter().filter(|release| release.draft).count(), 1);
    let again = lab.api(Method::POST, &releases(""), Some(json!({ "tag_name": "v1.0.0.0" }))).await;
    assert_eq!((again.status, &again.json["errors"][0]), (422, &expected));
    assert_eq!(lab.host.releases().len(), 2, "a refused release leaves nothing");
}

#[tokio::test]
async fn point_04_a_new_draft_is_missing_from_the_next_lists() {
    let lab = lab(Config { list_lag: 2, ..Config::default() }).await;
    let id = lab.draft("v1.0.0.0").await;
    let token = Some(lab.host.token());
    assert!(lab.listed(token).await.is_empty());
    assert_eq!(lab.api(Method::GET, &releases(&format!("/{id}")), None).await.status, 200);
    assert!(lab.listed(token).await.is_empty());
    assert_eq!(lab.listed(token).await, ["v1.0.0.0"]);
}

#[tokio::test]
async fn point_05_an_upload_that_breaks_off_leaves_a_starter_that_blocks_its_name() {
    let cases =
        [(Interrupted::Starter, Some(0)), (Interrupted::FullSizeStarter, Some(100_000)), (Interrupted::Nothing, None)];
    for (interrupted, left) in cases {
        let lab = lab(Config { interrupted, ..Config::default() }).await;
        let id = lab.draft("v1.0.0.0").await;
        let mut fault = Fault::answer(502).at(Origin::Uploads).window(1, 1);
        if let Action::Answer { after, .. } = &mut fault.action {
            *after = Stage::Body(u64::MAX);
        }
        lab.faults([fault]);
        assert_eq!(lab.uploaded(id, "Nexy.dmg", vec![7; 100_000]).await.status, 502);
        let sizes: Vec<_> = lab.assets(id).iter().map(|asset| (asset.state, asset.size)).collect();
        assert_eq!(sizes, left.map(|size| ("starter", size)).into_iter().collect::<Vec<_>>());
        let again = lab.uploaded(id, "Nexy.dmg", vec![7; 100_000]).await;
        assert_eq!(again.status, if left.is_some() { 422 } else { 201 });
        if let Some(starter) = lab.assets(id).first().filter(|asset| asset.state == "starter") {
            let path = releases(&format!("/assets/{}", starter.id));
            assert_eq!(lab.api(Method::GET, &path, None).await.json["state"], "starter");
            assert_eq!(lab.api(Method::DELETE, &path, None).await.status, 204);
            assert_eq!(lab.uploaded(id, "Nexy.dmg", vec![7; 100_000]).await.status, 201);
        }
    }
}

#[tokio::test]
async fn point_05_a_client_that_leaves_in_the_middle_leaves_a_starter() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    let mut stream = TcpStream::connect(lab.host.upload_url().strip_prefix("http://").unwrap()).unwrap();
    let token = lab.host.token();
    let path = releases(&format!("/{id}/assets?name=Nexy.dmg"));
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 50\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"half").unwrap();
    until("the upload begins", || !lab.assets(id).is_empty()).await;
    drop(stream);
    let of_uploads = |request: &Request| request.origin == Origin::Uploads && request.received == 4;
    until("the host reads what came", || lab.host.requests().iter().any(of_uploads)).await;
    assert_eq!(lab.uploaded(id, "Nexy.dmg", "whole").await.status, 422);
    assert_eq!((lab.assets(id)[0].state, lab.assets(id)[0].sha256), ("starter", None));
}

#[tokio::test]
async fn point_06_an_upload_is_done_though_its_answer_is_lost() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    lab.faults([Fault::new(Action::Reset { after: Stage::Work }).at(Origin::Uploads)]);
    let lost = lab.upload(id, "Nexy.dmg", "bytes").send().await.unwrap_err();
    assert!(is_reset(&lost), "{lost:?}");
    let assets = lab.assets(id);
    assert_eq!((assets[0].state, assets[0].sha256), ("uploaded", Some(Digest::of("bytes"))));
    let logged = lab.host.requests().pop().unwrap();
    assert_eq!((logged.origin, logged.status, logged.received), (Origin::Uploads, None, 5));
}

#[tokio::test]
async fn point_07_a_name_that_is_taken_is_refused_with_its_reason() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    let first = lab.uploaded(id, "Nexy.dmg", "bytes").await;
    assert_eq!((first.status, first.json["state"].as_str()), (201, Some("uploaded")));
    // Larger than every buffer on the way: the client must get to see the answer all the same.
    let second = lab.uploaded(id, "Nexy.dmg", vec![1; 8 << 20]).await;
    assert_eq!(second.status, 422);
    assert_eq!(
        second.json["errors"],
        json!([{ "resource": "ReleaseAsset", "code": "already_exists", "field": "name" }])
    );
    assert!(second.json["documentation_url"].is_string());
    assert_eq!(lab.assets(id).len(), 1);
    assert_eq!(lab.assets(id)[0].sha256, Some(Digest::of("bytes")));
}

#[tokio::test]
async fn point_08_an_upload_says_how_long_it_is() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    let chunked = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>("by"), Ok("tes")]));
    let refused = lab.uploaded(id, "Nexy.dmg", chunked).await;
    assert_eq!((refused.status, refused.json["message"].as_str()), (400, Some("Bad Content-Length")));
    assert_eq!(lab.uploaded(id, "Nexy.dmg", "").await.status, 400);
    assert!(lab.assets(id).is_empty());
}

#[tokio::test]
async fn point_09_odd_names_are_changed() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    for (sent, stored) in [("My  Nexy (1).dmg", "My.Nexy.1.dmg"), ("..x", "x"), ("é", "default")] {
        assert_eq!(lab.uploaded(id, sent, "bytes").await.json["name"], stored);
    }
}

#[tokio::test]
async fn point_10_a_digest_may_be_null() {
    let lab = lab(Config { digest: false, ..Config::default() }).await;
    let id = lab.draft("v1.0.0.0").await;
    assert_eq!(lab.uploaded(id, "Nexy.dmg", "bytes").await.json["digest"], Value::Null);
    lab.host.configure(|config| config.digest = true);
    let digest =
        async || lab.api(Method::GET, &releases(&format!("/{id}")), None).await.json["assets"][0]["digest"].clone();
    assert_eq!(digest().await, json!(format!("sha256:{}", Digest::of("bytes"))));
    lab.faults([Fault::new(Action::DigestNull).window(1, 1)]);
    assert_eq!(digest().await, Value::Null);
    assert!(digest().await.is_string());
}

#[tokio::test]
async fn point_11_urls_are_untagged_until_published() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    let asset = lab.uploaded(id, "Nexy.dmg", "bytes").await.json;
    let untagged = asset["browser_download_url"].as_str().unwrap();
    assert!(untagged.contains("/releases/download/untagged-"), "{untagged}");
    let tagged = format!("{}/{REPO}/releases/download/v1.0.0.0/Nexy.dmg", lab.host.web_url());
    for url in [untagged, &tagged] {
        assert_eq!(lab.client.get(url).send().await.unwrap().status(), 404);
    }
    let published = lab.publish(id).await.json;
    assert_eq!(published["assets"][0]["browser_download_url"], json!(tagged));
    assert!(published["html_url"].as_str().unwrap().ends_with("/releases/tag/v1.0.0.0"));
    assert!(published["published_at"].is_string());
    assert_eq!(lab.client.get(&tagged).send().await.unwrap().status(), 302);
    assert_eq!(lab.client.get(untagged).send().await.unwrap().status(), 404);
    let page = lab.client.get(published["html_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Nexy.dmg"));
    // As on GitHub a release can be taken back; our client never does that.
    let back = lab.api(Method::PATCH, &releases(&format!("/{id}")), Some(json!({ "draft": true }))).await;
    assert_eq!(back.status, 200);
    assert_eq!(lab.client.get(&tagged).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn point_12_immutable_releases_freeze_and_burn_their_tag() {
    let lab = lab(Config { immutable: true, ..Config::default() }).await;
    let told = lab.api(Method::GET, &format!("/repos/{REPO}/immutable-releases"), None).await;
    assert_eq!(told.json, json!({ "enabled": true, "enforced_by_owner": false }));
    let id = lab.draft("v1.0.0.0").await;
    let asset = lab.uploaded(id, "Nexy.dmg", "bytes").await.json["id"].as_u64().unwrap();
    assert_eq!(lab.publish(id).await.json["immutable"], json!(true));
    let refused = lab.uploaded(id, "Nexy.pkg", "bytes").await;
    assert_eq!(refused.status, 422);
    assert!(refused.json["message"].as_str().unwrap().contains("Cannot upload assets to an immutable release"));
    assert_eq!(lab.api(Method::DELETE, &releases(&format!("/assets/{asset}")), None).await.status, 422);
    assert_eq!(lab.api(Method::DELETE, &releases(&format!("/{id}")), None).await.status, 204);
    let again = lab.draft("v1.0.0.0").await;
    assert_eq!(lab.publish(again).await.status, 422);
}

#[tokio::test]
async fn point_14_bytes_come_from_another_origin_which_refuses_tokens() {
    let lab = lab(Config::default()).await;
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let public = lab.published(&bytes).await;
    let blob = lab.blob_url(&public).await;
    assert!(blob.starts_with(lab.host.blob_url()) && !blob.starts_with(lab.host.web_url()), "{blob}");
    let get = async |range: Option<&str>| {
        let mut request = lab.client.get(&blob);
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        request.send().await.unwrap()
    };
    assert_eq!(get(None).await.bytes().await.unwrap(), bytes);
    let part = get(Some("bytes=1000000-")).await;
    assert_eq!(
        (part.status().as_u16(), part.headers()[header::CONTENT_RANGE].to_str().unwrap()),
        (206, "bytes 1000000-1199999/1200000")
    );
    assert_eq!(part.bytes().await.unwrap(), bytes[1_000_000..]);
    assert_eq!(get(Some("bytes=5-9")).await.bytes().await.unwrap(), bytes[5..10]);
    assert_eq!(get(Some("bytes=-3")).await.bytes().await.unwrap(), bytes[1_199_997..]);
    assert_eq!(get(Some("bytes=1200000-")).await.status(), 416);
    assert_eq!(lab.client.get(&blob).bearer_auth(lab.host.token()).send().await.unwrap().status(), 400);
    assert_eq!(lab.client.head(&blob).send().await.unwrap().status(), 403);
    let forged = blob.replace("sig=", "sig=0").replace("00", "01");
    assert_eq!(lab.client.get(forged).send().await.unwrap().status(), 403);
    lab.host.configure(|config| config.url_lifetime_s = 0);
    let expired = lab.blob_url(&public).await;
    assert_eq!(lab.client.get(expired).send().await.unwrap().status(), 403);
    let logged = lab.host.requests();
    assert!(logged.iter().all(|request| !request.path.contains("sig=") || request.path.contains("sig=redacted")));
}

#[tokio::test]
async fn point_14_the_api_leads_to_the_bytes_of_a_draft() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    let url = lab.uploaded(id, "Nexy.dmg", "bytes").await.json["url"].as_str().unwrap().to_owned();
    let asked = |token: Option<&str>| {
        let request = lab.client.get(&url).header(header::ACCEPT, "application/octet-stream");
        token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token))
    };
    assert_eq!(asked(None).send().await.unwrap().status(), 404);
    let found = asked(Some(lab.host.token())).send().await.unwrap();
    assert_eq!(found.status(), 302);
    let blob = found.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(lab.client.get(blob).send().await.unwrap().text().await.unwrap(), "bytes");
}

#[tokio::test]
async fn point_15_lists_come_in_pages_and_unchanged_answers_are_304() {
    let lab = lab(Config::default()).await;
    for n in 1..=5 {
        let seed = SeedRelease::new(REPO, &format!("v1.0.0.{n}"));
        lab.host.seed_release(SeedRelease { age: Duration::from_hours(10 - n), ..seed }).await.unwrap();
    }
    let mut path = releases("?per_page=2");
    let mut tags = Vec::new();
    loop {
        let page = lab.api(Method::GET, &path, None).await;
        tags.extend(page.json.as_array().unwrap().iter().map(|release| release["tag_name"].clone()));
        let links = page.headers[header::LINK].to_str().unwrap();
        let Some(next) = links.split(", ").find(|link| link.ends_with("rel=\"next\"")) else { break };
        let url = next.trim_start_matches('<').split('>').next().unwrap();
        path = url.strip_prefix(lab.host.api_url()).unwrap().to_owned();
    }
    assert_eq!(tags, ["v1.0.0.5", "v1.0.0.4", "v1.0.0.3", "v1.0.0.2", "v1.0.0.1"]);

    let url = format!("{}{}", lab.host.api_url(), releases(""));
    let first = lab.client.get(&url).send().await.unwrap();
    let again = |token: Option<&str>| {
        let request = lab.client.get(&url).header(header::IF_NONE_MATCH, &first.headers()[header::ETAG]);
        token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).send()
    };
    assert_eq!(again(None).await.unwrap().status(), 304);
    assert_eq!(again(Some(lab.host.token())).await.unwrap().status(), 200, "ETags are per token");
    lab.draft("v2.0.0.0").await;
    assert_eq!(again(None).await.unwrap().status(), 304, "a draft changes nothing for the public");
}

#[tokio::test]
async fn answers_are_complete_for_the_models_of_octocrab() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    lab.uploaded(id, "Nexy.dmg", "bytes").await;
    let draft = lab.api(Method::GET, &releases(&format!("/{id}")), None).await;
    let published = lab.publish(id).await;
    for answer in [draft, published] {
        let release: octocrab::models::repos::Release = serde_json::from_value(answer.json).unwrap();
        assert_eq!(release.author.unwrap().login, "nexy-practice");
        assert_eq!(release.assets[0].digest, Some(format!("sha256:{}", Digest::of("bytes"))));
        for name in ["x-github-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "date", "etag"] {
            assert!(answer.headers.contains_key(name) || name == "etag", "{name}");
        }
    }
    let repo = lab.api(Method::GET, &format!("/repos/{REPO}"), None).await.json;
    let repo: octocrab::models::Repository = serde_json::from_value(repo).unwrap();
    assert!(repo.permissions.unwrap().push);
    let user = lab.api(Method::GET, "/user", None).await.json;
    serde_json::from_value::<octocrab::models::Author>(user).unwrap();
    let limit = lab.api(Method::GET, "/rate_limit", None).await.json;
    assert!(limit["resources"]["core"]["remaining"].is_u64());
}

#[tokio::test]
async fn strangers_are_told_what_github_tells_them() {
    let lab = lab(Config::default()).await;
    let bad = lab.api_as(Some("ghp_wrong"), Method::GET, &format!("/repos/{REPO}"), None).await;
    assert_eq!((bad.status, bad.json["message"].as_str()), (401, Some("Bad credentials")));
    let missing = lab.api(Method::GET, "/repos/somebody/else", None).await;
    assert_eq!((missing.status, missing.json["message"].as_str()), (404, Some("Not Found")));
    assert_eq!(lab.api_as(None, Method::GET, "/user", None).await.status, 401);
    let nameless = Client::builder().build().unwrap().get(lab.host.api_url()).send().await.unwrap();
    assert_eq!(nameless.status(), 403);
    let wrong = lab.api(Method::POST, &releases(""), Some(json!({ "tag_name": "v1", "make_latest": true }))).await;
    assert_eq!(wrong.status, 422, "make_latest is a text");
    let body = lab.api(Method::POST, &releases(""), Some(json!({ "draft": true }))).await;
    assert_eq!(body.json["errors"][0]["code"], "missing_field");
}

#[tokio::test]
async fn a_restart_keeps_everything_and_the_urls() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(dir.path(), Config::default()).await.unwrap();
    let lab = Lab { host, client: client(), _dir: tempfile::tempdir().unwrap() };
    let draft = lab.draft("v2.0.0.0").await;
    let public = lab.published(b"bytes").await;
    let (token, before) = (lab.host.token().to_owned(), lab.host.releases());
    let second = Host::start(dir.path(), Config::default()).await.unwrap_err();
    assert!(second.to_string().contains("open elsewhere"), "{second}");
    lab.host.stop().await;
    assert!(lab.client.get(&public).send().await.is_err());

    let host = Host::start(dir.path(), Config::default()).await.unwrap();
    let lab = Lab { host, client: client(), _dir: tempfile::tempdir().unwrap() };
    assert_eq!((lab.host.token(), lab.host.releases()), (token.as_str(), before));
    let blob = lab.blob_url(&public).await;
    assert_eq!(lab.client.get(blob).send().await.unwrap().text().await.unwrap(), "bytes");
    assert!(lab.draft("v3.0.0.0").await > draft);
    let log = std::fs::read_to_string(dir.path().join("host/requests.jsonl")).unwrap();
    let log: Vec<Request> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut seqs: Vec<u64> = log.iter().map(|request| request.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=log.len() as u64).collect::<Vec<_>>());
    assert_eq!(log.iter().filter(|request| request.mutates()).count(), 2);
    assert!(!std::fs::read_to_string(dir.path().join("host/requests.jsonl")).unwrap().contains(&token));
}

#[tokio::test]
async fn transfers_stream_and_share_the_link() {
    let lab = lab(Config { throttle_bytes_per_s: Some(4 << 20), ..Config::default() }).await;
    let id = lab.draft("v1.0.0.0").await;
    let bytes = vec![5; 1 << 20];
    let began = Instant::now();
    let (one, two) = tokio::join!(lab.uploaded(id, "a", bytes.clone()), lab.uploaded(id, "b", bytes.clone()));
    assert_eq!((one.status, two.status), (201, 201));
    assert!(began.elapsed() >= Duration::from_millis(450), "2 MiB at 4 MiB/s took {:?}", began.elapsed());
    let logged = lab.host.requests().into_iter().filter(|request| request.origin == Origin::Uploads);
    assert_eq!(logged.map(|request| request.received).collect::<Vec<_>>(), [1 << 20, 1 << 20]);
}

#[tokio::test]
async fn fault_answer_hits_the_requests_that_the_plan_names() {
    let lab = lab(Config::default()).await;
    let plan = json!([{
        "origin": "api", "method": "get", "path": "/releases", "from": 2, "times": 1,
        "action": { "answer": { "status": 429, "headers": { "Retry-After": "7" }, "body": "{\"message\":\"slow\"}" } }
    }]);
    lab.host.set_faults(serde_json::from_value(plan).unwrap());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = lab.api(Method::GET, &releases(""), None).await;
        if answer.status == 429 {
            assert_eq!(
                (answer.headers["retry-after"].to_str().unwrap(), &answer.json["message"]),
                ("7", &json!("slow"))
            );
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 429, 200]);
    assert_eq!(lab.api(Method::GET, "/user", None).await.status, 200);
    lab.faults([Fault::answer(500).on("POST", "")]);
    assert_eq!(lab.api(Method::POST, &releases(""), Some(json!({ "tag_name": "v1" }))).await.status, 500);
    assert!(lab.host.releases().is_empty(), "nothing was done");
}

#[tokio::test]
async fn fault_plans_are_read_from_toml() {
    #[derive(serde::Deserialize)]
    struct Plan {
        fault: Vec<Fault>,
    }
    let plan = r#"
        [[fault]]
        origin = "uploads"
        path = "name=Nexy.dmg"
        action = { reset = { after = { body = 65536 } } }
        [[fault]]
        times = 2
        action = "endless"
        [[fault]]
        action = { stall = {} }
        [[fault]]
        action = { delay_ms = 5 }
    "#;
    let plan: Plan = toml::from_str(plan).unwrap();
    let upload = Fault { path: "name=Nexy.dmg".into(), ..Fault::new(Action::Reset { after: Stage::Body(65536) }) };
    assert_eq!(plan.fault[0], upload.at(Origin::Uploads));
    assert_eq!(plan.fault[1], Fault::new(Action::Endless).window(1, 2));
    assert_eq!(plan.fault[2], Fault::new(Action::Stall { after: Stage::Request }));
    assert_eq!(plan.fault[3], Fault::new(Action::DelayMs(5)));
    assert!(toml::from_str::<Plan>("[[fault]]\naction = { rest = {} }").is_err());
}

#[tokio::test]
async fn fault_reset_at_every_stage_of_an_upload() {
    let size: u64 = 4 << 20;
    let stages = [Stage::Head, Stage::Request, Stage::Body(0), Stage::Body(65_537), Stage::Body(size), Stage::Work];
    for stage in stages {
        let lab = lab(Config::default()).await;
        let id = lab.draft("v1.0.0.0").await;
        lab.faults([Fault::new(Action::Reset { after: stage }).at(Origin::Uploads).window(1, 1)]);
        let body = vec![3; usize::try_from(size).unwrap()];
        lab.upload(id, "Nexy.dmg", body.clone()).send().await.unwrap_err();
        let logged = lab.host.requests().pop().unwrap();
        assert_eq!(logged.status, None);
        match stage {
            Stage::Head | Stage::Body(0) => assert_eq!(logged.received, 0, "{stage:?}"),
            Stage::Body(65_537) => assert!((65_537..size).contains(&logged.received), "{}", logged.received),
            _ => assert_eq!(logged.received, size, "{stage:?}"),
        }
        let state = lab.assets(id).first().map(|asset| asset.state);
        let expected = match stage {
            Stage::Head | Stage::Request => None,
            Stage::Work => Some("uploaded"),
            _ => Some("starter"),
        };
        assert_eq!(state, expected, "{stage:?}");
        let next = lab.uploaded(id, "Other.dmg", body).await;
        assert_eq!(next.status, 201, "the next upload is not hit");
    }
}

#[tokio::test]
async fn fault_reset_and_close_are_told_apart_on_the_wire() {
    let lab = lab(Config::default()).await;
    for (action, reset) in [(Action::Reset { after: Stage::Head }, true), (Action::Close { after: Stage::Head }, false)]
    {
        lab.faults([Fault::new(action)]);
        let mut stream = TcpStream::connect(lab.host.api_url().strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(b"GET /user HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let read = tokio::task::spawn_blocking(move || stream.read(&mut [0; 16])).await.unwrap();
        match read {
            Ok(read) => assert!(read == 0 && !reset),
            Err(error) => assert!(reset && error.kind() == std::io::ErrorKind::ConnectionReset, "{error}"),
        }
    }
}

#[tokio::test]
async fn fault_answers_that_break_off_come_that_far() {
    let lab = lab(Config::default()).await;
    let bytes = vec![9; 1 << 20];
    let public = lab.published(&bytes).await;
    for action in [Action::Reset { after: Stage::Answer(300_001) }, Action::Close { after: Stage::Answer(300_001) }] {
        lab.faults([Fault::new(action.clone()).at(Origin::Blobs)]);
        let response = lab.client.get(lab.blob_url(&public).await).send().await.unwrap();
        assert_eq!(response.content_length(), Some(1 << 20));
        let mut chunks = response.bytes_stream();
        let mut got = 0;
        let error = loop {
            match chunks.next().await.unwrap() {
                Ok(chunk) => got += chunk.len(),
                Err(error) => break error,
            }
        };
        assert_eq!((got, is_reset(&error)), (300_001, matches!(action, Action::Reset { .. })), "{error:?}");
    }
    lab.faults([Fault::new(Action::Close { after: Stage::Answer(10) })]);
    let answer = lab.client.get(format!("{}/rate_limit", lab.host.api_url())).send().await.unwrap();
    assert!(answer.bytes().await.is_err(), "JSON answers break off as well");
}

#[tokio::test]
async fn fault_shorten_ends_properly_and_too_early() {
    let lab = lab(Config::default()).await;
    let public = lab.published(&[9; 100_000]).await;
    lab.faults([Fault::new(Action::Shorten(70_000)).at(Origin::Blobs)]);
    let response = lab.client.get(lab.blob_url(&public).await).send().await.unwrap();
    assert_eq!(response.content_length(), None);
    assert_eq!(response.bytes().await.unwrap().len(), 70_000);
}

#[tokio::test]
async fn fault_flip_changes_one_byte() {
    let lab = lab(Config::default()).await;
    let mut bytes = vec![9; 200_000];
    let public = lab.published(&bytes).await;
    lab.faults([Fault::new(Action::Flip(150_000)).at(Origin::Blobs)]);
    let got = lab.client.get(lab.blob_url(&public).await).send().await.unwrap().bytes().await.unwrap();
    bytes[150_000] = !9;
    assert_eq!(got, bytes);
}

#[tokio::test]
async fn fault_answer_serves_other_bytes_and_redirects() {
    let lab = lab(Config::default()).await;
    let public = lab.published(b"bytes").await;
    let mut other = Fault::answer(200).at(Origin::Blobs);
    if let Action::Answer { body, .. } = &mut other.action {
        *body = "other".into();
    }
    lab.faults([other, Fault::redirect(307, "http://evil.invalid/").on("PATCH", "")]);
    let got = lab.client.get(lab.blob_url(&public).await).send().await.unwrap();
    assert_eq!(got.text().await.unwrap(), "other");
    let away = lab.api(Method::PATCH, &releases("/1"), Some(json!({}))).await;
    assert_eq!((away.status, &away.headers[header::LOCATION]), (307, &"http://evil.invalid/".parse().unwrap()));
}

#[tokio::test]
async fn fault_endless_never_ends() {
    let lab = lab(Config::default()).await;
    let public = lab.published(b"bytes").await;
    lab.faults([Fault::new(Action::Endless).at(Origin::Blobs)]);
    let response = lab.client.get(lab.blob_url(&public).await).send().await.unwrap();
    let mut chunks = response.bytes_stream();
    let mut got = 0;
    while got < 16 << 20 {
        got += chunks.next().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn fault_stall_lasts_until_the_host_stops() {
    let lab = lab(Config::default()).await;
    lab.faults([Fault::new(Action::Stall { after: Stage::Work })]);
    let url = format!("{}/rate_limit", lab.host.api_url());
    let mut waiting = tokio::spawn(lab.client.get(url).send());
    until("the request arrives", || !lab.host.requests().is_empty()).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut waiting).await.is_err(), "it stalls");
    assert_eq!(lab.host.requests()[0].status, None);
    lab.host.stop().await;
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn fault_delay_date_and_swallowed_bytes() {
    let lab = lab(Config::default()).await;
    let id = lab.draft("v1.0.0.0").await;
    lab.faults([Fault::new(Action::DelayMs(150)), Fault::new(Action::DateOffsetS(86_400))]);
    let began = Instant::now();
    let answer = lab.api(Method::GET, "/user", None).await;
    assert!(began.elapsed() >= Duration::from_millis(150));
    let date = answer.headers[header::DATE].to_str().unwrap();
    let date = jiff::fmt::rfc2822::parse(date).unwrap().timestamp();
    let off = date.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((86_390..=86_401).contains(&off), "{off}");
    lab.faults([Fault::new(Action::KeepOnly(3)).at(Origin::Uploads)]);
    let short = lab.uploaded(id, "Nexy.dmg", "bytes").await;
    assert_eq!((short.status, short.json["size"].as_u64()), (201, Some(3)));
    assert_eq!(lab.assets(id)[0].sha256, Some(Digest::of("byt")));
}

fn options(dir: Option<&Path>, scenario: Scenario) -> Options {
    Options { dir: dir.map(Into::into), scenario, dmg_bytes: 1 << 20, pkg_bytes: 300_000, throttle: None }
}

#[tokio::test]
async fn worlds_hold_what_their_scenario_says() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.to_string().parse(), Ok(scenario));
        let world = World::open(options(None, scenario)).await.unwrap();
        let root = world.workspace().parent().unwrap().to_owned();
        let inbox = world.workspace().join("release_inbox");
        let dmg = std::fs::read(inbox.join("Nexy.dmg")).unwrap();
        assert_eq!((dmg.len(), &dmg[dmg.len() - 512..][..4]), (1 << 20, &b"koly"[..]));
        let pkg = std::fs::read(inbox.join("Nexy.pkg")).unwrap();
        assert_eq!((pkg.len(), &pkg[..8]), (300_000, &b"xar!\0\x1c\0\x01"[..]));
        let asset = |tag: &str, name: &str| {
            let release = world.host().releases().into_iter().find(|release| release.tag == tag)?;
            release.assets.into_iter().find(|asset| asset.name == name)
        };
        let next = asset("v1.6.1.44", "Nexy.dmg").map(|asset| (asset.size, asset.sha256 == Some(Digest::of(&dmg))));
        assert_eq!(
            next,
            match scenario {
                Scenario::FirstRelease => None,
                Scenario::AlreadyPublished => Some((1 << 20, true)),
                Scenario::Conflict => Some((1 << 20, false)),
            }
        );
        let manifest = std::fs::read(world.workspace().join("server/updates/manifests/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let url = manifest["artifact"]["url"].as_str().unwrap();
        let client = client();
        let found = client.get(url).send().await.unwrap();
        let blob = found.headers()[header::LOCATION].to_str().unwrap();
        let bytes = client.get(blob).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(manifest["artifact"]["size"], json!(bytes.len()));
        assert_eq!(manifest["artifact"]["sha256"], json!(Digest::of(&bytes).to_string()));
        assert!(asset("Update", "Nexy.dmg").is_some());
        let settings = std::fs::read_to_string(world.workspace().join("release.toml")).unwrap();
        let settings: toml::Table = settings.parse().unwrap();
        assert_eq!(settings["github"]["api_url"].as_str(), Some(world.host().api_url()));
        let token_env = settings["github"]["token_env"].as_str().unwrap();
        assert_eq!(world.variables(), [(token_env.to_owned(), world.host().token().to_owned())]);
        world.close().await;
        assert!(!root.exists());
    }
}

#[tokio::test]
async fn a_world_is_laid_once() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("world");
    let world = World::open(options(Some(&at), Scenario::FirstRelease)).await.unwrap();
    let version = world.workspace().join("VERSION");
    let api = world.host().api_url().to_owned();
    world.close().await;
    std::fs::write(&version, "9.9.9.9\n").unwrap();
    let world = World::open(options(Some(&at), Scenario::FirstRelease)).await.unwrap();
    assert_eq!(std::fs::read_to_string(&version).unwrap(), "9.9.9.9\n");
    assert_eq!(world.host().api_url(), api);
    assert_eq!(world.host().releases().len(), 2);
    world.close().await;
    let other = World::open(options(Some(&at), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(other, SandboxError::OtherScenario { .. }), "{other}");
    let foreign = World::open(options(Some(dir.path()), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(foreign, SandboxError::NotAWorld(_)), "{foreign}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written there");
    std::fs::write(at.join("sandbox.json"), r#"{"scenario":"conflict","laid":false}"#).unwrap();
    let half = World::open(options(Some(&at), Scenario::Conflict)).await.unwrap_err();
    assert!(matches!(half, SandboxError::Unfinished(_)), "{half}");
}

#[test]
fn samples_are_the_same_every_time() {
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, seed| samples::dmg(&dir.path().join(name), 100_001, seed).unwrap();
    let (one, same, other) = (make("a", 1), make("b", 1), make("c", 2));
    assert_eq!((one, one.size), (same, 100_001));
    assert_ne!(one.sha256, other.sha256);
    assert_eq!(one.sha256, Digest::of(std::fs::read(dir.path().join("a")).unwrap()));
    assert!(samples::dmg(&dir.path().join("a"), 100_001, 1).is_err(), "nothing is written over");
    assert!(samples::notes(&Version::new([1, 2, 3, 4])).contains("Цикл версии: 1.2.3.4\n"));
}
