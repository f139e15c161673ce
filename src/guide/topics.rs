//! The guides of checks and steps, one file each, named by its id.

use super::{Entry, Kind};
use crate::engine::event::{CheckId, StepId};

macro_rules! guides {
    ($folder:literal: $($id:literal)+) => {
        &[$(($id, include_str!(concat!("../../assets/guide/en/", $folder, "/", $id, ".md")))),+]
    };
}

/// In the order of SPEC §7.
const CHECKS: &[(&str, &str)] = guides!("check":
    "lock" "inbox" "artifacts" "notes" "version" "same-bytes" "manifest" "github-auth" "target-repo" "tag-state"
    "signature" "git-routing" "vm-signin" "vm-run-command" "vm-gemini-key" "update-server" "database" "clock");

/// In the order of SPEC §6.1.
const STEPS: &[(&str, &str)] = guides!("step":
    "inspect" "checks" "plan" "confirm" "lock" "draft" "upload" "seal" "publish" "verify" "manifest" "git" "vm" "gate"
    "record");

/// Every guide, the checks first.
pub(super) fn all() -> impl Iterator<Item = Entry> {
    let checks = CHECKS.iter().map(|(id, text)| entry(Kind::Check, id, text, CheckId::parse(id).is_some()));
    let steps = STEPS.iter().map(|(id, text)| entry(Kind::Step, id, text, StepId::parse(id).is_some()));
    checks.chain(steps)
}

fn entry(kind: Kind, id: &str, guide: &str, here: bool) -> Entry {
    let (title, text) = guide.split_once('\n').unwrap_or((guide, ""));
    let later = if here { "" } else { "This version of nexy-release does not have it yet.\n\n" };
    Entry { text: format!("{later}{}", text.trim()), ..Entry::new(kind, id, title.trim_start_matches("# ")) }
}
