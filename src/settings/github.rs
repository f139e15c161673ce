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

impl GitHub {
    /// Root of the API.
    pub fn api(&self) -> &Url {
        self.api_url.url()
    }

    /// Whether the API is on this machine: then other loopback hosts are allowed as well.
    pub fn is_loopback(&self) -> bool {
        self.api_url.is_loopback()
    }

    /// Whether `url` may receive the token. There is one token, the API's: github.com's never goes to another host,
    /// another host's never to github.com, and neither to this machine.
    pub fn may_receive_token(&self, url: &Url) -> bool {
        let listed = same_origin(url, self.api()) || self.upload_hosts.iter().any(|pattern| pattern.matches(url));
        (self.is_neighbour(url) || is_safe(url) && listed) && family(url) == family(self.api())
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

/// Whose tokens a host takes: github.com's, those for practice on this machine, or its own.
fn family(url: &Url) -> (bool, bool) {
    (is_loopback(url), url.host_str().is_some_and(is_github))
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

fn no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}
