//! What a run would send to the release host, and which files it would write: for a dry-run. Made from the same facts
//! as the plan; nothing is asked for it.

use std::path::Path;

use super::routing;
use super::snapshot::{Snapshot, TagState};
use super::steps;
use crate::release::failure::Failure;
use crate::release::plan::{Action, Plan};
use crate::release::served::Source;
use crate::world::github::model::{Asset, Release};
use crate::world::{state, updates};

/// In the order in which a run would send and write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// Method, URL and what it is for; only what changes something, and the public downloads that verify it.
    pub sent: Vec<String>,
    /// Paths, relative to the workspace.
    pub written: Vec<String>,
}

/// Every act of a run with this plan, the delivery by git and to the VM among them.
pub async fn acts(plan: &Plan, snapshot: &Snapshot) -> Vec<String> {
    let mut acts = plan.acts();
    if let (Some(_), Ok(routing)) = (&plan.manifest, snapshot.routing().await) {
        acts.extend(routing::acts(&snapshot.settings, routing, &plan.tag));
    }
    if plan.manifest.is_some() && plan.delivery.push_vm {
        acts.extend(steps::vm::acts(&snapshot.settings.vm, &plan.version));
    }
    acts
}

/// The requests and files of this plan.
pub async fn of(plan: &Plan, snapshot: &Snapshot) -> Result<Requests, Failure> {
    let remote = snapshot.remote().await?;
    let base = format!("{}/repos/{}", snapshot.settings.github.api().as_str().trim_end_matches('/'), plan.repo);
    let mut sent = match &remote.published {
        Some(release) => {
            // Half-uploaded ones hold no published bytes, and are in the way.
            let extends = |asset: &&Asset| plan.with(Action::Extend).any(|extend| extend.name == asset.name);
            let starters = release.assets.iter().filter(|asset| !asset.is_uploaded()).filter(extends);
            let mut sent: Vec<_> = starters.map(|asset| discard(&base, asset)).collect();
            sent.extend(uploads(plan, &release.id.to_string(), Some(release)));
            sent
        }
        None => through_a_draft(plan, remote, &base),
    };
    if !plan.nothing_to_do() {
        sent.extend(plan.assets.iter().map(|asset| format!("GET {}   no token; compared", asset.url)));
    }
    // The gate asks everything anew; the servers, where this run delivers to them.
    sent.push(format!("GET {base}/releases/tags/{}   the gate", plan.tag));
    if plan.delivery.push_vm && plan.manifest.is_some() {
        let pages = Source::ALL.into_iter().filter_map(|source| updates::url(&snapshot.settings.updates, source));
        sent.extend(pages.map(|url| format!("GET {url}   no token; the gate, until it shows {}", plan.version)));
    }
    let mut written = files(plan);
    if !state::path(snapshot.readers.workspace.root(), ".gitignore").exists() {
        written.insert(0, own(".gitignore"));
    }
    Ok(Requests { sent, written })
}

fn through_a_draft(plan: &Plan, remote: &TagState, base: &str) -> Vec<String> {
    let mut sent = Vec::new();
    let draft = remote.ours.first();
    // Only the host knows the number of a draft that is not made yet.
    let id = draft.map_or_else(|| "{id}".to_owned(), |draft| draft.id.to_string());
    sent.extend(
        remote.ours.iter().skip(1).map(|other| format!("DELETE {base}/releases/{}   our older draft", other.id)),
    );
    match draft {
        None => sent.push(format!("POST {base}/releases   the draft {}", plan.tag)),
        Some(draft) => {
            let stays = |name: &str| plan.with(Action::Skip).any(|asset| asset.name == name);
            let stale = draft.assets.iter().filter(|asset| !stays(&asset.name));
            sent.extend(stale.map(|asset| discard(base, asset)));
            sent.push(format!("PATCH {base}/releases/{id}   our draft, where its text differs"));
        }
    }
    sent.extend(uploads(plan, &id, draft));
    sent.push(format!("PATCH {base}/releases/{id}   the draft becomes public"));
    sent
}

fn discard(base: &str, asset: &Asset) -> String {
    format!("DELETE {base}/releases/assets/{}   {}, {}", asset.id, asset.name, asset.state)
}

fn uploads(plan: &Plan, id: &str, release: Option<&Release>) -> Vec<String> {
    let place = release.and_then(|release| release.upload_url.split('{').next());
    let place = place.map_or_else(|| format!("{{upload_url}}/{id}/assets"), str::to_owned);
    let sends = plan.assets.iter().filter(|asset| matches!(asset.action, Action::Upload | Action::Extend));
    sends.map(|asset| format!("POST {place}?name={}   {} bytes", asset.name, asset.size)).collect()
}

/// A path of the console's own folder, relative to the workspace.
fn own(name: &str) -> String {
    state::path(Path::new(""), name).display().to_string()
}

fn files(plan: &Plan) -> Vec<String> {
    let mut written = Vec::new();
    let mut state = |name: &str| written.push(own(name));
    state("owner.json");
    state("events.jsonl");
    if !plan.published {
        state(&format!("drafts/{}.json", plan.tag));
    }
    let manifests: Vec<_> = plan.files_to_write().map(|file| file.path.clone()).collect();
    if !manifests.is_empty() {
        state("intent.json   until the manifests are written");
    }
    if plan.delivery.commit_manifest && plan.manifest.is_some() {
        state("git-index   until the manifests are committed");
    }
    state("journal.jsonl");
    state("journal.head");
    let before_journal = written.len() - 2;
    written.splice(before_journal..before_journal, manifests);
    written
}
