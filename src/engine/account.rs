//! What a run leaves in the journal.

use std::path::Path;

use jiff::Timestamp;

use super::execution::{Caller, Public};
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::journal::{Asset, Ending, Entry, File};
use crate::release::plan::Plan;
use crate::world::files;
use crate::world::intent::Pending;

/// The entry of a run that carried out `plan`, with its files as they are now.
pub fn of(command: &str, caller: &Caller, plan: &Plan, root: &Path) -> Entry {
    let assets = plan.assets.iter().map(|asset| Asset {
        name: asset.name.as_str().into(),
        size: asset.size,
        sha256: asset.sha256,
        action: asset.action,
        before: None,
        after: None,
    });
    let files = plan.manifest.iter().flat_map(|manifest| &manifest.files).map(|file| File {
        path: file.path.as_str().into(),
        before: file.before,
        after: files::digest(&root.join(&file.path)).ok().flatten(),
    });
    Entry {
        tag: Some(plan.tag.as_str().into()),
        version: Some(plan.version),
        plan: Some(plan.hash),
        assets: assets.collect(),
        manifest: files.collect(),
        ..blank(command, caller, &plan.repo)
    }
}

/// Files of a set as they will be.
pub fn files(set: &[Pending]) -> Vec<File> {
    let file = |file: &Pending| File {
        path: file.path.as_str().into(),
        before: file.before,
        after: Some(Digest::of(&file.after)),
    };
    set.iter().map(file).collect()
}

/// The entry of a run that is about no release.
pub fn blank(command: &str, caller: &Caller, repo: &str) -> Entry {
    Entry {
        time: Timestamp::now(),
        run: caller.run.as_str().into(),
        who: caller.who.clone(),
        command: command.into(),
        outcome: Ending::Done,
        repo: repo.into(),
        tag: None,
        version: None,
        plan: None,
        withdrawn: None,
        reason: None,
        assets: Vec::new(),
        manifest: Vec::new(),
        waived: std::collections::BTreeMap::new(),
        public: None,
        code: None,
        message: None,
    }
}

/// The same run, stopped.
pub fn stopped(entry: Entry, failure: &Failure, public: Public) -> Entry {
    Entry {
        outcome: Ending::Failed,
        public: match public {
            Public::No => Some(false),
            Public::Yes => Some(true),
            Public::Unknown => None,
        },
        code: Some(failure.code.as_str().into()),
        message: Some(failure.what.clone()),
        ..entry
    }
}
