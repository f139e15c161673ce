//! The practice servers for people: where they are, and the lines that use them.

use serde_json::Value;

/// The report `sandbox` in lines.
pub fn lines(data: &Value) -> String {
    let text = |key: &str| data[key].as_str().unwrap_or_default();
    let (workspace, api, token_env, repo) = (text("workspace"), text("api_url"), text("token_env"), text("repo"));
    let (uploads, web, blobs, updates) = (text("upload_url"), text("web_url"), text("blob_url"), text("updates_url"));
    let token = text("token");
    // After a build it is not on PATH.
    let program = data["program"].as_str().map_or_else(|| "nexy-release".to_owned(), |path| format!("'{path}'"));
    let gh = data["unix"].as_str().map_or_else(String::new, |socket| {
        format!(
            "
  export GH_CONFIG_DIR=$(mktemp -d) GH_TOKEN=${token_env}
  gh config set http_unix_socket '{socket}'
  gh release list --repo {repo}"
        )
    });
    format!(
        "Practice host, scenario {}. Ctrl-C stops it.

  api      {api}
  uploads  {uploads}
  web      {web}
  blobs    {blobs}
  updates  {updates}   (what clients are updated from)

Publish into it, from another terminal:
  export {token_env}={token}
  {program} --workspace '{workspace}' publish --yes
  {program} --workspace '{workspace}'   (the console)

Look at it:
  {program} --workspace '{workspace}' status --watch
  curl {api}/repos/{repo}/releases{gh}",
        text("scenario")
    )
}
