//! What servers say of a version: right, and wrong in every way that was seen or can be thought of.

use nexy_release::release::fingerprint::Fingerprint;
use nexy_release::release::served::{Expected, Source};
use nexy_release::release::verification::{Cell, CellState};
use serde_json::{Value, json};

const URL: &str = "https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.44/Nexy.dmg";

fn expected() -> Expected {
    Expected {
        version: "1.6.1.44".parse().unwrap(),
        url: URL.into(),
        fingerprint: Fingerprint { size: 316_431_423, sha256: "ab".repeat(32).parse().unwrap() },
        signature: Some("c2ln".into()),
        verified: true,
        min_os: "11.0".into(),
        installed: Some("1.6.1.43".parse().unwrap()),
    }
}

fn health() -> Value {
    json!({ "status": "ok", "latest_version": "1.6.1.44", "latest_build": "1.6.1.44" })
}

fn appcast() -> String {
    format!(
        r#"<rss xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle"><channel><item>
        <sparkle:version>1.6.1.44</sparkle:version>
        <sparkle:minimumSystemVersion>11.0</sparkle:minimumSystemVersion>
        <enclosure url="{URL}" length="316431423" sparkle:edSignature="c2ln"/></item></channel></rss>"#
    )
}

fn manifest() -> Value {
    let artifact = json!({ "type": "dmg", "url": URL, "size": 316_431_423, "sha256": "ab".repeat(32),
            "min_os": "11.0", "ed25519": "c2ln" });
    json!({ "version": "1.6.1.44", "build": "1.6.1.44", "artifact": artifact })
}

fn drifted(cells: &[Cell]) -> Vec<(&str, &str)> {
    let drifted = cells.iter().filter(|cell| cell.state == CellState::Drifted);
    drifted.map(|cell| (cell.field.as_str(), cell.found.as_str())).collect()
}

#[track_caller]
fn assert_drifts(source: Source, body: &str, field: &str, found: &str) {
    let cells = expected().judge(source, 200, body.as_bytes());
    let drifted = drifted(&cells);
    assert!(drifted.iter().any(|(f, text)| *f == field && text.contains(found)), "{drifted:?} of {body}");
}

#[test]
fn what_is_right_is_aligned_everywhere() {
    let older = json!({ "version": "1.6.1.43" });
    for (source, body) in [
        (Source::Health, health().to_string()),
        (Source::Health, json!({ "version": "1.6.1.44", "build": "1.6.1.44" }).to_string()),
        (Source::UpdatesHealth, health().to_string()),
        (Source::Appcast, appcast()),
        (Source::Manifests, json!([manifest()]).to_string()),
        (Source::Manifests, json!([manifest(), older]).to_string()),
    ] {
        let cells = expected().judge(source, 200, body.as_bytes());
        assert!(cells.len() >= 2 && cells.iter().all(|cell| cell.state == CellState::Aligned), "{cells:?}");
        assert!(cells.iter().all(|cell| cell.source.as_str() == source.as_str()));
    }
}

#[test]
fn every_status_but_200_is_drift() {
    for source in Source::ALL {
        for status in [204, 301, 304, 400, 401, 404, 500, 502, 503] {
            let cells = expected().judge(source, status, appcast().as_bytes());
            assert_eq!(drifted(&cells), [("status", status.to_string().as_str())]);
        }
    }
}

