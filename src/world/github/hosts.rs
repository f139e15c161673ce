//! Which hosts may be talked to, and which of them may see the token (SPEC §5, facts/TRUST.md row 10).

use url::Url;

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::GitHub;

/// For whom a request is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The API: sees the token.
    Api,
    /// The upload host: sees the token.
    Upload,
    /// Whoever serves bytes to the public: never sees the token.
    Public,
    /// The servers that clients are updated from: never see the token.
    Served,
}

/// The hosts that the settings name.
#[derive(Debug, Clone)]
pub struct Hosts {
    github: GitHub,
    served: Vec<Url>,
}

impl Hosts {
    /// The hosts of these settings.
    pub fn new(github: &GitHub) -> Self {
        Self { github: github.clone(), served: Vec::new() }
    }

    /// The same, and these servers.
    #[must_use]
    pub fn serving(self, served: Vec<Url>) -> Self {
        Self { served, ..self }
    }

    /// Root of the API.
    pub fn api(&self) -> &Url {
        self.github.api()
    }

    /// Refuses a URL that this audience may not be sought at.
    pub fn allow(&self, url: &Url, audience: Audience) -> Result<(), Failure> {
        let (allowed, setting) = match audience {
            Audience::Api => (url.origin() == self.api().origin(), "api_url"),
            Audience::Upload => (self.github.may_receive_token(url), "upload_hosts"),
            Audience::Public => (self.github.may_serve_bytes(url), "download_hosts"),
            Audience::Served => (self.served.iter().any(|served| served.origin() == url.origin()), "api_url"),
        };
        if allowed {
            return Ok(());
        }
        Err(Failure::new(Code::NetHost, format!("Refused to talk to {}", place(url)))
            .why("The release host points there, and the settings do not allow it. Nothing was sent.")
            .fix(format!("If this host is right, add it to `github.{setting}` in release.toml (https only)")))
    }
}

/// Scheme, host and port: what can be shown of any URL, signed ones too.
pub fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}
