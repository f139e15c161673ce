//! `notes`: they are not empty, and of this version.

use super::{Finding, Snapshot};
use crate::release::artifact::Kind;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::notes;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let version = match facts.version().await {
        Ok(version) => version,
        Err(failure) => return Finding::unjudged(&failure),
    };
    let text = match facts.notes().await {
        Ok(Some(text)) => text,
        Ok(None) if !facts.settings.release.assets.iter().any(|asset| asset.kind == Kind::Notes && asset.required) => {
            return Finding::skipped("no notes are published");
        }
        Ok(None) => return Finding::unjudged(&Failure::new(Code::InboxIncomplete, "there are no release notes")),
        Err(failure) if failure.code == Code::NotesNotReady => return Finding::failed(failure).waivable(),
        Err(failure) => return Finding::unjudged(&failure),
    };
    match notes::judge(text, &version) {
        Ok(()) => Finding::ok(format!("cycle {version}")),
        Err(error) => Finding::failed(
            Failure::new(Code::NotesNotReady, format!("LATEST_CHANGES.md is not ready: {error}"))
                .why("It becomes the text of the release page, for ever.")
                .fix(format!("Enter the changes, and the line `Цикл версии: {version}` or `Release cycle: {version}`"))
                .fix("If it is right all the same: nexy-release publish --waive notes=REASON"),
        )
        .waivable(),
    }
}
