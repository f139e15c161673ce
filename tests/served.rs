//! What the servers say of a published version: `verify --served`, and every way in which they can be bent (SPEC §9).
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use nexy_release::sandbox::host::{Action, Fault, Origin, Stage};
use serde_json::Value;
use support::status::released;
use support::{Practice, Ran, side_by_side};

const MANIFESTS: &str = "server/updates/manifests";

/// A published version, and servers that read a machine on which it was delivered.
fn served() -> Practice {
    let practice = released();
    date(&practice, "manifest_1.6.1.43.json", 3600);
    practice
}

/// A file of the machine.
fn machine(practice: &Practice, path: &str) -> PathBuf {
    practice.workspace().parent().unwrap().join("vm/home/azureuser/voice-assistant").join(path)
}

fn date(practice: &Practice, manifest: &str, seconds_ago: u64) {
    let file = fs::File::options().append(true).open(machine(practice, &format!("{MANIFESTS}/{manifest}"))).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds_ago)).unwrap();
}

/// Changes the machine's manifest of 1.6.1.44 at a JSON pointer; the file stays the newest.
fn bend(practice: &Practice, pointer: &str, value: Value) {
    let path = machine(practice, &format!("{MANIFESTS}/manifest_1.6.1.44.json"));
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    *manifest.pointer_mut(pointer).unwrap() = value;
    fs::write(path, manifest.to_string()).unwrap();
}

fn verify(practice: &Practice) -> Ran {
    practice.run(&["verify", "--served", "--output", "json"])
}

/// The cells of the servers, by source and field: state and text.
fn cells(ran: &Ran) -> BTreeMap<(String, String), (String, String)> {
    let report = ran.events().into_iter().find(|event| event["kind"] == "verification").unwrap();
    let text = |cell: &Value, key: &str| cell[key].as_str().unwrap_or_default().to_owned();
    let cells = report["data"]["cells"].as_array().unwrap().clone();
    let cells = cells.iter().filter(|cell| cell["source"].as_str().unwrap().starts_with('/'));
    cells
        .map(|cell| ((text(cell, "source"), text(cell, "field")), (text(cell, "state"), text(cell, "found"))))
        .collect()
}

#[test]
fn what_was_delivered_is_aligned_everywhere_and_the_client_takes_it() {
    let practice = served();
    practice.host().clear_requests();
    let ran = verify(&practice).expect_code(0);
    let cells = cells(&ran);
    assert!(cells.values().all(|(state, _)| state == "aligned" || state == "not-applicable"), "{cells:?}");
    for source in ["/health", "/updates/health", "/appcast.xml", "/api/manifests"] {
        assert_eq!(cells[&(source.into(), "version".into())].0, "aligned", "{source}");
    }
    let (_, why) = &cells[&("/appcast.xml".into(), "offered".into())];
    assert!(why.starts_with("1.6.1.43: 1.6.1.44 against 1.6.1.43: part 4: 44 comes after 43"), "{why}");
    let asked: Vec<_> = practice.requests().into_iter().filter(|request| request.origin == Origin::Updates).collect();
    assert_eq!(asked.len(), 4);
    assert!(practice.requests().iter().all(|request| request.method == "GET"));
    assert!(asked.iter().all(|request| !request.authorized), "the token is the release host's");
}

#[test]
fn what_was_not_asked_is_pending_not_red() {
    let practice = served();
    fs::remove_file(machine(&practice, "VERSION")).unwrap();
    practice.host().clear_requests();
    let ran = practice.run(&["verify", "--output", "json"]).expect_code(0);
    let cells = cells(&ran);
    assert_eq!(cells.len(), 4);
    assert!(cells.values().all(|(state, found)| state == "pending" && found.contains("verify --served")), "{cells:?}");
    assert!(practice.requests().iter().all(|request| request.origin != Origin::Updates));
}

#[test]
fn without_servers_in_the_settings_nothing_is_judged() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.set("vm.enabled", "false");
    let ran = verify(&practice).expect_code(0);
    assert!(cells(&ran).values().all(|(state, _)| state == "not-applicable"));
}

