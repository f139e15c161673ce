//! One commit with named files on a parent, and its way to a remote. Built beside the index: what somebody has staged
//! stays staged, and a git that is killed leaves no lock that anybody would wait for.

use std::path::PathBuf;

use super::locks::How;
use super::reader::{LOCAL, REMOTE, Reader, failed};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::{files, state};

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote took it.
    Taken,
    /// Somebody else pushed meanwhile.
    Behind,
}

/// Commits and pushes; only a confirmed run holds one.
#[derive(Debug, Clone)]
pub struct Writer {
    reader: Reader,
}

impl Writer {
    /// For the repository of `reader`.
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// The same repository, for reading.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The tree of `parent` with these files as they are in the workspace now.
    pub async fn tree(&self, parent: Option<&str>, paths: &[&str]) -> Result<String, Failure> {
        self.clear()?;
        let index = self.index().to_string_lossy().into_owned();
        let index = [("GIT_INDEX_FILE", index.as_str())];
        let begin = parent.map_or(["read-tree", "--empty"], |parent| ["read-tree", parent]);
        self.reader.ask_with(&begin, &index).await?;
        self.reader.ask_with(&[&["update-index", "--add", "--"], paths].concat(), &index).await?;
        let tree = self.reader.ask_with(&["write-tree"], &index).await?;
        self.clear()?;
        Ok(tree.trim().to_owned())
    }

    /// A commit, which no branch has yet. Hooks that are wanted can refuse it.
    pub async fn commit(&self, tree: &str, parent: Option<&str>, message: &str) -> Result<String, Failure> {
        if self.reader.hooks {
            self.ask_hooks(tree, message).await?;
        }
        let mut args = vec!["commit-tree", tree, "-m", message];
        args.extend(parent.into_iter().flat_map(|parent| ["-p", parent]));
        self.reader.ask(&args).await.map(|commit| commit.trim().to_owned())
    }

    /// What they change in the index or in the message is left out.
    async fn ask_hooks(&self, tree: &str, message: &str) -> Result<(), Failure> {
        self.clear()?;
        let index = self.index().to_string_lossy().into_owned();
        let index = [("GIT_INDEX_FILE", index.as_str())];
        self.reader.ask_with(&["read-tree", tree], &index).await?;
        let file = state::path(&self.reader.root, "git-message");
        files::write(&file, format!("{message}\n").as_bytes())?;
        let path = file.to_string_lossy();
        for hook in [&["pre-commit"][..], &["commit-msg", "--", &path]] {
            let args = [&["hook", "run", "--ignore-missing"], hook].concat();
            let output = self.reader.run_with(&args, &index, LOCAL, true).await?;
            if output.code != Some(0) {
                return Err(failed(&args, &output));
            }
        }
        files::remove(&file)?;
        self.clear()
    }

    /// Moves a branch of this repository on from `old`; fails where it is somewhere else by now.
    pub async fn advance(&self, branch: &str, commit: &str, old: Option<&str>, message: &str) -> Result<(), Failure> {
        let name = format!("refs/heads/{branch}");
        let args = ["update-ref", "-m", message, &name, commit, old.unwrap_or_default()];
        self.change_here(&[&name, "HEAD"], commit, &args, true).await
    }

    /// Makes the index hold these files as they were committed; all else in it stays.
    pub async fn refresh(&self, paths: &[&str]) -> Result<(), Failure> {
        let args = [&["update-index", "--add", "--"], paths].concat();
        self.change_here(&["index"], "", &args, false).await
    }

    async fn change_here(&self, names: &[&str], commit: &str, args: &[&str], hooks: bool) -> Result<(), Failure> {
        let output = self.change(names, commit, args, How { deadline: LOCAL, hooks }).await?;
        if output.code == Some(0) { Ok(()) } else { Err(self.unchanged(names, failed(args, &output)).await) }
    }

    /// Brings the commits of a remote's branch here; no branch of this repository is moved by it.
    pub async fn fetch(&self, remote: &str, branch: &str) -> Result<(), Failure> {
        let name = format!("refs/heads/{branch}");
        let args = ["fetch", "--quiet", "--refmap=", "--no-tags", "--no-recurse-submodules", "--", remote, &name];
        let output = self.reader.run(&args, &[], REMOTE).await?;
        if output.code == Some(0) { Ok(()) } else { Err(failed(&args, &output)) }
    }

    /// Pushes one commit to a branch of a remote, never by force.
    pub async fn push(&self, remote: &str, commit: &str, branch: &str) -> Result<Pushed, Failure> {
        let refs = format!("{commit}:refs/heads/{branch}");
        let no = ["--no-follow-tags", "--no-force-with-lease", "--recurse-submodules=no"];
        let verify = if self.reader.hooks { "--verify" } else { "--no-verify" };
        let args = [&["push", "--porcelain", verify], &no[..], &["--", remote, &refs]].concat();
        let known = format!("refs/remotes/{remote}/{branch}");
        let output = self.change(&[&known], commit, &args, How { deadline: REMOTE, hooks: true }).await?;
        let refused = output.stdout.lines().find(|line| line.starts_with("!\t")).unwrap_or_default();
        let why = refused.rsplit('\t').next().unwrap_or_default();
        let said = || output.stderr.lines().filter_map(|line| Some(line.strip_prefix("remote: ")?.trim()));
        match output.code {
            Some(0) => Ok(Pushed::Taken),
            _ if is_behind(why) || said().any(is_overtaken) => Ok(Pushed::Behind),
            _ if !refused.is_empty() => {
                let said = said().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
                let failure = Failure::new(Code::GitPush, format!("{remote} refused the push: {why}")).why(said);
                Err(if why.contains("declined") {
                    declined(failure, remote, commit, branch)
                } else {
                    failure
                        .fix(format!("Wait until nobody else pushes to {remote}; else have whoever runs it look there"))
                })
            }
            _ => Err(failed(&args, &output)),
        }
    }

    /// The index of this program, beside git's own.
    fn index(&self) -> PathBuf {
        state::path(&self.reader.root, "git-index")
    }

    /// Removes it, and the lock on it that a killed git left.
    fn clear(&self) -> Result<(), Failure> {
        files::remove(&self.index())?;
        files::remove(&self.index().with_extension("lock"))
    }
}

/// Somebody else's commit is there.
fn is_behind(why: &str) -> bool {
    let known = ["(non-fast-forward)", "(fetch first)", "(stale info)"];
    why.starts_with("[rejected]") && known.iter().any(|reason| why.ends_with(reason)) || is_overtaken(why)
}

/// It came between the server's own look and its write.
fn is_overtaken(said: &str) -> bool {
    said.contains("cannot lock ref") && (said.contains(" but expected ") || said.contains("reference already exists"))
}

/// A rule there keeps the push out: somebody who may goes on with the same commit, or it goes the way of all others.
fn declined(failure: Failure, remote: &str, commit: &str, branch: &str) -> Failure {
    let short = commit.get(..10).unwrap_or(commit);
    failure
        .fix(format!("Ask the owners of {remote} who may push to {branch}; the commit is here: git show {short}"))
        .fix(format!("git push {remote} {short}:refs/heads/{branch}   (as somebody who may)"))
        .fix(format!("git push {remote} {short}:refs/heads/manifest-{short}   (else: a branch for a pull request)"))
}
