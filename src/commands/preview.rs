//! `publish` and `check`: what is asked for on the command line, refused before anybody else is asked.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::{Setting, base, consent, open, read_only, refuse};
use crate::cli;
use crate::engine::checks::{Waivable, Waivers};
use crate::engine::event::{CheckId, RunResult};
use crate::engine::pipeline::{self, Consent, Publish};
use crate::front::drive::Hands;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::text::Clean;

/// `publish`.
pub fn publish(
    workspace: Option<PathBuf>,
    setting: Setting,
    asked: cli::Publish,
    terminal: bool,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            let prepared = job(&asked, terminal).and_then(|job| {
                let (root, loaded) = open(workspace.as_deref(), &setting)?;
                if loaded.file.is_none() && job.consent != Consent::DryRun {
                    return Err(read_only(&root, "nexy-release publish --dry-run"));
                }
                Ok((job, root, loaded))
            });
            match prepared {
                Err(failure) => refuse(&hands.events, "publish", &failure),
                Ok((job, root, loaded)) => {
                    let base = base(root, loaded, setting, run, &hands);
                    pipeline::publish(&base, job, hands.commands).await
                }
            }
        })
    }
}

/// `check`.
pub fn check(
    workspace: Option<PathBuf>,
    setting: Setting,
    only: Vec<CheckId>,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            match open(workspace.as_deref(), &setting) {
                Err(failure) => refuse(&hands.events, "check", &failure),
                Ok((root, loaded)) => {
                    let ids = if only.is_empty() { CheckId::ALL } else { &only };
                    pipeline::check(&base(root, loaded, setting, run, &hands), ids).await
                }
            }
        })
    }
}

fn job(asked: &cli::Publish, terminal: bool) -> Result<Publish, Failure> {
    let consent = consent(asked.dry_run, asked.yes, terminal).ok_or_else(|| {
        Failure::new(Code::UsageNoTerminal, "There is no terminal to confirm on")
            .why("Publishing cannot be undone: a person types the tag, or the command says --yes.")
            .fix("nexy-release publish --dry-run")
            .fix("nexy-release publish --yes --expect-plan HASH")
    })?;
    let expect = asked.expect_plan.as_deref().map(str::parse::<Digest>).transpose().map_err(|error| {
        Failure::new(Code::UsageArgument, format!("--expect-plan: {error}"))
            .fix("nexy-release publish --dry-run   (prints `Plan: HASH`)")
    })?;
    let waivers = asked.waive.iter().map(|text| waiver(text)).collect::<Result<Waivers, _>>()?;
    Ok(Publish { consent, expect, waivers })
}

fn waiver(text: &str) -> Result<(CheckId, Clean), Failure> {
    let (id, reason) = text.split_once('=').unwrap_or((text, ""));
    let id = CheckId::parse(id).ok_or_else(|| {
        let known = CheckId::ALL.iter().map(|id| id.as_str());
        Failure::unknown(format!("There is no check `{id}`"), id, "Checks", known)
            .fix("nexy-release publish --waive ID='why this is all right'")
    })?;
    if id.waivable() == Waivable::No {
        return Err(Failure::new(Code::UsageWaive, format!("`{id}` cannot be waived"))
            .why("What it looks at cannot be made good by a reason.")
            .fix(format!("nexy-release check --only {id}"))
            .fix(format!("Leave out --waive {id}=…")));
    }
    if reason.trim().is_empty() {
        return Err(Failure::new(Code::UsageArgument, format!("--waive {id} has no reason"))
            .why("The reason goes to the journal, for whoever asks later.")
            .fix(format!("--waive {id}='why this is all right'")));
    }
    Ok((id, Clean::line(reason, 500)))
}
