//! What git knows of the workspace. Nothing is changed, here or elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::{scrubbed, shown};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::Environment;
use crate::world::process::{self, Output, ProcessError};
use crate::world::stop::{Stop, interrupted};

/// For what git does on this machine.
pub(super) const LOCAL: Duration = Duration::from_secs(30);
/// For what it does with a remote.
pub(super) const REMOTE: Duration = Duration::from_mins(2);
/// What git and its helpers need to find their keys and proxies, besides what every child gets. Nothing of git's own: a
/// `GIT_DIR` or `GIT_INDEX_FILE` of somebody else would lead it to another repository.
const VARIABLES: [&str; 10] = [
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
];
/// Nobody is there to answer: git and ssh fail at once where they would ask. Messages are read in English.
const FIXED: [(&str, &str); 6] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("SSH_ASKPASS", "false"),
    ("SSH_ASKPASS_REQUIRE", "force"),
    ("GIT_ADVICE", "0"),
    ("LC_ALL", "C"),
];
/// Nothing stays behind in the background.
const QUIET: [&str; 3] = ["core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false"];
/// No hook of the repository runs.
const NO_HOOKS: &str = "core.hooksPath=/dev/null";
/// Lines that may hold a private key: a PEM header, or a seed in base64, alone or with its public half.
const KEY_LINES: [&str; 2] = ["-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----", "[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}=="];

/// A remote, with its addresses as git uses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub name: String,
    /// Where it fetches from.
    pub fetch: Vec<String>,
    /// Where it pushes to.
    pub push: Vec<String>,
    /// The setting of git that leads it elsewhere than its own addresses say.
    pub rewritten: Option<String>,
    /// Whether git pushes everything there at once, and no single commit.
    pub mirror: bool,
}

impl Remote {
    /// Every address, fetched from or pushed to.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.fetch.iter().chain(&self.push).map(String::as_str)
    }

    /// Its addresses for people, each once.
    pub fn shown(&self) -> String {
        let mut shown: Vec<_> = self.addresses().map(self::shown).collect();
        shown.dedup();
        shown.join(", ")
    }
}

/// The remotes, and which of them a branch follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remotes {
    /// By name.
    pub all: Vec<Remote>,
    /// By branch: the remote, and the branch there.
    pub upstream: BTreeMap<String, (String, String)>,
}

/// Asks git.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(super) root: PathBuf,
    variables: Vec<(String, String)>,
    stop: Stop,
    /// Whether hooks run for what is changed.
    pub(super) hooks: bool,
}

impl Reader {
    /// For the workspace at `root`.
    pub fn new(root: &Path, environment: &Environment, stop: &Stop) -> Self {
        let own = environment.only(&VARIABLES).into_iter();
        let fixed = FIXED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { root: root.to_owned(), variables: own.chain(fixed).collect(), stop: stop.clone(), hooks: false }
    }

