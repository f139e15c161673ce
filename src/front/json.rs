//! One JSON object a line on stdout (SPEC §6.5; `assets/events.schema.json`).

use std::io::Write;

use serde::Serialize;

use super::Front;
use crate::engine::event::Stamped;
use crate::engine::run::Run;

/// The JSON front end. It numbers the lines itself: what a slow reader never saw leaves no gap.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    run: String,
    seq: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    v: u8,
    run: &'a str,
    seq: u64,
    #[serde(flatten)]
    stamped: &'a Stamped,
}

impl<W: Write> Json<W> {
    /// Writes the events of `run` to `out`.
    pub fn new(out: W, run: &str) -> Self {
        Self { out, run: run.into(), seq: 0 }
    }
}

impl<W: Write> Front for Json<W> {
    fn show(&mut self, stamped: &Stamped, _: &Run) {
        self.seq += 1;
        let line = Line { v: 1, run: &self.run, seq: self.seq, stamped };
        // A reader that left stops nothing: the release goes on, and the exit code tells how it ended.
        if let Ok(text) = serde_json::to_string(&line) {
            let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
        }
    }
}
