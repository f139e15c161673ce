//! What a run under way says is kept beside its lock, so that `status` can tell how far it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::event::line::Numbered;
use super::event::{Event, Stamped};
use crate::release::failure::Failure;
use crate::world::files::Lines;

/// Progress is kept at most so often.
const PROGRESS: Duration = Duration::from_secs(1);

/// The recording of the runs of one session, one at a time. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Recording(Arc<Mutex<Session>>);

#[derive(Debug, Default)]
struct Session {
    /// What the run is: its start and its plan, which come before it holds the lock.
    head: Vec<Stamped>,
    log: Option<Log>,
}

#[derive(Debug)]
struct Log {
    file: Lines,
    lines: Numbered,
    next_progress: Instant,
}

impl Recording {
    /// Keeps everything from now on to the run's result, and what the run is before it.
    pub fn begin(&self, file: Lines, run: &str) -> Result<(), Failure> {
        let mut session = self.session();
        let log = Log { file, lines: Numbered::new(run), next_progress: Instant::now() };
        session.log = Some(log);
        let head = session.head.clone();
        head.iter().try_for_each(|stamped| session.keep(stamped))
    }

    /// Takes in what is said. A log that cannot be written is given up, and its failure answered.
    pub fn take(&self, stamped: &Stamped) -> Result<(), Failure> {
        let mut session = self.session();
        match &stamped.event {
            Event::RunStarted { .. } => *session = Session { head: vec![stamped.clone()], log: None },
            Event::Plan(_) => {
                session.head.truncate(1);
                session.head.push(stamped.clone());
            }
            _ => {}
        }
        let kept = session.keep(stamped);
        if matches!(stamped.event, Event::Result(_)) {
            session.log = None;
        }
        kept
    }

    /// Takes in how far a step is, where that is due.
    pub fn take_progress(&self, latest: impl FnOnce() -> Option<Stamped>) -> Result<(), Failure> {
        let mut session = self.session();
        let now = Instant::now();
        match &mut session.log {
            Some(log) if log.next_progress <= now => log.next_progress = now + PROGRESS,
            _ => return Ok(()),
        }
        latest().map_or(Ok(()), |stamped| session.keep(&stamped))
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn keep(&mut self, stamped: &Stamped) -> Result<(), Failure> {
        let Some(log) = &mut self.log else { return Ok(()) };
        let kept = log.lines.line(stamped).map_or(Ok(()), |line| log.file.add(&line));
        if kept.is_err() {
            self.log = None;
        }
        kept
    }
}
