//! `version`: well-formed, and not lower than what clients may have already.

use super::{Finding, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::journal::Ending;
use crate::release::version::Version;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let version = match facts.version().await {
        Ok(version) => version,
        Err(failure) => return Finding::failed(failure),
    };
    let releases = match facts.releases().await {
        Ok(releases) => releases,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let manifests = match facts.manifests().await {
        Ok(manifests) => manifests,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let tags = &facts.settings.release.tag;
    let published =
        releases.iter().filter(|release| !release.draft).filter_map(|release| tags.version_of(&release.tag));
    let served = manifests
        .iter()
        .filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok()?.url_version(tags))
        .map(|version| (version, "the manifest's artifact.url"));
    let highest =
        published.map(|version| (version, "a published tag")).chain(served).max_by_key(|(version, _)| *version);
    match withdrawn(facts, version) {
        Some(warning) if highest.is_some_and(|(highest, _)| highest == version) => Finding::warning(warning),
        _ => judge(version, highest),
    }
}

/// Clients would be offered again what was taken back. The journal is evidence, not authority: it warns.
fn withdrawn(facts: &Snapshot, version: Version) -> Option<Failure> {
    let journal = facts.readers.workspace.journal().ok()?;
    let last = journal.entries().filter(|entry| entry.outcome == Ending::Done && !entry.manifest.is_empty()).last()?;
    let reason = last.reason.filter(|_| last.withdrawn == Some(version))?;
    Some(
        Failure::new(Code::VersionWithdrawn, format!("{version} was withdrawn on {:.0}: {reason}", last.time))
            .why("Publishing it again offers it to every client again.")
            .fix("Set VERSION to the next version: echo X.Y.Z.W > VERSION")
            .fix(format!(
                "If it is meant so: nexy-release manifest point {}",
                facts.settings.release.tag.tag(&version)
            )),
    )
}

fn judge(version: Version, highest: Option<(Version, &str)>) -> Finding {
    match highest {
        None => Finding::ok(format!("{version}, the first one")),
        Some((highest, place)) if version < highest => Finding::failed(
            Failure::new(Code::VersionLower, format!("VERSION is {version}, but {highest} is published already"))
                .why(format!("{highest} stands in {place}; clients never go back to a lower version."))
                .fix("Set VERSION to the next version: echo X.Y.Z.W > VERSION"),
        ),
        Some((highest, _)) if version == highest => Finding::ok(format!("{version}, published already")),
        Some((highest, _)) if version.follows(&highest) => Finding::ok(format!("{highest} → {version}")),
        Some((highest, _)) => Finding::warning(
            Failure::new(Code::VersionLower, format!("{highest} → {version} is an unusual jump"))
                .why("Usually one number goes up by one. A version cannot be taken back once it is published.")
                .fix("If it is a slip, correct VERSION"),
        ),
    }
}
