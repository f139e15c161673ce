//! Host patterns: who may receive the token, who may serve bytes.

use std::fmt;

use serde::Deserialize;
use url::{Host, Url};

use super::address::{is_github, is_loopback};
use super::wrong::Wrong;

/// A host name, or `*.` and a name of two labels or more. A loopback host may have a port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern {
    /// In lower case; IPv6 in brackets.
    host: String,
    below: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = |is: &str, fix: &str| {
            Wrong::new(is, "a host name such as uploads.github.com, or *.githubusercontent.com", fix)
        };
        if text.contains("://") {
            return Err(wrong("has a scheme", "write the host alone, without https://"));
        }
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let no_host = || wrong("is not a host name", "write ASCII letters, digits, `-` and `.`");
        let url = Url::parse(&format!("http://{rest}")).map_err(|_| no_host())?;
        // What `Url` would repair or read as something else than host and port is refused.
        let host = url.host().map(|host| host.to_string()).ok_or_else(no_host)?;
        let rest = rest.to_ascii_lowercase();
        let port = match rest.strip_prefix(&host).ok_or_else(no_host)? {
            "" => None,
            port => Some(port.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()).ok_or_else(no_host)?),
        };
        if port.is_some() && !is_loopback(&url) {
            return Err(wrong("has a port", "leave the port away; only a loopback host may have one"));
        }
        if matches!(url.host(), Some(Host::Domain(name)) if !name.split('.').all(is_label)) {
            return Err(no_host());
        }
        let named = matches!(url.host(), Some(Host::Domain(name)) if name.contains('.'));
        if below && !named {
            return Err(wrong("covers too many hosts", "name at least two labels behind `*.`"));
        }
        Ok(Self { host, below, port })
    }

    /// Whether `url` is on such a host. Without a port in the pattern: https's own port, or any on loopback.
    pub fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let fits = if self.below {
            host.strip_suffix(&self.host).is_some_and(|rest| rest.ends_with('.'))
        } else {
            host == self.host
        };
        let port = url.port_or_known_default();
        fits && self.port.map_or(is_loopback(url) || port == Some(443), |own| port == Some(own))
    }

    /// Whether it names this machine.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&format!("http://{}", self.host)).is_ok_and(|url| is_loopback(&url))
    }

    /// Whether every host that it names is GitHub's.
    pub fn is_github(&self) -> bool {
        is_github(&self.host)
    }
}

/// A label of a host name: letters, digits and inner hyphens.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl TryFrom<String> for HostPattern {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.below { "*." } else { "" };
        write!(f, "{star}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
