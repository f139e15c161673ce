//! The windows of the house: a front end shows events and passes on what a person says. It carries nothing.

pub mod bar;
pub mod drive;
mod explain;
pub mod json;
pub mod practice;
pub mod prompt;
pub mod report;
pub mod signals;
pub mod text;
pub mod tui;
mod versions;

use crate::engine::event::Stamped;
use crate::engine::run::Run;
use crate::release::code::Code;
use crate::release::text::Clean;

/// Shows one run.
pub trait Front {
    /// Shows what happened; `run` has taken it in already.
    fn show(&mut self, stamped: &Stamped, run: &Run);
}

/// A problem as a person reads it: what happened, why, and the commands that mend it.
fn problem(word: &str, code: Code, what: &Clean, why: &Clean, fix: &[Clean]) -> String {
    let why = Some(why).filter(|why| !why.is_empty()).map(|why| format!("  why: {why}"));
    let fix = fix.iter().map(|fix| format!("  fix: {fix}"));
    let lines: Vec<_> = [format!("{word} [{code}]: {what}")].into_iter().chain(why).chain(fix).collect();
    lines.join("\n")
}

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Output {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// How much is said, and how it looks.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each of them is asked for on its own")]
pub struct Manner {
    /// Text or JSON.
    pub output: Output,
    /// Colours on stdout.
    pub color: bool,
    /// Markers, warnings and errors only.
    pub quiet: bool,
    /// Whether stderr is a terminal, for a moving bar.
    pub live: bool,
    /// Whether the terminal takes no control sequences.
    pub dumb: bool,
}
