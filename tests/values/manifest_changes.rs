//! Manifests moved on to another release: the signature, the dates, and the diff that is shown.

use nexy_release::release::fingerprint::Digest;
use nexy_release::release::manifest::{Manifest, Target};

use super::sample::{MANIFEST, manifest, target};

fn signed() -> Manifest {
    Manifest::parse(MANIFEST.replace("\"ed25519\": \"\"", "\"ed25519\": \"c2lnbmF0dXJl\"").as_bytes()).unwrap()
}

#[test]
fn a_signature_is_cleared_when_the_bytes_change() {
    let updated = signed().updated(&target());
    assert_eq!(signed().signature(), Some("c2lnbmF0dXJl"));
    assert_eq!(updated.signature(), None);
    assert!(updated.render().contains("\"ed25519\": \"\""));
}

#[test]
fn a_signature_stays_while_the_bytes_stay_whatever_else_changes() {
    let bytes = signed().fingerprint().unwrap();
    let moved = Target { fingerprint: bytes, ..target() };
    assert_eq!(signed().updated(&moved).signature(), Some("c2lnbmF0dXJl"));
    let upper = MANIFEST.to_owned().replace("\"ed25519\": \"\"", "\"ed25519\": \"c2ln\"");
    let upper = upper.replace(&bytes.sha256.to_string(), &bytes.sha256.to_string().to_uppercase());
    let updated = Manifest::parse(upper.as_bytes()).unwrap().updated(&moved);
    assert_eq!(updated.signature(), Some("c2ln"), "the case of a digit is no other byte");
    assert!(updated.render().contains(&bytes.sha256.to_string()), "and it is written in lower case");
}

#[test]
fn what_a_workspace_has_said_of_arch_and_system_stays() {
    let other = Target { arch: "arm64".into(), min_os: "13.0".into(), notes_url: None, ..target() };
    let text = manifest().updated(&other).render();
    assert!(text.contains("\"arch\": \"universal2\"") && text.contains("\"min_os\": \"11.0\""), "{text}");
    assert!(text.contains("v1.6.1.43/Nexy.dmg\"\n}"), "without a notes URL the old one stays: {text}");
}

#[test]
fn an_update_is_made_once() {
    let once = manifest().updated(&target());
    assert_eq!(once.updated(&target()), once);
    assert!(!manifest().same_release(&once));
}

#[test]
fn two_manifests_are_one_release_whenever_and_in_whatever_order_they_were_written() {
    let manifest = manifest();
    let later = manifest.dated("2027-01-01T00:00:00.000000+00:00");
    assert_ne!(later, manifest);
    assert!(manifest.same_release(&later));
    let mut turned: Vec<_> = serde_json::from_str::<serde_json::Map<_, _>>(MANIFEST).unwrap().into_iter().collect();
    turned.reverse();
    let turned: serde_json::Map<String, serde_json::Value> = turned.into_iter().collect();
    let turned = Manifest::parse(serde_json::Value::Object(turned).to_string().as_bytes()).unwrap();
    assert_ne!(turned.render(), MANIFEST);
    assert!(manifest.same_release(&turned));
    assert!(!manifest.undated().as_object().unwrap().contains_key("release_date"));
}

#[test]
fn changes_name_every_field_that_differs_in_the_order_of_the_file() {
    let after = manifest().updated(&target());
    let changes = Manifest::changes(Some(&manifest()), &after);
    let fields: Vec<_> = changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["version", "build", "artifact.url", "artifact.size", "artifact.sha256", "notes_url"]);
    assert_eq!(changes[0].before.as_deref(), Some("\"1.6.1.43\""));
    assert_eq!(changes[0].after.as_deref(), Some("\"1.6.1.44\""));
    assert_eq!(changes[3].before.as_deref(), Some("258560"));
    assert_eq!(changes[3].after.as_deref(), Some("14"));
}

#[test]
fn changes_name_fields_that_come_and_go() {
    let extra = MANIFEST.replace("\"critical\": false", "\"old\": {\"deep\": [1]},\n  \"critical\": false");
    let before = Manifest::parse(extra.as_bytes()).unwrap();
    let changes = Manifest::changes(Some(&before), &manifest());
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].field.as_str(), changes[0].before.as_deref(), changes[0].after.as_deref()),
        ("old.deep", Some("[1]"), None)
    );
    let back = Manifest::changes(Some(&manifest()), &before);
    assert_eq!((back[0].before.as_deref(), back[0].after.as_deref()), (None, Some("[1]")));
    assert!(Manifest::changes(Some(&before), &before).is_empty());
}

#[test]
fn every_field_of_a_first_manifest_is_new() {
    let made = Manifest::create(&target());
    let changes = Manifest::changes(None, &made);
    assert_eq!(changes.len(), 13);
    assert!(changes.iter().all(|change| change.before.is_none() && change.after.is_some()));
}

#[test]
fn a_manifest_survives_json_and_is_judged_on_its_way_back() {
    let value = serde_json::to_value(manifest()).unwrap();
    assert_eq!(serde_json::from_value::<Manifest>(value.clone()).unwrap().render(), MANIFEST);
    let mut wrong = value;
    wrong["artifact"]["sha256"] = Digest::of("x").to_string()[1..].into();
    assert!(serde_json::from_value::<Manifest>(wrong).is_err());
}
