//! Questions to the release host. A reader cannot change anything there.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use octocrab::models::repos as wire;
use reqwest::StatusCode;
use url::Url;

use super::body::Meter;
use super::download::{self, Claims, Downloaded};
use super::hosts::Audience;
use super::http::{Door, Probed};
use super::model::{Release, Repo, Who};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;

pub(super) const JSON: &str = "application/vnd.github+json";
/// More pages than this are no release list.
pub(super) const MAX_PAGES: usize = 200;

/// Reads one repository of the host.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(super) door: Door,
    /// `OWNER/NAME`; validated by the settings.
    pub(super) repo: String,
}

impl Reader {
    /// A reader of `repo` through `door`.
    pub fn new(door: Door, repo: &str) -> Self {
        Self { door, repo: repo.into() }
    }

    /// `OWNER/NAME`.
    pub fn repo_name(&self) -> &str {
        &self.repo
    }

    /// The door that it asks through.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Whose token it is. Fails when the host does not accept it.
    pub async fn who(&self) -> Result<Who, Failure> {
        let asked = Timestamp::now();
        let answer = self.door.read(&self.url("user"), JSON).await;
        let (login, answer) = match answer {
            Ok(answer) if answer.status == StatusCode::OK => {
                let user: serde_json::Value = answer.json()?;
                (user["login"].as_str().map(|login| Clean::line(login, 60)), answer)
            }
            // A token of GitHub Actions is valid and may not ask whose it is.
            Err(failure) if failure.code == Code::AuthForbidden => {
                (None, self.door.read(&self.url("rate_limit"), JSON).await?)
            }
            Ok(answer) => return Err(answer.unexpected()),
            Err(failure) => return Err(failure),
        };
        let clock_skew = answer.date().map(|date| {
            // The answer's date lies between the question and now; a whole second is lost to the header's form.
            let skew = if date < asked { asked.duration_since(date) } else { date.duration_since(Timestamp::now()) };
            Duration::from_secs(u64::try_from(skew.as_secs()).unwrap_or(0))
        });
        Ok(Who { login, rate_remaining: answer.rate_remaining(), clock_skew })
    }

    /// The repository; `None` when it is not there, or this token may not see it.
    pub async fn repo(&self) -> Result<Option<Repo>, Failure> {
        let answer = self.door.read(&self.repo_url(""), JSON).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ if answer.leads_to(self.door.hosts.api()) => {
                return Err(answer
                    .failure(Code::RepoMoved, format!("{} has moved", self.repo))
                    .why("It has another name or owner now; what is published there must not be guessed.")
                    .fix(format!("Open {} in a browser, then set `release.repo` in release.toml", self.repo)));
            }
            _ => return Err(answer.unexpected()),
        }
        let repo: octocrab::models::Repository = answer.json()?;
        let frozen = self.door.read(&self.repo_url("/immutable-releases"), JSON).await;
        let immutable_releases = match frozen {
            Ok(answer) if answer.status == StatusCode::OK => {
                answer.json::<serde_json::Value>().ok().and_then(|json| json["enabled"].as_bool())
            }
            _ => None,
        };
        Ok(Some(Repo {
            full_name: repo.full_name.unwrap_or_else(|| self.repo.clone()),
            push: repo.permissions.is_some_and(|permissions| permissions.push || permissions.admin),
            immutable_releases,
        }))
    }

    /// Every release that this token may see, drafts too, newest first.
    pub async fn releases(&self) -> Result<Vec<Release>, Failure> {
        let (mut releases, mut seen) = (Vec::new(), HashSet::new());
        for page in 1..=MAX_PAGES {
            let mut url = self.repo_url("/releases");
            url.set_query(Some(&format!("per_page=100&page={page}")));
            let answer = self.door.read(&url, JSON).await?;
            if answer.status != StatusCode::OK {
                return Err(answer.unexpected());
            }
            let entries: Vec<wire::Release> = answer.json()?;
            // A release made between two pages pushes the last of one page onto the next.
            releases.extend(entries.into_iter().map(Release::from).filter(|release| seen.insert(release.id)));
            if !answer.has_next_page() {
                return Ok(releases);
            }
        }
        Err(Failure::new(Code::NetUnexpected, "The host's list of releases has no end")
            .why(format!("More than {MAX_PAGES} pages"))
            .fix("Run the same command again"))
    }

    /// The published release of a tag; `None` when the host says that there is none.
    pub async fn published(&self, tag: &str) -> Result<Option<Release>, Failure> {
        self.one(&format!("/releases/tags/{tag}")).await
    }

    /// A release by its id; `None` when it is gone.
    pub async fn release(&self, id: u64) -> Result<Option<Release>, Failure> {
        self.one(&format!("/releases/{id}")).await
    }

    async fn one(&self, path: &str) -> Result<Option<Release>, Failure> {
        let answer = self.door.read(&self.repo_url(path), JSON).await?;
        match answer.status {
            StatusCode::OK => Ok(Some(answer.json::<wire::Release>()?.into())),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.unexpected()),
        }
    }

    /// Downloads an asset through the API and fingerprints it: for hosts that report no digest, and for drafts.
    pub async fn asset_fingerprint(&self, id: u64, expected: u64, meter: &Meter) -> Result<Downloaded, Failure> {
        let url = self.repo_url(&format!("/releases/assets/{id}"));
        download::fingerprint(&self.door, &url, Audience::Api, expected, None, meter).await
    }

    /// Downloads as any client would, without credentials, and fingerprints what comes.
    pub async fn public_fingerprint(&self, url: &Url, expected: u64, meter: &Meter) -> Result<Downloaded, Failure> {
        self.public_signed(url, expected, None, meter).await
    }

    /// The same, with signatures that may be ones of what comes.
    pub async fn public_signed(
        &self,
        url: &Url,
        expected: u64,
        claims: Option<&Claims>,
        meter: &Meter,
    ) -> Result<Downloaded, Failure> {
        download::fingerprint(&self.door, url, Audience::Public, expected, claims, meter).await
    }

    /// Whether a public download is there, and how large: asked without credentials.
    pub async fn probe(&self, url: &Url) -> Result<Probed, Failure> {
        self.door.probe(url).await
    }

    /// The root of the API joined with `path`.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.door.hosts.api().clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    /// A URL below the repository; `path` is empty or starts with `/`.
    pub(super) fn repo_url(&self, path: &str) -> Url {
        self.url(&format!("repos/{}{path}", self.repo))
    }
}
