//! A confirmed plan under way: what the steps of an execution share.

use super::checks::Waivers;
use super::feed::Events;
use super::snapshot::{Snapshot, TagState};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::journal::Who;
use crate::release::plan::{Action, Plan, PlannedAsset};
use crate::world::azure;
use crate::world::git::writer as git;
use crate::world::github::model::Release;
use crate::world::github::{body, writer};
use crate::world::inbox::Opened;
use crate::world::{files, workspace};

/// Whether clients can see the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Public {
    /// Not yet.
    No,
    /// It is.
    Yes,
    /// It was not looked at yet, or the publication was sent and its answer is missing.
    #[default]
    Unknown,
}

/// How far an execution came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Whether clients can see the version.
    pub public: Public,
    /// Whether every manifest is as planned.
    pub manifests: bool,
    /// Whether the manifests were brought anywhere else.
    pub delivered: bool,
}

/// Who carries it out.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Run id.
    pub run: String,
    /// For the journal.
    pub who: Who,
}

/// A plan under way.
#[derive(Debug)]
pub struct Execution {
    /// What is carried out.
    pub plan: Plan,
    /// The facts that it was made from, fetched under the lock.
    pub snapshot: Snapshot,
    /// The release host.
    pub github: writer::Writer,
    /// The workspace.
    pub workspace: workspace::Writer,
    /// git in the workspace.
    pub git: git::Writer,
    /// The VM; `None`: `vm.enabled = false`.
    pub vm: Option<azure::manifests::Writer>,
    /// Where events go.
    pub events: Events,
    /// Who runs it.
    pub caller: Caller,
    /// Checks that a person waived.
    pub waivers: Waivers,
}

impl Execution {
    /// What the host held when the lock was taken.
    pub async fn remote(&self) -> Result<&TagState, Failure> {
        self.snapshot.remote().await
    }

    /// Compares the inputs with the plan before a write (SPEC §6.2 rule 9): every artifact is the file that was
    /// hashed, every manifest has the bytes that the plan saw.
    pub async fn verify_inputs(&self) -> Result<(), Failure> {
        for artifact in self.snapshot.artifacts().await? {
            let inspected = artifact.inspected.as_ref().map_err(Clone::clone)?;
            let path = self.workspace.reader().artifact(&artifact.name);
            if Opened::open(&path).map_err(|_| body::changed(&path))?.identity != inspected.identity {
                return Err(body::changed(&path));
            }
        }
        for file in self.plan.manifest.iter().flat_map(|manifest| &manifest.files) {
            if files::digest(&self.workspace.reader().root().join(&file.path))? != file.before {
                return Err(Failure::new(
                    Code::ManifestChanged,
                    format!("{} changed after the plan was made", file.path),
                )
                .why("Somebody else writes manifests in this workspace. It was not overwritten.")
                .fix(format!("git diff -- '{}'", file.path))
                .fix("Run the same command again"));
            }
        }
        Ok(())
    }

    /// The assets that this run sends.
    pub fn to_send(&self) -> impl Iterator<Item = &PlannedAsset> {
        self.plan.assets.iter().filter(|asset| matches!(asset.action, Action::Upload | Action::Extend))
    }

    /// The text of the release page.
    pub async fn notes(&self) -> Result<String, Failure> {
        Ok(self.snapshot.notes().await?.unwrap_or_default().to_owned())
    }

    /// What `release` lacks of this plan, or holds other bytes of: the asset's name and how it differs.
    /// `None`: every asset is there, byte for byte.
    pub async fn difference(&self, release: &Release) -> Result<Option<(String, String)>, Failure> {
        for asset in &self.plan.assets {
            let ours = Fingerprint { size: asset.size, sha256: asset.sha256 };
            let Some(found) = release.asset(&asset.name) else {
                return Ok(Some((asset.name.clone(), "it is not there".into())));
            };
            let mut held = found.planned();
            if held.sha256.is_none() && held.uploaded && held.size == asset.size {
                held.sha256 = Some(self.snapshot.hash_asset(found.id, asset.size, &asset.name).await?);
            }
            if !held.holds(&ours) {
                let theirs = held.sha256.map_or_else(String::new, |sha256| format!(", SHA-256 {sha256}"));
                let why = format!("here: {ours}; there: {} bytes{theirs}, {}", held.size, found.state);
                return Ok(Some((asset.name.clone(), why)));
            }
        }
        Ok(None)
    }
}
