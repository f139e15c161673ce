//! The release host: `[github]`, and which host may see what.

use serde::Deserialize;
use url::Url;

use super::address::{BaseUrl, is_github, is_loopback};
use super::hosts::HostPattern;
use super::typed::optional;

/// `[github]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GitHub {
    /// Root of the API.
    pub api_url: BaseUrl,
    /// Root of the web site, from which clients download.
    pub web_url: BaseUrl,
    /// Hosts that may receive the token besides the API's.
    pub upload_hosts: Vec<HostPattern>,
    /// Hosts that may serve bytes and never receive the token.
    pub download_hosts: Vec<HostPattern>,
    /// The variable with the token for hosts that are neither github.com's nor loopback.
    #[serde(deserialize_with = "optional")]
    pub token_env: Option<String>,
    /// Seconds without a byte after which a request is given up.
    pub idle_timeout_s: u64,
    /// The longest wait for a rate limit or a busy host, in seconds per request.
    pub max_wait_s: u64,
}

/// Which token a host may receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFor<'a> {
    /// `GH_TOKEN`, `GITHUB_TOKEN`, else `gh auth token`: github.com's hosts and loopback.
    GitHub,
    /// The token in this variable, and no other: any other host.
    Variable(&'a str),
}

impl GitHub {
    /// Root of the API.
    pub fn api(&self) -> &Url {
        self.api_url.url()
    }

    /// Whether the API is on this machine: then other loopback hosts are allowed as well.
    pub fn is_loopback(&self) -> bool {
        self.api_url.is_loopback()
    }

    /// The token that a request to `url` may carry; `None`: it must carry none.
    pub fn token_for(&self, url: &Url) -> Option<TokenFor<'_>> {
        let listed = same_origin(url, self.api()) || self.upload_hosts.iter().any(|pattern| pattern.matches(url));
        if !(self.is_neighbour(url) || is_safe(url) && listed) {
            return None;
        }
        if is_loopback(url) || url.host_str().is_some_and(is_github) {
            return Some(TokenFor::GitHub);
        }
        self.token_env.as_deref().map(TokenFor::Variable)
    }

    /// Whether bytes may be read from `url`, in a redirect too.
    pub fn may_serve_bytes(&self, url: &Url) -> bool {
        let origins = [self.api(), self.web_url.url()];
        let mut patterns = self.upload_hosts.iter().chain(&self.download_hosts);
        self.is_neighbour(url)
            || is_safe(url)
                && (origins.iter().any(|own| same_origin(url, own)) || patterns.any(|pattern| pattern.matches(url)))
    }

    /// Another service on this machine, while the API is here too.
    fn is_neighbour(&self, url: &Url) -> bool {
        self.is_loopback() && is_loopback(url) && matches!(url.scheme(), "http" | "https") && no_credentials(url)
    }
}

/// https, and no credentials in the address; plain http is a neighbour or nothing.
fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" && no_credentials(url)
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

fn no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}
