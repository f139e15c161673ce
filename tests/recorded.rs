//! GitHub's answers as octokit recorded them, played back on loopback: what our client makes of them, and whether what
//! it asks is what was asked when they were recorded. `tests/recorded.sh` fetches the recordings and runs this.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nexy_release::settings::{self, Environment};
use nexy_release::world::github::body::{self, Upload};
use nexy_release::world::github::hosts::Hosts;
use nexy_release::world::github::http::Door;
use nexy_release::world::github::model::{Asset, Release};
use nexy_release::world::github::patience::Patience;
use nexy_release::world::github::reader::Reader;
use nexy_release::world::github::writer::{Made, Writer};
use nexy_release::world::stop::Stop;
use nexy_release::world::{inbox, token};
use serde_json::{Value, json};

/// A recording, and the host that plays it back: each answer once, in its order.
struct Recorded {
    url: String,
    exchanges: Arc<Mutex<Vec<Value>>>,
}

impl Recorded {
    /// Opens a scenario. `edit` may put exchanges together from what was recorded.
    fn open(scenario: &str, edit: impl FnOnce(&mut Vec<Value>)) -> Self {
        let folder = PathBuf::from(std::env::var_os("NEXY_RECORDED").expect("run tests/recorded.sh"));
        let text = std::fs::read_to_string(folder.join(scenario).join("normalized-fixture.json")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let here = text.replace("https://api.github.com/", &format!("{url}/"));
        let here = here.replace("https://uploads.github.com/", &format!("{url}/"));
        let mut exchanges: Vec<Value> = serde_json::from_str(&here).unwrap();
        edit(&mut exchanges);
        let exchanges = Arc::new(Mutex::new(exchanges));
        let played = exchanges.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &played);
            }
        });
        Self { url, exchanges }
    }

    /// Our client, as it is for github.com but for the address.
    async fn writer(&self, repo: &str) -> Writer {
        let environment = Environment::default().with("GH_TOKEN", "0000000000000000000000000000000000000001");
        let text = format!("[release]\nrepo = \"{repo}\"\n[github]\napi_url = \"{}\"", self.url);
        let settings = settings::parse(&text, &environment).unwrap().settings;
        let token = token::find(&settings.github, &environment, &Stop::default()).await.unwrap();
        let patience = Patience { idle: Duration::from_secs(5), max_wait: Duration::ZERO };
        let hosts = Hosts::new(&settings.github);
        let door = Door::new(hosts, Some(token), patience, Stop::default(), Arc::new(|_| {})).unwrap();
        Writer::new(Reader::new(door, repo))
    }

    /// Methods of the recorded exchanges that nobody has asked for.
    fn left(&self) -> Vec<String> {
        let exchanges = self.exchanges.lock().unwrap();
        exchanges.iter().map(|one| format!("{} {}", one["method"].as_str().unwrap(), one["status"])).collect()
    }
}

/// Plays back the first exchange that was recorded for what is asked, and compares the rest of the request with it.
fn answer(mut stream: &TcpStream, exchanges: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let request = line();
    let headers: Vec<_> = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty())).collect();
    let header = |name: &str| headers.iter().find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned));
    let length = header("content-length: ").map_or(0, |length| length.parse().unwrap());
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).unwrap();
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap().to_lowercase(), words.next().unwrap());
    let mut exchanges = exchanges.lock().unwrap();
    // octokit labels what it sends, the console does not.
    let asked =
        |one: &Value| one["method"] == method && one["path"].as_str().unwrap().trim_end_matches("&label=test") == path;
    let recorded = exchanges.iter().position(asked).map(|at| exchanges.remove(at));
    let recorded = recorded.unwrap_or_else(|| json!({ "status": 599, "response": request, "headers": {}, "body": "" }));
    assert_eq!(header("authorization: ").unwrap(), "bearer 0000000000000000000000000000000000000001");
    if method == "post" {
        assert_eq!(String::from_utf8(sent).unwrap(), recorded["body"].as_str().unwrap());
    }
    let body = match &recorded["response"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let mut head = format!("HTTP/1.1 {} Recorded\r\nconnection: close\r\n", recorded["status"]);
    for (name, value) in recorded["headers"].as_object().unwrap() {
        if !matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding" | "content-encoding") {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            head = format!("{head}{name}: {value}\r\n");
        }
    }
    let length = if recorded["status"] == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}{length}\r\n{body}").as_bytes()).unwrap();
}

