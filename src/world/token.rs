//! The token: found in the environment or asked of gh, never shown, given to nobody but the release host.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::bytes::Bytes;
use url::Url;

use super::process::{self, ProcessError};
use super::stop::{Stop, interrupted};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::{Environment, GitHub, is_loopback};

const GH_DEADLINE: Duration = Duration::from_secs(15);
/// Where gh's own settings are, when they are somewhere else.
const GH_VARIABLES: [&str; 1] = ["GH_CONFIG_DIR"];

/// A token and where it comes from. Neither `Debug` nor `Display` shows its value.
#[derive(Clone)]
pub struct Token {
    value: Arc<SecretString>,
    header: HeaderValue,
    /// For people: `GH_TOKEN`, `gh`, …
    pub source: String,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Token {
    /// Takes a token; `None` for an empty one or one that no HTTP header can carry.
    fn new(value: &str, source: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {value}")).ok()?;
        header.set_sensitive(true);
        Some(Self { value: Arc::new(value.into()), header, source: source.into() })
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// An answer without the token, should the host have echoed it. What is no text is left as it is.
    pub(super) fn redact(&self, answer: &Bytes) -> Bytes {
        match std::str::from_utf8(answer) {
            // A token so short is nobody's, and would be found in every word.
            Ok(text) if self.value.expose_secret().len() >= 8 && text.contains(self.value.expose_secret()) => {
                text.replace(self.value.expose_secret(), "•••").into()
            }
            _ => answer.clone(),
        }
    }
}

/// Looks where SPEC §5 allows: `github.token_env`; for github.com and loopback hosts also `GH_TOKEN`, `GITHUB_TOKEN`,
/// else `gh auth token`. No other host is ever given those.
pub async fn find(github: &GitHub, environment: &Environment, stop: &Stop) -> Result<Token, Failure> {
    let from = |name: &str| environment.get(name).and_then(|value| Token::new(value, name));
    if let Some(name) = &github.token_env {
        return from(name).ok_or_else(|| {
            missing(format!("The variable {name} holds no token"))
                .why("`github.token_env` names it, and then no other token is used.")
                .fix(format!("export {name}=…"))
        });
    }
    if !(is_github(github.api()) || is_loopback(github.api())) {
        return Err(missing("No token for this host")
            .why("GH_TOKEN and gh's token go to github.com only.")
            .fix("Set `github.token_env` in release.toml to the name of the variable that holds this host's token"));
    }
    if let Some(token) = from("GH_TOKEN").or_else(|| from("GITHUB_TOKEN")) {
        return Ok(token);
    }
    let variables = environment.only(&GH_VARIABLES);
    match process::run(&["gh", "auth", "token", "--hostname", "github.com"], variables, GH_DEADLINE, stop).await {
        Ok(output) => Token::new(&output.stdout, "gh")
            .ok_or_else(|| missing("gh is not signed in").fix("gh auth login").fix("or: export GH_TOKEN=…")),
        Err(ProcessError::Interrupted(_)) => Err(interrupted()),
        Err(error) => Err(missing("No token was found")
            .why(format!("GH_TOKEN and GITHUB_TOKEN are not set, and {error}."))
            .fix("gh auth login")
            .fix("or: export GH_TOKEN=…")),
    }
}

fn missing(what: impl Into<String>) -> Failure {
    Failure::new(Code::AuthMissing, what.into())
}

fn is_github(api: &Url) -> bool {
    api.scheme() == "https" && api.host_str() == Some("api.github.com")
}
