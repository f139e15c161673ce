//! One JSON object a line on stdout (SPEC §6.5; `assets/events.schema.json`).

use std::io::Write;

use super::Front;
use crate::engine::event::Stamped;
use crate::engine::event::line::Numbered;
use crate::engine::run::Run;

/// The JSON front end.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    lines: Numbered,
}

impl<W: Write> Json<W> {
    /// Writes the events of `run` to `out`.
    pub fn new(out: W, run: &str) -> Self {
        Self { out, lines: Numbered::new(run) }
    }
}

impl<W: Write> Front for Json<W> {
    fn show(&mut self, stamped: &Stamped, _: &Run) {
        // A reader that left stops nothing: the release goes on, and the exit code tells how it ended.
        if let Ok(text) = self.lines.line(stamped) {
            let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
        }
    }
}
