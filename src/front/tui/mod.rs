//! The console: one terminal, one loop without ticks, over the same engine as text and JSON.

mod input;
pub mod keys;
mod logs;
pub mod model;
mod terminal;
pub mod theme;
pub mod trace;
pub mod view;

use std::future::Future;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use jiff::Timestamp;
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use self::input::Wish;
use self::keys::Keys;
use self::model::{Ground, Model};
use self::terminal::Screen;
use self::theme::Theme;
use crate::engine::event::{Command, RunResult, StepId, StepState};
use crate::engine::feed;
use crate::engine::session::Brake;
use crate::engine::snapshot::panicked;
use crate::front::drive::Hands;
use crate::front::report;
use crate::release::code::Exit;
use crate::world::process;

/// Why one leaves when nothing can be shown any more.
const GONE: &str = "the terminal is gone";
/// Frames are at least so far apart.
const FRAME: Duration = Duration::from_millis(33);
/// What spins, spins so fast.
const BEAT: Duration = Duration::from_millis(120);

/// How the console is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What is published from here.
    pub ground: Ground,
    /// The guide follows along.
    pub guided: bool,
    /// Colours and shapes.
    pub theme: Theme,
    /// What keys do.
    pub keys: Keys,
    /// Woken by every line of the log.
    pub woken: Arc<Notify>,
}

/// What the engine is given.
#[derive(Debug)]
pub struct Seat {
    /// Events, commands and the stop of the first look.
    pub hands: Hands,
    /// Stops what is under way.
    pub brake: Brake,
}

/// Shows the session until a person leaves; answers the exit code.
pub async fn run<F>(opening: Opening, session: impl FnOnce(Seat) -> F) -> u8
where
    F: Future<Output = RunResult> + Send + 'static,
{
    match attempt(opening, session).await {
        Ok(code) => code,
        Err(error) => {
            terminal::leave();
            say(&format!("ERROR [NX-STOP-03]: The terminal cannot be used: {error}\n  fix: nexy-release --plain"));
            Exit::Unfinished as u8
        }
    }
}

