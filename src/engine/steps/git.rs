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
    let unready = |failure| undone(Code::GitCommit, job.plan, failure);
    // Time has passed since the check: it is looked at where git leads now.
    let found = routing::find(job.settings, git.reader()).await.map_err(unready)?;
    let (route, branch) = routing::ready(job.settings, &found, git.reader()).await.map_err(unready)?;
    for path in &paths {
        routing::refuse_link(git.reader(), path).map_err(unready)?;
        refuse_pending(job, &git.reader().path(path), path).map_err(unready)?;
    }
    for lock in git.clear_up().await.map_err(unready)? {
        events.note(NoteKind::Info, format!("{} was left by a run that was killed, and is removed", lock.display()));
    }
    let delivery = Delivery { job, git, events, branch: &branch, paths: &paths };
    if switches.push_manifest {
        return delivery.to_remote(&route).await;
    }
    let (commit, new) = delivery.here().await.map_err(unready)?;
    delivery.refresh().await;
    let push = format!("git push {} {}:{}", route.remote, branch.here, branch.there);
    let summary = if new {
        Summary::ok(format!("{} on {}", short(&commit), branch.here))
    } else {
        Summary::skipped(format!("committed already on {}", branch.here))
    };
    Ok((summary, Delivered::Committed { new, push }))
}

/// A delivery under way.
struct Delivery<'a> {
    job: Job<'a>,
    git: &'a Writer,
    events: &'a Events,
    branch: &'a Branch,
    paths: &'a [&'a str],
}

