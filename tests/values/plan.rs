//! The plan's decisions, as a table over local and remote state.

use nexy_release::release::artifact::Kind;
use nexy_release::release::fingerprint::Digest;
use nexy_release::release::manifest::Manifest;
use nexy_release::release::plan::{Action, Delivery, Plan, Remote, RemoteAsset, RemoteFingerprint, decide};

use super::sample::{MANIFEST, all_held, asset, draft, file, held, local, manifest, published, starter, target};

use Action::{Conflict, Extend, Skip, Upload};

fn actions(plan: &Plan) -> Vec<Action> {
    plan.assets.iter().map(|asset| asset.action).collect()
}

/// The sample's three assets with the DMG replaced.
fn with_dmg(dmg: Option<RemoteAsset>) -> Vec<RemoteAsset> {
    all_held().into_iter().filter(|asset| asset.name != "Nexy.dmg").chain(dmg).collect()
}

#[test]
fn nothing_there_uploads_everything() {
    let plan = decide(&local(), &Remote::default());
    assert_eq!(actions(&plan), [Upload, Upload, Upload]);
    assert!(!plan.published && !plan.already_published() && !plan.nothing_to_do());
    let names: Vec<_> = plan.assets.iter().map(|asset| asset.name.as_str()).collect();
    assert_eq!(names, ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"], "in the order of the settings");
}

#[test]
fn each_state_of_one_remote_asset_decides_its_action() {
    let unknown_digest = |content: &str| RemoteAsset { sha256: None, ..held("Nexy.dmg", content) };
    let cases: [(&str, Remote, Action); 16] = [
        ("our draft, empty", draft(vec![]), Upload),
        ("our draft, equal", draft(all_held()), Skip),
        ("our draft, other bytes of the same size", draft(vec![held("Nexy.dmg", "THE disk image")]), Upload),
        ("our draft, another size", draft(vec![held("Nexy.dmg", "short")]), Upload),
        ("our draft, half-uploaded", draft(vec![starter("Nexy.dmg", "the disk image")]), Upload),
        ("our draft, no digest", draft(vec![unknown_digest("the disk image")]), Upload),
        ("our draft, the bytes under another name", draft(vec![held("nexy.dmg", "the disk image")]), Upload),
        ("published, equal", published(all_held()), Skip),
        (
            "row 12: published, other bytes of the same size",
            published(with_dmg(Some(held("Nexy.dmg", "THE disk image")))),
            Conflict,
        ),
        ("published, another size", published(with_dmg(Some(held("Nexy.dmg", "short")))), Conflict),
        ("published, another size, no digest", published(with_dmg(Some(unknown_digest("short")))), Conflict),
        ("published, no digest", published(with_dmg(Some(unknown_digest("the disk image")))), Conflict),
        ("published, lacking it", published(with_dmg(None)), Extend),
        ("published, half-uploaded", published(with_dmg(Some(starter("Nexy.dmg", "the disk image")))), Extend),
        ("published empty", published(vec![]), Extend),
        (
            "published empty, and our draft has it",
            Remote { draft: draft(all_held()).draft, ..published(vec![]) },
            Extend,
        ),
    ];
    for (case, remote, action) in cases {
        let plan = decide(&local(), &remote);
        assert_eq!(plan.assets[0].action, action, "{case}");
        assert!(!plan.assets[0].why.is_empty(), "{case}");
    }
}

#[test]
fn a_half_uploaded_asset_that_claims_our_digest_still_holds_nothing() {
    let claims = RemoteAsset { uploaded: false, ..held("Nexy.dmg", "the disk image") };
    assert_eq!(decide(&local(), &draft(vec![claims.clone()])).assets[0].action, Upload);
    assert_eq!(decide(&local(), &published(with_dmg(Some(claims)))).assets[0].action, Extend);
}

#[test]
fn what_is_published_outranks_our_draft() {
    let remote =
        Remote { draft: draft(all_held()).draft, ..published(with_dmg(Some(held("Nexy.dmg", "THE disk image")))) };
    let plan = decide(&local(), &remote);
    assert_eq!(actions(&plan), [Conflict, Skip, Skip]);
    assert!(plan.published);
}

#[test]
fn a_conflict_shows_both_fingerprints_and_is_not_published_already() {
    let plan = decide(&local(), &published(with_dmg(Some(held("Nexy.dmg", "THE disk image")))));
    let dmg = &plan.assets[0];
    assert_eq!((dmg.size, dmg.sha256), (14, Digest::of("the disk image")));
    assert_eq!(dmg.remote, Some(RemoteFingerprint { size: 14, sha256: Some(Digest::of("THE disk image")) }));
    assert!(plan.assets[1..].iter().all(|asset| asset.remote.is_none()));
    assert!(plan.published && !plan.already_published() && !plan.nothing_to_do());
    assert_eq!(plan.with(Conflict).count(), 1);
}

#[test]
fn published_byte_for_byte_leaves_only_the_manifest() {
    let plan = decide(&local(), &published(all_held()));
    assert!(plan.already_published());
    assert!(!plan.nothing_to_do(), "the manifest has not moved yet");
    assert_eq!(plan.files_to_write().count(), 2);
}

#[test]
fn a_whole_draft_is_not_published_yet() {
    let plan = decide(&local(), &draft(all_held()));
    assert_eq!(actions(&plan), [Skip, Skip, Skip]);
    assert!(!plan.already_published() && !plan.nothing_to_do());
    assert!(plan.acts().contains(&"publish v1.6.1.44 in Seregawpn/Nexy_production".to_owned()));
}

#[test]
fn an_asset_that_we_do_not_have_decides_nothing() {
    let plan = decide(&local(), &published(all_held().into_iter().chain([held("other.zip", "x")]).collect()));
    assert!(plan.already_published());
}

#[test]
fn a_package_alone_leaves_the_manifest_untouched_and_says_so() {
    let mut local = local();
    local.assets =
        vec![asset("Nexy.pkg", Kind::Pkg, "the package"), asset("LATEST_CHANGES.md", Kind::Notes, "the notes")];
    local.manifest = None;
    let plan = decide(&local, &Remote::default());
    assert_eq!(actions(&plan), [Upload, Upload]);
    assert!(plan.manifest.is_none() && plan.files_to_write().next().is_none());
    assert!(plan.acts().contains(&"leave the manifest untouched: no DMG".to_owned()));
    assert!(decide(&local, &published(all_held())).nothing_to_do());
}

#[test]
fn a_manifest_that_says_it_all_is_not_written_again() {
    let mut local = local();
    let after = manifest().updated(&target());
    let digest = Some(Digest::of(after.render()));
    let files = local.manifest.as_mut().unwrap();
    files.before = Some(after.dated("2020-01-01T00:00:00.000000+00:00"));
    files.files.iter_mut().for_each(|file| file.digest = digest);
    let plan = decide(&local, &published(all_held()));
    assert!(plan.nothing_to_do());
    assert!(plan.manifest.as_ref().unwrap().kept.is_some());
    assert_eq!(plan.manifest.unwrap().changes, []);
}

#[test]
fn only_the_copies_that_lag_behind_an_unchanged_manifest_are_written() {
    for lagging in [None, Some(Digest::of("another manifest"))] {
        let mut local = local();
        let files = local.manifest.as_mut().unwrap();
        files.before = Some(manifest().updated(&target()));
        files.files = vec![file("a.json", Some(Digest::of(MANIFEST))), file("a_1.6.1.44.json", lagging)];
        let plan = decide(&local, &published(all_held()));
        let written: Vec<_> = plan.files_to_write().map(|file| file.path.as_str()).collect();
        assert_eq!(written, ["a_1.6.1.44.json"]);
        assert!(!plan.nothing_to_do());
        let planned = plan.manifest.unwrap();
        assert!(planned.kept.is_some(), "its release_date stays");
        assert_eq!(planned.files[1].before, lagging);
    }
}

#[test]
fn a_missing_manifest_is_made() {
    let mut local = local();
    let files = local.manifest.as_mut().unwrap();
    files.before = None;
    files.files.iter_mut().for_each(|file| file.digest = None);
    let planned = decide(&local, &Remote::default()).manifest.unwrap();
    assert!(planned.kept.is_none() && planned.before.is_none() && !planned.signature_cleared);
    assert!(planned.files.iter().all(|file| file.write));
}

#[test]
fn a_signature_that_goes_with_its_bytes_is_reported() {
    let signed = MANIFEST.replace("\"ed25519\": \"\"", "\"ed25519\": \"c2ln\"");
    let mut local = local();
    let files = local.manifest.as_mut().unwrap();
    files.before = Some(Manifest::parse(signed.as_bytes()).unwrap());
    files.target.fingerprint = files.before.as_ref().unwrap().fingerprint().unwrap();
    assert!(!decide(&local, &Remote::default()).manifest.unwrap().signature_cleared, "the same bytes");
    local.manifest.as_mut().unwrap().target = target();
    assert!(decide(&local, &Remote::default()).manifest.unwrap().signature_cleared);
}

#[test]
fn a_dry_run_tells_every_act_in_its_order() {
    let acts = |remote| decide(&local(), &remote).acts().join("\n");
    let first = acts(Remote::default());
    let order = [
        "create or take up the draft release v1.6.1.44",
        "upload Nexy.dmg (14 bytes",
        "publish v1.6.1.44 in",
        "download every asset",
        "write manifests/manifest.json",
    ];
    let places: Vec<_> =
        order.iter().map(|act| first.find(act).unwrap_or_else(|| panic!("{act} in {first}"))).collect();
    assert!(places.is_sorted(), "{first}");
    let resumed = acts(draft(vec![held("Nexy.dmg", "the disk image")]));
    assert!(resumed.contains("keep Nexy.dmg") && !resumed.contains("upload Nexy.dmg"), "{resumed}");
    let extended = acts(published(with_dmg(None)));
    assert!(extended.contains("add Nexy.dmg") && !extended.contains("publish v"), "{extended}");
    let again = acts(published(all_held()));
    assert!(again.starts_with("skip: already published (tag=v1.6.1.44)") && !again.contains("upload"), "{again}");
}

#[test]
fn a_plan_survives_json() {
    let big = MANIFEST
        .replace("\"critical\"", "\"serial\": 123456789012345678901234567890,\n  \"ratio\": 1.10,\n  \"critical\"");
    let mut local = local();
    local.manifest.as_mut().unwrap().before = Some(Manifest::parse(big.as_bytes()).unwrap());
    local.delivery = Delivery { commit_manifest: true, push_manifest: false, push_vm: true };
    for remote in [Remote::default(), draft(all_held()), published(with_dmg(Some(held("Nexy.dmg", "THE disk image"))))]
    {
        let plan = decide(&local, &remote);
        let value = serde_json::to_value(&plan).unwrap();
        assert_eq!(serde_json::from_value::<Plan>(value.clone()).unwrap(), plan);
        assert_eq!(serde_json::from_str::<Plan>(&value.to_string()).unwrap(), plan);
    }
}
