//! What a person types, and the end of the terminal. Both are waited for on threads of their own: crossterm reads from
//! a terminal that is gone without end and without a pause, and whoever called it never comes back.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, read};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// What was typed and not taken in yet; more than that stays in the terminal.
const AHEAD: usize = 64;

/// What takes no longer to read was there already.
const THERE: Duration = Duration::from_millis(1);

/// Something typed.
#[derive(Debug)]
pub struct Typed {
    /// What.
    pub event: Event,
    /// It was there already when what came before it was taken: both came at once, as a paste does, however slow this
    /// machine is with them.
    pub at_once: bool,
}

/// What comes from the terminal; `None` when it is gone.
pub fn listen() -> io::Result<Receiver<Option<Typed>>> {
    let (heard, events) = mpsc::channel(AHEAD);
    let gone = heard.clone();
    thread::Builder::new().name("keyboard".into()).spawn(move || listening(&heard))?;
    thread::Builder::new().name("hang-up".into()).spawn(move || watching(&gone))?;
    Ok(events)
}

fn listening(heard: &Sender<Option<Typed>>) {
    loop {
        let began = Instant::now();
        let event = read().ok();
        let at_once = began.elapsed() < THERE;
        let typed = event.map(|event| Typed { event, at_once });
        let over = typed.is_none();
        if heard.blocking_send(typed).is_err() || over {
            return;
        }
    }
}

/// SIGHUP comes neither to who ignores it nor to another session; a terminal that is gone still says so.
fn watching(gone: &Sender<Option<Typed>>) {
    let input = io::stdin();
    loop {
        // Asked for nothing, it returns for nothing but the end.
        let mut terminal = [PollFd::new(&input, PollFlags::empty())];
        let answer = poll(&mut terminal, None);
        if terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
            // Nobody listens: the console was left already.
            let _ = gone.blocking_send(None);
            return;
        }
        // Only a signal is a reason to wait again; some systems cannot watch a terminal in this way.
        if answer != Err(rustix::io::Errno::INTR) {
            return;
        }
    }
}
