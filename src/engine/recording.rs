//! What a run under way says is kept beside its lock, so that `status` can tell how far it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use super::event::line::Numbered;
use super::event::{Event, Stamped};
use crate::release::failure::Failure;
use crate::world::files::Lines;

/// Progress is kept so often, while there is any.
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
    /// Keeps the progress; it ends with the log.
    _following: AbortOnDropHandle<()>,
}

impl Recording {
    /// Keeps everything from now on to the run's result, and what the run is before it.
    pub fn begin(&self, file: Lines, run: &str, progress: watch::Receiver<Option<Stamped>>) -> Result<(), Failure> {
        let following = AbortOnDropHandle::new(tokio::spawn(self.clone().follow(progress)));
        let mut session = self.session();
        session.log = Some(Log { file, lines: Numbered::new(run), _following: following });
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

    /// Keeps how far the step under way is. A log that cannot be written any more says so at the next event.
    async fn follow(self, mut progress: watch::Receiver<Option<Stamped>>) {
        let mut ticks = interval(PROGRESS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while progress.changed().await.is_ok() {
            ticks.tick().await;
            let latest = progress.borrow_and_update().clone();
            if let Some((log, latest)) = self.session().log.as_mut().zip(latest) {
                let _ = log.add(&latest);
            }
        }
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn keep(&mut self, stamped: &Stamped) -> Result<(), Failure> {
        let Some(log) = &mut self.log else { return Ok(()) };
        let kept = log.add(stamped);
        if kept.is_err() {
            self.log = None;
        }
        kept
    }
}

impl Log {
    fn add(&mut self, stamped: &Stamped) -> Result<(), Failure> {
        self.lines.line(stamped).map_or(Ok(()), |line| self.file.add(&line))
    }
}
