//! Whether a commit of the manifests can be made and brought on: looked at before anything is public.

use super::{Branch, Route, Routing};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::Settings;
use crate::world::git::reader::Reader;

const SWITCH: &str = "Or set git.commit_manifest and git.push_manifest to false, and commit by hand";

/// The route of a commit: there is one, a branch is checked out, nothing stands in the way, and git knows whose it is.
pub async fn ready(settings: &Settings, routing: &Routing, git: &Reader) -> Result<(Route, Branch), Failure> {
    let route = match routing {
        Routing::To(route) => route.clone(),
        Routing::Elsewhere(failure) => return Err(failure.clone()),
        Routing::NoRepository => {
            return Err(not_ready("The workspace is no git repository")
                .why("`git.commit_manifest` is set: the manifests are committed there.")
                .fix("Work in a clone of the code repository")
                .fix(SWITCH));
        }
    };
    // Before the branch: a rebase checks none out, and to switch to one would not end it.
    refuse_begun(git).await?;
    let Some(branch) = route.branch.clone() else {
        return Err(not_ready("No branch is checked out")
            .why("A commit that is on no branch is lost.")
            .fix("git switch main")
            .fix(SWITCH));
    };
    let paths: Vec<_> = settings.manifest.paths.iter().map(String::as_str).collect();
    for path in &paths {
        refuse_link(git, path)?;
    }
    refuse_unmerged(git, &paths).await?;
    if route.mirror && settings.git.push_manifest {
        let key = format!("remote.{}.mirror", route.remote);
        return Err(not_ready(format!("{} is a mirror: {key} is set", route.remote))
            .why("git would push every branch there, by force, and refuses to push one commit.")
            .fix(format!("git config --unset-all {key}"))
            .fix(SWITCH));
    }
    git.identity().await.map_err(|failure| match failure.code {
        Code::GitFailed => not_ready("git does not know whose commit it would be")
            .why(failure.what)
            .fix("git config user.name 'YOUR NAME'")
            .fix("git config user.email YOU@example.com"),
        _ => failure,
    })?;
    Ok((route, branch))
}

/// A branch that moves on below a merge or a rebase would make it end in something that nobody looked at.
async fn refuse_begun(git: &Reader) -> Result<(), Failure> {
    let Some(begun) = git.begun().await? else { return Ok(()) };
    let failure = not_ready(format!("A {} is under way in the workspace", begun.name))
        .why("A commit in between would change what it ends in.")
        .fix("git status");
    let failure = match begun.go_on {
        Some(go_on) => failure.fix(format!("{go_on}   (when its conflicts are settled)")),
        None => failure,
    };
    Err(failure.fix(format!("{}   (to take it back, with what was settled in it)", begun.back)).fix(SWITCH))
}

async fn refuse_unmerged(git: &Reader, paths: &[&str]) -> Result<(), Failure> {
    let unmerged = git.unmerged(paths).await?;
    if unmerged.is_empty() {
        return Ok(());
    }
    let files = unmerged.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(" ");
    Err(not_ready(format!("{} has a conflict in git that nobody has settled", unmerged.join(", ")))
        .why("A release would settle it without a word.")
        .fix(format!("git diff -- {files}"))
        .fix(format!("git add -- {files}   (when the file is as it should be)"))
        .fix(SWITCH))
}

/// git commits a link as a link: what is written behind it would never arrive.
pub fn refuse_link(git: &Reader, path: &str) -> Result<(), Failure> {
    let Some(link) = git.link(path) else { return Ok(()) };
    let failure = not_ready(format!("{} is a symbolic link", link.path))
        .why(format!("git commits the link, and not what is written to {path} behind it."));
    let failure = match link.real {
        Some(real) => failure.fix(format!("In release.toml name the real file in manifest.paths: \"{real}\"")),
        None if link.leads && link.path == path => failure
            .fix(format!("cp '{path}' '{path}.new' && mv '{path}.new' '{path}'   (the file itself in its place)")),
        None => failure.fix(format!("Put the file itself at {path}: git takes nothing from outside of the workspace")),
    };
    Err(failure.fix(SWITCH))
}

fn not_ready(what: impl Into<Clean>) -> Failure {
    Failure::new(Code::GitNotReady, what)
}
