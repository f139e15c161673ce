//! `signature`: it is one of this DMG, and no private key lies where others find it.

use super::{Finding, Snapshot};
use crate::engine::event::CheckState;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::signature::PublicKey;
use crate::world::signing;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let key = match facts.public_key() {
        Ok(key) => key,
        Err(failure) => return Finding::failed(failure),
    };
    let finding = judge(facts, key.is_some()).await;
    match exposed(facts, key.as_ref()).await {
        Ok(None) => finding,
        Ok(Some(exposure)) if blocks(&finding) => beside(finding, &exposure),
        Err(_) if blocks(&finding) => finding,
        Ok(Some(failure)) | Err(failure) => Finding::warning(failure),
    }
}

fn blocks(finding: &Finding) -> bool {
    matches!(finding.state, CheckState::Failed | CheckState::Unknown)
}

/// What blocks, and that a key is exposed.
fn beside(finding: Finding, exposure: &Failure) -> Finding {
    let failure = finding.failure.map(|failure| {
        let why = format!("{} Also: {}. {}", failure.why, exposure.what, exposure.why);
        exposure.fix.iter().fold(failure.why(why), |failure, fix| failure.fix(fix.clone()))
    });
    Finding { failure, ..finding }
}

async fn judge(facts: &Snapshot, expected: bool) -> Finding {
    let artifacts = match facts.artifacts().await {
        Ok(artifacts) => artifacts,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let served = facts.settings.release.manifest_asset();
    let Some(dmg) = artifacts.iter().find(|artifact| served.is_some_and(|asset| asset.name == artifact.name)) else {
        return Finding::skipped("no DMG");
    };
    if !expected {
        return unexpected(facts, &dmg.name).await;
    }
    if let Err(failure) = &dmg.inspected {
        return Finding::unjudged(failure);
    }
    match facts.signature().await {
        Err(failure) => Finding::failed(failure),
        Ok(None) => Finding::skipped("none is expected"),
        Ok(Some(signed)) => Finding::ok(format!("holds, from {}", signed.from)),
    }
}

async fn unexpected(facts: &Snapshot, dmg: &str) -> Finding {
    let beside = signing::beside(dmg);
    let lies_there = matches!(facts.listing().await, Ok(Some(listing)) if listing.names.contains(&beside));
    if !lies_there {
        return Finding::skipped("signing.public_key is not set");
    }
    Finding::warning(
        Failure::new(Code::SignatureMissing, format!("{beside} is there, and signing.public_key is not set"))
            .why("What cannot be verified is not handed on: the manifest will have no signature.")
            .fix("Set signing.public_key in release.toml to the key that clients have (SUPublicEDKey)"),
    )
}

/// Private keys in the inbox, or tracked by git: whoever has one can sign updates for every client.
async fn exposed(facts: &Snapshot, key: Option<&PublicKey>) -> Result<Option<Failure>, Failure> {
    let reader = &facts.readers.workspace;
    let names = facts.listing().await.ok().and_then(Option::as_ref).map(|listing| &listing.names);
    let in_inbox = names.into_iter().flatten().find(|name| signing::is_private_key(&reader.artifact(name), key));
    if let Some(name) = in_inbox {
        return Ok(Some(exposure(format!("{name} in the inbox is a private key")).fix(format!(
            "mv '{}' ~/   (outside the workspace; name it in signing.key_file if it signs)",
            reader.artifact(name).display()
        ))));
    }
    // Without git nothing is tracked.
    if !matches!(facts.readers.git.is_repository().await, Ok(true)) {
        return Ok(None);
    }
    let found = facts.readers.git.may_hold_keys().await?;
    let mut tracked = Vec::new();
    for path in &found {
        let text = facts.readers.git.tracked(path).await?;
        if signing::holds_private_key(path.as_ref(), text.as_bytes(), key) {
            tracked.push(format!("'{path}'"));
        }
    }
    if tracked.is_empty() {
        return Ok(None);
    }
    let tracked = tracked.join(" ");
    Ok(Some(
        exposure(format!("git tracks a private key: {tracked}"))
            .fix("Make a new key, and give clients its public half with an update that the old key signs")
            .fix(format!("git rm --cached {tracked}   (it stays in the history: the key is known)"))
            .fix("Keep keys outside the workspace: signing.key_env or signing.key_file"),
    ))
}

fn exposure(what: String) -> Failure {
    Failure::new(Code::SignatureExposed, what)
        .why("Whoever has the private key can sign updates that every client installs.")
}
