//! `seal`: the draft holds exactly this plan's assets, each whole and equal to ours.

use super::Summary;
use crate::engine::execution::{Execution, Public};
use crate::release::code::Code;
use crate::release::failure::Failure;

/// Looks at the draft once more, right before it becomes public.
pub async fn run(x: &Execution, draft: u64, nonce: &str, public: &mut Public) -> Result<(Summary, ()), Failure> {
    let unsealed = |what: String| {
        Failure::new(Code::DraftUnsealed, what)
            .why("Somebody else changed our draft.")
            .fix("Run the same command again: the draft is taken up and put right")
    };
    let github = x.github.reader();
    for other in github.releases().await? {
        // Left by a run that crashed when the host's list did not show it yet: only one of ours is published.
        if other.id != draft && other.draft && other.tag == x.plan.tag && other.carries(nonce) {
            x.github.discard_draft(other.id, nonce).await?;
        }
    }
    let fresh = github.release(draft).await?;
    match &fresh {
        Some(fresh) if fresh.draft => {}
        Some(_) => *public = Public::Yes,
        None => *public = Public::Unknown,
    }
    let Some(fresh) = fresh.filter(|fresh| fresh.draft && fresh.tag == x.plan.tag && fresh.carries(nonce)) else {
        return Err(unsealed(format!("The draft of {} is gone, published, or not ours any more", x.plan.tag)));
    };
    for asset in &fresh.assets {
        if !x.plan.assets.iter().any(|planned| planned.name == asset.name) {
            return Err(unsealed(format!("The draft holds {}, which is not in the plan", asset.name)));
        }
    }
    if let Some((name, why)) = x.difference(&fresh).await? {
        return Err(unsealed(format!("{name} in the draft is not ours: {why}")));
    }
    x.verify_inputs().await?;
    Ok((Summary::ok(format!("{} assets, sizes and digests equal", fresh.assets.len())), ()))
}
