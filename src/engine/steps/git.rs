//! `git`: the manifests committed, nothing else with them, and pushed to the code repository, never by force. What is
//! there already decides: a rerun goes on where an earlier run stopped.

use super::Summary;
use crate::engine::event::NoteKind;
use crate::engine::execution::Execution;
use crate::engine::feed::Events;
use crate::engine::routing::{self, Branch, Route, message};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::manifest::Manifest;
use crate::release::plan::Plan;
use crate::release::version::Version;
use crate::settings::Settings;
use crate::world::files;
use crate::world::git::writer::{Pushed, Writer};

/// Where the manifests are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// Git was not asked for.
    No,
    /// In this repository.
    Committed {
        /// Whether this run did it.
        new: bool,
        /// The command that brings it on.
        push: String,
    },
    /// In the code repository.
    Pushed {
        /// Whether this run did it.
        new: bool,
        /// The commit, shortened.
        commit: String,
        /// Remote and branch, for people.
        place: String,
    },
}

impl Delivered {
    /// Whether this run did it.
    pub fn is_new(&self) -> bool {
        match self {
            Self::No => false,
            Self::Committed { new, .. } | Self::Pushed { new, .. } => *new,
        }
    }
}

/// What is delivered, and how.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// In force.
    pub settings: &'a Settings,
    /// The release whose manifests they are.
    pub plan: &'a Plan,
    /// Whether a higher version in the code repository may be taken back.
    pub withdraws: bool,
}

/// Delivers as the settings say.
pub async fn run(x: &Execution) -> Result<(Summary, Delivered), Failure> {
    let job = Job { settings: &x.snapshot.settings, plan: &x.plan, withdraws: false };
    deliver(job, &x.git, &x.events).await
}

/// Commits the manifests of a plan and pushes them, where that is asked for.
pub async fn deliver(job: Job<'_>, git: &Writer, events: &Events) -> Result<(Summary, Delivered), Failure> {
    let switches = &job.settings.git;
    if !switches.commit_manifest {
        return Ok((Summary::skipped("git.commit_manifest = false"), Delivered::No));
    }
    let Some(manifest) = &job.plan.manifest else {
        return Ok((Summary::skipped("no manifest was written"), Delivered::No));
    };
    let paths: Vec<_> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    // Time has passed since the check: it is looked at where git leads now.
    let found = routing::find(job.settings, git.reader()).await;
    let found = found.map_err(|failure| undone(Code::GitCommit, job.plan, failure))?;
    let (route, branch) =
        routing::ready(&found, git.reader()).await.map_err(|failure| undone(Code::GitCommit, job.plan, failure))?;
    let local =
        commit(job, git, &branch, &paths).await.map_err(|failure| undone(Code::GitCommit, job.plan, failure))?;
    if let Err(failure) = git.refresh(&paths).await {
        events.note(
            NoteKind::Warning,
            format!("The commit is made; git's index still has the manifests of before: {}", failure.what),
        );
    }
    if !switches.push_manifest {
        let push = format!("git push {} {}:{}", route.remote, branch.here, branch.there);
        let summary = if local.new {
            Summary::ok(format!("{} on {}", short(&local.commit), branch.here))
        } else {
            Summary::skipped(format!("committed already on {}", branch.here))
        };
        return Ok((summary, Delivered::Committed { new: local.new, push }));
    }
    let pushed = push(job, git, &route, &branch, &paths, &local.commit).await;
    let (pushed, new) = pushed.map_err(|failure| undone(Code::GitPush, job.plan, failure))?;
    let place = format!("{} {} ({})", route.remote, branch.there, route.address);
    let summary = if new {
        events.marker("Manifest changes pushed to remote");
        Summary::ok(format!("{} in {place}", short(&pushed)))
    } else {
        Summary::skipped(format!("pushed already, {}", short(&pushed)))
    };
    if new && pushed != local.commit {
        events.note(NoteKind::Info, format!(
            "{} of {} has other commits than this repository: the one with the manifests was made anew on top of them. `git pull --rebase` brings {} up to date.",
            branch.there, route.remote, branch.here
        ));
    }
    Ok((summary, Delivered::Pushed { new, commit: short(&pushed).to_owned(), place }))
}

struct Local {
    commit: String,
    new: bool,
}

/// The commit on the branch that is checked out; none is made where its files are committed already.
async fn commit(job: Job<'_>, git: &Writer, branch: &Branch, paths: &[&str]) -> Result<Local, Failure> {
    let reader = git.reader();
    for path in paths {
        refuse_pending(job, &reader.path(path), path)?;
    }
    let head = reader.resolve("HEAD^{commit}").await?;
    let tree = git.tree(head.as_deref(), paths).await?;
    if let Some(head) = &head
        && reader.resolve(&format!("{head}^{{tree}}")).await?.as_ref() == Some(&tree)
    {
        return Ok(Local { commit: head.clone(), new: false });
    }
    let message = message(&job.plan.tag);
    let commit = git.commit(&tree, head.as_deref(), &message).await?;
    git.advance(&branch.here, &commit, head.as_deref(), &message).await?;
    Ok(Local { commit, new: true })
}

