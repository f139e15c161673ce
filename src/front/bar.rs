//! How far a transfer is, or how long a wait yet: moving on a terminal, a line now and then elsewhere.

use std::fmt;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use crate::engine::run::Transfer;
use crate::release::text::size;

/// Off a terminal a line is said at most so often.
const LINE_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// A wait is drawn so often.
const TICK: Duration = Duration::from_millis(200);

/// The progress of the step that runs.
#[derive(Debug)]
pub struct Bar {
    shown: Option<ProgressBar>,
    /// What is counted down beside it; a transfer that moves takes its place.
    wait: Option<(ProgressBar, Instant)>,
    live: bool,
    next_line: Option<Timestamp>,
}

impl Bar {
    /// Moving, when stderr is a terminal.
    pub fn new(live: bool) -> Self {
        Self { shown: None, wait: None, live, next_line: None }
    }

    /// Shows a transfer; answers a line to print where there is no terminal and it is time for one.
    pub fn update(&mut self, transfer: &Transfer, time: Timestamp) -> Option<String> {
        let (done, total) = transfer.bytes();
        let tail = describe(transfer);
        if self.live {
            self.waited();
            let bar = self.shown.get_or_insert_with(|| {
                let style = ProgressStyle::with_template("  {prefix:9} {bar:28} {percent:>3} %  {msg}");
                // The template is a constant; a broken one would show indicatif's own bar.
                ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            });
            bar.set_prefix(transfer.step.as_str());
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(tail);
            return None;
        }
        if self.next_line.is_some_and(|next| time < next) {
            return None;
        }
        let first = self.next_line.is_none();
        self.next_line = time.checked_add(LINE_EVERY).ok();
        // A reader may see a recording of anything: more done than there is stays the whole.
        let percent = (u128::from(done.min(total)) * 100).checked_div(total.into()).unwrap_or(100);
        (!first).then(|| format!("  running  {:9} {percent} %  {tail}", transfer.step))
    }

    /// Counts a wait down, on a terminal; none is left: takes it away.
    pub fn wait(&mut self, time: Duration) {
        self.waited();
        if !self.live || self.shown.is_some() || time.is_zero() {
            return;
        }
        let left = move |state: &ProgressState, out: &mut dyn fmt::Write| {
            // From its whole length down: what has begun counts.
            let left = time.saturating_sub(state.elapsed()).as_secs_f64().ceil();
            let _ = write!(out, "{left} s left");
        };
        let style = ProgressStyle::with_template("  waiting   {left}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner()).with_key("left", left);
        let wait = ProgressBar::new_spinner().with_style(style);
        wait.enable_steady_tick(TICK);
        self.wait = Some((wait, Instant::now() + time));
    }

    /// Takes a wait away that is over; not everybody says so.
    pub fn look(&mut self) {
        if self.wait.as_ref().is_some_and(|(_, until)| *until <= Instant::now()) {
            self.waited();
        }
    }

    fn waited(&mut self) {
        if let Some((wait, _)) = self.wait.take() {
            wait.finish_and_clear();
        }
    }

    /// Takes the bar away.
    pub fn clear(&mut self) {
        self.next_line = None;
        if let Some(bar) = self.shown.take() {
            bar.finish_and_clear();
        }
    }

    /// Runs `print` without the bar in its way.
    pub fn aside(&self, print: impl FnOnce()) {
        match self.shown.as_ref().or(self.wait.as_ref().map(|(wait, _)| wait)) {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

fn describe(transfer: &Transfer) -> String {
    let (done, total) = transfer.bytes();
    let amount = format!("{} of {}", size(done), size(total));
    match (transfer.rate(), transfer.seconds_left()) {
        (Some(rate), Some(left)) => {
            let left = HumanDuration(std::time::Duration::from_secs(left));
            format!("{amount}, {}/s, {left} left", size(rate))
        }
        _ => amount,
    }
}
