//! `git-routing`: manifest commits lead to the code repository, and to nothing else.

use super::target_repo::is_code;
use super::{Finding, Snapshot};
use crate::engine::routing::{Routing, ready};

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let (repo, git) = (&facts.settings.release.repo, &facts.settings.git);
    if repo.is(&git.expected_repo) {
        return is_code(repo.as_str());
    }
    let delivers = git.commit_manifest || git.push_manifest;
    let routing = match facts.routing().await {
        Ok(routing) => routing,
        Err(failure) if delivers => return Finding::failed(failure),
        Err(failure) => return Finding::warning(failure),
    };
    match routing {
        Routing::NoRepository if !delivers => Finding::skipped("no git repository"),
        Routing::Elsewhere(failure) if !delivers => Finding::warning(failure.clone()),
        Routing::To(route) if !delivers => Finding::ok(format!("{} is {}", route.remote, git.expected_repo)),
        routing => match ready(&facts.settings, routing, &facts.readers.git).await {
            Err(failure) => Finding::failed(failure),
            Ok((route, branch)) => {
                let act = if git.push_manifest { "commit and push" } else { "commit" };
                Finding::ok(format!("{act} on {}; {} is {}", branch.here, route.remote, git.expected_repo))
            }
        },
    }
}
