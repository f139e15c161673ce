//! The settings in force, one struct per section; `assets/default.toml` explains every key.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::address::BaseUrl;
use super::github::GitHub;
use super::names::Repo;
use super::points::VersionPoints;
use super::typed::{optional, tag_template};
use crate::release::artifact::Kind;
use crate::release::version::{TagTemplate, Version};

/// Every setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Settings {
    /// The format of the file: always 1.
    pub config_version: u32,
    /// What is published, and where.
    pub release: Release,
    /// The release host.
    pub github: GitHub,
    /// The update manifest.
    pub manifest: Manifest,
    /// The signature over the dmg.
    pub signing: Signing,
    /// The code repository.
    pub git: Git,
    /// The server's virtual machine.
    pub vm: Vm,
    /// The update server.
    pub updates: Updates,
    /// Durability of the database.
    pub database: Database,
    /// Keys of the console, rebound: action → key, as written; `assets/keys.toml` knows the actions.
    pub keys: BTreeMap<String, String>,
    /// Fixed tags for older clients.
    pub legacy: Legacy,
    /// Where the version stands.
    pub version: VersionPoints,
}

impl Settings {
    /// The public address of an asset.
    pub fn asset_url(&self, version: &Version, name: &str) -> String {
        let (web, repo, tag) = (&self.github.web_url, &self.release.repo, self.release.tag.tag(version));
        format!("{web}/{repo}/releases/download/{tag}/{name}")
    }

    /// The command that brings a published manifest to where clients are served from; without a VM one that looks.
    pub fn delivers(&self) -> &'static str {
        if self.vm.enabled { "nexy-release manifest push-vm" } else { "nexy-release verify --served" }
    }

    /// `notes_url` of the manifest; `None` where the setting is empty.
    pub fn notes_url(&self, version: &Version) -> Option<String> {
        let template = self.manifest.notes_url.as_deref()?;
        Some(
            self.release
                .fill(template, version)
                .replace("{web_url}", self.github.web_url.as_str())
                .replace("{repo}", self.release.repo.as_str()),
        )
    }
}

/// `[release]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Release {
    /// The artifact repository.
    pub repo: Repo,
    /// How a tag is made from a version.
    #[serde(deserialize_with = "tag_template")]
    pub tag: TagTemplate,
    /// The release's title, with `{version}` and `{tag}`.
    pub title: String,
    /// The folder with the artifacts, relative to the workspace.
    pub inbox: String,
    /// What is published from it.
    #[serde(rename = "asset")]
    pub assets: Vec<Asset>,
}

impl Release {
    /// The release's title.
    pub fn title(&self, version: &Version) -> String {
        self.fill(&self.title, version)
    }

    /// The asset that the manifest points at.
    pub fn manifest_asset(&self) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.manifest)
    }

    fn fill(&self, template: &str, version: &Version) -> String {
        template.replace("{tag}", &self.tag.tag(version)).replace("{version}", &version.to_string())
    }
}

/// One `[[release.asset]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asset {
    /// File name in the inbox and on the release host.
    pub name: String,
    /// What kind of file it is.
    #[serde(default)]
    pub kind: Kind,
    /// Whether the manifest points at it.
    #[serde(default)]
    pub manifest: bool,
    /// Whether there is no release without it.
    #[serde(default)]
    pub required: bool,
}

/// `[manifest]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// The manifests, relative to the workspace; at least one, the first is canonical.
    pub paths: Vec<String>,
    /// Whether `manifest_<version>.json` stands beside each.
    pub versioned_copy: bool,
    /// Where clients read about the release, with `{web_url}`, `{repo}`, `{tag}` and `{version}`.
    #[serde(deserialize_with = "optional")]
    pub notes_url: Option<String>,
    /// `artifact.arch` of a manifest that is created.
    pub arch: String,
    /// `artifact.min_os` of a manifest that is created.
    pub min_os: String,
}

/// `[signing]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Signing {
    /// Ed25519 public key, base64 of 32 bytes; `None`: no signature is expected.
    #[serde(deserialize_with = "optional")]
    pub public_key: Option<String>,
    /// Program and arguments, `{file}` for the dmg; empty: signed here, or `NAME.ed25519` beside the artifact.
    pub command: Vec<String>,
    /// The variable with the private key; `None`: not signed from one.
    #[serde(deserialize_with = "optional")]
    pub key_env: Option<String>,
    /// The file with the private key, outside the workspace; `None`: not signed from one.
    #[serde(deserialize_with = "optional")]
    pub key_file: Option<PathBuf>,
}

/// `[git]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Git {
    /// Whether the manifest files are committed.
    pub commit_manifest: bool,
    /// Whether that commit is pushed.
    pub push_manifest: bool,
    /// Whether the repository's hooks run for it.
    pub hooks: bool,
    /// The remote's name; `None`: whichever is `expected_repo`.
    #[serde(deserialize_with = "optional")]
    pub remote: Option<String>,
    /// The code repository.
    pub expected_repo: Repo,
}

/// `[vm]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Vm {
    /// Whether there is a VM to look at.
    pub enabled: bool,
    /// The Azure CLI: program and first arguments.
    pub program: Vec<String>,
    /// Name or id; `None`: the Azure CLI's current one.
    #[serde(deserialize_with = "optional")]
    pub subscription: Option<String>,
    /// Resource group of the VM.
    pub resource_group: String,
    /// Name of the VM.
    pub name: String,
    /// Absolute path of the application on the VM.
    pub app_dir: String,
    /// Environment files with the key, relative to `app_dir`.
    pub env_files: Vec<String>,
    /// Manifests, relative to `app_dir`.
    pub manifests: Vec<String>,
    /// Whether a release updates them.
    pub push_manifest: bool,
    /// The systemd unit.
    pub service: String,
    /// Seconds before a retry when a run command is in progress.
    pub busy_wait_s: u64,
    /// How many such retries.
    pub busy_retries: u32,
}

/// `[updates]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Updates {
    /// Health page of the main server; `None`: skipped.
    #[serde(deserialize_with = "optional")]
    pub health_url: Option<BaseUrl>,
    /// Root of the update server; `None`: skipped.
    #[serde(deserialize_with = "optional")]
    pub updates_url: Option<BaseUrl>,
}

/// `[database]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Database {
    /// Whether its checks run.
    pub enabled: bool,
    /// The variable with the database's URL.
    #[serde(deserialize_with = "optional")]
    pub url_env: Option<String>,
    /// Folder of the backups, relative to the workspace or absolute.
    pub backup_dir: PathBuf,
    /// Hours after which the newest backup is too old.
    pub backup_max_age_h: u64,
    /// Days after which the last restore drill is too old.
    pub drill_max_age_days: u64,
}

/// `[legacy]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Legacy {
    /// Fixed tags and the asset that each mirrors.
    pub channels: Vec<Channel>,
}

/// A fixed tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Channel {
    /// The tag; no version's.
    pub tag: String,
    /// Name of an asset of the release.
    pub asset: String,
}
