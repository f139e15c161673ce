//! Web addresses that a setting may hold, and the hosts that count as this machine or as GitHub.

use std::fmt;

use serde::Deserialize;
use url::{Host, Url};

use super::wrong::Wrong;

/// The root of a service: https (http for loopback), without user info, query, fragment and trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl {
    url: Url,
    text: String,
}

impl BaseUrl {
    /// Reads an address; slashes at its end are dropped.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let url = web_address(text.trim_end_matches('/'))?;
        if url.query().is_some() || url.fragment().is_some() {
            let fix = "remove everything from the `?` or the `#` on";
            return Err(Wrong::new("has a query or a fragment", "the address of a service's root", fix));
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    /// The address; without a path it has a trailing slash here, as `Url` wants it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The address without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is a service on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Reads an http or https address: http for loopback only, and no user info, which would be a secret in a setting.
pub(super) fn web_address(text: &str) -> Result<Url, Wrong> {
    let expected = "an address such as https://host/path";
    let no_url = || Wrong::new("is not a URL", expected, "write it in full, beginning with https://");
    // `Url` repairs what a person would not notice: blanks, backslashes, missing slashes. A setting is read as written.
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).ok_or_else(no_url)?;
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(no_url());
    }
    let url = Url::parse(text).map_err(|_| no_url())?;
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err(Wrong::new("is neither https nor http", expected, "begin it with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let fix = "remove everything before the `@`; tokens come from GH_TOKEN, GITHUB_TOKEN or `gh auth token`";
        return Err(Wrong::new("has a user name or a password in it", "an address without credentials", fix));
    }
    if scheme == "http" && !is_loopback(&url) {
        let expected = "https; plain http is for loopback hosts only (127.0.0.0/8, [::1], localhost)";
        return Err(Wrong::new("is plain http", expected, "begin it with https://"));
    }
    Ok(url)
}

/// Whether the host is this machine: 127.0.0.0/8, `[::1]` or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether `host` is github.com or below it: `GH_TOKEN` and gh's own token belong to these.
pub(super) fn is_github(host: &str) -> bool {
    host == "github.com" || host.ends_with(".github.com")
}