fn upload(folder: &tempfile::TempDir) -> Upload {
    let path = folder.path().join("test-upload.txt");
    std::fs::write(&path, "Hello, world!\n").unwrap();
    let found = inbox::inspect(&path, &|_| {}, &Stop::default()).unwrap();
    body::open(&path, &found.fingerprint, &found.identity, Arc::new(|_| {}), Stop::default()).unwrap()
}

/// The recorded release with the recorded list of its assets, as one answer for its number.
fn release_with_assets(exchanges: &mut Vec<Value>, edit: impl Fn(&mut Value)) {
    let list = exchanges.iter().find(|one| one["path"].as_str().unwrap().ends_with("/1000/assets")).unwrap();
    let mut release = exchanges[0].clone();
    release["response"]["assets"] = list["response"].clone();
    release["path"] = release["path"].as_str().unwrap().replace("/tags/v1.0.0", "/1000").into();
    edit(&mut release["response"]);
    exchanges.push(release);
}

fn is_the_release(release: &Release) {
    assert_eq!((release.id, release.tag.as_str(), release.draft), (1000, "v1.0.0", false));
    assert_eq!((release.title.as_str(), release.body.as_str()), ("Version 1.0.0", "Initial release"));
    assert_eq!(release.author.to_string(), "octokit-fixture-user-a");
    assert_eq!(release.created.unwrap().to_string(), "2017-10-10T16:00:00Z");
    assert_eq!(release.immutable, None, "recorded before releases could be frozen");
}

fn is_the_asset(asset: &Asset, id: u64) {
    assert_eq!((asset.id, asset.name.as_str(), asset.size), (id, "test-upload.txt", 14));
    assert!(asset.is_uploaded() && !asset.is_starter());
    assert_eq!(asset.digest, None, "recorded before there were digests: it is downloaded and hashed");
}

#[tokio::test]
#[ignore = "needs the recordings: tests/recorded.sh"]
async fn release_assets() {
    let host = Recorded::open("release-assets", |exchanges| release_with_assets(exchanges, |_| {}));
    let writer = host.writer("octokit-fixture-org/release-assets").await;
    let release = writer.reader().published("v1.0.0").await.unwrap().unwrap();
    is_the_release(&release);
    assert_eq!(release.assets.len(), 0);
    let folder = tempfile::tempdir().unwrap();
    let Made::Done(sent) = writer.send_asset(&release, "test-upload.txt", "text/plain", upload(&folder)).await else {
        panic!("a recorded 201 is a success");
    };
    is_the_asset(&sent, 1000);
    let release = writer.reader().release(1000).await.unwrap().unwrap();
    is_the_release(&release);
    is_the_asset(release.asset("test-upload.txt").unwrap(), 1000);
    // What the console never asks for was recorded too: lists and single assets by number, and another label.
    let left = host.left();
    assert!(!left.iter().any(|one| one.starts_with("post")), "{left:?}");
}

#[tokio::test]
#[ignore = "needs the recordings: tests/recorded.sh"]
async fn release_assets_conflict() {
    let starter = |release: &mut Value| release["assets"][0]["state"] = "starter".into();
    let host = Recorded::open("release-assets-conflict", |exchanges| {
        // As it was recorded; then as a half-uploaded one, the only one that may go.
        release_with_assets(exchanges, |_| {});
        release_with_assets(exchanges, starter);
    });
    let writer = host.writer("octokit-fixture-org/release-assets-conflict").await;
    let release = writer.reader().published("v1.0.0").await.unwrap().unwrap();
    is_the_release(&release);
    let folder = tempfile::tempdir().unwrap();
    let Made::Exists(failure) = writer.send_asset(&release, "test-upload.txt", "text/plain", upload(&folder)).await
    else {
        panic!("a recorded 422 `already_exists` says that the name is taken");
    };
    let why = failure.why.to_string();
    assert!(why.contains("Validation Failed") && why.contains("request id"), "{why}");
    writer.discard_asset(1000, 1000, "0123456789abcdef").await.expect_err("what is published is never deleted");
    assert!(host.left().contains(&"delete 204".into()), "nothing was sent against it");
    writer.discard_asset(1000, 1000, "0123456789abcdef").await.unwrap();
    assert!(!host.left().contains(&"delete 204".into()), "a half-uploaded one goes");
    let Made::Done(sent) = writer.send_asset(&release, "test-upload.txt", "text/plain", upload(&folder)).await else {
        panic!("a recorded 201 is a success");
    };
    is_the_asset(&sent, 1001);
}
