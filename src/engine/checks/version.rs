//! `version`: well-formed, and not lower than what clients may have already.

use super::{Finding, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::journal::Entry;
use crate::release::version::Version;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let version = match facts.version().await {
        Ok(version) => version,
        Err(failure) => return Finding::failed(failure),
    };
    let published = match facts.published_versions().await {
        Ok(published) => published,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let manifests = match facts.manifests().await {
        Ok(manifests) => manifests,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let tags = &facts.settings.release.tag;
    let served = manifests
        .iter()
        .filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok()?.url_version(tags))
        .map(|version| (version, "the manifest's artifact.url"));
    let highest = published
        .into_iter()
        .map(|version| (version, "a published tag"))
        .chain(served)
        .max_by_key(|(version, _)| *version);
    match facts.journal().await {
        Err(failure) => return Finding::failed(failure),
        Ok(journal) => {
            if let Some(entry) = journal.withdrawal(&version) {
                return Finding::failed(withdrawn(facts, version, &entry));
            }
        }
    }
    judge(facts, version, highest)
}

/// Clients would be offered again what was taken back, by whoever runs the same command once more.
fn withdrawn(facts: &Snapshot, version: Version, entry: &Entry) -> Failure {
    let (reason, tag) = (entry.reason.clone().unwrap_or_default(), facts.settings.release.tag.tag(&version));
    Failure::new(Code::VersionWithdrawn, format!("{version} was withdrawn on {:.0}: {reason}", entry.time))
        .why("Publishing it again would offer it to every client again.")
        .fix(facts.set_version(&version.next()))
        .fix(format!("To offer it again all the same: nexy-release manifest point {tag}"))
}

fn judge(facts: &Snapshot, version: Version, highest: Option<(Version, &str)>) -> Finding {
    match highest {
        None => Finding::ok(format!("{version}, the first one")),
        Some((highest, place)) if version < highest => Finding::failed(
            Failure::new(Code::VersionLower, format!("VERSION is {version}, but {highest} is published already"))
                .why(format!("{highest} stands in {place}; clients never go back to a lower version."))
                .fix(facts.set_version(&highest.next())),
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
