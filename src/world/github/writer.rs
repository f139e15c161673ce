//! Changes on the release host. Each request goes out once: after an answer that tells nothing the caller asks before
//! it sends again. Published assets are out of reach: nothing here replaces or deletes one.

use octocrab::models::repos as wire;
use reqwest::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::body::Upload;
use super::line::Sent;
use super::model::{Asset, Release};
use super::reader::Reader;
use crate::release::code::Code;
use crate::release::failure::Failure;

/// Changes one repository; only a confirmed run holds one.
#[derive(Debug, Clone)]
pub struct Writer {
    reader: Reader,
}

/// How a request that makes or changes something ended.
#[derive(Debug)]
pub enum Made<T> {
    /// Done; this is what the host has now.
    Done(T),
    /// The name or tag is taken already.
    Exists(Failure),
    /// Not done, and no use in trying again.
    Refused(Failure),
    /// It may have been done: look.
    Unknown(Failure),
}

impl Writer {
    /// A writer of the repository of `reader`.
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// The same repository, for reading.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Creates a draft.
    pub async fn create_draft(&self, tag: &str, title: &str, body: &str) -> Made<Release> {
        let json = json!({ "tag_name": tag, "name": title, "body": body, "draft": true, "prerelease": false });
        let sent = self.reader.door.write(Method::POST, &self.reader.repo_url("/releases"), Some(&json)).await;
        made::<wire::Release>(sent, StatusCode::CREATED, "tag_name", Code::DraftFailed, "The draft was refused")
            .map(Release::from)
    }

    /// Gives our draft another title and text.
    pub async fn update_draft(&self, id: u64, title: &str, body: &str) -> Made<Release> {
        let json = json!({ "name": title, "body": body });
        let url = self.reader.repo_url(&format!("/releases/{id}"));
        let sent = self.reader.door.write(Method::PATCH, &url, Some(&json)).await;
        made::<wire::Release>(sent, StatusCode::OK, "tag_name", Code::DraftFailed, "The draft's text was refused")
            .map(Release::from)
    }

    /// Sends a file as an asset of `release`.
    pub async fn send_asset(&self, release: &Release, name: &str, media_type: &str, upload: Upload) -> Made<Asset> {
        let url = match upload_url(release, name) {
            Ok(url) => url,
            Err(failure) => return Made::Refused(failure),
        };
        let sent = self.reader.door.upload(&url, media_type, upload).await;
        made::<wire::Asset>(sent, StatusCode::CREATED, "name", Code::UploadRefused, &format!("{name} was refused"))
            .map(Asset::from)
    }

    /// Publishes a draft: the one moment at which a version becomes public.
    pub async fn publish(&self, id: u64, tag: &str) -> Made<Release> {
        let json = json!({ "draft": false, "tag_name": tag, "make_latest": "true" });
        let url = self.reader.repo_url(&format!("/releases/{id}"));
        let sent = self.reader.door.write(Method::PATCH, &url, Some(&json)).await;
        if let Sent::Answered(answer) = &sent
            && answer.says_rules_violated()
        {
            let repo = &self.reader.repo;
            return Made::Refused(
                answer
                    .failure(Code::PublishRefused, format!("A ruleset of {repo} keeps the tag {tag} from being made"))
                    .fix(format!("See the rulesets: gh api repos/{repo}/rulesets"))
                    .fix("Let whoever owns the token make this tag (Settings → Rules → Rulesets → bypass list)")
                    .fix("Run the same command again; what is uploaded is not sent again"),
            );
        }
        made::<wire::Release>(sent, StatusCode::OK, "tag_name", Code::PublishRefused, "The publication was refused")
            .map(Release::from)
    }

    /// Removes an asset that holds no published bytes: one of our own draft, or a half-uploaded one. The release is
    /// read anew first, and anything else is left alone.
    pub async fn discard_asset(&self, release: u64, asset: u64, nonce: &str) -> Result<(), Failure> {
        let Some(fresh) = self.reader.release(release).await? else { return Ok(()) };
        let Some(found) = fresh.assets.iter().find(|found| found.id == asset) else { return Ok(()) };
        let ours = fresh.draft && fresh.carries(nonce);
        if !ours && !found.is_starter() {
            return Err(Failure::new(Code::DraftUnsealed, format!("{} is published or not ours", found.name))
                .why("Published assets are never replaced or deleted.")
                .fix("Run the same command again: it looks at what is there now"));
        }
        self.delete(&format!("/releases/assets/{asset}")).await
    }

    /// Removes our own draft. It is read anew first; a published release or a foreign draft is left alone.
    pub async fn discard_draft(&self, id: u64, nonce: &str) -> Result<(), Failure> {
        match self.reader.release(id).await? {
            Some(fresh) if fresh.draft && fresh.carries(nonce) => self.delete(&format!("/releases/{id}")).await,
            _ => Ok(()),
        }
    }

    async fn delete(&self, path: &str) -> Result<(), Failure> {
        match self.reader.door.write(Method::DELETE, &self.reader.repo_url(path), None).await {
            Sent::Answered(answer) if matches!(answer.status.as_u16(), 204 | 404) => Ok(()),
            Sent::Answered(answer) => Err(answer.unexpected()),
            Sent::Refused(failure) | Sent::Unknown(failure) => Err(failure),
        }
    }
}

impl<T> Made<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Made<U> {
        match self {
            Self::Done(value) => Made::Done(make(value)),
            Self::Exists(failure) => Made::Exists(failure),
            Self::Refused(failure) => Made::Refused(failure),
            Self::Unknown(failure) => Made::Unknown(failure),
        }
    }
}

/// Reads the answer to a write. A success whose body cannot be read may well have happened.
fn made<T: serde::de::DeserializeOwned>(
    sent: Sent,
    success: StatusCode,
    unique: &str,
    code: Code,
    refused: &str,
) -> Made<T> {
    match sent {
        Sent::Answered(answer) if answer.status == success => match answer.json() {
            Ok(value) => Made::Done(value),
            Err(failure) => Made::Unknown(failure),
        },
        // A success, but not the one that the host gives: whoever answers, it may have been done.
        Sent::Answered(answer) if answer.status.is_success() => Made::Unknown(answer.unexpected()),
        // Nothing was done, and nobody knows who answers: as unclear as a read that is sent elsewhere.
        Sent::Answered(answer) if answer.status.is_redirection() => Made::Refused(answer.unexpected()),
        Sent::Answered(answer) if answer.says_already_exists(unique) => Made::Exists(answer.failure(code, refused)),
        Sent::Answered(answer) if answer.api_error().message.contains("immutable release") => Made::Refused(
            answer
                .failure(Code::TagImmutable, "The release is immutable: nothing can be added to it")
                .fix("Set VERSION to the next version, and publish that"),
        ),
        Sent::Answered(answer) => Made::Refused(
            answer.failure(code, refused).fix("Mend what the host names, then run the same command again"),
        ),
        Sent::Refused(failure) => Made::Refused(failure),
        Sent::Unknown(failure) => Made::Unknown(failure),
    }
}

/// The release's upload URL for an asset of this name. GitHub gives a URI template: `…/assets{?name,label}`.
fn upload_url(release: &Release, name: &str) -> Result<Url, Failure> {
    let bare = release.upload_url.split('{').next().unwrap_or_default();
    let mut url = Url::parse(bare).map_err(|error| {
        Failure::new(Code::NetUnexpected, "The host names no place to upload to").why(format!("`{bare}`: {error}"))
    })?;
    url.query_pairs_mut().clear().append_pair("name", name);
    Ok(url)
}
