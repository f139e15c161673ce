//! `verify`: without credentials, from the public URL, every asset: what clients download is what was built.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use url::Url;

use super::Summary;
use crate::engine::event::{NoteKind, StepId};
use crate::engine::execution::Execution;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::plan::PlannedAsset;
use crate::world::github::body::Meter;
use crate::world::github::download::Downloaded;

/// A tag is visible to the public after so long at the latest; nobody waits longer than `github.max_wait_s`.
const VISIBLE: Duration = Duration::from_mins(1);

/// Downloads and compares every asset.
pub async fn run(x: &Execution) -> Result<(Summary, ()), Failure> {
    x.events.marker("Verifying uploaded artifact from release URL...");
    let assets = &x.plan.assets;
    let progress = x.events.progress(StepId::Verify, assets.iter().map(|asset| (asset.name.clone(), asset.size)));
    let started = Instant::now();
    let meters = (0..assets.len()).map(|index| progress.meter(index));
    try_join_all(assets.iter().zip(meters).map(|(asset, meter)| verify(x, asset, started, meter))).await?;
    Ok((Summary::ok(format!("{} assets, public bytes equal", assets.len())), ()))
}

async fn verify(x: &Execution, asset: &PlannedAsset, started: Instant, meter: Meter) -> Result<(), Failure> {
    let github = x.github.reader();
    let patience = VISIBLE.min(github.door().max_wait());
    let url = Url::parse(&asset.url).map_err(|error| {
        Failure::new(Code::NetUnexpected, format!("{} is no URL: {error}", asset.url)).fix("nexy-release config check")
    })?;
    let ours = Fingerprint { size: asset.size, sha256: asset.sha256 };
    let mut doubted = false;
    let found = loop {
        let downloaded = github.public_fingerprint(&url, asset.size, &meter).await?;
        let is_ours = matches!(&downloaded, Downloaded::Bytes(found) if found.fingerprint == ours);
        // A line or a cache can spoil one download; what comes twice is what clients get.
        if !is_ours && !matches!(downloaded, Downloaded::Missing(_)) && !std::mem::replace(&mut doubted, true) {
            x.events
                .note(NoteKind::Warning, format!("{}: not the bytes that were built; downloaded again", asset.name));
            continue;
        }
        match downloaded {
            Downloaded::Bytes(found) => break Some(found.fingerprint),
            Downloaded::TooLong => break None,
            Downloaded::Missing(failure) if started.elapsed() > patience => {
                return Err(Failure::new(
                    Code::VerifyUnreachable,
                    format!("{} cannot be downloaded by clients yet", asset.name),
                )
                .why(format!("{}. {}. The manifest is untouched.", failure.what, failure.why))
                .fix(format!("curl -fLI '{}'", asset.url))
                .fix("Run the same command again"));
            }
            Downloaded::Missing(failure) => github.door().pause(Duration::from_secs(2), &failure.what).await?,
        }
    };
    if let Some(found) = found {
        // Three lines that belong together: nothing else is sent between them.
        x.events.note(NoteKind::Info, asset.url.as_str());
        x.events.marker(format!("Remote size: {} bytes", found.size));
        x.events.marker(format!("Remote SHA256: {}", found.sha256));
    }
    if found == Some(ours) {
        return Ok(());
    }
    let theirs = found.map_or_else(|| format!("more than {} bytes", asset.size), |found| found.to_string());
    Err(Failure::new(Code::VerifyMismatch, format!("Clients download other bytes of {} than were built", asset.name))
        .why(format!("built: {ours}; downloaded: {theirs}. The manifest is untouched: clients are not sent there."))
        .fix(format!("curl -fL '{}' | sha256sum", asset.url))
        .fix("If it stays so, set VERSION to the next version, and publish that"))
}
