//! What each command line sets in motion: workspace and settings first, then the engine, shown by a front end.

mod config;
mod console;
mod explain;
mod history;
mod hold;
mod manifest;
mod pages;
mod practice;
mod preview;
mod status;
mod verify;
mod version;

pub use console::{Opened, World, console};
pub use practice::PracticeHost;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use crate::cli::{self, Cli, Color, Command, Global};
use crate::engine::base::Base;
use crate::engine::event::{Event, Mode, Outcome, RunResult};
use crate::engine::feed::Events;
use crate::engine::pipeline::Consent;
use crate::front::drive::{Hands, drive};
use crate::front::{Manner, Output};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::{self, Environment, Loaded};
use crate::world::workspace;

pub use hold::hold;

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The process's variables.
    pub environment: Environment,
    /// The folder that it was started in.
    pub folder: PathBuf,
    /// In the practice world: the host that the settings have to name.
    pub host: Option<PracticeHost>,
}

/// Runs a command and answers the exit code. Practice worlds are for `main` to open: here there is no difference.
pub async fn run(cli: Cli, setting: Setting) -> u8 {
    let Cli { global, command } = cli;
    let run_id = Uuid::now_v7().to_string();
    let manner = manner(&global, &setting.environment);
    let Some(command) = command else {
        return match show(&global, &setting.environment) {
            Show::Console => Box::pin(console(global, setting, None)).await,
            Show::Lines => {
                let publish = cli::Publish { dry_run: false, yes: false, expect_plan: None, waive: Vec::new() };
                Box::pin(run(Cli { global, command: Some(Command::Publish(publish)) }, setting)).await
            }
            Show::Nothing => {
                // Where there is no workspace, none of the commands below works either.
                let found = workspace::find(&setting.folder, global.workspace.as_deref());
                let failure = found.err().unwrap_or_else(|| {
                    Failure::new(Code::UsageNoTerminal, "There is no terminal to show the console on")
                        .fix("nexy-release status")
                        .fix("nexy-release check")
                        .fix("nexy-release publish --dry-run")
                        .fix("nexy-release publish --yes")
                });
                refused(&global, &setting.environment, "console", failure).await
            }
        };
    };
    match command {
        Command::Publish(publish) => {
            let terminal = is_terminal();
            let asks = terminal && !publish.yes && !publish.dry_run;
            let command = preview::publish(global.workspace, setting, publish, terminal, run_id.clone());
            drive(manner, &run_id, asks, command).await
        }
        Command::Check { only } => {
            drive(manner, &run_id, false, preview::check(global.workspace, setting, only, run_id.clone())).await
        }
        Command::Verify { tag, served } => {
            drive(manner, &run_id, false, verify::run(global.workspace, setting, tag, served, run_id.clone())).await
        }
        Command::Status { watch: true, simulate } => Box::pin(status::watch(global, setting, simulate)).await,
        Command::Status { watch: false, simulate } => {
            drive(manner, &run_id, false, status::once(global.workspace, setting, simulate, run_id.clone())).await
        }
        Command::Version(what) => {
            let terminal = is_terminal();
            let asks = terminal && matches!(&what, cli::Version::Set { yes: false, dry_run: false, .. });
            drive(manner, &run_id, asks, version::run(global.workspace, setting, what, terminal, run_id.clone())).await
        }
        Command::Manifest(what) => {
            let terminal = is_terminal();
            let asks = terminal && matches!(&what, cli::Manifest::Point(point) if !point.yes && !point.dry_run);
            let command = manifest::run(global.workspace, setting, what, terminal, run_id.clone());
            drive(manner, &run_id, asks, command).await
        }
        Command::History { verify } => {
            drive(manner, &run_id, false, history::run(global.workspace, setting, verify, run_id.clone())).await
        }
        Command::Config(what) => drive(manner, &run_id, false, config::run(global.workspace, setting, what)).await,
        Command::Explain { text } => drive(manner, &run_id, false, explain::run(text)).await,
        Command::Completions { shell } => drive(manner, &run_id, false, pages::completions(shell)).await,
        Command::Man { command } => drive(manner, &run_id, false, pages::man(&command)).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(_) => {
            let failure = Failure::new(Code::Internal, "A practice world is opened before a command runs in it");
            refused(&global, &setting.environment, "sandbox", failure).await
        }
    }
}

