//! When a frame is drawn, and what belongs to it besides the screen.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::model::Model;
use super::terminal::Screen;
use super::{Opening, view};

/// Frames are at least so far apart.
const FRAME: Duration = Duration::from_millis(33);
/// What spins, spins so fast.
const BEAT: Duration = Duration::from_millis(120);

const SECOND: Duration = Duration::from_secs(1);

/// When the next frame is due: soon after something changed, at the next beat while something moves, else never.
pub(super) struct Drawing<'a> {
    opening: &'a Opening,
    beat: usize,
    due: Option<Instant>,
    last: Instant,
    /// The terminal does not show what was drawn.
    pub stale: bool,
}

impl<'a> Drawing<'a> {
    /// Nothing was drawn yet.
    pub fn new(opening: &'a Opening) -> Self {
        Self { opening, beat: 0, due: None, last: Instant::now(), stale: false }
    }

    /// Something changed.
    pub fn soon(&mut self) {
        self.due.get_or_insert(self.last + FRAME);
    }

    /// Until the next frame is due.
    pub async fn wait(&self, model: &Model) {
        let beat = match &model.dashboard {
            // The ages of what is seen.
            Some(_) => Some(self.last + SECOND),
            None => model.is_moving().then(|| self.last + BEAT),
        };
        match self.due.into_iter().chain(beat).min() {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// Draws it.
    pub fn draw(&mut self, screen: &mut Screen, model: &mut Model) -> io::Result<()> {
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
