//! Manifests: the document is kept whole, whatever else stands in it.

use nexy_release::release::manifest::{Manifest, Target};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::json::{object, value};
use super::sample::{self, fingerprint};
use super::version::version;

/// A manifest as text: the sample with other keys in it, in any order.
fn text() -> impl Strategy<Value = String> {
    (object(value()), object(value()), any::<prop::sample::Index>()).prop_map(|(extra, inner, turn)| {
        let sample: Map<String, Value> = serde_json::from_str(sample::MANIFEST).unwrap();
        let mut fields: Vec<_> = extra.into_iter().filter(|(key, _)| !sample.contains_key(key)).collect();
        fields.extend(sample);
        let turn = turn.index(fields.len());
        fields.rotate_left(turn);
        let mut document: Map<String, Value> = fields.into_iter().collect();
        let artifact = document["artifact"].as_object_mut().unwrap();
        for (key, value) in inner {
            artifact.entry(key).or_insert(value);
        }
        Value::Object(document).to_string()
    })
}

pub fn manifest() -> impl Strategy<Value = Manifest> {
    text().prop_map(|text| Manifest::parse(text.as_bytes()).unwrap())
}

fn target() -> impl Strategy<Value = Target> {
    (version(), "[a-z]{1,4}", any::<bool>()).prop_map(|(version, bytes, notes)| Target {
        version,
        url: format!("https://example.com/v{version}/Nexy.dmg"),
        fingerprint: fingerprint(&bytes),
        notes_url: notes.then(|| format!("https://example.com/v{version}/LATEST_CHANGES.md")),
        ..sample::target()
    })
}

/// Every key with its path, in the order of the text.
fn keys(value: &Value, path: &str, found: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{key}");
        keys(inner, &path, found);
        found.push(path);
    }
}

fn keys_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    keys(&serde_json::from_str(text).unwrap(), "", &mut found);
    found
}

proptest! {
    #[test]
    fn what_is_read_is_written_with_its_keys_in_their_order_and_its_numbers_digit_by_digit(text in text()) {
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        let written = manifest.render();
        prop_assert_eq!(written.trim_end().len() + 1, written.len());
        prop_assert_eq!(keys_of(&written), keys_of(&text));
        prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap().to_string(), text);
        let again = Manifest::parse(written.as_bytes()).unwrap();
        prop_assert_eq!(again.render(), written);
        prop_assert_eq!(again, manifest);
    }

    #[test]
    fn an_update_says_the_target_keeps_the_rest_and_is_made_once(before in manifest(), target in target()) {
        let after = before.updated(&target);
        prop_assert_eq!(&after.updated(&target), &after);
        prop_assert_eq!(Manifest::parse(after.render().as_bytes()).unwrap(), after.clone());
        prop_assert_eq!((after.version(), after.fingerprint()), (Some(target.version), Some(target.fingerprint)));
        prop_assert_eq!(after.url(), &target.url);
        let kept: Vec<_> = keys_of(&before.render());
        let mut now = keys_of(&after.render());
        now.retain(|key| kept.contains(key));
        prop_assert_eq!(now, kept);
        let ours = ["version", "build", "notes_url", "artifact."];
        for change in Manifest::changes(Some(&before), &after) {
            prop_assert!(ours.iter().any(|field| change.field.starts_with(field)), "{:?}", change);
        }
        let same = before.fingerprint() == after.fingerprint();
        prop_assert_eq!(after.signature(), before.signature().filter(|_| same));
    }

    #[test]
    fn changes_are_empty_exactly_where_two_say_the_same(a in manifest(), b in manifest()) {
        prop_assert_eq!(Manifest::changes(Some(&a), &a), []);
        prop_assert_eq!(Manifest::changes(Some(&a), &b).is_empty(), a == b);
        prop_assert!(a.same_release(&a.dated("2026-11-21T10:00:00Z")));
        prop_assert_eq!(a.same_release(&b), a.undated() == b.undated());
    }
}
