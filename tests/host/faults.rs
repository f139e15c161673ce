//! Every fault of the plan strikes as it says.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::Config;
use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use reqwest::{Method, header};
use serde_json::json;

use super::{is_reset, lab, releases, until};

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
        let reset = matches!(action, Action::Reset { .. });
        assert_eq!(is_reset(&error), reset, "{error:?}");
        assert!(got == 300_001 || reset && got < 300_001, "{got}");
    }
    lab.faults([Fault::new(Action::Close { after: Stage::Answer(10) })]);
    let answer = lab.client.get(format!("{}/rate_limit", lab.host.api_url())).send().await.unwrap();
    assert!(answer.bytes().await.is_err(), "JSON answers break off as well");
}

#[tokio::test]
async fn fault_shorten_ends_properly_and_too_early() {
    let lab = lab(Config::default()).await;
    let public = lab.published(&vec![9; 100_000]).await;
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
async fn fault_stall_ends_when_the_client_leaves() {
    let lab = lab(Config::default()).await;
    lab.faults([Fault::new(Action::Stall { after: Stage::Request })]);
    let waiting = tokio::spawn(lab.client.get(format!("{}/rate_limit", lab.host.api_url())).send());
    until("the request arrives", || !lab.host.requests().is_empty()).await;
    let log = lab.dir.path().join("host/requests.jsonl");
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "", "it is still under way");
    waiting.abort();
    until("the host lets go", || !std::fs::read_to_string(&log).unwrap().is_empty()).await;
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
