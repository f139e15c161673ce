//! `same-bytes`: the DMG is not an earlier version's, byte for byte.

use super::{Finding, Snapshot};
use crate::release::artifact::Kind;
use crate::release::code::Code;
use crate::release::failure::Failure;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    match find(facts).await {
        Ok(finding) => finding,
        Err(failure) => Finding::unjudged(&failure).waivable(),
    }
}

async fn find(facts: &Snapshot) -> Result<Finding, Failure> {
    let version = facts.version().await?;
    let artifacts = facts.artifacts().await?;
    let Some(dmg) = artifacts.iter().find(|artifact| artifact.kind == Kind::Dmg) else {
        return Ok(Finding::ok("no DMG"));
    };
    let ours = dmg.inspected.as_ref().map_err(Clone::clone)?.fingerprint;
    let tags = &facts.settings.release.tag;
    for release in facts.releases().await?.iter().filter(|release| !release.draft) {
        let Some(earlier) = tags.version_of(&release.tag).filter(|earlier| *earlier != version) else { continue };
        for asset in release.assets.iter().filter(|asset| asset.is_uploaded() && asset.size == ours.size) {
            let theirs = match asset.digest {
                Some(digest) => digest,
                // Only on an equal size, and only for a release from before GitHub reported digests.
                None => facts.hash_asset(asset.id, asset.size, &asset.name).await?,
            };
            if theirs == ours.sha256 {
                return Ok(Finding::failed(
                    Failure::new(
                        Code::SameBytes,
                        format!("{} is {}'s {}, byte for byte", dmg.name, earlier, asset.name),
                    )
                    .why("Clients would update to what they have already, under another number.")
                    .fix(format!("Build {version}, and copy the new {} into the inbox", dmg.name))
                    .fix("If it is meant so: nexy-release publish --waive same-bytes=REASON"),
                )
                .waivable());
            }
        }
    }
    Ok(Finding::ok("no other version has these bytes"))
}
