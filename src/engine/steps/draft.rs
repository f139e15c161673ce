//! `draft`: create the draft release, or take up our own unfinished one (facts/GITHUB.md, step 3).

use std::time::Duration;

use super::Summary;
use crate::engine::execution::Execution;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::mark::{line_feeds, marked_body};
use crate::world::claim::Claim;
use crate::world::github::model::Release;
use crate::world::github::writer::Made;

/// After an answer that tells nothing, the list is looked at after these pauses: a new draft can be missing from it
/// for a moment. Nobody waits longer than `github.max_wait_s`.
const LOOKS: [u64; 5] = [1, 2, 4, 8, 16];

/// Answers our draft and the nonce that makes it ours.
pub async fn run(x: &Execution) -> Result<(Summary, (Release, String)), Failure> {
    x.verify_inputs().await?;
    let nonce = x.workspace.claim(&x.plan.repo, Claim::Draft(&x.plan.tag))?.nonce;
    let title = x.snapshot.settings.release.title(&x.plan.version);
    let body = marked_body(&x.notes().await?, &nonce, &x.plan.hash);
    let ours = &x.remote().await?.ours;
    let Some((draft, others)) = ours.split_first() else {
        let draft = create(x, &title, &body, &nonce).await?;
        return Ok((Summary::ok("created"), (draft, nonce)));
    };
    for other in others {
        x.github.discard_draft(other.id, &nonce).await?;
    }
    for asset in &draft.assets {
        if !x.plan.assets.iter().any(|planned| planned.name == asset.name) {
            x.github.discard_asset(draft.id, asset.id, &nonce).await?;
        }
    }
    let draft = refresh(x, draft, &title, &body).await?;
    let whole = draft.assets.iter().filter(|asset| asset.is_uploaded()).count();
    let text = format!("took up our unfinished one, {whole} of {} assets whole", draft.assets.len());
    Ok((Summary::ok(text), (draft, nonce)))
}

async fn create(x: &Execution, title: &str, body: &str, nonce: &str) -> Result<Release, Failure> {
    let mut last = None;
    for _ in 0..2 {
        match x.github.create_draft(&x.plan.tag, title, body).await {
            Made::Done(draft) if draft.draft && draft.carries(nonce) => return Ok(draft),
            Made::Done(_) => {
                return Err(failed(x).why("The host made something else than the draft that was asked for."));
            }
            Made::Exists(failure) | Made::Refused(failure) => return Err(failure),
            Made::Unknown(failure) => {
                if let Some(draft) = look(x, nonce, &failure).await? {
                    return Ok(draft);
                }
                last = Some(failure);
            }
        }
    }
    Err(last.unwrap_or_else(|| failed(x)))
}

/// Whether the draft was made after all.
async fn look(x: &Execution, nonce: &str, failure: &Failure) -> Result<Option<Release>, Failure> {
    let github = x.github.reader();
    let mut left = github.door().max_wait();
    for pause in LOOKS.map(Duration::from_secs) {
        let Some(rest) = left.checked_sub(pause) else { break };
        left = rest;
        github.door().pause(pause, &failure.what).await?;
        let releases = github.releases().await?;
        let ours = |release: &Release| release.draft && release.tag == x.plan.tag && release.carries(nonce);
        if let Some(draft) = releases.into_iter().rev().find(ours) {
            return Ok(Some(draft));
        }
    }
    Ok(None)
}

/// Our draft as it is now, with the notes and the plan of this run.
async fn refresh(x: &Execution, draft: &Release, title: &str, body: &str) -> Result<Release, Failure> {
    let same = |held: &Release| held.title == title && line_feeds(&held.body).trim_end() == body.trim_end();
    if !same(draft) {
        match x.github.update_draft(draft.id, title, body).await {
            Made::Done(_) | Made::Unknown(_) => {}
            Made::Exists(failure) | Made::Refused(failure) => return Err(failure),
        }
    }
    let fresh = x.github.reader().release(draft.id).await?;
    fresh
        .filter(|fresh| fresh.draft && same(fresh))
        .ok_or_else(|| failed(x).why("It was changed, published or deleted by somebody else while it was taken up."))
}

fn failed(x: &Execution) -> Failure {
    Failure::new(Code::DraftFailed, format!("The draft of {} could not be made", x.plan.tag))
        .fix("Run the same command again; what is done is not done twice")
}