/// The same with a signature that clients verify.
fn signed() -> Practice {
    let practice = Practice::tiny();
    practice.deliver();
    let key = SigningKey::from_bytes(&[7; 32]);
    let dmg = fs::read(practice.path("release_inbox/Nexy.dmg")).unwrap();
    practice.write("release_inbox/Nexy.dmg.ed25519", BASE64.encode(key.sign(&dmg).to_bytes()));
    practice.set("signing.public_key", &format!("{:?}", BASE64.encode(key.verifying_key().as_bytes())));
    practice.publish().expect_code(0);
    practice
}

#[test]
fn a_signature_that_clients_verify_is_served_or_missed() {
    let practice = signed();
    let aligned = cells(&verify(&practice).expect_code(0));
    for source in ["/appcast.xml", "/api/manifests"] {
        assert_eq!(aligned[&(source.into(), "signature".into())].0, "aligned", "{source}");
    }
    // Not served at all; then in the attribute that no client reads.
    let text = fs::read_to_string(machine(&practice, &format!("{MANIFESTS}/manifest_1.6.1.44.json"))).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let (url, length) = (&manifest["artifact"]["url"], &manifest["artifact"]["size"]);
    for (attribute, signature, offered) in [
        ("", "missing", "has no `sparkle:edSignature`"),
        ("s:dsaSignature='eA=='", "only `sparkle:dsaSignature`", "`sparkle:dsaSignature` is not read"),
    ] {
        let feed = format!(
            "<rss xmlns:s='http://www.andymatuschak.org/xml-namespaces/sparkle'><channel><item>
            <s:version>1.6.1.44</s:version><enclosure url={url} length='{length}' {attribute}/></item></channel></rss>"
        );
        body(&practice, "appcast", &feed);
        let cells = cells(&verify(&practice).expect_code(7));
        let of = |field: &str| &cells[&("/appcast.xml".to_owned(), field.to_owned())];
        assert!(of("signature").0 == "drifted" && of("signature").1.contains(signature), "{cells:?}");
        assert!(of("offered").0 == "drifted" && of("offered").1.contains(offered), "{cells:?}");
    }
}

