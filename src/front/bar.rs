//! How far a transfer is: a moving bar on a terminal, a line now and then elsewhere.

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use crate::engine::run::Transfer;
use crate::release::text::size;

/// Off a terminal a line is said at most so often.
const LINE_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// The progress of the step that runs.
#[derive(Debug)]
pub struct Bar {
    shown: Option<ProgressBar>,
    live: bool,
    next_line: Option<Timestamp>,
}

impl Bar {
    /// Moving, when stderr is a terminal.
    pub fn new(live: bool) -> Self {
        Self { shown: None, live, next_line: None }
    }

    /// Shows a transfer; answers a line to print where there is no terminal and it is time for one.
    pub fn update(&mut self, transfer: &Transfer, time: Timestamp) -> Option<String> {
        let (done, total) = transfer.bytes();
        let tail = describe(transfer);
        if self.live {
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

    /// Takes the bar away.
    pub fn clear(&mut self) {
        self.next_line = None;
        if let Some(bar) = self.shown.take() {
            bar.finish_and_clear();
        }
    }

    /// Runs `print` without the bar in its way.
    pub fn aside(&self, print: impl FnOnce()) {
        match &self.shown {
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
