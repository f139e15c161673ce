//! Runs a command and shows it: engine on its own tasks, front end here, signals in between.

use std::future::Future;
use std::io::Write as _;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::json::Json;
use super::prompt::Prompt;
use super::signals;
use super::text::Text;
use super::{Front, Manner, Output};
use crate::engine::event::{Command, Event, Outcome, RunResult, Stamped};
use crate::engine::feed::{self, Events};
use crate::engine::run::Run;
use crate::engine::snapshot::panicked;
use crate::release::code::Exit;
use crate::world::stop::Stop;

/// The longest that leaving at once takes.
const LEAVING: Duration = Duration::from_secs(1);

/// What a command is given.
#[derive(Debug)]
pub struct Hands {
    /// Where it says what happens.
    pub events: Events,
    /// What a person says.
    pub commands: UnboundedReceiver<Command>,
    /// The wish to stop.
    pub stop: Stop,
}

/// Runs a command to its result and answers the exit code. `asks`: a person is there to type the tag.
///
/// The front end works on the calling thread, which is none of the engine's: one that blocks, because nobody reads
/// its output, stops no transfer.
pub async fn drive<F>(manner: Manner, run_id: &str, asks: bool, command: impl FnOnce(Hands) -> F) -> u8
where
    F: Future<Output = RunResult> + Send + 'static,
{
    let (events, mut feed) = feed::channel();
    let (say, commands) = mpsc::unbounded_channel();
    let stop = Stop::default();
    let left = CancellationToken::new();
    // Before anything is asked of a person: an answer may be Ctrl-C.
    let obeying = tokio::spawn(obey_signals(signals::asked(), stop.clone(), left.clone()));
    let mut fronts: Vec<Box<dyn Front>> = vec![match manner.output {
        Output::Json => Box::new(Json::new(std::io::stdout(), run_id)),
        Output::Text => Box::new(Text::new(std::io::stdout(), std::io::stderr(), manner)),
    }];
    if asks {
        fronts.push(Box::new(Prompt::new(say, manner.dumb)));
    }
    let engine = tokio::spawn(command(Hands { events, commands, stop }));
    let mut run = Run::default();
    let mut show = |stamped: &Stamped| {
        run.apply(stamped);
        for front in &mut fronts {
            front.show(stamped, &run);
        }
    };
    while let Some(Some(stamped)) = left.run_until_cancelled(feed.next()).await {
        show(&stamped);
    }
    let ended = left.run_until_cancelled(engine).await;
    obeying.abort();
    match ended {
        None => Exit::Interrupted as u8,
        Some(Ok(result)) => result.exit_code,
        Some(Err(error)) => {
            let result = RunResult::bare(Outcome::Failed, Exit::Unfinished as u8).failed(&panicked(&error));
            let exit_code = result.exit_code;
            show(&Stamped { time: jiff::Timestamp::now(), event: Event::Result(result) });
            exit_code
        }
    }
}

/// Once: stop what can be stopped, and say how to go on. Twice: leave at once (SPEC §6.3).
async fn obey_signals(mut asked: watch::Receiver<u32>, stop: Stop, left: CancellationToken) {
    if asked.wait_for(|times| *times >= 1).await.is_err() {
        return;
    }
    stop.stop();
    let _ = writeln!(std::io::stderr(), "\nStopping. Press Ctrl-C again to leave at once.");
    if asked.wait_for(|times| *times >= 2).await.is_err() {
        return;
    }
    left.cancel();
    // Whoever called may clear up behind itself; a front end that blocks keeps nobody here.
    tokio::time::sleep(LEAVING).await;
    std::process::exit(i32::from(Exit::Interrupted as u8));
}