#[test]
fn a_health_page_that_is_behind_is_named() {
    let with = |key: &str, value: Value| {
        let mut health = health();
        health[key] = value;
        health.to_string()
    };
    assert_drifts(Source::Health, &with("latest_version", json!("1.6.1.43")), "version", "1.6.1.43");
    assert_drifts(Source::UpdatesHealth, &with("latest_build", json!("1.6.1.43")), "build", "1.6.1.43");
    assert_drifts(Source::UpdatesHealth, &with("latest_build", json!(44)), "build", "44, no text");
    assert_drifts(Source::Health, &with("latest_version", Value::Null), "version", "missing");
    assert_drifts(Source::Health, "{\"latest_version\": \"1.6", "body", "no JSON object");
    assert_drifts(Source::Health, "[]", "body", "no JSON object");
    assert_drifts(Source::Health, &with("status", json!("error")), "status", "error");
    // Each server has its own name for it; what else stands there is not what it says.
    let main =
        json!({ "version": "1.6.1.43", "build": "1.6.1.43", "latest_version": "1.6.1.44", "latest_build": "1.6.1.44" });
    assert_drifts(Source::Health, &main.to_string(), "version", "1.6.1.43");
    assert_drifts(Source::Health, &main.to_string(), "build", "1.6.1.43");
    let well = with("status", json!("OK"));
    assert!(drifted(&expected().judge(Source::Health, 200, well.as_bytes())).is_empty());
}

#[test]
fn an_appcast_that_is_bent_is_named() {
    let bent = |from: &str, to: &str| appcast().replace(from, to);
    for (body, field, found) in [
        (bent("v1.6.1.44/Nexy.dmg", "v1.6.1.43/Nexy.dmg"), "url", "v1.6.1.43"),
        (bent("https://github.com", "http://github.com"), "url", "http://github.com"),
        (bent(URL, "https://nexy.example/updates/appcast.xml"), "url", "appcast.xml"),
        (bent("316431423", "316431422"), "size", "316431422"),
        (bent(" length=\"316431423\"", ""), "size", "missing"),
        (bent(" sparkle:edSignature=\"c2ln\"", ""), "signature", "missing"),
        (bent("sparkle:edSignature", "sparkle:dsaSignature"), "signature", "dsaSignature"),
        (bent("c2ln", "b2xk"), "signature", "b2xk"),
        (bent(">1.6.1.44<", ">1.6.1.43<"), "version", "1.6.1.43"),
        (bent(">1.6.1.44<", ">v1.6.1.44<"), "offered", "`v` is text"),
        (bent("<sparkle:version>1.6.1.44</sparkle:version>", ""), "version", "production/releases"),
        ("<rss><channel></channel></rss>".into(), "version", "no item"),
        (bent("</item>", ""), "body", "no XML"),
        (bent("sparkle=", "spark="), "body", "not declared"),
        ("<html>".into(), "body", ""),
    ] {
        assert_drifts(Source::Appcast, &body, field, found);
    }
    // An older item beside it changes nothing.
    let two = appcast().replace(
        "<item>",
        "<item><sparkle:version>1.6.1.40</sparkle:version><enclosure url=\"https://e.org/a\"/></item><item>",
    );
    assert_eq!(drifted(&expected().judge(Source::Appcast, 200, two.as_bytes())), []);
}

#[test]
fn without_a_signature_none_may_be_served() {
    let mut expected = Expected { signature: None, verified: false, ..expected() };
    assert_eq!(drifted(&expected.judge(Source::Appcast, 200, appcast().as_bytes())), [("signature", "c2ln")]);
    let unsigned = appcast().replace(" sparkle:edSignature=\"c2ln\"", "");
    assert_eq!(drifted(&expected.judge(Source::Appcast, 200, unsigned.as_bytes())), []);
    expected.verified = true;
    let found = expected.judge(Source::Appcast, 200, unsigned.as_bytes());
    assert_eq!(drifted(&found)[0], ("signature", "missing"));
}

#[test]
fn manifests_that_are_bent_are_named() {
    let with = |pointer: &str, value: Value| {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).unwrap() = value;
        json!([manifest]).to_string()
    };
    let older = json!({ "version": "1.6.1.34" });
    for (body, field, found) in [
        ("[]".into(), "newest", "no manifest"),
        ("[]".into(), "version", "not there"),
        ("[{\"version\": \"1.6".into(), "body", "no JSON array"),
        ("{}".into(), "body", "no JSON array"),
        (json!([older, manifest()]).to_string(), "newest", "1.6.1.34"),
        (json!([manifest(), manifest()]).to_string(), "version", "2 of it"),
        (with("/artifact/url", json!("https://e.org/a")), "url", "e.org"),
        (with("/artifact/size", json!(316_442_970)), "size", "316442970"),
        (with("/artifact/sha256", json!("cd".repeat(32))), "sha256", "cdcd"),
        (with("/artifact/ed25519", json!("")), "signature", ""),
        (with("/build", json!(44)), "build", "44, no text"),
        (with("/artifact", Value::Null), "url", "missing"),
    ] {
        assert_drifts(Source::Manifests, &body, field, found);
    }
}