    /// The same, and whoever changes anything with it has the repository's hooks run.
    #[must_use]
    pub fn with_hooks(self, hooks: bool) -> Self {
        Self { hooks, ..self }
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path of the workspace.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Whether the workspace lies in a repository.
    pub async fn is_repository(&self) -> Result<bool, Failure> {
        let args = ["rev-parse", "--show-toplevel"];
        let output = self.run(&args, &[], LOCAL).await?;
        match output.code {
            Some(0) => Ok(true),
            _ if output.stderr.contains("not a git repository") => Ok(false),
            _ => Err(failed(&args, &output)),
        }
    }

    /// The remotes that are set, and where they lead.
    pub async fn remotes(&self) -> Result<Remotes, Failure> {
        let args = ["config", "-z", "--get-regexp", r"^(remote|url|branch)\."];
        let output = self.run(&args, &[], LOCAL).await?;
        // 1: nothing of the kind is set.
        if !matches!(output.code, Some(0 | 1)) {
            return Err(failed(&args, &output));
        }
        let settings: Vec<_> = output.stdout.split('\0').filter_map(|entry| entry.split_once('\n')).collect();
        let mut remotes = Remotes::default();
        for (key, value) in &settings {
            if let Some(name) = key.strip_prefix("remote.").and_then(|rest| rest.strip_suffix(".url"))
                && remotes.all.iter().all(|known| known.name != name)
            {
                remotes.all.push(self.remote(name, &settings).await?);
            }
            if let Some(branch) = key.strip_prefix("branch.").and_then(|rest| rest.strip_suffix(".merge")) {
                let remote = format!("branch.{branch}.remote");
                let remote = settings.iter().rev().find(|(key, _)| *key == remote);
                if let (Some((_, remote)), Some(there)) = (remote, value.strip_prefix("refs/heads/")) {
                    remotes.upstream.insert(branch.to_owned(), ((*remote).to_owned(), there.to_owned()));
                }
            }
        }
        Ok(remotes)
    }

    async fn remote(&self, name: &str, settings: &[(&str, &str)]) -> Result<Remote, Failure> {
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let fetch = lines(self.ask(&["remote", "get-url", "--all", "--", name]).await?);
        let push = lines(self.ask(&["remote", "get-url", "--push", "--all", "--", name]).await?);
        let own = |field: &str| {
            let key = format!("remote.{name}.{field}");
            settings.iter().filter(|(set, _)| *set == key).map(|(_, value)| (*value).to_owned()).collect::<Vec<_>>()
        };
        let (urls, push_urls) = (own("url"), own("pushurl"));
        let push_urls = if push_urls.is_empty() { &urls } else { &push_urls };
        let led = fetch != urls || push != *push_urls;
        let rule = settings.iter().find(|(key, value)| {
            (key.ends_with(".insteadof") || key.ends_with(".pushinsteadof"))
                && urls.iter().chain(push_urls).any(|url| url.starts_with(value))
        });
        // git knows best what it takes for a yes.
        let mirror = ["config", "--type=bool", "--get", &format!("remote.{name}.mirror")];
        let mirror = self.run(&mirror, &[], LOCAL).await?.stdout.trim() == "true";
        // A remote helper of its own speaks to whomever it likes.
        let helper = own("vcs").pop().map(|helper| format!("remote.{name}.vcs={helper}"));
        let rewritten = helper
            .or_else(|| led.then(|| rule.map_or("url.*.insteadOf".into(), |(key, value)| shown_rule(key, value))));
        Ok(Remote { name: name.to_owned(), fetch, push, rewritten, mirror })
    }

    /// The branch that is checked out; `None`: none is.
    pub async fn branch(&self) -> Result<Option<String>, Failure> {
        let args = ["symbolic-ref", "--quiet", "HEAD"];
        let output = self.run(&args, &[], LOCAL).await?;
        match output.code {
            Some(0) => Ok(output.stdout.trim().strip_prefix("refs/heads/").map(str::to_owned)),
            Some(1) => Ok(None),
            _ => Err(failed(&args, &output)),
        }
    }

    /// Fails where git does not know whose commit it would be.
    pub async fn identity(&self) -> Result<(), Failure> {
        for who in ["GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"] {
            self.ask(&["var", who]).await?;
        }
        Ok(())
    }

    /// The object that a name stands for; `None`: there is none.
    pub async fn resolve(&self, name: &str) -> Result<Option<String>, Failure> {
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let output = self.run(&args, &[], LOCAL).await?;
        match output.code {
            Some(0) => Ok(Some(output.stdout.trim().to_owned())),
            Some(1) => Ok(None),
            _ => Err(failed(&args, &output)),
        }
    }

    /// Whether `old` is `new`, or a commit before it.
    pub async fn is_before(&self, old: &str, new: &str) -> Result<bool, Failure> {
        let args = ["merge-base", "--is-ancestor", old, new];
        let output = self.run(&args, &[], LOCAL).await?;
        match output.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed(&args, &output)),
        }
    }

    /// The text of a file of the workspace in a commit; `None`: it is not there.
    pub async fn text(&self, commit: &str, path: &str) -> Result<Option<String>, Failure> {
        let Some(blob) = self.resolve(&format!("{commit}:./{path}")).await? else { return Ok(None) };
        self.ask(&["cat-file", "blob", &blob]).await.map(Some)
    }

    /// The commit that a branch of a remote is at now, by the remote's own word; `None`: it has no such branch.
    pub async fn tip(&self, remote: &str, branch: &str) -> Result<Option<String>, Failure> {
        let name = format!("refs/heads/{branch}");
        let args = ["ls-remote", "--", remote, &name];
        let output = self.run(&args, &[], REMOTE).await?;
        if output.code != Some(0) {
            return Err(failed(&args, &output));
        }
        let tips = output.stdout.lines().filter_map(|line| line.split_once('\t'));
        Ok(tips.into_iter().find(|(_, found)| *found == name).map(|(commit, _)| commit.to_owned()))
    }

    /// Every branch of a remote and the commit that it is at, by the remote's own word.
    pub async fn tips(&self, remote: &str) -> Result<Vec<String>, Failure> {
        let args = ["ls-remote", "--heads", "--", remote];
        let output = self.run(&args, &[], REMOTE).await?;
        if output.code != Some(0) {
            return Err(failed(&args, &output));
        }
        let tips = output.stdout.lines().filter_map(|line| line.split_once('\t'));
        Ok(tips.map(|(commit, _)| commit.to_owned()).collect())
    }

    /// Where git keeps files of its own, e.g. `HEAD.lock`.
    pub(super) async fn own_paths(&self, names: &[&str]) -> Result<Vec<PathBuf>, Failure> {
        let args: Vec<_> = ["rev-parse"].into_iter().chain(names.iter().flat_map(|n| ["--git-path", n])).collect();
        Ok(self.ask(&args).await?.lines().map(|line| self.path(line)).collect())
    }

    /// What a commit says.
    pub async fn message(&self, commit: &str) -> Result<String, Failure> {
        self.ask(&["log", "-1", "--format=%B", commit, "--"]).await.map(|text| text.trim_end().to_owned())
    }

    /// Tracked files of the workspace that have a line which may be a private key, whatever git takes them for, and
    /// whether or not they are in the work tree.
    pub async fn may_hold_keys(&self) -> Result<Vec<String>, Failure> {
        let args = ["grep", "--cached", "-z", "-l", "-a", "-E", "-e", KEY_LINES[0], "-e", KEY_LINES[1]];
        let output = self.run(&args, &[], LOCAL).await?;
        match output.code {
            Some(0) => Ok(output.stdout.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()),
            Some(1) => Ok(Vec::new()),
            _ => Err(failed(&args, &output)),
        }
    }

    /// A small file as it is tracked; empty for a large one, and for one that is no text.
    pub async fn tracked(&self, path: &str) -> Result<String, Failure> {
        let object = format!(":./{path}");
        let size = self.ask(&["cat-file", "-s", &object]).await?;
        if size.trim().parse().is_ok_and(|size: u64| size <= 64 * 1024) {
            return self.ask(&["cat-file", "blob", &object]).await;
        }
        Ok(String::new())
    }

    /// What git prints, where it succeeds.
    pub(super) async fn ask(&self, args: &[&str]) -> Result<String, Failure> {
        self.ask_with(args, &[]).await
    }

    /// The same with more variables.
    pub(super) async fn ask_with(&self, args: &[&str], more: &[(&str, &str)]) -> Result<String, Failure> {
        let output = self.run(args, more, LOCAL).await?;
        if output.code == Some(0) { Ok(output.stdout) } else { Err(failed(args, &output)) }
    }

    pub(super) async fn run(
        &self,
        args: &[&str],
        more: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Output, Failure> {
        self.run_with(args, more, deadline, false).await
    }

    /// The same for what hooks may look at, where they are wanted.
    pub(super) async fn run_with(
        &self,
        args: &[&str],
        more: &[(&str, &str)],
        deadline: Duration,
        hooks: bool,
    ) -> Result<Output, Failure> {
        let without = Some(NO_HOOKS).filter(|_| !(hooks && self.hooks));
        let quiet = QUIET.into_iter().chain(without).flat_map(|set| ["-c", set]);
        let words: Vec<_> = ["git"].into_iter().chain(quiet).chain(args.iter().copied()).collect();
        let own = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables = own.chain(more.iter().copied());
        process::run_in(&self.root, &words, variables, deadline, &self.stop).await.map_err(|error| match error {
            ProcessError::Interrupted(_) => interrupted(),
            ProcessError::NotFound(_) => unusable("git is not installed, or not on PATH").fix("git --version"),
            error => unusable(format!("`git {}` did not end well", args[0])).why(error.to_string()),
        })
    }
}

/// git ended with an error.
pub(super) fn failed(args: &[&str], output: &Output) -> Failure {
    let lines = || output.stderr.lines().filter(|line| !line.trim().is_empty());
    let is_error = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let said = lines().find(is_error).or_else(|| lines().next_back()).unwrap_or_default();
    let said = Clean::line(&scrubbed(said), 300);
    let code = output.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
    let all = lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    unusable(format!("`git {}` ended with {code}{said}", args[0]))
        .why(Clean::line(&scrubbed(&all), 400))
        .fix("git status")
        .fix("nexy-release explain 'WHAT GIT SAID'")
}

fn unusable(what: impl Into<Clean>) -> Failure {
    Failure::new(Code::GitFailed, what)
}

/// `url.<to>.insteadOf = <from>`, without a password.
fn shown_rule(key: &str, value: &str) -> String {
    let (kind, name) =
        if key.ends_with(".pushinsteadof") { (".pushinsteadof", "pushInsteadOf") } else { (".insteadof", "insteadOf") };
    let to = key.strip_prefix("url.").and_then(|rest| rest.strip_suffix(kind)).unwrap_or_default();
    format!("url.{}.{name}={}", shown(to), shown(value))
}
