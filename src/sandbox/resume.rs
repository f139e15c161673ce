//! `resume`: what is left of a run of ours that died half-way, and the draft of a colleague.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use crate::release::artifact::Kind;
use crate::release::fingerprint::{Digest, Fingerprint};
use crate::release::manifest::{Manifest, Target};
use crate::release::mark::{Nonce, marked_body};
use crate::release::plan::{self, Delivery, Local, LocalAsset, LocalManifest, Remote};

use super::host::{Config, SeedRelease, Source};
use super::lay::{DAY, NEXT, REPO};

/// Notes in the workspace what a run notes before it asks for its draft. Answers both drafts: of ours the PKG is there,
/// the DMG broke off, the notes never came.
pub(super) fn leave(
    workspace: &Path,
    making: &Path,
    web_url: &str,
    dmg_and_pkg: [Fingerprint; 2],
) -> io::Result<Vec<SeedRelease>> {
    let tag = format!("v{NEXT}");
    let drafts = workspace.join(".nexy-release/drafts");
    fs::create_dir_all(&drafts)?;
    let nonce = Nonce {
        repo: REPO.into(),
        tag: tag.clone(),
        nonce: uuid::Uuid::new_v4().simple().to_string(),
        folder: fs::metadata(workspace.join(".nexy-release"))?.ino(),
    };
    fs::write(workspace.join(".nexy-release/.gitignore"), "*\n")?;
    fs::write(drafts.join(format!("{tag}.json")), serde_json::to_vec(&nonce)?)?;

    let inbox = workspace.join("release_inbox");
    let notes = fs::read_to_string(inbox.join("LATEST_CHANGES.md"))?;
    let plan = plan_of_the_dead_run(workspace, &tag, web_url, dmg_and_pkg, &notes)?;
    let draft = SeedRelease { draft: true, ..SeedRelease::new(REPO, &tag) };
    let ours = SeedRelease {
        title: Some(format!("Nexy {NEXT}")),
        body: marked_body(&notes, &nonce.nonce, &plan),
        author: Config::default().login,
        age: Duration::from_hours(2),
        ..draft.clone()
    };
    let foreign = SeedRelease {
        body: "Not ready yet. Anna".into(),
        author: "anna".into(),
        age: DAY * 3,
        ..draft.asset("Nexy.pkg", Source::Path(making.join("Nexy.pkg")))
    };
    Ok(vec![
        foreign,
        ours.asset("Nexy.pkg", Source::Path(inbox.join("Nexy.pkg"))).asset("Nexy.dmg", Source::Starter(0)),
    ])
}

/// The hash that the run that goes on will have as well.
fn plan_of_the_dead_run(
    workspace: &Path,
    tag: &str,
    web_url: &str,
    [dmg, pkg]: [Fingerprint; 2],
    notes: &str,
) -> io::Result<Digest> {
    let url = |name: &str| format!("{web_url}/{REPO}/releases/download/{tag}/{name}");
    let asset = |name: &str, kind, fingerprint| LocalAsset { name: name.into(), kind, fingerprint, url: url(name) };
    let notes = Fingerprint { size: notes.len() as u64, sha256: Digest::of(notes) };
    let before = fs::read(workspace.join("server/updates/manifests/manifest.json"))?;
    let target = Target {
        version: NEXT,
        url: url("Nexy.dmg"),
        fingerprint: dmg,
        notes_url: Some(url("LATEST_CHANGES.md")),
        arch: "universal2".into(),
        signature: None,
        min_os: "11.0".into(),
    };
    let before = Some(Manifest::parse(&before).map_err(io::Error::other)?);
    let local = Local {
        repo: REPO.into(),
        version: NEXT,
        tag: tag.into(),
        assets: vec![
            asset("Nexy.dmg", Kind::Dmg, dmg),
            asset("Nexy.pkg", Kind::Pkg, pkg),
            asset("LATEST_CHANGES.md", Kind::Notes, notes),
        ],
        manifest: Some(LocalManifest { before, target, own: None, files: Vec::new() }),
        delivery: Delivery::default(),
    };
    Ok(plan::decide(&local, &Remote::default()).hash)
}
