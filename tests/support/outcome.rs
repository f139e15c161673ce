//! What a run left behind, on the host and in the workspace, and the promises that every run keeps.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::Host;
use nexy_release::sandbox::host::{Action, Fault, Origin, ReleaseView, Request, SeedRelease, Source};
use serde_json::Value;

use super::{MANIFEST, Practice, REPO, Ran, TAG};

/// Who makes the console's own releases here; whatever others made is foreign.
const OURSELVES: &str = "nexy-practice";

/// What no run may break, whatever it meets: published bytes and foreign drafts stay, the token goes to two origins.
pub struct Promises(Vec<ReleaseView>);

impl Promises {
    /// The state that is promised to stay.
    pub fn before(host: &Host) -> Self {
        let precious = |release: &ReleaseView| !release.draft || release.author != OURSELVES;
        Self(host.releases().into_iter().filter(precious).collect())
    }

    #[track_caller]
    pub fn assert_kept(&self, host: &Host, requests: &[Request]) {
        let after = host.releases();
        for before in &self.0 {
            let now = after.iter().find(|now| now.id == before.id);
            let now = now.unwrap_or_else(|| panic!("release {} of {} is gone", before.id, before.tag));
            assert_eq!((now.draft, &now.body, &now.author), (before.draft, &before.body, &before.author));
            for asset in before.assets.iter().filter(|asset| before.draft || asset.state == "uploaded") {
                assert!(now.assets.contains(asset), "{asset:?} of {} is gone or changed", before.tag);
            }
            if before.draft {
                assert_eq!(now.assets.len(), before.assets.len(), "a foreign draft was filled");
            }
            let published: Vec<_> = before.assets.iter().filter(|asset| asset.state == "uploaded").collect();
            for request in requests.iter().filter(|request| request.method == "DELETE") {
                let of_it = published.iter().any(|asset| request.path.ends_with(&format!("/assets/{}", asset.id)));
                let it = request.path.ends_with(&format!("/releases/{}", before.id));
                assert!(!of_it && !it, "{} was sent against {}", request.path, before.tag);
            }
        }
        for request in requests.iter().filter(|request| request.authorized) {
            assert!(matches!(request.origin, Origin::Api | Origin::Uploads), "the token went to {request:?}");
        }
    }
}

