//! `manifest show`, `check`, `sync`, `point` and `push-vm`.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::{Setting, base, consent, open, read_only, refuse};
use crate::cli::{Manifest, Point};
use crate::engine::event::RunResult;
use crate::engine::pipeline::Consent;
use crate::engine::{manifests, point, published, push_vm, verification};
use crate::front::drive::Hands;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::Settings;

/// Runs one of them.
pub fn run(
    workspace: Option<PathBuf>,
    setting: Setting,
    what: Manifest,
    terminal: bool,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            let name = name(&what);
            let prepared = open(workspace.as_deref(), &setting).and_then(|(root, loaded)| {
                if let Some(dry_run) = dry_run(&what).filter(|_| loaded.file.is_none()) {
                    return Err(read_only(&root, dry_run));
                }
                let point = match &what {
                    Manifest::Point(asked) => Some(job(asked, &loaded.settings, terminal)?),
                    _ => None,
                };
                Ok((root, loaded, point))
            });
            let (root, loaded, point) = match prepared {
                Ok(prepared) => prepared,
                Err(failure) => return refuse(&hands.events, name, &failure),
            };
            let base = base(root, loaded, setting, run, &hands);
            if let Some(job) = point {
                return point::run(&base, &job, hands.commands).await;
            }
            match what {
                Manifest::Check => verification::check_manifests(&base).await,
                Manifest::Sync { dry_run } => manifests::sync(&base, dry_run).await,
                Manifest::PushVm { dry_run } => push_vm::run(&base, dry_run).await,
                Manifest::Show | Manifest::Point(_) => manifests::show(&base).await,
            }
        })
    }
}

fn name(what: &Manifest) -> &'static str {
    match what {
        Manifest::Show => "manifest show",
        Manifest::Check => "manifest check",
        Manifest::Sync { .. } => "manifest sync",
        Manifest::Point(_) => "manifest point",
        Manifest::PushVm { .. } => "manifest push-vm",
    }
}

/// The dry-run of a command that would write.
fn dry_run(what: &Manifest) -> Option<&'static str> {
    match what {
        Manifest::Sync { dry_run: false } => Some("nexy-release manifest sync --dry-run"),
        Manifest::PushVm { dry_run: false } => Some("nexy-release manifest push-vm --dry-run"),
        Manifest::Point(point) if !point.dry_run => Some("nexy-release manifest point TAG --dry-run"),
        _ => None,
    }
}

fn job(asked: &Point, settings: &Settings, terminal: bool) -> Result<point::Job, Failure> {
    let version = published::version(settings, &asked.tag)?;
    let reason = asked.reason.as_deref().map(|reason| Clean::line(reason, 500));
    if reason.as_ref().is_some_and(Clean::is_empty) {
        return Err(Failure::new(Code::UsageArgument, "--reason is empty")
            .why("The reason goes to the journal, for whoever asks later.")
            .fix("--reason 'what is wrong with the present version'"));
    }
    let consent: Consent = consent(asked.dry_run, asked.yes, terminal).ok_or_else(|| {
        Failure::new(Code::UsageNoTerminal, "There is no terminal to confirm on")
            .why(
                "The manifests decide what every client is offered: a person types the tag, or the command says --yes.",
            )
            .fix(format!("nexy-release manifest point {} --dry-run", asked.tag))
            .fix(format!("nexy-release manifest point {} --yes", asked.tag))
    })?;
    Ok(point::Job { version, reason, consent })
}
