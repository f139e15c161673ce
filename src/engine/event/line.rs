//! An event as it is printed and kept: one JSON object (SPEC §6.5; `assets/events.schema.json`).

use serde::{Deserialize, Serialize};

use super::Stamped;
use crate::release::text::Clean;

/// The lines of one run. They are numbered where they are made: what a slow reader never saw leaves no gap.
#[derive(Debug)]
pub struct Numbered {
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

/// A line that was read.
#[derive(Debug, Deserialize)]
pub struct Read {
    /// Whose it is.
    pub run: Clean,
    /// What it says.
    #[serde(flatten)]
    pub stamped: Stamped,
}

impl Numbered {
    /// The lines of `run`.
    pub fn new(run: &str) -> Self {
        Self { run: run.into(), seq: 0 }
    }

    /// The next one, without its end.
    pub fn line(&mut self, stamped: &Stamped) -> serde_json::Result<String> {
        self.seq += 1;
        serde_json::to_string(&Line { v: 1, run: &self.run, seq: self.seq, stamped })
    }
}
