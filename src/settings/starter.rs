//! `config init`: a commented `release.toml` to begin with. Writing it is the caller's part.

use toml::Value;

use super::names::Repo;
use super::shape::DEFAULTS;

/// What was found in and around the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// `git remote -v`: name and URL.
    pub remotes: Vec<(String, String)>,
    /// Whether the GitHub CLI is installed.
    pub gh: bool,
    /// Whether the Azure CLI is installed.
    pub az: bool,
}

/// What a person answered; `None` leaves the default in force, commented out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// `release.repo`.
    pub repo: Option<Repo>,
    /// `git.expected_repo`.
    pub expected_repo: Option<Repo>,
    /// `git.commit_manifest`.
    pub commit_manifest: Option<bool>,
    /// `git.push_manifest`; true commits as well.
    pub push_manifest: Option<bool>,
    /// `vm.enabled`.
    pub vm_enabled: Option<bool>,
    /// `vm.push_manifest`.
    pub vm_push_manifest: Option<bool>,
    /// `database.enabled`.
    pub database_enabled: Option<bool>,
}

impl Answers {
    /// What to offer a person: the code repository from `origin` or else the first remote on github.com, and the VM
    /// only where the Azure CLI is.
    pub fn suggested(detected: &Detected) -> Self {
        let repos = detected.remotes.iter().filter_map(|(name, url)| Some((name, github_repo(url)?)));
        let origin = repos.clone().find(|(name, _)| *name == "origin");
        let code = origin.or_else(|| repos.clone().next()).map(|(_, repo)| repo);
        Self { expected_repo: code, vm_enabled: (!detected.az).then_some(false), ..Self::default() }
    }

    fn values(&self) -> Vec<(&'static str, Value)> {
        let repo = |repo: &Option<Repo>| repo.as_ref().map(|repo| Value::from(repo.as_str()));
        let commit = if self.push_manifest == Some(true) { Some(true) } else { self.commit_manifest };
        [
            ("release.repo", repo(&self.repo)),
            ("git.commit_manifest", commit.map(Value::from)),
            ("git.push_manifest", self.push_manifest.map(Value::from)),
            ("git.expected_repo", repo(&self.expected_repo)),
            ("vm.enabled", self.vm_enabled.map(Value::from)),
            ("vm.push_manifest", self.vm_push_manifest.map(Value::from)),
            ("database.enabled", self.database_enabled.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}

/// OWNER/NAME of a remote on github.com: https, ssh or the short form.
fn github_repo(url: &str) -> Option<Repo> {
    let forms = ["https://github.com/", "ssh://git@github.com/", "git@github.com:"];
    let path = forms.iter().find_map(|form| url.strip_prefix(form))?.trim_end_matches('/');
    Repo::parse(path.strip_suffix(".git").unwrap_or(path)).ok()
}

/// What stands above the reference in a workspace's own file.
const HEAD: &str = "\
# nexy-release: the settings of this workspace.
#
# A line that begins with `#` and a name is a default: remove the `#` to change it. `nexy-release config check` tells
# what is wrong, `nexy-release config show` what is in force and where it comes from.
# The environment overrides this file: NEXY_RELEASE__SECTION__KEY.
# No secret is ever a setting. Tokens come from GH_TOKEN, GITHUB_TOKEN, else `gh auth token`.
";

/// The text of a `release.toml`: the whole reference with every default commented out, except what was answered.
pub fn starter_file(answers: &Answers) -> String {
    let answered = answers.values();
    let mut text = HEAD.to_owned();
    let mut section = "";
    // The reference's own head, up to its first blank line, is replaced by ours.
    let body = DEFAULTS.split_once("\n\n").map_or(DEFAULTS, |(_, body)| body);
    for line in std::iter::once("").chain(body.lines()) {
        if let Some(name) = line.strip_prefix('[').filter(|name| !name.starts_with('[')) {
            section = name.trim_end_matches(']');
        }
        text.push_str(&starter_line(line, section, &answered));
        text.push('\n');
    }
    text
}

fn starter_line(line: &str, section: &str, answered: &[(&str, Value)]) -> String {
    if line.is_empty() || line.starts_with('#') || (line.starts_with('[') && !line.starts_with("[[")) {
        return line.to_owned();
    }
    let Some((name, _)) = line.split_once(" = ") else { return format!("#{line}") };
    match answered.iter().find(|(key, _)| key.rsplit_once('.') == Some((section, name))) {
        Some((_, value)) => format!("{name} = {value}"),
        None if line.starts_with("config_version") => line.to_owned(),
        None => format!("#{line}"),
    }
}
