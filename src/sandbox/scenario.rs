//! The situations to learn from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A situation that a practice world is laid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// The version in the inbox is not published yet.
    #[default]
    FirstRelease,
    /// It is published, with the bytes of the inbox.
    AlreadyPublished,
    /// It is published, with other bytes of the same size.
    Conflict,
    /// A run of ours died half-way, and a colleague has a draft of the same version.
    Resume,
    /// Somebody else's command is running on the VM.
    VmBusy,
    /// The VM has no Gemini key.
    KeyMissing,
    /// The update server holds what it read at its start.
    StaleAppcast,
    /// The network and the host fail now and then.
    FlakyNetwork,
    /// Somebody else publishes the same version at the same moment.
    Race,
}

impl Scenario {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 9] = [
        Self::FirstRelease,
        Self::AlreadyPublished,
        Self::Conflict,
        Self::Resume,
        Self::VmBusy,
        Self::KeyMissing,
        Self::StaleAppcast,
        Self::FlakyNetwork,
        Self::Race,
    ];

    /// What one learns there, in one line.
    pub const fn description(self) -> &'static str {
        match self {
            Self::FirstRelease => "publish 1.6.1.44 after a published 1.6.1.43, from inbox to manifest",
            Self::AlreadyPublished => "1.6.1.44 is published with these very bytes: nothing is left to upload",
            Self::Conflict => "1.6.1.44 is published with other bytes of the same size: the console must refuse",
            Self::Resume => "a run died half-way, and Anna's draft of 1.6.1.44 is in the way: look, waive, go on",
            Self::VmBusy => {
                "a colleague's command runs on the VM: one visible wait, one retry, then the release goes on"
            }
            Self::KeyMissing => "the VM's config.env has no GEMINI_API_KEY: mend it there, or waive the check",
            Self::StaleAppcast => {
                "the update server goes on serving 1.6.1.43: the gate is red, and says what restarts it"
            }
            Self::FlakyNetwork => "resets, stalls, busy hosts, lost answers: the same command again, until it is done",
            Self::Race => "somebody else publishes the same bytes at the same moment: exactly one release, both agree",
        }
    }

    /// Its name, as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstRelease => "first-release",
            Self::AlreadyPublished => "already-published",
            Self::Conflict => "conflict",
            Self::Resume => "resume",
            Self::VmBusy => "vm-busy",
            Self::KeyMissing => "key-missing",
            Self::StaleAppcast => "stale-appcast",
            Self::FlakyNetwork => "flaky-network",
            Self::Race => "race",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no scenario's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no scenario is called `{0}`; there are {list}", list = Scenario::ALL.map(Scenario::name).join(", "))]
pub struct UnknownScenario(String);

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, UnknownScenario> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name).ok_or_else(|| UnknownScenario(name.into()))
    }
}
