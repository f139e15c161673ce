//! Answers in GitHub's shape, complete: clients parse every field.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::state::{Asset, Release};

/// The roots of the origins, without a slash at the end.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    pub api: String,
    pub uploads: String,
    pub web: String,
    pub blobs: String,
    pub updates: String,
}

/// What a caller may be shown.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub urls: &'a Urls,
    /// Whether digests are told.
    pub digests: bool,
}

impl View<'_> {
    pub fn release(&self, release: &Release) -> Value {
        let Urls { api, uploads, web, .. } = self.urls;
        let (repo, id) = (&release.repo, release.id);
        let shown = shown_tag(release);
        let archive = |kind: &str| (!release.draft).then(|| format!("{api}/repos/{repo}/{kind}/{}", release.tag));
        json!({
            "url": format!("{api}/repos/{repo}/releases/{id}"),
            "assets_url": format!("{api}/repos/{repo}/releases/{id}/assets"),
            "upload_url": format!("{uploads}/repos/{repo}/releases/{id}/assets{{?name,label}}"),
            "html_url": format!("{web}/{repo}/releases/tag/{shown}"),
            "id": id,
            "author": self.user(&release.author),
            "node_id": format!("RE_practice{id}"),
            "tag_name": release.tag,
            "target_commitish": release.target,
            "name": release.title,
            "draft": release.draft,
            "immutable": release.immutable,
            "prerelease": release.prerelease,
            "created_at": time(release.created_at),
            "updated_at": time(release.published_at.unwrap_or(release.created_at)),
            "published_at": release.published_at.map(time),
            "assets": release.assets.iter().map(|asset| self.asset(release, asset)).collect::<Vec<_>>(),
            "tarball_url": archive("tarball"),
            "zipball_url": archive("zipball"),
            "body": release.body,
        })
    }

    pub fn asset(&self, release: &Release, asset: &Asset) -> Value {
        let Urls { api, web, .. } = self.urls;
        let (repo, id, name) = (&release.repo, asset.id, &asset.name);
        let shown = shown_tag(release);
        json!({
            "url": format!("{api}/repos/{repo}/releases/assets/{id}"),
            "id": id,
            "node_id": format!("RA_practice{id}"),
            "name": name,
            "label": asset.label.as_deref().unwrap_or(""),
            "uploader": self.user(&asset.uploader),
            "content_type": asset.content_type,
            "state": if asset.uploaded { "uploaded" } else { "starter" },
            "size": asset.size,
            "digest": asset.sha256.filter(|_| self.digests).map(|sha256| format!("sha256:{sha256}")),
            "download_count": asset.downloads,
            "created_at": time(asset.created_at),
            "updated_at": time(asset.updated_at),
            "browser_download_url": format!("{web}/{repo}/releases/download/{shown}/{name}"),
        })
    }

    /// A user or, for what is an owner here, an account.
    pub fn user(&self, login: &str) -> Value {
        let Urls { api, web, .. } = self.urls;
        let url = format!("{api}/users/{login}");
        let id = login.bytes().fold(7_u64, |id, byte| (id * 31 + u64::from(byte)) % 100_000_007);
        json!({
            "login": login,
            "id": id,
            "node_id": format!("U_practice{id}"),
            "avatar_url": format!("{web}/avatars/{login}"),
            "gravatar_id": "",
            "url": url,
            "html_url": format!("{web}/{login}"),
            "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"),
            "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"),
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"),
            "received_events_url": format!("{url}/received_events"),
            "type": "User",
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    /// The signed-in user's own profile.
    pub fn profile(&self, login: &str) -> Value {
        let mut user = self.user(login);
        for field in ["company", "location", "email", "hireable", "bio", "twitter_username", "notification_email"] {
            user[field] = Value::Null;
        }
        for field in ["public_repos", "public_gists", "followers", "following"] {
            user[field] = json!(0);
        }
        user["name"] = json!(login);
        user["blog"] = json!("");
        user["created_at"] = json!(FOUNDED);
        user["updated_at"] = json!(FOUNDED);
        user
    }

    /// A public repository. `push` is the caller's permission; somebody without a token is told of none.
    pub fn repository(&self, id: usize, full_name: &str, push: Option<bool>) -> Value {
        let Urls { api, web, .. } = self.urls;
        let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
        let url = format!("{api}/repos/{full_name}");
        let html = format!("{web}/{full_name}");
        let mut fields = Map::new();
        for (field, rest) in REPOSITORY_URLS {
            fields.insert((*field).into(), json!(format!("{url}/{rest}")));
        }
        for field in ["forks_count", "forks", "stargazers_count", "watchers_count", "watchers", "size"] {
            fields.insert(field.into(), json!(0));
        }
        for field in ["open_issues_count", "open_issues", "network_count", "subscribers_count"] {
            fields.insert(field.into(), json!(0));
        }
        for field in ["has_issues", "has_projects", "has_wiki", "has_downloads", "allow_forking"] {
            fields.insert(field.into(), json!(true));
        }
        for field in ["private", "fork", "archived", "disabled", "is_template", "has_pages", "has_discussions"] {
            fields.insert(field.into(), json!(false));
        }
        for field in ["description", "homepage", "language", "mirror_url", "license", "temp_clone_token"] {
            fields.insert(field.into(), Value::Null);
        }
        let rest = json!({
            "id": id,
            "node_id": format!("R_practice{id}"),
            "name": name,
            "full_name": full_name,
            "owner": self.user(owner),
            "html_url": html,
            "url": url,
            "git_url": format!("{html}.git"),
            "ssh_url": format!("git@127.0.0.1:{full_name}.git"),
            "clone_url": format!("{html}.git"),
            "svn_url": html,
            "created_at": FOUNDED,
            "updated_at": FOUNDED,
            "pushed_at": FOUNDED,
            "visibility": "public",
            "default_branch": "main",
            "topics": [],
            "web_commit_signoff_required": false,
        });
        if let Value::Object(rest) = rest {
            fields.extend(rest);
        }
        if let Some(push) = push {
            let permissions = json!({ "admin": push, "maintain": push, "push": push, "triage": push, "pull": true });
            fields.insert("permissions".into(), permissions);
        }
        Value::Object(fields)
    }
}

const FOUNDED: &str = "2025-06-01T08:00:00Z";

const REPOSITORY_URLS: &[(&str, &str)] = &[
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    ("notifications_url", "notifications{?since,all,participating}"),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
];

/// What stands for the tag in URLs that people follow.
fn shown_tag(release: &Release) -> &str {
    if release.draft { &release.untagged } else { &release.tag }
}

/// GitHub tells times to the second.
pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