impl Delivery<'_> {
    /// The commit on the branch that is checked out; none is made where its files are committed already. Answers the
    /// commit, and whether this run made it.
    async fn here(&self) -> Result<(String, bool), Failure> {
        let (git, message) = (self.git, message(&self.job.plan.tag));
        let head = git.reader().resolve("HEAD^{commit}").await?;
        let tree = git.tree(head.as_deref(), self.paths).await?;
        if let Some(head) = &head
            && self.tree_of(head).await?.as_ref() == Some(&tree)
        {
            return Ok((head.clone(), false));
        }
        let commit = git.commit(&tree, head.as_deref(), &message).await?;
        self.move_to(&commit, head.as_deref()).await?;
        Ok((commit, true))
    }

    async fn to_remote(&self, route: &Route) -> Result<(Summary, Delivered), Failure> {
        let Branch { there, .. } = self.branch;
        let pushed = self.push(route).await;
        let (pushed, new) = pushed.map_err(|failure| undone(Code::GitPush, self.job.plan, failure))?;
        let place = format!("{} {there} ({})", route.remote, route.address);
        let summary = if new {
            self.events.marker("Manifest changes pushed to remote");
            Summary::ok(format!("{} in {place}", short(&pushed)))
        } else {
            Summary::skipped(format!("pushed already, {}", short(&pushed)))
        };
        match self.follow(&pushed, route).await {
            Err(failure) if failure.code == Code::Interrupted => return Err(failure),
            Err(failure) => self.warn(&format!("{} here stays where it is", self.branch.here), &failure),
            Ok(()) => {}
        }
        Ok((summary, Delivered::Pushed { new, commit: short(&pushed).to_owned(), place }))
    }

    /// Our commit on what the remote has, and nothing else with it; where that moves on meanwhile, once more. Answers what
    /// the remote is at, and whether this run brought it there.
    async fn push(&self, route: &Route) -> Result<(String, bool), Failure> {
        let (git, reader, remote) = (self.git, self.git.reader(), route.remote.as_str());
        let there = &self.branch.there;
        for _ in 0..2 {
            let tip = reader.tip(remote, there).await?;
            let base = match &tip {
                Some(tip) => {
                    git.fetch(remote, there).await?;
                    Some(tip.clone())
                }
                None => self.begun_at(remote).await?,
            };
            let tree = git.tree(base.as_deref(), self.paths).await?;
            let of_base = match &base {
                Some(base) => self.tree_of(base).await?,
                None => None,
            };
            let commit = match base {
                // What is there has them already.
                Some(base) if of_base.as_ref() == Some(&tree) => {
                    if tip.is_some() {
                        return Ok((base, false));
                    }
                    base
                }
                base => {
                    if let Some(base) = &base {
                        refuse_higher(self.job, git, base, self.paths[0]).await?;
                    }
                    self.commit(&tree, base.as_deref()).await?
                }
            };
            if git.push(remote, &commit, there).await? == Pushed::Taken {
                return verified(git, route, self.branch, commit).await.map(|commit| (commit, true));
            }
        }
        Err(Failure::new(Code::GitPush, format!("{there} of {remote} moved on each time while it was pushed to"))
            .why("Others push there at the same time; nothing is forced."))
    }

    /// Where a branch begins that the remote does not have: what is checked out, where others have all of that.
    async fn begun_at(&self, remote: &str) -> Result<Option<String>, Failure> {
        let reader = self.git.reader();
        let Some(head) = reader.resolve("HEAD^{commit}").await? else { return Ok(None) };
        for tip in reader.tips(remote).await? {
            // What is not known here cannot tell.
            let known = reader.resolve(&format!("{tip}^{{commit}}")).await?.is_some();
            if known && reader.is_before(&head, &tip).await? {
                return Ok(Some(head));
            }
        }
        let Branch { here, there } = self.branch;
        Err(Failure::new(
            Code::GitPush,
            format!("{remote} has no branch {there} yet, and {here} has commits that are nowhere there"),
        )
        .why("A release pushes its own commit and nothing else; that of others is pushed by a person.")
        .fix(format!("git push {remote} {here}:{there}   (with all of its commits)")))
    }

    /// The commit with this tree; what is checked out, where that is just this.
    async fn commit(&self, tree: &str, base: Option<&str>) -> Result<String, Failure> {
        let (reader, message) = (self.git.reader(), message(&self.job.plan.tag));
        let head = reader.resolve("HEAD^{commit}").await?;
        if let (Some(head), Some(base)) = (head, base)
            && reader.resolve(&format!("{head}^")).await?.as_deref() == Some(base)
            && reader.resolve(&format!("{head}^2")).await?.is_none()
            && self.tree_of(&head).await?.as_deref() == Some(tree)
            && reader.message(&head).await? == message
        {
            return Ok(head);
        }
        self.git.commit(tree, base, &message).await
    }

    /// The branch here goes to what was pushed, where nothing but these files lies between; else it is left alone.
    async fn follow(&self, pushed: &str, route: &Route) -> Result<(), Failure> {
        let reader = self.git.reader();
        let head = reader.resolve("HEAD^{commit}").await?;
        let level = match &head {
            Some(head) if head == pushed => true,
            Some(head) if reader.is_before(pushed, head).await? => return Ok(()),
            Some(head) if reader.is_before(head, pushed).await? => {
                let tree = self.git.tree(Some(head), self.paths).await?;
                self.tree_of(pushed).await?.as_ref() == Some(&tree)
            }
            _ => false,
        };
        if !level {
            let Branch { here, there } = self.branch;
            // What is here is its owner's: a command that only looks is right whatever is changed, staged or put away.
            let since = if head.is_some() { "HEAD.." } else { "" };
            let text = format!(
                "{here} here stays where it is: it and {there} of {} have other commits. Bring it up to date when it suits you: the manifests are the same there. What it lacks: git log --oneline {since}{}",
                route.remote,
                short(pushed)
            );
            self.events.note(NoteKind::Info, text);
            return Ok(());
        }
        if head.as_deref() != Some(pushed) {
            self.move_to(pushed, head.as_deref()).await?;
        }
        self.refresh().await;
        Ok(())
    }

    async fn move_to(&self, commit: &str, old: Option<&str>) -> Result<(), Failure> {
        self.git.advance(&self.branch.here, commit, old, &message(&self.job.plan.tag)).await
    }

    /// git's index has the manifests as they were committed.
    async fn refresh(&self) {
        if let Err(failure) = self.git.refresh(self.paths).await {
            self.warn("The commit is made; git's index still has the manifests of before", &failure);
        }
    }

    /// Says what was left undone, and what mends it.
    fn warn(&self, what: &str, failure: &Failure) {
        let why = failure.what.to_string();
        let why = why.trim_end_matches('.');
        let mut fix: Vec<_> = failure.fix.iter().map(ToString::to_string).collect();
        fix.push("run the same command again: it goes on with git".to_owned());
        let text = format!("{what}: {why}. To mend it: {}", fix.join("; "));
        self.events.note(NoteKind::Warning, text);
    }

    async fn tree_of(&self, commit: &str) -> Result<Option<String>, Failure> {
        self.git.reader().resolve(&format!("{commit}^{{tree}}")).await
    }
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
            .fix(format!("git log --oneline {} -- '{path}'", short(tip)))
            .fix("Look at VERSION, and at what was released")),
    }
}

/// What became of the release is said with it: nothing of it is undone.
fn undone(code: Code, plan: &Plan, failure: Failure) -> Failure {
    if failure.code == Code::Interrupted {
        return failure;
    }
    let what = match code {
        Code::GitPush => {
            format!("The manifests of {} are written, and not in the code repository: {}", plan.tag, failure.what)
        }
        _ => format!("The manifests of {} are written, and not committed: {}", plan.tag, failure.what),
    };
    let mut undone = Failure::new(code, what).why(failure.why);
    undone.fix = failure.fix;
    undone.fix("Run the same command again: it goes on with git")
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
