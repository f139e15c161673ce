//! The console: one terminal, one loop without ticks, over the same engine as text and JSON.

pub mod dashboard;
mod drawing;
mod input;
mod keyboard;
pub mod keys;
mod leaving;
mod logs;
pub mod model;
mod terminal;
pub mod theme;
pub mod trace;
pub mod view;

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use crossterm::event::Event;
use futures::FutureExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc};

use self::drawing::Drawing;
use self::input::Wish;
use self::keys::Keys;
use self::leaving::{Left, leave, say};
use self::model::{Ground, Model};
use self::terminal::Screen;
use self::theme::Theme;
use crate::engine::event::{Command, RunResult};
use crate::engine::feed;
use crate::engine::session::Brake;
use crate::front::drive::Hands;
use crate::release::code::Exit;
use crate::world::process;

/// Why one leaves when nothing can be shown any more.
const GONE: &str = "the terminal is gone";
/// How the console is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What is published from here.
    pub ground: Ground,
    /// The guide follows along.
    pub guided: bool,
    /// Nothing is published: it is the dashboard.
    pub watches: bool,
    /// Colours and shapes.
    pub theme: Theme,
    /// What keys do.
    pub keys: Keys,
    /// The log shows more from the beginning.
    pub verbose: bool,
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
    let mut quit = signal(SignalKind::quit())?;
    let mut screen = Screen::enter()?;
    let mut model = Model::new(opening.ground, opening.guided);
    model.dashboard = opening.watches.then(Default::default);
    if opening.verbose {
        model.logs.more();
    }
    let mut drawing = Drawing::new(&opening);
    drawing.draw(&mut screen, &mut model)?;
    let mut keys = keyboard::listen()?;

    let (events, mut feed) = feed::channel();
    let (tell, commands) = mpsc::unbounded_channel();
    let brake = Brake::default();
    let hands = Hands { events, commands, stop: brake.stop() };
    let mut engine = tokio::spawn(session(Seat { hands, brake: brake.clone() }));

    let watching = async {
        loop {
            let wish = tokio::select! {
                () = terminal::panicked() => break Left::Panic,
                _ = terminate.recv() => break Left::Signal("SIGTERM"),
                _ = hangup.recv() => break Left::Signal("SIGHUP"),
                _ = interrupt.recv() => break Left::Signal("SIGINT"),
                _ = quit.recv() => break Left::Signal("SIGQUIT"),
                // Back in the foreground: whoever had the terminal meanwhile left it as they like it.
                _ = resumed.recv() => match screen.resume() {
                    Ok(()) => None,
                    Err(_) => break Left::Signal(GONE),
                },
                () = drawing.wait(&model) => match drawing.draw(&mut screen, &mut model) {
                    Ok(()) => continue,
                    Err(_) => break Left::Signal(GONE),
                },
                typed = keys.recv() => match typed.flatten() {
                    Some(typed) => {
                        drawing.stale |= matches!(typed.event, Event::Resize(..));
                        input::take(&mut model, &opening.keys, &typed)
                    }
                    None => break Left::Signal(GONE),
                },
                Some(stamped) = feed.next() => {
                    model.apply(&stamped);
                    None
                }
                ended = &mut engine => break Left::Engine(ended),
                () = opening.woken.notified() => None,
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
                    if screen.resume().is_err() {
                        break Left::Signal(GONE);
                    }
                }
                Some(Wish::Leave) => break Left::Person,
                Some(Wish::LeaveAtOnce) => break Left::AtOnce,
            }
            drawing.soon();
        }
    };
    // Whatever goes wrong in here, the engine is stopped and waited for before the process ends.
    let left = AssertUnwindSafe(watching).catch_unwind().await.unwrap_or(Left::Panic);
    let _ = tell.send(Command::Leave);
    drop(tell);
    Ok(leave(left, screen, &model, &brake, engine, interrupt).await)
}
