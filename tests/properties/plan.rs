//! The plan: published bytes are never replaced, whatever the host holds, and the hash is of what is wanted alone.

use std::collections::BTreeMap;

use nexy_release::release::artifact::Kind;
use nexy_release::release::plan::{
    Action, Delivery, Local, LocalManifest, Plan, Remote, RemoteAsset, RemoteRelease, decide,
};
use proptest::prelude::*;

use super::manifest::manifest;
use super::sample::{self, asset, held};

const NAMES: [(&str, Kind); 4] =
    [("Nexy.dmg", Kind::Dmg), ("Nexy.pkg", Kind::Pkg), ("LATEST_CHANGES.md", Kind::Notes), ("extra.bin", Kind::File)];

/// Few contents, so that local and remote ones are often equal.
fn content() -> impl Strategy<Value = String> {
    "[ab]{1,2}"
}

pub fn local() -> impl Strategy<Value = Local> {
    let assets = prop::collection::vec(prop::option::weighted(0.8, content()), NAMES.len());
    let files = prop::option::of(prop::option::of(manifest()));
    (assets, files, any::<[bool; 3]>()).prop_map(|(contents, before, [commit, push, vm])| {
        let named = NAMES.iter().zip(contents);
        let sample = sample::local();
        Local {
            assets: named.filter_map(|((name, kind), content)| Some(asset(name, *kind, &content?))).collect(),
            manifest: before.map(|before| LocalManifest { before, ..sample.manifest.clone().unwrap() }),
            delivery: Delivery { commit_manifest: commit, push_manifest: push, push_vm: vm },
            ..sample
        }
    })
}

fn release() -> impl Strategy<Value = RemoteRelease> {
    let state = (content(), any::<bool>(), any::<bool>());
    let names = prop::sample::select(NAMES.map(|(name, _)| name).to_vec());
    let assets = prop::collection::btree_map(names, state, 0..5).prop_map(|states: BTreeMap<_, _>| {
        let asset = |(name, (content, uploaded, digest)): (&str, (String, bool, bool))| {
            let held = held(name, &content);
            RemoteAsset { uploaded, sha256: held.sha256.filter(|_| digest), ..held }
        };
        states.into_iter().map(asset).collect()
    });
    (assets, any::<Option<bool>>()).prop_map(|(assets, immutable)| RemoteRelease { assets, immutable })
}

pub fn remote() -> impl Strategy<Value = Remote> {
    (prop::option::of(release()), prop::option::of(release()))
        .prop_map(|(published, draft)| Remote { published, draft })
}

fn find<'a>(release: Option<&'a RemoteRelease>, name: &str) -> Option<&'a RemoteAsset> {
    release?.assets.iter().find(|asset| asset.name == name)
}

proptest! {
    #[test]
    fn published_bytes_are_never_replaced(local in local(), remote in remote()) {
        let plan = decide(&local, &remote);
        prop_assert_eq!(plan.assets.len(), local.assets.len());
        for (planned, wanted) in plan.assets.iter().zip(&local.assets) {
            let there = find(remote.published.as_ref(), &wanted.name);
            let drafted = find(remote.draft.as_ref(), &wanted.name);
            let expected = match (&remote.published, there) {
                (Some(_), Some(asset)) if asset.holds(&wanted.fingerprint) => Action::Skip,
                (Some(_), Some(asset)) if asset.uploaded => Action::Conflict,
                (Some(_), _) => Action::Extend,
                (None, _) if drafted.is_some_and(|asset| asset.holds(&wanted.fingerprint)) => Action::Skip,
                (None, _) => Action::Upload,
            };
            prop_assert_eq!(planned.action, expected, "{} with {:?}", wanted.name, remote);
            prop_assert_eq!(planned.remote.is_some(), planned.action == Action::Conflict);
        }
    }

    #[test]
    fn the_hash_is_of_what_is_wanted_and_nothing_else(local in local(), one in remote(), other in remote()) {
        let plan = decide(&local, &one);
        prop_assert_eq!(&decide(&local, &one), &plan);
        prop_assert_eq!(decide(&local, &other).hash, plan.hash);
        for at in 0..local.assets.len() {
            let mut changed = local.clone();
            changed.assets[at].fingerprint.size += 1;
            prop_assert_ne!(decide(&changed, &one).hash, plan.hash);
            let mut fewer = local.clone();
            fewer.assets.remove(at);
            prop_assert_ne!(decide(&fewer, &one).hash, plan.hash);
        }
        let mut turned = local.clone();
        turned.assets.reverse();
        prop_assert_eq!(decide(&turned, &one).hash, plan.hash);
    }

    #[test]
    fn consent_covers_itself_and_no_addition_that_was_not_shown(local in local(), shown in remote(), found in remote()) {
        let (shown, found) = (decide(&local, &shown), decide(&local, &found));
        prop_assert!(shown.is_covered_by(&shown));
        if found.is_covered_by(&shown) {
            for added in found.with(Action::Extend) {
                prop_assert!(shown.with(Action::Extend).any(|known| known.name == added.name));
            }
            prop_assert!(!shown.nothing_to_do() || found.nothing_to_do());
        }
    }

    #[test]
    fn a_run_that_did_all_of_it_leaves_nothing_to_publish(local in local(), remote in remote()) {
        let plan = decide(&local, &remote);
        prop_assume!(plan.with(Action::Conflict).next().is_none());
        let done = local.assets.iter().map(|wanted| RemoteAsset {
            name: wanted.name.clone(),
            uploaded: true,
            size: wanted.fingerprint.size,
            sha256: Some(wanted.fingerprint.sha256),
        });
        let published = Some(RemoteRelease { assets: done.collect(), immutable: None });
        let after = decide(&local, &Remote { published, draft: None });
        prop_assert!(after.already_published());
        prop_assert_eq!(after.hash, plan.hash);
    }

    #[test]
    fn a_plan_survives_json(local in local(), remote in remote()) {
        let plan = decide(&local, &remote);
        let json = serde_json::to_value(&plan).unwrap();
        prop_assert_eq!(serde_json::from_value::<Plan>(json).unwrap(), plan);
    }
}
