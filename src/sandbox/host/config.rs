//! What kind of host this is; the default is a friendly one.

use serde::{Deserialize, Serialize};

/// The host's knobs. They hold for the process, not for the folder: a restart takes whatever it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "knobs, each turned without the others")]
pub struct Config {
    /// Who the two tokens belong to.
    pub login: String,
    /// Whether [`super::Host::token`] may push.
    pub push: bool,
    /// Whether assets report their `digest`; else it is null.
    pub digest: bool,
    /// From how many lists a new draft is missing.
    pub list_lag: usize,
    /// Whether releases freeze when they are published, and their tags are burnt.
    pub immutable: bool,
    /// Whether a ruleset lets nobody make new tags, so that no draft becomes public.
    pub tags_restricted: bool,
    /// Whether somebody else publishes the same bytes under a tag, a moment before it is published here.
    pub rival: bool,
    /// What an upload that breaks off leaves behind.
    pub interrupted: Interrupted,
    /// Bytes per second that all uploads and downloads share; none: as fast as it goes.
    pub throttle_bytes_per_s: Option<u64>,
    /// Seconds for which a signed download URL is good.
    pub url_lifetime_s: u64,
    /// Port of the API, the other origins on the next four; none: those that the folder remembers, or any.
    pub port: Option<u16>,
    /// The repositories there are, as `owner/name`. All are public.
    pub repos: Vec<String>,
}

/// What an upload that breaks off leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interrupted {
    /// An asset in state `starter` with size 0, which blocks the name.
    #[default]
    Starter,
    /// The same with the size that was announced.
    FullSizeStarter,
    /// Nothing.
    Nothing,
}

impl Config {
    /// Who publishes first where there is a [`Config::rival`].
    pub const RIVAL: &str = "anna";
}

impl Default for Config {
    fn default() -> Self {
        Self {
            login: "nexy-practice".into(),
            push: true,
            digest: true,
            list_lag: 0,
            immutable: false,
            tags_restricted: false,
            rival: false,
            interrupted: Interrupted::default(),
            throttle_bytes_per_s: None,
            url_lifetime_s: 300,
            port: None,
            repos: vec!["Seregawpn/Nexy_production".into(), "Seregawpn/Nexy_server".into()],
        }
    }
}
