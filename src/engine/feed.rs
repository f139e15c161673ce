//! The way of events from the engine to a front end. State changes are queued and never lost; of progress only the
//! latest counts, so that a slow reader never stops a transfer.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::event::{Event, Item, NoteKind, Stamped, StepId};
use super::recording::Recording;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::world::files::Lines;

/// Progress is shown at most so often (SPEC §6.5).
const PROGRESS: Duration = Duration::from_millis(100);

/// Where the engine puts its events. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Events {
    queue: mpsc::UnboundedSender<Stamped>,
    progress: Arc<watch::Sender<Option<Stamped>>>,
    recording: Recording,
}

/// Where a front end takes them.
#[derive(Debug)]
pub struct Feed {
    queue: mpsc::UnboundedReceiver<Stamped>,
    progress: watch::Receiver<Option<Stamped>>,
    next_progress: Instant,
    /// The run has its result, which is the last that is said of it: progress that was held back tells nothing more.
    over: bool,
}

/// Both ends.
pub fn channel() -> (Events, Feed) {
    let (queue, queued) = mpsc::unbounded_channel();
    let (progress, latest) = watch::channel(None);
    let feed = Feed { queue: queued, progress: latest, next_progress: Instant::now(), over: false };
    (Events { queue, progress: Arc::new(progress), recording: Recording::default() }, feed)
}

impl Events {
    /// Says that something happened. A front end that is gone hears nothing, and stops nothing.
    pub fn send(&self, event: Event) {
        let stamped = Stamped { time: Timestamp::now(), event };
        let recorded = self.recording.take(&stamped);
        let _ = self.queue.send(stamped);
        if let Err(failure) = recorded {
            self.not_recorded(&failure);
        }
    }

    /// Keeps what is said from now on in `log`, as what `run` says; nothing depends on it.
    pub fn record(&self, log: Result<Lines, Failure>, run: &str) {
        if let Err(failure) = log.and_then(|log| self.recording.begin(log, run, self.progress.subscribe())) {
            self.not_recorded(&failure);
        }
    }

    fn not_recorded(&self, failure: &Failure) {
        let text = format!("{}; `status` cannot tell how far this run is", failure.what);
        self.note(NoteKind::Warning, text);
    }

    /// Says something to read.
    pub fn note(&self, kind: NoteKind, text: impl Into<Clean>) {
        self.send(Event::Note { kind, text: text.into(), seconds: None });
    }

    /// Says a line that other programs look for (SPEC §6.4).
    pub fn marker(&self, text: impl Into<Clean>) {
        self.note(NoteKind::Marker, text);
    }

    /// Begins the progress of a step over items of known sizes, in bytes.
    pub fn progress(&self, step: StepId, items: impl IntoIterator<Item = (String, u64)>) -> Progress {
        let items = items.into_iter().map(|(name, total)| Item { name: name.into(), done: 0, total }).collect();
        let time = Timestamp::now();
        self.progress.send_replace(Some(Stamped { time, event: Event::Progress { step, items } }));
        Progress(self.progress.clone())
    }
}

/// The progress of one step.
#[derive(Debug, Clone)]
pub struct Progress(Arc<watch::Sender<Option<Stamped>>>);

impl Progress {
    /// A meter for the item at this place: told its bytes done.
    pub fn meter(&self, index: usize) -> Arc<dyn Fn(u64) + Send + Sync> {
        let sender = self.0.clone();
        Arc::new(move |bytes| {
            sender.send_modify(|latest| {
                if let Some(Stamped { time, event: Event::Progress { items, .. } }) = latest {
                    *time = Timestamp::now();
                    items[index].done = bytes;
                }
            });
        })
    }
}

impl Feed {
    /// The next event; `None` when the engine is done.
    pub async fn next(&mut self) -> Option<Stamped> {
        let pause = tokio::time::sleep_until(self.next_progress);
        tokio::pin!(pause);
        let mut paused = true;
        loop {
            tokio::select! {
                biased;
                event = self.queue.recv() => {
                    match event.as_ref().map(|stamped| &stamped.event) {
                        Some(Event::Result(_)) => self.over = true,
                        Some(Event::RunStarted { .. }) => self.over = false,
                        _ => {}
                    }
                    return event;
                }
                () = &mut pause, if paused => paused = false,
                Ok(()) = self.progress.changed(), if !paused && !self.over => {
                    if let Some(latest) = self.progress.borrow_and_update().clone() {
                        self.next_progress = Instant::now() + PROGRESS;
                        return Some(latest);
                    }
                }
            }
        }
    }
}