/// Of what was taken back the servers say nothing any more: without a tag it is what clients were taken back to.
#[test]
fn after_a_delivered_withdrawal_what_clients_were_taken_back_to_is_verified() {
    let practice = served();
    practice.run(&["manifest", "point", "v1.6.1.43", "--reason", "crash", "--yes"]).expect_code(0);
    practice.run(&["manifest", "push-vm"]).expect_code(0);
    let ran = practice.run(&["verify", "--served"]).expect_code(0);
    assert!(ran.stdout.contains("1.6.1.44 was taken back from clients"), "{}", ran.stdout);
    let ran = practice.run(&["verify", "--served", "--output", "json"]).expect_code(0);
    assert_eq!(ran.events().pop().unwrap()["tag"], "v1.6.1.43");
    practice.run(&["verify"]).expect_code(0);
    // Who names the version, or has no line of it, is told which one is served.
    for args in [&["verify", "v1.6.1.44", "--served"][..], &["verify", "--served"]] {
        let ran = practice.run(args).expect_code(7);
        assert!(ran.stderr.contains("nexy-release verify v1.6.1.43 --served"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("push-vm"), "{}", ran.stderr);
        practice.write(".nexy-release/journal.jsonl", "");
    }
}

/// How the servers are bent, and the cell that has to say so.
type Bend = (&'static str, fn(&Practice), &'static str, &'static str, &'static str);

const BENDS: &[Bend] = &[
    ("SERVER_VERSION behind both", |p| env(p, "SERVER_VERSION=1.6.1.43"), "/health", "version", "1.6.1.43"),
    ("SERVER_BUILD behind", |p| env(p, "SERVER_BUILD=1.6.1.43"), "/health", "build", "1.6.1.43"),
    ("VERSION behind the manifest", |p| version(p, "1.6.1.43\n"), "/appcast.xml", "version", "1.6.1.43"),
    ("VERSION with a v", |p| version(p, "v1.6.1.44\n"), "/appcast.xml", "offered", "`v` is text"),
    ("wrong URL", |p| bend(p, "/artifact/url", "https://e.org/Nexy.dmg".into()), "/appcast.xml", "url", "e.org"),
    ("http URL", |p| bend(p, "/artifact/url", "http://e.org/Nexy.dmg".into()), "/api/manifests", "url", "http:"),
    ("feed URL", |p| bend(p, "/artifact/url", "https://e.org/appcast.xml".into()), "/appcast.xml", "url", "appcast"),
    ("size off by one", |p| bend(p, "/artifact/size", 1.into()), "/appcast.xml", "size", "1"),
    ("other hash", |p| bend(p, "/artifact/sha256", "00".into()), "/api/manifests", "sha256", "00"),
    ("a signature of nothing", |p| bend(p, "/artifact/ed25519", "b2xk".into()), "/appcast.xml", "signature", "b2xk"),
    ("build as a number", |p| bend(p, "/build", 44.into()), "/updates/health", "build", "44, no text"),
    ("stale versioned manifest", |p| date(p, "manifest_1.6.1.44.json", 7200), "/api/manifests", "newest", "1.6.1.43"),
    ("two manifests of it", two, "/api/manifests", "version", "2 of it"),
    ("no manifest", none, "/appcast.xml", "status", "500"),
    ("no manifest in the list", none, "/api/manifests", "newest", "no manifest"),
    ("appcast 500", |p| p.faults([Fault::answer(500).on("GET", "appcast")]), "/appcast.xml", "status", "500"),
    ("304 without cache", |p| p.faults([Fault::answer(304).on("GET", "appcast")]), "/appcast.xml", "status", "304"),
    ("health 404", |p| p.faults([Fault::answer(404).on("GET", "updates/health")]), "/updates/health", "status", "404"),
    ("a redirect", |p| p.faults([redirect()]), "/health", "status", "302"),
    ("malformed XML", |p| body(p, "appcast", "<rss><channel></item>"), "/appcast.xml", "body", "no XML"),
    ("an HTML page", |p| body(p, "appcast", "<html><body>Hi</body></html>"), "/appcast.xml", "body", "no feed"),
    ("appcast without item", |p| body(p, "appcast", "<rss><channel/></rss>"), "/appcast.xml", "version", "no item"),
    ("length missing", |p| enclosure(p, ""), "/appcast.xml", "size", "missing"),
    ("DSA-only signature", |p| enclosure(p, "length='1' s:dsaSignature='x'"), "/appcast.xml", "size", "1"),
    ("truncated JSON", |p| body(p, "health", "{\"version\": \"1.6"), "/health", "body", "no JSON"),
    ("empty array", |p| body(p, "manifests", "[]"), "/api/manifests", "version", "not there"),
    ("no array", |p| body(p, "manifests", "{}"), "/api/manifests", "body", "no JSON array"),
];

fn env(practice: &Practice, line: &str) {
    fs::write(machine(practice, "config.env"), format!("# settings\n{line}\n")).unwrap();
}

fn version(practice: &Practice, text: &str) {
    fs::write(machine(practice, "VERSION"), text).unwrap();
}

fn two(practice: &Practice) {
    let from = machine(practice, &format!("{MANIFESTS}/manifest_1.6.1.44.json"));
    fs::copy(from, machine(practice, &format!("{MANIFESTS}/manifest_copy.json"))).unwrap();
}

fn none(practice: &Practice) {
    fs::remove_dir_all(machine(practice, MANIFESTS)).unwrap();
}

fn body(practice: &Practice, path: &str, text: &str) {
    let headers = BTreeMap::new();
    let answer = Action::Answer { status: 200, headers, body: text.into(), after: Stage::Request };
    practice.faults([Fault::new(answer).on("GET", path).at(Origin::Updates)]);
}

fn enclosure(practice: &Practice, attributes: &str) {
    let feed = format!(
        "<rss xmlns:s='http://www.andymatuschak.org/xml-namespaces/sparkle'><channel><item>
        <s:version>1.6.1.44</s:version><enclosure url='https://e.org/Nexy.dmg' {attributes}/></item></channel></rss>"
    );
    body(practice, "appcast", &feed);
}

fn redirect() -> Fault {
    Fault::redirect(302, "https://e.org/").on("GET", "/health").at(Origin::Updates)
}

#[test]
fn each_bent_source_is_found_and_named() {
    side_by_side(BENDS, |(what, bend, source, field, found)| {
        let practice = served();
        bend(&practice);
        let ran = verify(&practice).expect_code(7);
        let cells = cells(&ran);
        let wrong = cells.get(&((*source).to_owned(), (*field).to_owned()));
        assert!(wrong.is_some_and(|(state, text)| state == "drifted" && text.contains(found)), "{what}: {cells:?}");
        let result = ran.events().pop().unwrap();
        assert_eq!(result["code"], "NX-SERVED-01", "{what}");
        assert!(!result["fix"].as_array().unwrap().is_empty(), "{what}");
    });
}

#[test]
fn a_server_that_does_not_answer_is_unknown_not_absent() {
    let practice = served();
    practice.faults([Fault::new(Action::Stall { after: Stage::Request }).on("GET", "appcast")]);
    let ran = verify(&practice).expect_code(6);
    assert_eq!(cells(&ran)[&("/appcast.xml".into(), "served".into())].0, "unknown");
}

#[test]
fn an_old_copy_of_a_cache_is_no_answer_and_a_young_one_is_what_clients_get() {
    let practice = served();
    let cases = [
        (75, 200, 6, "unknown", "version", "a cache has held for 75 s"),
        (45, 200, 7, "drifted", "version", "a cache has held for 45 s"),
        (75, 500, 7, "drifted", "status", "500"),
    ];
    for (age, status, code, state, field, said) in cases {
        let headers = BTreeMap::from([("age".to_owned(), age.to_string())]);
        let answer = Action::Answer { status, headers, body: "<rss><channel/></rss>".into(), after: Stage::Request };
        practice.faults([Fault::new(answer).on("GET", "appcast").at(Origin::Updates)]);
        let ran = verify(&practice).expect_code(code);
        let (found_state, found) = &cells(&ran)[&("/appcast.xml".into(), field.into())];
        assert!(found_state == state && found.contains(said), "{found_state}: {found}");
    }
}

#[test]
fn a_vm_that_cannot_be_asked_is_unknown_and_not_left_out() {
    let practice = served();
    practice.azure(|azure| azure.signed_out = Some("ERROR: Please run 'az login' to setup account.".into()));
    let ran = verify(&practice).expect_code(6);
    let unknown = r#""source":"VM","field":"served","state":"unknown""#;
    assert!(ran.stdout.contains(unknown) && ran.stdout.contains("az login"), "{}", ran.stdout);
}

#[test]
fn a_stale_server_version_is_recognised_and_explained() {
    let practice = served();
    env(&practice, "SERVER_VERSION=1.6.1.43");
    let ran = practice.run(&["verify", "--served"]).expect_code(7);
    ran.expect_error("NX-SERVED-01");
    assert!(ran.stderr.contains("SERVER_(VERSION|BUILD)") && ran.stderr.contains("config.env"), "{}", ran.stderr);
    assert!(ran.stderr.contains("systemctl restart voice-assistant.service"));
}

#[test]
fn of_two_manifests_of_a_version_the_second_is_named() {
    let practice = served();
    let folder = practice.on_vm(MANIFESTS);
    fs::copy(folder.join("manifest_1.6.1.44.json"), folder.join("manifest_copy.json")).unwrap();
    let ran = practice.run(&["verify", "--served"]).expect_code(7);
    let text = format!("{}{}", ran.stdout, ran.stderr);
    assert!(text.contains("several files say 1.6.1.44: grep -l '1.6.1.44' "), "{text}");
    let grep = text.split("several files say 1.6.1.44: ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let grep = format!("{grep} | sed 's|^.*/||'");
    let named = std::process::Command::new("sh").args(["-c", &grep]).output().unwrap();
    assert!(String::from_utf8(named.stdout).unwrap().contains("manifest_copy.json"), "{grep}");
    fs::remove_file(folder.join("manifest_copy.json")).unwrap();
    practice.run(&["verify", "--served"]).expect_code(0);
}

#[test]
fn where_earlier_releases_cannot_be_listed_what_is_offered_is_unknown() {
    let practice = served();
    practice.faults([Fault::answer(500).on("GET", "/releases?")]);
    let ran = practice.run(&["verify", "--served"]).expect_code(6);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("offered"), "{}\n{}", ran.stdout, ran.stderr);
}
