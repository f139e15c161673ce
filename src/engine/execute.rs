//! `(Plan, Writers) → Outcome`: lock, look again, then carry out the plan step by step. Nothing is decided here.

use super::event::{CheckId, NoteKind, StepId};
use super::feed::{self, Events};
use super::preview::{self, Preview, Request, Waivers};
use super::readers::Writers;
use super::snapshot::{Snapshot, TagState};
use super::steps::{self, skip, timed};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::plan::{Action, Plan, PlannedAsset};
use crate::world::github::model::Release;
use crate::world::github::{body, writer};
use crate::world::inbox::Opened;
use crate::world::{files, workspace};

/// Whether clients can see the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    /// Not yet.
    No,
    /// It is.
    Yes,
    /// The publication was sent, and its answer is missing.
    Unknown,
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
    /// Where events go.
    pub events: Events,
    /// Run id.
    pub run: String,
    /// Checks that a person waived.
    pub waivers: Waivers,
}

/// How an execution ended.
#[derive(Debug)]
pub struct Ended {
    /// The plan as it was carried out, once it was made under the lock.
    pub plan: Option<Plan>,
    /// Whether clients can see the version now.
    pub public: Public,
    /// Done, or what stopped it.
    pub result: Result<(), Failure>,
}

/// Carries out the confirmed plan.
pub async fn run(request: Request, confirmed: &Plan, writers: Writers, run: &str, events: &Events) -> Ended {
    let mut public = if confirmed.published { Public::Yes } else { Public::No };
    let mut carried_out = None;
    let result = async {
        let _lock = timed(events, StepId::Lock, steps::lock::run(&writers.workspace, run, events)).await?;
        let execution = prepare(request, confirmed, writers, run, events).await?;
        carried_out = Some(execution.plan.clone());
        let result = carry_out(&execution, &mut public).await;
        if let Err(failure) = &result {
            execution.journal_failure(failure, public);
        }
        result
    }
    .await;
    Ended { plan: carried_out, public, result }
}

/// Looks at everything again, now that nobody else writes here, and refuses another plan.
async fn prepare(
    mut request: Request,
    confirmed: &Plan,
    writers: Writers,
    run: &str,
    events: &Events,
) -> Result<Execution, Failure> {
    // We hold the lock ourselves now.
    request.only.retain(|id| *id != CheckId::Lock);
    let waivers = request.waivers.clone();
    let (quiet, _unread) = feed::channel();
    let Preview { snapshot, plan, blocked, .. } = preview::run(request, &quiet).await;
    if let Some(failure) = blocked {
        return Err(failure);
    }
    let plan = plan?;
    if plan.hash != confirmed.hash {
        return Err(other_plan(&confirmed.hash.to_string(), &plan.hash.to_string()));
    }
    let Writers { workspace, github } = writers;
    Ok(Execution { plan, snapshot, github: github?, workspace, events: events.clone(), run: run.into(), waivers })
}

/// The failure for a plan that is not the expected one.
pub fn other_plan(expected: &str, found: &str) -> Failure {
    Failure::new(Code::PlanOther, "The plan is not the one that was expected")
        .why(format!(
            "expected {expected}, found {found}: artifacts, settings or manifests changed since. Nothing was done."
        ))
        .fix("nexy-release publish --dry-run")
        .fix("Look at the plan, then run the command again with its hash")
}

async fn carry_out(x: &Execution, public: &mut Public) -> Result<(), Failure> {
    let events = &x.events;
    if x.plan.already_published() {
        events.marker(format!("already published, skip (tag={})", x.plan.tag));
        for step in [StepId::Draft, StepId::Upload, StepId::Seal, StepId::Publish] {
            skip(events, step, "already published");
        }
    } else if let Some(published) = &x.remote().await?.published {
        skip(events, StepId::Draft, "the release is published");
        timed(events, StepId::Upload, steps::upload::run(x, published, "")).await?;
        skip(events, StepId::Seal, "the release is published");
        skip(events, StepId::Publish, "already published");
    } else {
        let (draft, nonce) = timed(events, StepId::Draft, steps::draft::run(x)).await?;
        timed(events, StepId::Upload, steps::upload::run(x, &draft, &nonce)).await?;
        timed(events, StepId::Seal, steps::seal::run(x, draft.id, &nonce)).await?;
        timed(events, StepId::Publish, steps::publish::run(x, draft.id, &nonce, public)).await?;
    }
    *public = Public::Yes;
    if x.plan.nothing_to_do() {
        skip(events, StepId::Verify, "nothing new");
    } else {
        timed(events, StepId::Verify, steps::verify::run(x)).await?;
    }
    timed(events, StepId::Manifest, steps::manifest::run(x)).await?;
    timed(events, StepId::Record, async { steps::record::run(x) }).await?;
    events.marker("RELEASE COMPLETE");
    Ok(())
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

    fn journal_failure(&self, failure: &Failure, public: Public) {
        // The failure itself is what matters now; a journal that cannot be written as well is only said.
        if let Err(error) = steps::record::journal(self, Some((failure, public))) {
            self.events.note(NoteKind::Warning, format!("The journal could not be written: {}", error.what));
        }
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
