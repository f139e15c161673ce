//! All that a front end can say.

use super::event::CheckId;
use crate::release::text::Clean;
use crate::release::version::Version;

/// What a front end says to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A person typed this as confirmation.
    Confirm(String),
    /// A person will not confirm.
    Decline,
    /// Look again: at one check, or at everything.
    Recheck(Option<CheckId>),
    /// Go on although this check blocks, for this reason.
    Waive(CheckId, Clean),
    /// Make the missing inbox: the fix that the check offers.
    MakeInbox,
    /// Say what setting this version would change.
    ProposeVersion(Version),
    /// Set the version that was proposed last.
    SetVersion,
    /// Say what would be done.
    DryRun,
    /// Ask for the confirmation, then publish.
    Publish,
    /// Look at everything again, then ask for the confirmation: a release that was stopped goes on.
    Again,
    /// End the session.
    Leave,
}
