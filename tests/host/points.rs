//! The numbered points of "An honest release host reproduces".

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::Config;
use nexy_release::sandbox::host::{Action, Fault, Interrupted, Origin, Request, SeedRelease, Stage};
use reqwest::{Method, header};
use serde_json::{Value, json};

use super::{REPO, is_reset, lab, releases, until};

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
    let blobs = lab.dir.path().join("host/blobs");
    let on_disk =
        || std::fs::read_dir(&blobs).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>();
    until("what came is on disk before the rest comes", || on_disk() == 4).await;
    drop(stream);
    until("the half is removed", || on_disk() == 0).await;
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
    assert_eq!(lab.host.requests().pop().unwrap().received, 8 << 20, "the host let it finish sending");
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
async fn point_13_a_publication_makes_the_tag_which_outlives_its_release() {
    let lab = lab(Config::default()).await;
    let of_git = async |path: &str| lab.api(Method::GET, &format!("/repos/{REPO}/git/{path}"), None).await;
    let id = lab.draft("v1.0.0.0").await;
    for path in ["ref/tags/v1.0.0.0", "refs/tags/v1.0.0.0"] {
        assert_eq!(of_git(path).await.status, 404, "a draft has no tag");
    }
    assert_eq!(of_git("matching-refs/tags/v1.0").await.json, json!([]));
    assert_eq!(lab.publish(id).await.status, 200);
    let made = of_git("ref/tags/v1.0.0.0").await;
    assert_eq!((made.status, &made.json["ref"]), (200, &json!("refs/tags/v1.0.0.0")));
    assert_eq!(made.json["object"]["sha"].as_str().map(str::len), Some(40));
    assert_eq!(of_git("matching-refs/tags/v1.0").await.json, json!([made.json]));
    assert_eq!(of_git("matching-refs/heads").await.json, json!([]));
    assert_eq!(lab.api(Method::DELETE, &releases(&format!("/{id}")), None).await.status, 204);
    assert_eq!(of_git("refs/tags/v1.0.0.0").await.status, 200);
}

#[tokio::test]
async fn point_13_a_ruleset_keeps_a_draft_a_draft() {
    let lab = lab(Config { tags_restricted: true, ..Config::default() }).await;
    let id = lab.draft("v1.0.0.0").await;
    let refused = lab.publish(id).await;
    assert_eq!((refused.status, refused.json["message"].as_str()), (422, Some("Validation Failed")));
    let rule = refused.json["errors"][0]["message"].as_str().unwrap();
    assert!(rule.contains("Cannot create ref due to creations being restricted."), "{rule}");
    assert_eq!(lab.api(Method::GET, &releases(&format!("/{id}")), None).await.json["draft"], json!(true));
    assert_eq!(lab.api(Method::GET, &format!("/repos/{REPO}/git/ref/tags/v1.0.0.0"), None).await.status, 404);
    lab.host.configure(|config| config.tags_restricted = false);
    assert_eq!(lab.publish(id).await.status, 200);
    lab.host.configure(|config| config.tags_restricted = true);
    let renamed = lab.api(Method::PATCH, &releases(&format!("/{id}")), Some(json!({ "name": "New" }))).await;
    assert_eq!(renamed.status, 200, "the tag is there already");
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
    let last = if blob.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{last}", &blob[..blob.len() - 1]);
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
async fn point_15_limits_come_with_and_without_a_time_to_come_back() {
    let lab = lab(Config::default()).await;
    let Action::Answer { headers, .. } = Fault::answer(403).action else { unreachable!() };
    let mut named = headers.clone();
    named.insert("retry-after".into(), "7".into());
    let mut used_up = headers.clone();
    used_up.extend([("x-ratelimit-remaining".into(), "0".into()), ("x-ratelimit-reset".into(), "1900000000".into())]);
    for (status, headers) in [(403, named.clone()), (429, named), (403, used_up), (429, headers)] {
        let body = r#"{"message":"You have exceeded a secondary rate limit."}"#.to_owned();
        let action = Action::Answer { status, headers: headers.clone(), body, after: Stage::Request };
        lab.faults([Fault::new(action).window(1, 1)]);
        let limited = lab.api(Method::GET, &releases(""), None).await;
        assert_eq!(limited.status, status);
        for (name, value) in &headers {
            assert_eq!(limited.headers[name.as_str()].to_str().unwrap(), value, "the fault's own header counts");
        }
        assert_eq!(limited.headers.contains_key("retry-after"), headers.contains_key("retry-after"));
        assert!(limited.headers.contains_key("x-ratelimit-remaining"));
        assert_eq!(lab.api(Method::GET, &releases(""), None).await.status, 200, "and then it is over");
    }
}
