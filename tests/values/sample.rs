//! One release to try things on: VERSION 1.6.1.44 over a published 1.6.1.43.

use nexy_release::release::artifact::Kind;
use nexy_release::release::fingerprint::{Digest, Fingerprint};
use nexy_release::release::manifest::{Manifest, Target};
use nexy_release::release::plan::{
    Delivery, Local, LocalAsset, LocalFile, LocalManifest, Remote, RemoteAsset, RemoteRelease,
};
use nexy_release::release::version::Version;

/// The manifest of the workspace, byte for byte as it lies there.
pub const MANIFEST: &str = include_str!("fixtures/manifest.json");

const DOWNLOADS: &str = "https://github.com/Seregawpn/Nexy_production/releases/download";

pub fn version() -> Version {
    Version::new([1, 6, 1, 44])
}

pub fn fingerprint(content: &str) -> Fingerprint {
    Fingerprint { size: content.len() as u64, sha256: Digest::of(content) }
}

pub fn manifest() -> Manifest {
    Manifest::parse(MANIFEST.as_bytes()).unwrap()
}

pub fn target() -> Target {
    Target {
        version: version(),
        url: format!("{DOWNLOADS}/v1.6.1.44/Nexy.dmg"),
        fingerprint: fingerprint("the disk image"),
        notes_url: Some(format!("{DOWNLOADS}/v1.6.1.44/LATEST_CHANGES.md")),
        arch: "universal2".into(),
        signature: None,
        min_os: "11.0".into(),
    }
}

pub fn asset(name: &str, kind: Kind, content: &str) -> LocalAsset {
    LocalAsset {
        name: name.into(),
        kind,
        fingerprint: fingerprint(content),
        url: format!("{DOWNLOADS}/v1.6.1.44/{name}"),
    }
}

pub fn file(path: &str, digest: Option<Digest>) -> LocalFile {
    LocalFile { path: path.into(), says: None, digest, renew: false }
}

pub fn local() -> Local {
    let canonical = Some(Digest::of(MANIFEST));
    Local {
        repo: "Seregawpn/Nexy_production".into(),
        version: version(),
        tag: "v1.6.1.44".into(),
        assets: vec![
            asset("Nexy.dmg", Kind::Dmg, "the disk image"),
            asset("Nexy.pkg", Kind::Pkg, "the package"),
            asset("LATEST_CHANGES.md", Kind::Notes, "the notes"),
        ],
        manifest: Some(LocalManifest {
            before: Some(manifest()),
            target: target(),
            own: None,
            files: vec![file("manifests/manifest.json", canonical), file("manifests/manifest_1.6.1.44.json", None)],
        }),
        delivery: Delivery::default(),
    }
}

/// A whole asset of the host.
pub fn held(name: &str, content: &str) -> RemoteAsset {
    let Fingerprint { size, sha256 } = fingerprint(content);
    RemoteAsset { name: name.into(), uploaded: true, size, sha256: Some(sha256) }
}

/// A half-uploaded asset of the host: it says the size that was announced.
pub fn starter(name: &str, content: &str) -> RemoteAsset {
    RemoteAsset { uploaded: false, sha256: None, ..held(name, content) }
}

pub fn all_held() -> Vec<RemoteAsset> {
    vec![held("Nexy.dmg", "the disk image"), held("Nexy.pkg", "the package"), held("LATEST_CHANGES.md", "the notes")]
}

pub fn published(assets: Vec<RemoteAsset>) -> Remote {
    Remote { published: Some(RemoteRelease { assets, immutable: None }), draft: None }
}

pub fn draft(assets: Vec<RemoteAsset>) -> Remote {
    Remote { published: None, draft: Some(RemoteRelease { assets, immutable: None }) }
}
