//! `inbox`: it exists, the expected files are there, others are named.

use super::{Finding, Snapshot};
use crate::engine::event::CheckState;
use crate::engine::snapshot::TagState;
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::world::signing::beside;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let finding = judge(facts).await;
    let blocks = finding.failure.as_ref().is_some_and(|failure| failure.exit() == Exit::Blocked);
    if finding.state != CheckState::Failed || !blocks {
        return finding;
    }
    // A run that died after its publication needs no inbox to be finished.
    match (facts.tag().await, facts.tag_name().await) {
        (Ok(TagState { published: Some(_), .. }), Ok(tag)) => Finding {
            failure: finding.failure.map(|failure| {
                failure.fix(format!(
                    "{tag} is public already; to finish it without an inbox: nexy-release manifest point {tag}"
                ))
            }),
            ..finding
        },
        _ => finding,
    }
}

async fn judge(facts: &Snapshot) -> Finding {
    let inbox = facts.readers.workspace.inbox().display();
    let listing = match facts.listing().await {
        Err(failure) => return Finding::failed(failure),
        Ok(None) => {
            return Finding::failed(
                Failure::new(Code::InboxMissing, format!("The inbox is missing: {inbox}"))
                    .why("What is published comes from there.")
                    .fix(format!("mkdir -p '{inbox}' && touch '{inbox}/.gitkeep'"))
                    .fix(format!("cp dist/Nexy.dmg dist/Nexy.pkg LATEST_CHANGES.md '{inbox}/'")),
            );
        }
        Ok(Some(listing)) => listing,
    };
    let expected = &facts.settings.release.assets;
    let here = |name: &str| listing.names.contains(name);
    let mut missing: Vec<_> =
        expected.iter().filter(|asset| asset.required && !here(&asset.name)).map(|asset| asset.name.clone()).collect();
    if !expected.iter().any(|asset| asset.kind.is_package() && here(&asset.name)) {
        let packages = expected.iter().filter(|asset| asset.kind.is_package()).map(|asset| asset.name.as_str());
        missing.push(packages.collect::<Vec<_>>().join(" or "));
    }
    if !missing.is_empty() {
        return Finding::failed(
            Failure::new(Code::InboxIncomplete, format!("Missing in the inbox: {}", missing.join(", ")))
                .why("A release needs its notes and at least one package.")
                .fix(format!("cp FILE '{inbox}/'"))
                .fix(format!("ls -la '{inbox}'")),
        );
    }
    if let Some(served) = facts.settings.release.manifest_asset().filter(|asset| !here(&asset.name)) {
        return Finding::warning(
            Failure::new(Code::InboxIncomplete, format!("No {}: the manifest stays untouched", served.name))
                .why(
                    "Clients are told about a version by its manifest entry; this one will be public, and not offered.",
                )
                .fix(format!("If it was forgotten: cp {} '{inbox}/'", served.name)),
        );
    }
    let count = expected.iter().filter(|asset| here(&asset.name)).count();
    let signature = facts.settings.release.manifest_asset().map(|asset| beside(&asset.name));
    let known = |name: &String| expected.iter().any(|asset| asset.name == *name) || signature.as_ref() == Some(name);
    let others: Vec<_> = listing.names.iter().filter(|name| !known(name)).cloned().collect();
    if others.is_empty() {
        return Finding::ok(format!("{count} files"));
    }
    let others = others.join(", ");
    Finding::warning(
        Failure::new(Code::InboxIncomplete, format!("{count} files; not published: {others}"))
            .why("Only the files that `release.asset` names are published.")
            .fix("Remove them, or name them in release.toml under [[release.asset]]"),
    )
}
