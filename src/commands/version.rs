//! `version read`, `set` and `check`.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::{Setting, base, open, read_only, refuse};
use crate::cli::Version as Asked;
use crate::engine::event::RunResult;
use crate::engine::pipeline::Consent;
use crate::engine::versions;
use crate::front::drive::Hands;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::release::version::Version;

/// Runs one of them.
pub fn run(
    workspace: Option<PathBuf>,
    setting: Setting,
    what: Asked,
    terminal: bool,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            let name = match what {
                Asked::Read => "version read",
                Asked::Set { .. } => "version set",
                Asked::Check => "version check",
            };
            let prepared = open(workspace.as_deref(), &setting).and_then(|(root, loaded)| {
                let wanted = match &what {
                    Asked::Set { version, .. } => Some(parsed(version)?),
                    Asked::Read | Asked::Check => None,
                };
                if loaded.file.is_none() && matches!(what, Asked::Set { dry_run: false, .. }) {
                    return Err(read_only(&root, "nexy-release version set X.Y.Z.W --dry-run"));
                }
                Ok((root, loaded, wanted))
            });
            let (root, loaded, wanted) = match prepared {
                Ok(prepared) => prepared,
                Err(failure) => return refuse(&hands.events, name, &failure),
            };
            let base = base(root, loaded, setting, run, &hands);
            match (what, wanted) {
                (Asked::Set { dry_run, yes, .. }, Some(version)) => {
                    let consent = match (dry_run, yes || !terminal) {
                        (true, _) => Consent::DryRun,
                        // Nobody is there to ask, and what is set can be set back.
                        (false, true) => Consent::Given,
                        (false, false) => Consent::Typed,
                    };
                    versions::set(&base, version, consent, hands.commands).await
                }
                (Asked::Check, _) => versions::check(&base),
                _ => versions::read(&base),
            }
        })
    }
}

fn parsed(text: &str) -> Result<Version, Failure> {
    text.parse().map_err(|error| {
        Failure::new(Code::UsageArgument, format!("`{}` is no version: {error}", Clean::line(text, 60)))
            .why("A version is four numbers, X.Y.Z.W, without a `v`.")
            .fix("nexy-release version set 1.6.1.45")
    })
}