/// A manifest whose version is ahead of its URL offers what is not there.
fn refuse_pending(job: Job<'_>, file: &std::path::Path, path: &str) -> Result<(), Failure> {
    let bytes = files::read(file)?.unwrap_or_default();
    let says = Manifest::parse(&bytes).ok();
    let offered = says.as_ref().and_then(|says| says.url_version(&job.settings.release.tag));
    if offered.is_some() && offered == says.and_then(|says| says.version()) && offered == Some(job.plan.version) {
        return Ok(());
    }
    Err(Failure::new(Code::GitCommit, format!("{path} does not say what {} is", job.plan.tag))
        .why("Somebody else changed it after it was written; what it says now is not committed.")
        .fix(format!("git diff -- '{path}'")))
}

/// The commit on top of the remote's branch; where that moves on meanwhile, once more. Answers the commit, and whether
/// this run brought it there.
async fn push(
    job: Job<'_>,
    git: &Writer,
    route: &Route,
    branch: &Branch,
    paths: &[&str],
    local: &str,
) -> Result<(String, bool), Failure> {
    let (reader, remote) = (git.reader(), route.remote.as_str());
    for _ in 0..2 {
        let tip = reader.tip(remote, &branch.there).await?;
        let commit = match &tip {
            // The branch is new there, with all that it has here.
            None => local.to_owned(),
            Some(tip) => {
                git.fetch(remote, &branch.there).await?;
                let tree = git.tree(Some(tip), paths).await?;
                if reader.resolve(&format!("{tip}^{{tree}}")).await?.as_ref() == Some(&tree) {
                    return Ok((tip.clone(), false));
                }
                refuse_higher(job, git, tip, paths[0]).await?;
                let same = reader.resolve(&format!("{local}^{{tree}}")).await?.as_ref() == Some(&tree);
                if same && reader.is_before(tip, local).await? {
                    local.to_owned()
                } else {
                    git.commit(&tree, Some(tip), &message(&job.plan.tag)).await?
                }
            }
        };
        if git.push(remote, &commit, &branch.there).await? == Pushed::Taken {
            return verified(git, route, branch, commit).await.map(|commit| (commit, true));
        }
    }
    Err(Failure::new(Code::GitPush, format!("{} of {remote} moved on each time while it was pushed to", branch.there))
        .why("Others push there at the same time; nothing is forced."))
}

/// The remote has it now, by its own word.
async fn verified(git: &Writer, route: &Route, branch: &Branch, commit: String) -> Result<String, Failure> {
    let tip = git.reader().tip(&route.remote, &branch.there).await?;
    if tip.as_ref() == Some(&commit) {
        return Ok(commit);
    }
    if let Some(tip) = &tip {
        git.fetch(&route.remote, &branch.there).await?;
        if git.reader().is_before(&commit, tip).await? {
            return Ok(commit);
        }
    }
    let there = tip.map_or_else(|| "nothing".to_owned(), |tip| short(&tip).to_owned());
    Err(Failure::new(Code::GitPush, format!("{} of {} does not have the commit", branch.there, route.remote))
        .why(format!("pushed: {}; there: {there}.", short(&commit))))
}

/// What somebody else released meanwhile is not taken back by a run that comes late.
async fn refuse_higher(job: Job<'_>, git: &Writer, tip: &str, path: &str) -> Result<(), Failure> {
    if job.withdraws {
        return Ok(());
    }
    let text = git.reader().text(tip, path).await?;
    let there: Option<Version> = text.and_then(|text| Manifest::parse(text.as_bytes()).ok()?.version());
    match there.filter(|there| *there > job.plan.version) {
        None => Ok(()),
        Some(there) => Err(Failure::new(Code::GitPush, format!("The code repository offers {there} already"))
            .why(format!("{} would take it back.", job.plan.version))
            .fix("git pull --rebase")
            .fix("Look at VERSION, and at what was released")),
    }
}

/// What became of the release is said with it: nothing of it is undone.
fn undone(code: Code, plan: &Plan, failure: Failure) -> Failure {
    if failure.code == Code::Interrupted {
        return failure;
    }
    let what = match code {
        Code::GitPush => format!("The manifests of {} are committed here, and not pushed: {}", plan.tag, failure.what),
        _ => format!("The manifests of {} are written, and not committed: {}", plan.tag, failure.what),
    };
    let mut undone = Failure::new(code, what).why(failure.why);
    undone.fix = failure.fix;
    undone.fix("Run the same command again: it goes on with git")
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