/// How a session is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// On the whole terminal.
    Console,
    /// As questions and lines.
    Lines,
    /// Nobody looks.
    Nothing,
}

/// Whether this command line opens the console here, and stderr is no place for anything else.
pub fn takes_the_screen(cli: &Cli, environment: &Environment) -> bool {
    let console = match &cli.command {
        None | Some(Command::Status { watch: true, .. }) => true,
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(asked)) => asked.only.is_none() && !asked.headless,
        Some(_) => false,
    };
    console && show(&cli.global, environment) == Show::Console
}

/// How a session is shown here.
pub fn show(global: &Global, environment: &Environment) -> Show {
    let terminal = is_terminal() && std::io::stdout().is_terminal();
    let dumb = environment.get("TERM").is_none_or(|term| term == "dumb");
    match (terminal, global.output) {
        (true, Output::Text) if !global.plain && !dumb => Show::Console,
        (true, Output::Text) => Show::Lines,
        _ => Show::Nothing,
    }
}

/// Whether a person is there to answer.
pub fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// How a command that changes something is confirmed; `None`: by nobody, which is refused.
fn consent(dry_run: bool, yes: bool, terminal: bool) -> Option<Consent> {
    match (dry_run, yes) {
        (true, _) => Some(Consent::DryRun),
        (false, true) => Some(Consent::Given),
        (false, false) => terminal.then_some(Consent::Typed),
    }
}

/// The failure of a command that writes, in a workspace that was not set up for it; `dry_run` works without.
fn read_only(root: &Path, dry_run: &str) -> Failure {
    Failure::new(Code::UsageReadOnly, format!("This workspace is READ-ONLY: {}", root.display()))
        .why("It has no release.toml; nothing is written in a folder that was not set up for it.")
        .fix("nexy-release config init")
        .fix(format!("{dry_run}   (works without)"))
}

/// Shows a command that could not begin, in the form that was asked for, and answers the exit code.
pub async fn refused(global: &Global, environment: &Environment, command: &str, failure: Failure) -> u8 {
    let run_id = Uuid::now_v7().to_string();
    let command = command.to_owned();
    let refusal = move |hands: Hands| async move { refuse(&hands.events, &command, &failure) };
    drive(manner(global, environment), &run_id, false, refusal).await
}

fn manner(global: &Global, environment: &Environment) -> Manner {
    let plain = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    Manner {
        output: global.output,
        color: match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && !plain && !dumb,
        },
        quiet: global.quiet,
        live: std::io::stderr().is_terminal() && !dumb && global.output == Output::Text && !global.verbose,
        dumb,
    }
}

/// Finds the workspace and reads its settings.
fn open(explicit: Option<&Path>, setting: &Setting) -> Result<(PathBuf, Loaded), Failure> {
    let root = workspace::find(&setting.folder, explicit)?;
    let loaded = settings::load(&root, &setting.environment)?;
    if let Some(host) = &setting.host {
        host.ensure_named(&loaded, &root)?;
    }
    Ok((root, loaded))
}

/// What the engine needs, from what was found.
fn base(root: PathBuf, loaded: Loaded, setting: Setting, run: String, hands: &Hands) -> Base {
    Base {
        root,
        settings: Arc::new(loaded.settings),
        environment: setting.environment,
        run,
        stop: hands.stop.clone(),
        events: hands.events.clone(),
    }
}

/// Ends a command that could not begin: nothing was asked of anybody yet.
fn refuse(events: &Events, command: &str, failure: &Failure) -> RunResult {
    begin(events, command, "");
    let outcome = if failure.code == Code::Interrupted { Outcome::Interrupted } else { Outcome::Failed };
    end(events, RunResult::bare(outcome, 0).failed(failure))
}

fn begin(events: &Events, command: &str, workspace: &str) {
    events.send(Event::RunStarted {
        command: command.into(),
        mode: Mode::ReadOnly,
        workspace: workspace.into(),
        tool: env!("CARGO_PKG_VERSION").into(),
    });
}

fn end(events: &Events, result: RunResult) -> RunResult {
    events.send(Event::Result(result.clone()));
    result
}
