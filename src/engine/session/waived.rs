//! What a person waived, and what they saw when they did: another finding is not waived by it.

use std::collections::BTreeMap;

use crate::engine::checks::Waivers;
use crate::engine::event::{Check, CheckId};
use crate::release::text::Clean;

/// Reasons, each with the check as it stood.
#[derive(Debug, Default)]
pub(super) struct Waived(BTreeMap<CheckId, (Clean, Check)>);

impl Waived {
    /// Keeps a reason for going on although of this finding.
    pub fn insert(&mut self, seen: Check, reason: Clean) {
        self.0.insert(seen.id, (reason, seen));
    }

    /// Takes a reason back.
    pub fn remove(&mut self, id: CheckId) {
        self.0.remove(&id);
    }

    /// The reasons, as a preview takes them.
    pub fn reasons(&self) -> Waivers {
        self.0.iter().map(|(id, (reason, _))| (*id, reason.clone())).collect()
    }

    /// Forgets what was waived where something else is found now; answers of which checks.
    pub fn forget_others(&mut self, now: &[Check]) -> Vec<CheckId> {
        let changed = |seen: &Check| !now.iter().any(|check| seen.finds_the_same(check));
        let forgotten: Vec<_> = self.0.iter().filter(|(_, (_, seen))| changed(seen)).map(|(id, _)| *id).collect();
        self.0.retain(|id, _| !forgotten.contains(id));
        forgotten
    }
}