#[test]
fn what_keeps_an_update_from_some_clients_is_drift() {
    for (from, to, field) in [
        (">11.0<", ">99.0<", "min_os"),
        ("<enclosure", "<sparkle:channel>beta</sparkle:channel><enclosure", "channel"),
        ("<enclosure", "<enclosure sparkle:os=\"windows\"", "os"),
        ("<enclosure", "<enclosure sparkle:deltaFrom=\"1.6.1.43\"", "delta"),
        ("<enclosure", "<enclosure url=\"https://e.org/a\"/><enclosure", "url"),
        (">11.0<", ">12.0</sparkle:minimumSystemVersion><sparkle:minimumSystemVersion>11.0<", "min_os"),
        ("Nexy.dmg\"", "Nexy.dmg&#160;\"", "url"),
        ("Nexy.dmg\"", "Nexy.dmg&#160;\"", "offered"),
        ("url=\"", "url=\"&#10;", "url"),
        ("url=\"", "url=\" ", "offered"),
        ("<enclosure", "<enclosure sparkle:version=\" 1.6.1.44\"", "version"),
        ("<enclosure", "<enclosure sparkle:version=\" 1.6.1.44\"", "offered"),
        ("</item>", "</item><item/>", "body"),
        ("<enclosure", "<sparkle:maximumSystemVersion>12</sparkle:maximumSystemVersion><enclosure", "max_os"),
        ("<enclosure", "<link>https://e.org</link><sparkle:informationalUpdate/><enclosure", "informational"),
        ("<enclosure", "<enclosure sparkle:version=\"1.6.1.43\"", "version"),
    ] {
        let page = appcast().replacen(from, to, 1);
        let cells = expected().judge(Source::Appcast, 200, page.as_bytes());
        assert!(drifted(&cells).iter().any(|(found, _)| *found == field), "{field}: {:?}", drifted(&cells));
    }
    let mut wrong = manifest();
    wrong["artifact"]["min_os"] = "99.0".into();
    let cells = expected().judge(Source::Manifests, 200, json!([wrong]).to_string().as_bytes());
    assert!(drifted(&cells).iter().any(|(field, _)| *field == "min_os"));
    let cells = expected().judge(Source::Appcast, 200, &[appcast().as_bytes(), &[0xff]].concat());
    assert!(drifted(&cells)[0].1.contains("it is no text"), "{:?}", drifted(&cells));
}

#[test]
fn a_newer_item_that_is_not_for_ordinary_clients_hides_nothing() {
    for (child, attribute) in [
        ("<sparkle:channel>beta</sparkle:channel>", ""),
        ("", "sparkle:os=\"windows\""),
        ("", "sparkle:deltaFrom=\"1.6.1.44\""),
    ] {
        let other = format!(
            "<item><sparkle:version>1.7.0.1</sparkle:version>{child}<enclosure url=\"https://e.org/a\" {attribute}/></item>"
        );
        let page = appcast().replace("<item>", &format!("{other}<item>"));
        assert_eq!(drifted(&expected().judge(Source::Appcast, 200, page.as_bytes())), [], "{other}");
    }
}

#[test]
fn a_length_that_differs_is_said_where_the_update_is_offered() {
    let page = appcast().replace("316431423", "316431422");
    let cells = expected().judge(Source::Appcast, 200, page.as_bytes());
    let offered = cells.iter().find(|cell| cell.field.as_str() == "offered").unwrap();
    assert!(offered.found.as_str().contains("its `length` 316431422 is not 316431423"), "{offered:?}");
}
