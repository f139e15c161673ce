//! What else clients rely on: complete answers, refusals, restarts, the shared link.

use std::time::{Duration, Instant};

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::host::{Origin, Request};
use nexy_release::sandbox::{Config, Host};
use reqwest::{Client, Method};
use serde_json::json;

use super::{Lab, REPO, client, lab, releases};

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
        for name in ["x-github-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "date"] {
            assert!(answer.headers.contains_key(name), "{name}");
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
    let lab = Lab { host, client: client(), dir: tempfile::tempdir().unwrap() };
    let draft = lab.draft("v2.0.0.0").await;
    let public = lab.published(b"bytes").await;
    let (token, before) = (lab.host.token().to_owned(), lab.host.releases());
    let second = Host::start(dir.path(), Config::default()).await.unwrap_err();
    assert!(second.to_string().contains("open elsewhere"), "{second}");
    lab.host.stop().await;
    assert!(lab.client.get(&public).send().await.is_err());

    let host = Host::start(dir.path(), Config::default()).await.unwrap();
    let lab = Lab { host, client: client(), dir: tempfile::tempdir().unwrap() };
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