impl Practice {
    /// Everything on the host under the tag that is being published.
    pub fn tagged(&self) -> Vec<ReleaseView> {
        self.host().releases().into_iter().filter(|release| release.repo == REPO && release.tag == TAG).collect()
    }

    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.host().set_faults(faults.into_iter().collect());
    }

    /// What somebody else with push access asks of the host's API; answers the body.
    pub fn somebody(&self, method: &str, path: &str, body: &str) -> String {
        self.somebody_at(self.host().api_url(), method, path, body)
    }

    /// The same at another origin.
    pub fn somebody_at(&self, origin: &str, method: &str, path: &str, body: &str) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let method = method.parse().unwrap();
        let request = reqwest::Client::builder().user_agent("somebody").build().unwrap();
        let request = request.request(method, format!("{origin}{path}"));
        let request = request.bearer_auth(self.host().token()).body(body.to_owned());
        self.block_on(async { request.send().await.unwrap().text().await.unwrap() })
    }

    /// A published release of the tag that lacks the PKG, with our bytes of the others.
    pub fn without_pkg(&self) -> SeedRelease {
        ["Nexy.dmg", "LATEST_CHANGES.md"].into_iter().fold(SeedRelease::new(REPO, TAG), |release, name| {
            release.asset(name, Source::Path(self.path(&format!("release_inbox/{name}"))))
        })
    }

    /// A fault that answers with this JSON.
    pub fn says(method: &str, path: &str, json: &str) -> Fault {
        let mut fault = Fault::answer(200).on(method, path);
        if let Action::Answer { headers, body, .. } = &mut fault.action {
            headers.insert("content-type".into(), "application/json".into());
            json.clone_into(body);
        }
        fault
    }

    pub fn seed(&self, release: SeedRelease) -> u64 {
        self.block_on(self.host().seed_release(release)).unwrap()
    }

    /// The digest of a file of the workspace.
    pub fn digest(&self, relative: &str) -> Digest {
        Digest::of(fs::read(self.path(relative)).unwrap())
    }

    /// Name and digest of every artifact in the inbox.
    pub fn inbox(&self) -> BTreeMap<String, Digest> {
        let names = fs::read_dir(self.path("release_inbox")).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap()).filter(|name| !name.starts_with('.'));
        names.map(|name| (name.clone(), self.digest(&format!("release_inbox/{name}")))).collect()
    }

    /// The version is public, once, with exactly the inbox's bytes, nothing unfinished is left beside it, and the
    /// manifests offer it.
    #[track_caller]
    pub fn assert_released(&self) {
        let tagged = self.tagged();
        assert_eq!(tagged.len(), 1, "{tagged:#?}");
        self.assert_published(&tagged[0]);
        self.assert_manifests();
    }

    /// This release is public with exactly the inbox's bytes.
    #[track_caller]
    pub fn assert_published(&self, release: &ReleaseView) {
        assert!(!release.draft, "{release:#?}");
        assert!(release.assets.iter().all(|asset| asset.state == "uploaded"), "{release:#?}");
        let held: BTreeMap<_, _> = release.assets.iter().map(|a| (a.name.clone(), a.sha256.unwrap())).collect();
        assert_eq!((held.len(), held), (release.assets.len(), self.inbox()));
    }

    /// Every manifest file is the same document, and it offers the DMG of the inbox.
    #[track_caller]
    pub fn assert_manifests(&self) {
        let text = self.read(MANIFEST);
        assert_eq!(text, self.read(VERSIONED), "the versioned copy");
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["version"], "1.6.1.44");
        assert_eq!(manifest["artifact"]["sha256"], self.digest("release_inbox/Nexy.dmg").to_string());
        let url = manifest["artifact"]["url"].as_str().unwrap();
        assert!(url.ends_with("/releases/download/v1.6.1.44/Nexy.dmg"), "{url}");
        assert!(!self.path(".nexy-release/intent.json").exists());
    }

    /// Nothing of this version is public, and the manifests still offer the version before.
    #[track_caller]
    pub fn assert_not_public(&self) {
        let public: Vec<_> = self.tagged().into_iter().filter(|release| !release.draft).collect();
        assert_eq!(public, [], "nothing should be public");
        assert!(self.read(MANIFEST).contains("\"version\": \"1.6.1.43\""));
        assert!(!self.path(VERSIONED).exists());
    }

    /// Of a run that failed: the manifest is as it was, or nothing but the gate, which only asks, came behind it.
    #[track_caller]
    pub fn assert_manifest_moved_last(&self, ran: &Ran) {
        let moved = ran.count("Manifest updated at") > 0;
        assert_eq!(self.read(MANIFEST).contains("\"version\": \"1.6.1.43\""), !moved, "{}", ran.stdout);
        let public = self.tagged().iter().any(|release| !release.draft);
        assert!(!moved || public && ran.stdout.contains("FAILED   gate"), "{}", ran.stdout);
    }

    /// The workspace without the console's own folder.
    pub fn work(&self) -> BTreeMap<PathBuf, Option<Digest>> {
        let state = self.path(".nexy-release");
        let mut all = self.snapshot();
        all.retain(|path, _| !path.starts_with(&state));
        all
    }

    /// How runs ended, as the journal tells it.
    pub fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path(".nexy-release/journal.jsonl")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["outcome"] != "begun").collect()
    }

    /// Other bytes written into the very file that the inbox has now.
    pub fn replace_in_place(&self, bytes: u64) {
        let other = self.path("other.dmg");
        nexy_release::sandbox::samples::dmg(&other, bytes, 9).unwrap();
        fs::copy(&other, self.path("release_inbox/Nexy.dmg")).unwrap();
        fs::remove_file(other).unwrap();
    }

    /// A DMG of this size that differs from every other, put over the one in the inbox.
    pub fn replace_dmg(&self, bytes: u64, seed: u64) {
        let path = self.path("release_inbox/Nexy.dmg");
        fs::remove_file(&path).unwrap();
        nexy_release::sandbox::samples::dmg(&path, bytes, seed).unwrap();
    }
}

/// The manifest of the version that is being published, beside the canonical one.
pub const VERSIONED: &str = "server/updates/manifests/manifest_1.6.1.44.json";
