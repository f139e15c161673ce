//! The pre-checks (SPEC §7), one file each, named by its id. A check reads facts and answers a finding.

mod artifacts;
mod clock;
mod git_routing;
mod github_auth;
mod inbox;
mod lock;
mod manifest;
mod notes;
mod same_bytes;
mod signature;
mod tag_state;
mod target_repo;
mod version;
mod vm_gemini_key;
mod vm_run_command;
mod vm_signin;

use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::future::BoxFuture;

pub(super) use self::tag_state::being_sent;
use super::event::CheckId;
use super::finding::Finding;
use super::snapshot::Snapshot;
use crate::release::text::Clean;

/// Reasons by check, as given with `--waive ID=REASON`.
pub type Waivers = BTreeMap<CheckId, Clean>;

/// Whether a person may waive a check at all (SPEC §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waivable {
    /// Never.
    No,
    /// Some of what it finds.
    Partly,
    /// Whatever it finds.
    Yes,
}

impl CheckId {
    /// Whether it may be waived at all.
    pub fn waivable(self) -> Waivable {
        match self {
            Self::Notes | Self::SameBytes | Self::VmSignin | Self::VmRunCommand | Self::VmGeminiKey | Self::Clock => {
                Waivable::Yes
            }
            Self::Artifacts | Self::TagState => Waivable::Partly,
            _ => Waivable::No,
        }
    }

    /// Looks.
    pub fn look(self, facts: &Snapshot) -> BoxFuture<'_, Finding> {
        match self {
            Self::Lock => lock::look(facts).boxed(),
            Self::Inbox => inbox::look(facts).boxed(),
            Self::Artifacts => artifacts::look(facts).boxed(),
            Self::Notes => notes::look(facts).boxed(),
            Self::Version => version::look(facts).boxed(),
            Self::SameBytes => same_bytes::look(facts).boxed(),
            Self::Manifest => manifest::look(facts).boxed(),
            Self::GithubAuth => github_auth::look(facts).boxed(),
            Self::TargetRepo => target_repo::look(facts).boxed(),
            Self::TagState => tag_state::look(facts).boxed(),
            Self::Signature => signature::look(facts).boxed(),
            Self::GitRouting => git_routing::look(facts).boxed(),
            Self::VmSignin => vm_signin::look(facts).boxed(),
            Self::VmRunCommand => vm_run_command::look(facts).boxed(),
            Self::VmGeminiKey => vm_gemini_key::look(facts).boxed(),
            Self::Clock => clock::look(facts).boxed(),
        }
    }
}