async fn attempt<F>(opening: Opening, session: impl FnOnce(Seat) -> F) -> io::Result<u8>
where
    F: Future<Output = RunResult> + Send + 'static,
{
    // Before the screen is taken: from its first byte on a signal has to give it back.
    let (mut terminate, mut hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut resumed = signal(SignalKind::from_raw(process::RESUMED))?;
    let mut screen = Screen::enter()?;
    let mut model = Model::new(opening.ground, opening.guided);
    let mut drawing = Drawing { opening: &opening, beat: 0, due: None, last: Instant::now(), stale: false };
    drawing.draw(&mut screen, &mut model)?;

    let (events, mut feed) = feed::channel();
    let (tell, commands) = mpsc::unbounded_channel();
    let brake = Brake::default();
    let hands = Hands { events, commands, stop: brake.stop() };
    let mut engine = tokio::spawn(session(Seat { hands, brake: brake.clone() }));
    let mut keys = EventStream::new();

    let left = loop {
        let wish = tokio::select! {
            Some(stamped) = feed.next() => {
                model.apply(&stamped);
                None
            }
            pressed = keys.next() => match pressed {
                Some(Ok(event)) => {
                    drawing.stale |= matches!(event, Event::Resize(..));
                    input::take(&mut model, &opening.keys, &event)
                }
                // A terminal that is gone.
                Some(Err(_)) | None => break Left::Signal(GONE),
            },
            () = opening.woken.notified() => None,
            () = drawing.wait(&model) => match drawing.draw(&mut screen, &mut model) {
                Ok(()) => continue,
                Err(_) => break Left::Signal(GONE),
            },
            _ = terminate.recv() => break Left::Signal("SIGTERM"),
            _ = hangup.recv() => break Left::Signal("SIGHUP"),
            _ = interrupt.recv() => break Left::Signal("SIGINT"),
            // Back in the foreground: whoever had the terminal meanwhile left it as they like it.
            _ = resumed.recv() => {
                screen.resume()?;
                None
            }
            ended = &mut engine => break Left::Engine(ended),
        };
        match wish {
            None => {}
            Some(Wish::Say(command)) => _ = tell.send(command),
            Some(Wish::Brake) => brake.pull(),
            Some(Wish::Copy(text)) => {
                // A terminal that is gone is noticed by the next frame.
                let _ = terminal::copy(&text);
            }
            Some(Wish::Suspend) => {
                terminal::leave();
                process::suspend();
                screen.resume()?;
            }
            Some(Wish::Leave) => break Left::Person,
            Some(Wish::LeaveAtOnce) => break Left::AtOnce,
        }
        drawing.soon();
    };
    let _ = tell.send(Command::Leave);
    drop(tell);
    leave(left, screen, &model, &brake, engine, interrupt).await
}

/// Why the loop ended.
enum Left {
    Person,
    AtOnce,
    Signal(&'static str),
    Engine(Result<RunResult, tokio::task::JoinError>),
}

/// Gives the screen back, stops what is under way, and says how things stand.
async fn leave(
    left: Left,
    screen: Screen,
    model: &Model,
    brake: &Brake,
    mut engine: tokio::task::JoinHandle<RunResult>,
    mut interrupt: Signals,
) -> io::Result<u8> {
    // First of all, so that nothing goes on whatever happens to the terminal.
    if !matches!(left, Left::Engine(_)) {
        brake.park();
    }
    drop(screen);
    let publishing = model.phase() == model::Phase::Publishing;
    let begun = model.run.steps.iter().any(|step| step.id == StepId::Lock);
    let signal = match left {
        Left::Engine(ended) => return Ok(told(ended)),
        Left::Person => None,
        Left::Signal(what) => Some(what),
        Left::AtOnce if publishing => {
            engine.abort();
            return Ok(at_once(model));
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
            return Ok(at_once(model));
        }
    };
    // How the last release ended is said again where it can be copied, whatever was looked at since.
    let code = told(ended);
    if code == Exit::Done as u8 {
        for (_, data) in model.run.reports.iter().filter(|(kind, _)| kind.as_str() == "checklist") {
            for line in report::lines("checklist", data, &|_, text| text.to_owned()) {
                say(&line);
            }
        }
    }
    Ok(if signal.is_some() && !publishing { Exit::Interrupted as u8 } else { code })
}

/// A line on stderr. A terminal that is gone hears nothing, and that is no reason to panic.
fn say(line: &str) {
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
    say(&format!("Left at once. {public} Run the same command again: it goes on where this one stopped."));
    Exit::Interrupted as u8
}

/// Says on stderr how the engine ended; answers the exit code.
fn told(ended: Result<RunResult, tokio::task::JoinError>) -> u8 {
    match ended {
        Ok(result) => {
            if let (Some(code), Some(message)) = (result.code, &result.message) {
                say(&format!("ERROR [{code}]: {message}"));
                say(&format!("  why: {}", result.why.clone().unwrap_or_default()));
                for fix in result.fix.iter().flatten() {
                    say(&format!("  fix: {fix}"));
                }
            }
            result.exit_code
        }
        Err(error) => {
            let failure = panicked(&error);
            say(&format!("ERROR [{}]: {}\n  why: {}", failure.code, failure.what, failure.why));
            failure.exit() as u8
        }
    }
}

/// When the next frame is due: soon after something changed, at the next beat while something moves, else never.
struct Drawing<'a> {
    opening: &'a Opening,
    beat: usize,
    due: Option<Instant>,
    last: Instant,
    /// The terminal does not show what was drawn.
    stale: bool,
}

impl Drawing<'_> {
    fn soon(&mut self) {
        self.due.get_or_insert(self.last + FRAME);
    }

    async fn wait(&self, model: &Model) {
        let beat = model.is_moving().then(|| self.last + BEAT);
        match self.due.into_iter().chain(beat).min() {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    fn draw(&mut self, screen: &mut Screen, model: &mut Model) -> io::Result<()> {
        if self.due.is_none() {
            self.beat += 1;
        }
        if std::mem::take(&mut self.stale) {
            screen.forget()?;
        }
        self.due = None;
        self.last = Instant::now();
        tui_logger::move_events();
        let pen =
            view::Pen { theme: self.opening.theme, keys: &self.opening.keys, now: Timestamp::now(), beat: self.beat };
        let mut limits = model.limits;
        screen.draw(|frame| limits = view::draw(frame, model, pen))?;
        model.limits = limits;
        let percent = model.run.transfer.as_ref().and_then(|transfer| {
            let (done, total) = transfer.bytes();
            (done * 100).checked_div(total)
        });
        let tag = model.run.plan.as_ref().map_or("", |plan| plan.tag.as_str());
        screen.announce(format!("nexy-release {} {tag}", model.badge()).trim_end(), percent)
    }
}
