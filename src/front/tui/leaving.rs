//! The way out: the screen is given back, what is under way is stopped, and how things stand is said on stderr.

use std::io::{self, Write as _};

use tokio::signal::unix::Signal as Signals;

use super::model::{Ground, Model, Phase};
use super::terminal::Screen;
use crate::engine::event::{RunResult, StepId, StepState};
use crate::engine::session::Brake;
use crate::engine::snapshot::{defect, panicked};
use crate::front::{problem, report};
use crate::release::code::Exit;
use crate::release::failure::Failure;

/// Why the loop ended.
pub(super) enum Left {
    Person,
    AtOnce,
    Signal(&'static str),
    /// Of any task; what it said stands on stderr.
    Panic,
    Engine(Result<RunResult, tokio::task::JoinError>),
}

/// Gives the screen back, stops what is under way, and says how things stand.
pub(super) async fn leave(
    left: Left,
    screen: Screen,
    model: &Model,
    brake: &Brake,
    mut engine: tokio::task::JoinHandle<RunResult>,
    mut interrupt: Signals,
) -> u8 {
    // First of all, so that nothing goes on whatever happens to the terminal.
    if !matches!(left, Left::Engine(_)) {
        brake.park();
    }
    drop(screen);
    let publishing = model.phase() == Phase::Publishing;
    let begun = model.run.steps.iter().any(|step| step.id == StepId::Lock);
    let broken = matches!(left, Left::Panic);
    let signal = match left {
        Left::Engine(ended) => return told(ended),
        Left::Person | Left::Panic => None,
        Left::Signal(what) => Some(what),
        Left::AtOnce if publishing => {
            engine.abort();
            return at_once(model);
        }
        Left::AtOnce => Some("Ctrl-C"),
    };
    if let Some(what) = signal {
        say(&format!("Left: {what}.{}", if begun { "" } else { " Nothing was being published." }));
    }
    if publishing {
        say("Stopping the release. Ctrl-C leaves at once.");
    }
    let ended = tokio::select! {
        ended = &mut engine => ended,
        // The keyboard is the shell's again: Ctrl-C is a signal.
        _ = interrupt.recv() => {
            engine.abort();
            return at_once(model);
        }
    };
    // How the last release ended is said again where it can be copied, whatever was looked at since.
    let code = told(ended);
    if broken && code == Exit::Done as u8 {
        return told_of(&defect("What it said stands above."));
    }
    if code == Exit::Done as u8 {
        if let Some(tag) = model.run.result.as_ref().and_then(|result| result.tag.as_ref()) {
            say(&format!("RELEASE COMPLETE: {tag} is public."));
        }
        for (_, data) in model.run.reports.iter().filter(|(kind, _)| kind.as_str() == "checklist") {
            for line in report::lines("checklist", data, &|_, text| text.to_owned()) {
                say(&line);
            }
        }
    }
    if signal.is_some() && !publishing { Exit::Interrupted as u8 } else { code }
}

/// A line on stderr. A terminal that is gone hears nothing, and that is no reason to panic.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn at_once(model: &Model) -> u8 {
    let publish = model.run.steps.iter().find(|step| step.id == StepId::Publish);
    let tag = model.run.plan.as_ref().map_or("The version", |plan| plan.tag.as_str());
    let public = match publish.map(|step| step.state) {
        None if model.run.plan.as_ref().is_some_and(|plan| plan.published) => format!("{tag} is public."),
        None | Some(Some(StepState::Failed)) => format!("{tag} was not public yet."),
        Some(None) => format!("Whether {tag} is public is not known."),
        Some(Some(StepState::Ok | StepState::Skipped)) => format!("{tag} is public."),
    };
    let next = match model.ground {
        Ground::Fleeting => "The practice world is gone with it; --dir DIR keeps one.",
        _ => "Run the same command again: it goes on where this one stopped.",
    };
    say(&format!("Left at once. {public} {next}"));
    Exit::Interrupted as u8
}

/// Says on stderr how the engine ended; answers the exit code.
fn told(ended: Result<RunResult, tokio::task::JoinError>) -> u8 {
    match ended {
        Ok(result) => {
            if let (Some(code), Some(what)) = (result.code, &result.message) {
                let (why, fix) = (result.why.clone().unwrap_or_default(), result.fix.unwrap_or_default());
                say(&problem("ERROR", code, what, &why, &fix));
            }
            result.exit_code
        }
        Err(error) => told_of(&panicked(&error)),
    }
}

fn told_of(failure: &Failure) -> u8 {
    say(&problem("ERROR", failure.code, &failure.what, &failure.why, &failure.fix));
    failure.exit() as u8
}
