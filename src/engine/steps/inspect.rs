//! `inspect`: fingerprint the artifacts, all at once.

use super::{Summary, timed};
use crate::engine::event::StepId;
use crate::engine::feed::Events;
use crate::engine::snapshot::Snapshot;
use crate::release::failure::Failure;
use crate::release::text::size;

/// Reads every artifact. What a failure among them means is for the check `artifacts` to say.
pub async fn run(snapshot: &Snapshot, events: &Events) {
    let _ = timed(events, StepId::Inspect, async { Ok((summary(snapshot).await?, ())) }).await;
}

/// In a few words.
pub async fn summary(snapshot: &Snapshot) -> Result<Summary, Failure> {
    let artifacts = snapshot.artifacts().await?;
    let bytes: u64 = artifacts.iter().filter_map(|a| Some(a.inspected.as_ref().ok()?.fingerprint.size)).sum();
    let word = if artifacts.len() == 1 { "artifact" } else { "artifacts" };
    Ok(Summary::ok(format!("{} {word}, {}", artifacts.len(), size(bytes))))
}
