//! Which hosts may be talked to, and which of them may see the token (SPEC §5, facts/TRUST.md row 10).

use url::{Host, Url};

use crate::release::code::Code;
use crate::release::failure::Failure;

/// For whom a request is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The API: sees the token.
    Api,
    /// The upload host: sees the token.
    Upload,
    /// Whoever serves bytes to the public: never sees the token.
    Public,
}

/// The hosts that the settings name.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// API root.
    pub api: Url,
    /// Root of public pages and downloads.
    pub web: Url,
    /// May receive the token, besides the API's host.
    pub upload: Vec<String>,
    /// May serve bytes: host names, or `*.` and a name.
    pub download: Vec<String>,
}

impl Hosts {
    /// Refuses a URL that this audience may not be sought at.
    pub fn allow(&self, url: &Url, audience: Audience) -> Result<(), Failure> {
        let local = is_loopback(url) && is_loopback(&self.api);
        let secure = url.scheme() == "https" || (url.scheme() == "http" && local);
        let known = match audience {
            Audience::Api => url.origin() == self.api.origin(),
            Audience::Upload => local || url.origin() == self.api.origin() || listed(&self.upload, url),
            Audience::Public => {
                local
                    || url.origin() == self.api.origin()
                    || url.origin() == self.web.origin()
                    || listed(&self.download, url)
            }
        };
        if secure && known && url.username().is_empty() && url.password().is_none() {
            return Ok(());
        }
        let setting = match audience {
            Audience::Api => "github.api_url",
            Audience::Upload => "github.upload_hosts",
            Audience::Public => "github.download_hosts",
        };
        Err(Failure::new(Code::NetHost, format!("Refused to talk to {}", place(url)))
            .why("The release host points there, and the settings do not allow it. Nothing was sent.")
            .fix(format!("If this host is right, add it to `{setting}` in release.toml (https only)")))
    }
}

/// Whether the host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Scheme, host and port: what can be shown of any URL, signed ones too.
pub fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn listed(patterns: &[String], url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let with_port = url.port().map(|port| format!("{host}:{port}"));
    patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
        Some(parent) => url.port().is_none() && host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => with_port.as_deref().unwrap_or(host) == pattern,
    })
}
