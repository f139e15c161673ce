//! The host behind a unix socket, where it is github.com, and what it answers to GraphQL.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nexy_release::sandbox::host::{Origin, SeedRelease, Source};
use nexy_release::sandbox::{Config, Host};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{REPO, releases};

struct Front {
    host: Host,
    dir: TempDir,
}

/// An answer as it came over the wire.
struct Raw {
    status: u16,
    head: String,
    body: String,
}

impl Front {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::start(dir.path(), Config::default()).await.unwrap();
        host.serve_unix(&dir.path().join("gh.sock")).unwrap();
        Self { host, dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("gh.sock")
    }

    /// `METHOD PATH` of this host name, with the token.
    async fn ask(&self, host: &str, what: &str, token: Option<&str>, body: &str) -> Raw {
        let authorization = token.map_or(String::new(), |token| format!("Authorization: token {token}\r\n"));
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\nConnection: close\r\n{authorization}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let path = self.path();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = UnixStream::connect(path).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Raw { status: head[9..12].parse().unwrap(), head: head.to_lowercase(), body: body.into() }
    }

    async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = self.ask("api.github.com", "POST /graphql", Some(token), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

#[tokio::test]
async fn the_socket_is_github_com_and_its_urls_lead_back_to_it() {
    let front = Front::open().await;
    let seed = SeedRelease::new(REPO, "v1.0.0.0").asset("Nexy.dmg", Source::Bytes(b"bytes".into()));
    front.host.seed_release(seed).await.unwrap();
    let token = Some(front.host.token());
    let shown = front.ask("api.github.com", &format!("GET {}", releases("/tags/v1.0.0.0")), token, "").await;
    let release: Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(release["html_url"], format!("https://github.com/{REPO}/releases/tag/v1.0.0.0"));
    let upload = release["upload_url"].as_str().unwrap().strip_prefix("https://uploads.github.com").unwrap();
    let upload = upload.split('{').next().unwrap();
    let sent = front.ask("uploads.github.com", &format!("POST {upload}?name=b"), token, "more").await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let public = release["assets"][0]["browser_download_url"].as_str().unwrap();
    let public = public.strip_prefix("https://github.com").unwrap();
    let away = front.ask("github.com", &format!("GET {public}"), None, "").await;
    let to = "location: https://release-assets.githubusercontent.com";
    let blob = away.head.lines().find_map(|line| line.strip_prefix(to)).unwrap().to_owned();
    let bytes = front.ask("release-assets.githubusercontent.com", &format!("GET {blob}"), None, "").await;
    assert_eq!((away.status, bytes.status, bytes.body.as_str()), (302, 200, "bytes"));
    assert_eq!(front.ask("example.com", "GET /", token, "").await.status, 421);
    let origins: Vec<_> = front.host.requests().iter().map(|request| request.origin).collect();
    assert_eq!(origins, [Origin::Api, Origin::Uploads, Origin::Web, Origin::Blobs], "logged as what was meant");
    assert!(front.host.api_url().starts_with("http://127.0.0.1:"), "over TCP the URLs stay what they were");
    let scopes = front.ask("api.github.com", "GET /", token, "").await;
    assert!(scopes.head.contains("x-oauth-scopes: gist, read:org, repo"), "{}", scopes.head);
}

#[tokio::test]
async fn the_socket_is_private_and_goes_with_the_host() {
    let front = Front::open().await;
    let path = front.path();
    assert_eq!(fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let beside = || fs::read_dir(front.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(beside().len(), 2, "nothing is left beside it: {:?}", beside());
    front.host.stop().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_anything_else_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let mut host = Host::start(dir.path(), Config::default()).await.unwrap();
    drop(UnixListener::bind(at("stale")).unwrap());
    host.serve_unix(&at("stale")).unwrap();
    UnixStream::connect(at("stale")).unwrap();
    let live = UnixListener::bind(at("live")).unwrap();
    fs::write(at("file"), "precious").unwrap();
    std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
    for (name, why) in
        [("live", "served by another"), ("file", "no socket"), ("link", "no socket"), ("host", "no socket")]
    {
        let refused = host.serve_unix(&at(name)).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "precious");
    drop(live);
    fs::remove_file(at("stale")).unwrap();
    fs::write(at("stale"), "somebody else's").unwrap();
    host.stop().await;
    assert!(Path::new(&at("stale")).exists(), "whoever took the place keeps it");
}

#[tokio::test]
async fn graphql_answers_what_gh_asks_about_releases() {
    let front = Front::open().await;
    for (tag, hours, draft) in [("v1.0.0.0", 3, false), ("v2.0.0.0", 2, false), ("v3.0.0.0", 1, true)] {
        let age = std::time::Duration::from_hours(hours);
        front.host.seed_release(SeedRelease { age, draft, ..SeedRelease::new(REPO, tag) }).await.unwrap();
    }
    let (push, read) = (front.host.token(), front.host.read_token());
    let viewer = front.graphql(push, "query UserCurrent{viewer{login}}", Value::Null).await;
    assert_eq!(viewer, json!({ "data": { "viewer": { "login": "nexy-practice" } } }));

    let query = "query RepositoryReleaseByTag($owner:String!$name:String!$tagName:String!){\
                 repository(owner: $owner, name: $name){release(tagName: $tagName){databaseId,isDraft}}}";
    let by_tag = async |token, tag: &str| {
        let variables = json!({ "owner": "Seregawpn", "name": "Nexy_production", "tagName": tag });
        front.graphql(token, query, variables).await["data"]["repository"]["release"].clone()
    };
    assert_eq!(by_tag(push, "v2.0.0.0").await["isDraft"], false);
    assert_eq!(by_tag(push, "v3.0.0.0").await["isDraft"], true);
    assert_eq!(by_tag(read, "v3.0.0.0").await, Value::Null, "drafts are for those who may push");

    let query = "query RepositoryReleaseList($direction:OrderDirection!$endCursor:String$name:String!$owner:String!\
                 $perPage:Int!){repository(owner: $owner, name: $name){releases(first: $perPage, orderBy: {field: \
                 CREATED_AT, direction: $direction}, after: $endCursor){nodes{name,tagName,isDraft,isLatest,\
                 isPrerelease,createdAt,publishedAt},pageInfo{hasNextPage,endCursor}}}}";
    let list = async |token, per_page: u32, after: Value| {
        let variables = json!({ "owner": "seregawpn", "name": "nexy_production", "perPage": per_page,
                                "endCursor": after, "direction": "DESC" });
        front.graphql(token, query, variables).await["data"]["repository"]["releases"].clone()
    };
    let tags = |page: &Value| -> Vec<String> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["tagName"].as_str().unwrap().into()).collect()
    };
    let first = list(push, 2, Value::Null).await;
    assert_eq!(
        (tags(&first), &first["pageInfo"]["hasNextPage"]),
        (vec!["v3.0.0.0".into(), "v2.0.0.0".into()], &json!(true))
    );
    let rest = list(push, 2, first["pageInfo"]["endCursor"].clone()).await;
    assert_eq!((tags(&rest), &rest["pageInfo"]["hasNextPage"]), (vec!["v1.0.0.0".into()], &json!(false)));
    assert_eq!(tags(&list(read, 30, Value::Null).await), ["v2.0.0.0", "v1.0.0.0"]);
    assert_eq!(first["nodes"][1]["isLatest"], true);
}

#[tokio::test]
async fn graphql_makes_nothing_up() {
    let front = Front::open().await;
    let repository = r#"repository(owner:"Seregawpn",name:"Nexy_production")"#;
    for (query, named) in [
        ("{viewer{login,email}}".to_owned(), "'email' doesn't exist on type 'User'"),
        (format!("{{{repository}{{stargazers{{totalCount}}}}}}"), "'stargazers'"),
        (format!("{{{repository}{{releases(last:3){{nodes{{id}}}}}}}}"), "'last'"),
        (format!("{{{repository}{{releases{{nodes{{id}}}}}}}}"), "`first`"),
        (format!("{{{repository}}}"), "selection"),
        (r#"{repository(owner:"a",name:"b"){id}}"#.into(), "'a/b'"),
        ("mutation{deleteRelease(id:1){id}}".into(), "`mutation`"),
        ("{viewer{...on User{login}}}".into(), "fragments"),
        ("{viewer{login @skip(if:true)}}".into(), "directives"),
        ("{viewer{login}".into(), "expected"),
    ] {
        let answer = front.graphql(front.host.token(), &query, Value::Null).await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(named), "{query}: {answer}");
        assert!(answer["data"].is_null() || answer["data"]["repository"].is_null(), "{answer}");
    }
    assert_eq!(front.ask("api.github.com", "POST /graphql", None, "{}").await.status, 401);
}
