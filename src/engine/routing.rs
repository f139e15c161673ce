//! Where git leads: which remote is the code repository, and nothing else is (SPEC S7).

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::Settings;
use crate::world::git::address::is_repo;
use crate::world::git::reader::{Reader, Remote, Remotes};

pub use ready::{ready, refuse_link};

mod ready;

/// What was found.
#[derive(Debug, Clone)]
pub enum Routing {
    /// The workspace is in no repository.
    NoRepository,
    /// No remote is the code repository; the failure says what they are instead.
    Elsewhere(Failure),
    /// This one is.
    To(Route),
}

/// The remote that is the code repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its name.
    pub remote: String,
    /// Its address, for people.
    pub address: String,
    /// Whether git pushes everything there at once, and no single commit.
    pub mirror: bool,
    /// The branch that is checked out, and the one that it is pushed to; `None`: no branch is checked out.
    pub branch: Option<Branch>,
}

/// A branch, here and in the code repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Here.
    pub here: String,
    /// There.
    pub there: String,
}

/// Looks at every remote: what it fetches from and what it pushes to, as git itself would.
pub async fn find(settings: &Settings, git: &Reader) -> Result<Routing, Failure> {
    if !git.is_repository().await? {
        return Ok(Routing::NoRepository);
    }
    let remotes = git.remotes().await?;
    let here = git.branch().await?;
    let wanted = settings.git.remote.as_deref();
    let looked_at: Vec<_> = remotes.all.iter().filter(|remote| wanted.is_none_or(|name| remote.name == name)).collect();
    let good: Vec<_> = looked_at.iter().filter(|remote| leads_there(settings, remote)).collect();
    let upstream = here.as_ref().and_then(|branch| remotes.upstream.get(branch));
    let followed = good.iter().find(|remote| upstream.is_some_and(|(name, _)| *name == remote.name));
    let Some(remote) = followed.or(good.first()) else {
        return Ok(Routing::Elsewhere(elsewhere(settings, &remotes, &looked_at)));
    };
    let there = upstream.filter(|(name, _)| *name == remote.name).map(|(_, branch)| branch.clone());
    Ok(Routing::To(Route {
        remote: remote.name.clone(),
        address: remote.shown(),
        mirror: remote.mirror,
        branch: here.map(|here| Branch { there: there.unwrap_or_else(|| here.clone()), here }),
    }))
}

/// Fetches from the code repository and pushes there, and to nothing else, by its own addresses.
fn leads_there(settings: &Settings, remote: &Remote) -> bool {
    let is = |address: &str| is_repo(address, &settings.git.expected_repo, settings.github.web_url.url());
    !remote.push.is_empty() && remote.rewritten.is_none() && remote.addresses().all(is)
}

fn elsewhere(settings: &Settings, remotes: &Remotes, looked_at: &[&Remote]) -> Failure {
    let repo = &settings.git.expected_repo;
    let url = format!("{}/{repo}.git", settings.github.web_url);
    if let Some((remote, rule)) = looked_at.iter().find_map(|remote| Some((remote, remote.rewritten.as_ref()?))) {
        let key = rule.rsplit_once('=').map_or(rule.as_str(), |(key, _)| key);
        return Failure::new(Code::GitRewritten, format!("git leads {} somewhere else: {rule}", remote.name))
            .why(format!("It would go to {}. A release goes only where the remote itself says.", remote.shown()))
            .fix("git config --show-origin --get-regexp 'url\\..*\\.(insteadof|pushinsteadof)'")
            .fix(format!("git config --global --unset-all '{key}'   (--local, where it stands in this repository)"))
            .fix(format!("git remote set-url {} ADDRESS   (the address that is meant, written out)", remote.name));
    }
    let found = match (&settings.git.remote, looked_at) {
        (Some(name), []) => format!("There is no remote `{name}`"),
        (None, []) => "There is no remote".to_owned(),
        (_, remotes) => {
            let each = remotes.iter().map(|remote| format!("{} is {}", remote.name, remote.shown()));
            format!("No remote is {repo}: {}", each.collect::<Vec<_>>().join("; "))
        }
    };
    let free = ["server_repo", "code"].into_iter().find(|name| remotes.all.iter().all(|remote| remote.name != *name));
    let failure = Failure::new(Code::GitRemote, found)
        .why("Code, tags and manifest commits go to the code repository only; both addresses of the remote are looked at.")
        .fix("git remote -v");
    match (&settings.git.remote, looked_at) {
        (Some(name), [_, ..]) => failure.fix(format!("git remote set-url {name} {url}")),
        (Some(name), []) => failure.fix(format!("git remote add {name} {url}")),
        (None, []) => failure.fix(format!("git remote add origin {url}")),
        (None, [remote, ..]) => failure
            .fix(format!("git remote set-url {} {url}   (if that is what it should be)", remote.name))
            .fix(format!("git remote add {} {url}   (else)", free.unwrap_or("nexy_server"))),
    }
}

/// What a run would do with git, an act a line.
pub fn acts(settings: &Settings, routing: &Routing, tag: &str) -> Vec<String> {
    let (git, Routing::To(Route { remote, address, branch: Some(branch), .. })) = (&settings.git, routing) else {
        return Vec::new();
    };
    let mut acts = Vec::new();
    if git.commit_manifest {
        let message = message(tag);
        acts.push(format!("commit these manifest files on {}, where they are not yet: {message}", branch.here));
    }
    if git.push_manifest {
        acts.push(format!("push that commit to {} of {remote} ({address}), without force", branch.there));
    }
    acts
}

/// What the commit says.
pub fn message(tag: &str) -> String {
    format!("release: manifest {tag}")
}
