//! `artifacts`: regular, whole, at rest, and of the kind that their names say.

use super::{Finding, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::size;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let artifacts = match facts.artifacts().await {
        Ok(artifacts) => artifacts,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let mut bytes = 0;
    let mut wrong_kind = None;
    for artifact in artifacts {
        match &artifact.inspected {
            Err(failure) => return Finding::failed(failure.clone()),
            Ok(inspected) => {
                bytes += inspected.fingerprint.size;
                if let Err(why) = artifact.kind.judge(&inspected.head, &inspected.tail) {
                    wrong_kind.get_or_insert((artifact.name.clone(), why));
                }
            }
        }
    }
    match wrong_kind {
        None if artifacts.is_empty() => Finding::unjudged(&Failure::new(Code::InboxIncomplete, "no artifacts")),
        None => Finding::ok(format!("{} artifacts, {}", artifacts.len(), size(bytes))),
        Some((name, why)) => Finding::failed(
            Failure::new(Code::ArtifactKind, format!("{name} is not what its name says: {why}"))
                .why("Clients would download something that they cannot install.")
                .fix(format!("Build {name} again, and copy it into the inbox"))
                .fix("If it is right all the same: nexy-release publish --waive artifacts=REASON"),
        )
        .waivable(),
    }
}
