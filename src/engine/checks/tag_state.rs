//! `tag-state`: absent, our draft, a foreign draft, published equal, published different, several drafts.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Snapshot};
use crate::engine::snapshot::TagState;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::manifest::Manifest;
use crate::release::version::Version;
use crate::world::github::model::Release;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let (version, tag) = match futures::try_join!(facts.version(), facts.tag_name()) {
        Ok(known) => known,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let (state, artifacts) = match futures::try_join!(facts.remote(), facts.artifacts()) {
        Ok(known) => known,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let Some(published) = &state.published else { return judge_drafts(&tag, state) };
    let (mut missing, mut being_added) = (0, Vec::new());
    let (mut different, mut why) = (Vec::new(), Vec::new());
    for artifact in artifacts {
        let Ok(inspected) = &artifact.inspected else { continue };
        match state.published_asset(&artifact.name) {
            Some(asset) if asset.holds(&inspected.fingerprint) => {}
            Some(asset) if asset.uploaded => {
                let digest = asset.sha256.map_or_else(String::new, |sha256| format!(", SHA-256 {sha256}"));
                let (name, here) = (artifact.name.as_str(), &inspected.fingerprint);
                why.push(format!("{name} here: {here}; published: {} bytes{digest}.", asset.size));
                different.push(name);
            }
            half => {
                missing += 1;
                if half.is_some() && !state.adding.contains(&artifact.name) {
                    being_added.push(artifact.name.as_str());
                }
                let known = match known(facts, &artifact.name).await {
                    Ok(known) => known,
                    Err(failure) => return Finding::unjudged(&failure),
                };
                if let Some(before) = known.filter(|known| *known != inspected.fingerprint) {
                    let (name, here) = (artifact.name.as_str(), &inspected.fingerprint);
                    why.push(format!("{name} here: {here}; published before, and gone from the release: {before}."));
                    different.push(name);
                }
            }
        }
    }
    if !different.is_empty() {
        let failure =
            Failure::new(Code::TagConflict, format!("{tag} is published with other bytes of {}", different.join(", ")))
                .why(format!("{} What is published stays, for ever.", why.join(" ")))
                .fix(format!(
                    "To publish these bytes, give them the next version: {}",
                    facts.set_version(&version.next())
                ));
        let held = different.into_iter().filter(|name| published.asset(name).is_some());
        return Finding::failed(held.fold(failure, |failure, name| failure.fix(keep(facts, version, name))));
    }
    match missing {
        0 => Finding::ok(format!("{tag} is published, byte for byte")),
        _ if published.immutable == Some(true) => Finding::failed(
            Failure::new(
                Code::TagImmutable,
                format!("{tag} is published and immutable: {missing} assets cannot be added"),
            )
            .why("The host freezes a release when it is published.")
            .fix("Set VERSION to the next version, and publish that"),
        ),
        _ if !being_added.is_empty() => Finding::failed(being_sent(&tag, &being_added.join(", "))).waivable(),
        _ => Finding::warning(
            Failure::new(Code::TagConflict, format!("{tag} is published without {missing} of these assets"))
                .why("They are added to it; what is there stays as it is.")
                .fix("If it is not meant so, take them out of the inbox"),
        ),
    }
}

/// The failure for half-uploaded assets of a published release that this workspace did not begin to add.
pub(in crate::engine) fn being_sent(tag: &str, assets: &str) -> Failure {
    Failure::new(Code::TagBeingAdded, format!("Somebody may be adding {assets} to {tag} right now"))
        .why("What is half there was not sent from this workspace. It is not removed under somebody's hands.")
        .fix("Wait until they are done, then run the same command again")
        .fix("If nobody is: nexy-release publish --waive tag-state=REASON")
}

/// The command that brings what is published into the inbox.
fn keep(facts: &Snapshot, version: Version, name: &str) -> String {
    let (url, path) = (facts.settings.asset_url(&version, name), facts.readers.workspace.artifact(name));
    format!("To keep what is published: curl -fL '{url}' -o '{}'", path.display())
}

/// What this version's asset was, as the journal and the manifests know it: one that somebody removed from a release
/// is not put back with other bytes.
async fn known(facts: &Snapshot, name: &str) -> Result<Option<Fingerprint>, Failure> {
    let version = facts.version().await?;
    if let Some(published) = facts.journal().await?.published(&version, name) {
        return Ok(Some(published));
    }
    if facts.settings.release.manifest_asset().is_none_or(|asset| asset.name != name) {
        return Ok(None);
    }
    let manifests = facts.manifests().await?.iter().filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok());
    let mut offering = manifests.filter(|manifest| manifest.url_version(&facts.settings.release.tag) == Some(version));
    Ok(offering.find_map(Manifest::fingerprint))
}

fn judge_drafts(tag: &str, state: &TagState) -> Finding {
    if let Some(foreign) = state.foreign.first() {
        let ours = if state.ours.is_empty() { "" } else { ", beside our own" };
        let who = state.foreign.iter().map(describe).collect::<Vec<_>>().join(", ");
        return Finding::failed(
            Failure::new(Code::TagForeignDraft, format!("A foreign draft of {tag}{ours}: {who}"))
                .why("Somebody else may be publishing this version. It is never adopted, changed or deleted. What another copy of this workspace began is foreign too.")
                .fix(format!("Ask {} whether it is still needed", foreign.author))
                .fix("To go on beside it with our own: nexy-release publish --waive tag-state=REASON"),
        )
        .waivable();
    }
    match state.ours.as_slice() {
        [] => Finding::ok(format!("{tag} is free")),
        [draft] => Finding::ok(format!("our unfinished draft of {tag}, {}", count(draft.assets.len()))),
        drafts => Finding::ok(format!("{} unfinished drafts of ours; the oldest is taken up", drafts.len())),
    }
}

fn describe(release: &Release) -> String {
    let age = release.created.map(|created| age(Timestamp::now().duration_since(created)));
    let age = age.map_or_else(String::new, |age| format!("{age} old, "));
    format!("by {}, {age}{}", release.author, count(release.assets.len()))
}

fn count(assets: usize) -> String {
    if assets == 1 { "1 asset".into() } else { format!("{assets} assets") }
}

/// In the largest unit that tells enough.
fn age(age: SignedDuration) -> String {
    let (hours, minutes) = (age.as_hours(), age.as_mins());
    let (number, unit) = match (hours, minutes) {
        (48.., _) => (hours / 24, "day"),
        (1.., _) => (hours, "hour"),
        _ => (minutes, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
