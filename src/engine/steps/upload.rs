//! `upload`: send what is missing, assets side by side; list first, send, then believe nothing but the host's digest.

use futures::future::try_join_all;

use super::Summary;
use crate::engine::checks::being_sent;
use crate::engine::event::{CheckId, NoteKind, StepId};
use crate::engine::execution::Execution;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::plan::{Action, PlannedAsset};
use crate::release::text::size;
use crate::world::claim::Claim;
use crate::world::github::body::{self, Meter};
use crate::world::github::download::Downloaded;
use crate::world::github::model::{Asset, Release};
use crate::world::github::writer::Made;

/// Sends every asset that the plan sends into `release`: our draft, or the published release that is extended.
pub async fn run(x: &Execution, release: &Release, nonce: &str) -> Result<(Summary, ()), Failure> {
    x.verify_inputs().await?;
    let assets: Vec<_> = x.to_send().collect();
    let progress = x.events.progress(StepId::Upload, assets.iter().map(|asset| (asset.name.clone(), asset.size)));
    let meters = (0..assets.len()).map(|index| progress.meter(index));
    for kept in x.plan.with(Action::Skip) {
        x.events.note(NoteKind::Info, format!("{}: {}", kept.name, kept.why));
    }
    let sending = assets.iter().zip(meters).map(|(asset, meter)| send(x, release, nonce, asset, meter));
    let sent: u64 = try_join_all(sending).await?.into_iter().sum();
    let kept = x.plan.with(Action::Skip).count();
    Ok((Summary::ok(format!("{} sent, {}; {kept} were there", assets.len(), size(sent))), ()))
}

/// Sends one asset until the host has it, and answers the bytes that it took.
async fn send(
    x: &Execution,
    release: &Release,
    nonce: &str,
    asset: &PlannedAsset,
    meter: Meter,
) -> Result<u64, Failure> {
    let door = x.github.reader().door();
    let mut delays = door.delays();
    let mut mismatched = false;
    // Whether something of this sending may be there.
    let mut stored = false;
    let mut sent = 0;
    let mut present = release.asset(&asset.name).cloned();
    let claim = Claim::Addition(&x.plan.tag, &asset.name);
    let extends = asset.action == Action::Extend;
    // Whether what is half there may go: our own draft is ours alone, in what is published somebody else may be sending.
    let mut ours = !extends || x.waivers.contains_key(&CheckId::TagState);
    ours |= x.remote().await?.adding.contains(&asset.name);
    loop {
        if let Some(found) = &present {
            if judge(x, found, asset, &meter).await? {
                if extends {
                    x.workspace.unclaim(claim)?;
                }
                x.events.marker(format!("Uploaded. URL: {}", asset.url));
                return Ok(sent);
            }
            if extends && found.is_uploaded() {
                return Err(if stored { spoilt(asset, found) } else { taken(x, asset, found) });
            }
            if !ours {
                let busy = being_sent(&x.plan.tag, &asset.name);
                let Some(delay) = delays.next() else { return Err(busy) };
                door.pause(delay, &busy.what).await?;
                present = look(x, release.id, asset).await?;
                continue;
            }
            x.github.discard_asset(release.id, found.id, nonce).await?;
        }
        if extends {
            x.workspace.claim(&x.plan.repo, claim)?;
        }
        sent += asset.size;
        let failure = match once(x, release, asset, &meter).await? {
            Sending::Arrived(found) if judge(x, &found, asset, &meter).await? => {
                present = Some(found);
                continue;
            }
            Sending::Arrived(found) if extends && found.is_uploaded() => {
                return Err(spoilt(asset, &found));
            }
            Sending::Arrived(found) => {
                // Whatever the host has now, it is not what was sent: away with it, and once more.
                x.github.discard_asset(release.id, found.id, nonce).await?;
                if std::mem::replace(&mut mismatched, true) {
                    return Err(mismatch(asset, &found));
                }
                mismatch(asset, &found)
            }
            Sending::Taken(failure) => {
                if !ours {
                    x.workspace.unclaim(claim)?;
                }
                failure
            }
            // What is half there from now on is of this very sending.
            Sending::Unclear(failure) => {
                (ours, stored) = (true, true);
                failure
            }
        };
        let Some(delay) = delays.next() else { return Err(used_up(asset, &failure)) };
        door.pause(delay, &failure.what).await?;
        present = look(x, release.id, asset).await?;
    }
}

