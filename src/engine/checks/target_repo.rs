//! `target-repo`: it exists, this token may push, and it is not the code repository.

use super::{Finding, Snapshot};
use crate::engine::snapshot::repo_missing;
use crate::release::code::Code;
use crate::release::failure::Failure;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let (target, code) = (facts.settings.release.repo.as_str(), facts.settings.git.expected_repo.as_str());
    if target.eq_ignore_ascii_case(code) {
        return is_code(target);
    }
    let repo = match facts.repo().await {
        Err(failure) if failure.code == Code::AuthMissing => return Finding::unjudged(&failure),
        Err(failure) => return Finding::failed(failure),
        Ok(None) => return Finding::failed(repo_missing(&facts.settings)),
        Ok(Some(repo)) => repo,
    };
    if repo.full_name.eq_ignore_ascii_case(code) {
        return is_code(&repo.full_name);
    }
    if !repo.push {
        return Finding::failed(
            Failure::new(Code::RepoNoPush, format!("This token may not push to {}", repo.full_name))
                .why("A release needs push access.")
                .fix(format!("Ask the owner of {} for write access", repo.full_name))
                .fix("gh auth refresh --scopes repo"),
        );
    }
    let frozen = match repo.immutable_releases {
        Some(true) => "immutable releases",
        Some(false) => "releases stay editable",
        None => "immutable releases: cannot tell",
    };
    let left = facts.who().await.ok().and_then(|who| who.rate_remaining);
    let left = left.map_or_else(String::new, |left| format!(", {left} requests left"));
    Finding::ok(format!("{}, push, {frozen}{left}", repo.full_name))
}

/// The one repository would be the other.
pub(super) fn is_code(repo: &str) -> Finding {
    Finding::failed(
        Failure::new(Code::RepoIsCode, format!("{repo} is the code repository"))
            .why("Artifacts go to the artifact repository only; the code repository never gets a release.")
            .fix("Correct `release.repo` or `git.expected_repo` in release.toml"),
    )
}
