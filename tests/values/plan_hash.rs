//! The plan's hash: the same for a run and its continuation, another for every input that SPEC §2 lists.

use std::collections::HashMap;

use nexy_release::release::fingerprint::Digest;
use nexy_release::release::manifest::Manifest;
use nexy_release::release::plan::{Local, Remote, RemoteAsset, decide};
use nexy_release::release::version::Version;

use super::sample::{all_held, draft, file, fingerprint, held, local, manifest, published, starter};

fn hash(local: &Local) -> Digest {
    decide(local, &Remote::default()).hash
}

#[test]
fn nothing_about_what_is_already_done_is_in_it() {
    let local = local();
    let first = hash(&local);
    for remote in [
        draft(vec![]),
        draft(vec![held("Nexy.dmg", "the disk image"), starter("Nexy.pkg", "the package")]),
        draft(all_held()),
        published(all_held()),
        published(vec![]),
        published(vec![held("Nexy.dmg", "other bytes")]),
    ] {
        assert_eq!(decide(&local, &remote).hash, first, "{remote:?}");
    }
}

#[test]
fn a_run_that_died_after_the_manifest_has_the_same_hash() {
    let local = local();
    let planned = decide(&local, &Remote::default()).manifest.unwrap();
    let written = planned.after.dated("2026-02-20T10:00:00.000000+00:00");
    let mut later = local.clone();
    let files = later.manifest.as_mut().unwrap();
    files.before = Some(written.clone());
    files.files.iter_mut().for_each(|file| file.digest = Some(Digest::of(written.render())));
    let again = decide(&later, &published(all_held()));
    assert_eq!(again.hash, hash(&local));
    assert!(again.nothing_to_do());
}

#[test]
fn a_run_that_died_after_a_signed_manifest_has_the_same_hash() {
    let mut local = local();
    let signed = manifest().render().replace("\"ed25519\": \"\"", "\"ed25519\": \"c2ln\"");
    local.manifest.as_mut().unwrap().before = Some(Manifest::parse(signed.as_bytes()).unwrap());
    let mut later = local.clone();
    later.manifest.as_mut().unwrap().before = Some(decide(&local, &Remote::default()).manifest.unwrap().after);
    assert_eq!(hash(&later), hash(&local));
}

#[test]
fn neither_the_order_of_assets_nor_a_date_nor_the_order_of_keys_matters() {
    let first = hash(&local());
    let mut turned = local();
    turned.assets.reverse();
    assert_eq!(hash(&turned), first);
    let mut dated = local();
    dated.manifest.as_mut().unwrap().before = Some(manifest().dated("2020-01-01T00:00:00.000000+00:00"));
    assert_eq!(hash(&dated), first);
    let mut keys: Vec<_> =
        serde_json::from_str::<serde_json::Map<_, _>>(&manifest().render()).unwrap().into_iter().collect();
    keys.reverse();
    let turned: serde_json::Map<String, serde_json::Value> = keys.into_iter().collect();
    let mut reordered = local();
    reordered.manifest.as_mut().unwrap().before =
        Some(serde_json::from_value(serde_json::Value::Object(turned)).unwrap());
    assert_eq!(hash(&reordered), first);
}

#[test]
fn paths_of_files_and_their_present_bytes_do_not_matter() {
    let mut other = local();
    other.manifest.as_mut().unwrap().files = vec![file("elsewhere.json", None)];
    assert_eq!(hash(&other), hash(&local()));
}

#[test]
fn every_input_that_is_listed_makes_another_hash() {
    type Edit = fn(&mut Local);
    let edits: [(&str, Edit); 17] = [
        ("nothing", |_| {}),
        ("repo", |l| l.repo = "other/repo".into()),
        ("tag", |l| l.tag = "v1.6.1.45".into()),
        ("asset name", |l| l.assets[1].name = "Other.pkg".into()),
        ("asset size", |l| l.assets[1].fingerprint.size += 1),
        ("asset bytes", |l| l.assets[1].fingerprint.sha256 = Digest::of("other")),
        ("fewer assets", |l| drop(l.assets.pop())),
        ("two assets' bytes exchanged", |l| {
            let first = l.assets[0].fingerprint;
            l.assets[0].fingerprint = l.assets[1].fingerprint;
            l.assets[1].fingerprint = first;
        }),
        ("no manifest", |l| l.manifest = None),
        ("manifest version", |l| l.manifest.as_mut().unwrap().target.version = Version::new([1, 6, 1, 45])),
        ("manifest url", |l| l.manifest.as_mut().unwrap().target.url.push('x')),
        ("manifest bytes", |l| l.manifest.as_mut().unwrap().target.fingerprint.sha256 = Digest::of("x")),
        ("notes url", |l| l.manifest.as_mut().unwrap().target.notes_url = None),
        ("unknown key", |l| {
            let text = manifest().render().replace("\"critical\"", "\"extra\": 1, \"critical\"");
            l.manifest.as_mut().unwrap().before = Some(Manifest::parse(text.as_bytes()).unwrap());
        }),
        ("commit", |l| l.delivery.commit_manifest = true),
        ("push", |l| l.delivery.push_manifest = true),
        ("vm", |l| l.delivery.push_vm = true),
    ];
    let mut seen = HashMap::new();
    for (what, edit) in edits {
        let mut local = local();
        edit(&mut local);
        if let Some(other) = seen.insert(hash(&local), what) {
            panic!("{what} and {other} have one hash");
        }
    }
}

/// A person compares a hash with the one of an earlier dry-run, maybe made by an earlier build of this program.
#[test]
fn the_hash_is_over_canonical_json_and_stays() {
    let mut local = local();
    local.manifest = None;
    local.assets.truncate(1);
    let text = concat!(
        r#"{"assets":[{"name":"Nexy.dmg","sha256":"DIGEST","size":14}],"#,
        r#""delivery":{"commit_manifest":false,"push_manifest":false,"push_vm":false},"#,
        r#""manifest":null,"repo":"Seregawpn/Nexy_production","tag":"v1.6.1.44"}"#
    );
    assert_eq!(hash(&local), Digest::of(text.replace("DIGEST", &Digest::of("the disk image").to_string())));
}

#[test]
fn a_remote_asset_holds_only_whole_equal_bytes() {
    let whole = held("a", "bytes");
    let fingerprint = fingerprint("bytes");
    assert!(whole.holds(&fingerprint));
    for other in [
        RemoteAsset { uploaded: false, ..whole.clone() },
        RemoteAsset { size: 6, ..whole.clone() },
        RemoteAsset { sha256: None, ..whole.clone() },
        RemoteAsset { sha256: Some(Digest::of("bytez")), ..whole },
    ] {
        assert!(!other.holds(&fingerprint), "{other:?}");
    }
}