enum Sending {
    /// The host answered with this asset.
    Arrived(Asset),
    /// There is one of this name: ask which.
    Taken(Failure),
    /// It may be there, whole or half.
    Unclear(Failure),
}

async fn once(x: &Execution, release: &Release, asset: &PlannedAsset, meter: &Meter) -> Result<Sending, Failure> {
    let reader = x.workspace.reader();
    let path = reader.artifact(&asset.name);
    let artifacts = x.snapshot.artifacts().await?;
    let inspected = artifacts.iter().find(|artifact| artifact.name == asset.name);
    let inspected =
        inspected.and_then(|artifact| artifact.inspected.as_ref().ok()).ok_or_else(|| body::changed(&path))?;
    let stop = x.snapshot.readers.stop.clone();
    let upload = body::open(&path, &inspected.fingerprint, &inspected.identity, meter.clone(), stop)?;
    match x.github.send_asset(release, &asset.name, asset.kind.media_type(), upload).await {
        Made::Done(found) => Ok(Sending::Arrived(found)),
        Made::Exists(failure) => Ok(Sending::Taken(failure)),
        Made::Unknown(failure) => Ok(Sending::Unclear(failure)),
        Made::Refused(failure) => Err(failure),
    }
}

/// The asset under this name as the host has it now.
async fn look(x: &Execution, release: u64, asset: &PlannedAsset) -> Result<Option<Asset>, Failure> {
    let fresh = x.github.reader().release(release).await?.ok_or_else(|| {
        Failure::new(Code::DraftFailed, format!("The release {} is gone", x.plan.tag))
            .why("Somebody deleted it while it was being filled.")
            .fix("Run the same command again")
    })?;
    Ok(fresh.asset(&asset.name).cloned())
}

/// Whether the host's asset is whole and holds our bytes. Where it reports no digest it is downloaded and hashed.
async fn judge(x: &Execution, found: &Asset, asset: &PlannedAsset, meter: &Meter) -> Result<bool, Failure> {
    if found.name != asset.name || !found.is_uploaded() || found.size != asset.size {
        return Ok(false);
    }
    let sha256 = match found.digest {
        Some(digest) => Some(digest),
        None => match x.github.reader().asset_fingerprint(found.id, asset.size, meter).await? {
            Downloaded::Bytes(found) => Some(found.fingerprint.sha256),
            Downloaded::TooLong => None,
            Downloaded::Missing(failure) => return Err(failure),
        },
    };
    Ok(sha256 == Some(asset.sha256))
}

fn mismatch(asset: &PlannedAsset, found: &Asset) -> Failure {
    Failure::new(Code::UploadMismatch, format!("The host holds other bytes of {} than were sent", asset.name))
        .why(format!("{}. It was removed; nothing of it is public.", sent_and_found(asset, found)))
        .fix("Run the same command again; what is done is not done twice")
}

/// An addition to a published release is public the moment it arrives: no draft keeps wrong bytes from clients.
fn spoilt(asset: &PlannedAsset, found: &Asset) -> Failure {
    Failure::new(Code::VerifyMismatch, format!("{} was published with other bytes than were sent", asset.name))
        .why(format!("{}. What is published stays, for ever.", sent_and_found(asset, found)))
        .fix("Set VERSION to the next version, and publish that")
}

/// Somebody else was faster, with other bytes.
fn taken(x: &Execution, asset: &PlannedAsset, found: &Asset) -> Failure {
    let what = format!("Somebody else published {} with other bytes of {}", x.plan.tag, asset.name);
    Failure::new(Code::TagConflict, what)
        .why(format!("{}. What is published stays, for ever; ours was not published.", sent_and_found(asset, found)))
        .fix("Set VERSION to the next version, and publish that")
}

/// What was sent, and what the host holds instead.
fn sent_and_found(asset: &PlannedAsset, found: &Asset) -> String {
    let ours = Fingerprint { size: asset.size, sha256: asset.sha256 };
    let theirs = found.digest.map_or_else(|| "no digest".to_owned(), |digest| format!("SHA-256 {digest}"));
    format!("sent: {ours}; there: `{}`, {}, {} bytes, {theirs}", found.name, found.state, found.size)
}

fn used_up(asset: &PlannedAsset, last: &Failure) -> Failure {
    Failure::new(Code::UploadRetries, format!("{} did not arrive, however often it was sent", asset.name))
        .why(format!("{}. {}", last.what, last.why))
        .fix("Check the network, then run the same command again; what is done is not done twice")
}
