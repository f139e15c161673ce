//! `tag-state`: absent, our draft, a foreign draft, published equal, published different, several drafts.

use jiff::{Timestamp, Unit};

use super::{Finding, Snapshot};
use crate::engine::snapshot::TagState;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::github::model::Release;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let tag = match facts.tag_name().await {
        Ok(tag) => tag,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let (state, artifacts) = match futures::try_join!(facts.remote(), facts.artifacts()) {
        Ok(known) => known,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let Some(published) = &state.published else { return judge_drafts(&tag, state) };
    let mut missing = 0;
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
            _ => missing += 1,
        }
    }
    if !different.is_empty() {
        let (repo, inbox) = (&facts.settings.release.repo, facts.readers.workspace.inbox().display());
        let patterns = different.join(" --pattern ");
        return Finding::failed(
            Failure::new(Code::TagConflict, format!("{tag} is published with other bytes of {}", different.join(", ")))
                .why(format!("{} What is published stays, for ever.", why.join(" ")))
                .fix("To publish these bytes, give them the next version: echo X.Y.Z.W > VERSION")
                .fix(format!("To keep what is published: gh release download {tag} --repo {repo} --pattern {patterns} --dir '{inbox}' --clobber")),
        );
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
        _ => Finding::warning(
            Failure::new(Code::TagConflict, format!("{tag} is published without {missing} of these assets"))
                .why("They are added to it; what is there stays as it is.")
                .fix("If it is not meant so, take them out of the inbox"),
        ),
    }
}

fn judge_drafts(tag: &str, state: &TagState) -> Finding {
    if let Some(foreign) = state.foreign.first() {
        let ours = if state.ours.is_empty() { "" } else { " beside ours" };
        let who = state.foreign.iter().map(describe).collect::<Vec<_>>().join(", ");
        return Finding::failed(
            Failure::new(Code::TagForeignDraft, format!("A draft of {tag} that is not ours{ours}: {who}"))
                .why("Somebody else may be publishing this version. It is never adopted, changed or deleted.")
                .fix(format!("Ask {} whether it is still needed", foreign.author))
                .fix("To go on beside it with our own: nexy-release publish --waive tag-state=REASON"),
        )
        .waivable();
    }
    match state.ours.as_slice() {
        [] => Finding::ok(format!("{tag} is free")),
        [draft] => Finding::ok(format!("our unfinished draft of {tag}, {} assets", draft.assets.len())),
        drafts => Finding::ok(format!("{} unfinished drafts of ours; the oldest is taken up", drafts.len())),
    }
}

fn describe(release: &Release) -> String {
    let age = release.created.map(|created| Timestamp::now().duration_since(created));
    let age = age.and_then(|age| age.round(Unit::Minute).ok());
    match age {
        Some(age) => format!("by {}, {age:#} old, {} assets", release.author, release.assets.len()),
        None => format!("by {}, {} assets", release.author, release.assets.len()),
    }
}
