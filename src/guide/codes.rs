//! The failure codes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Entry, Kind};
use crate::release::code::{Code, Exit};

const TEXTS: &str = include_str!("../../assets/guide/en/codes.toml");

#[derive(Deserialize)]
struct Text {
    why: String,
    fix: Vec<String>,
    #[serde(default)]
    see: Vec<String>,
}

/// Every code, in the order of `release::code`.
pub(super) fn all() -> impl Iterator<Item = Entry> {
    // A test reads them: they are compiled in.
    let mut texts: BTreeMap<String, Text> = toml::from_str(TEXTS).unwrap_or_default();
    Code::ALL.iter().filter_map(move |code| {
        let Text { why, fix, see } = texts.remove(code.as_str())?;
        let (exit_code, rerun) = (Some(code.exit() as u8), rerun(code.exit()).into());
        Some(Entry { why, fix, exit_code, rerun, see, ..Entry::new(Kind::Code, code.as_str(), code.meaning()) })
    })
}

/// The codes that stand in `text`, each once, in its order.
pub(super) fn within(text: &str) -> Vec<Entry> {
    let text = text.to_ascii_uppercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let words: Vec<_> = words.filter(|word| word.starts_with("NX-")).collect();
    let place = |entry: &Entry| words.iter().position(|word| *word == entry.id);
    let mut found: Vec<_> = all().filter_map(|entry| Some((place(&entry)?, entry))).collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// SPEC §6.2: any failure leaves a state from which the same command goes on.
fn rerun(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "Safe: nothing is left to do.",
        Exit::Failed => "Safe, and it ends the same way until the cause is mended.",
        Exit::Usage => "Nothing was begun: correct it, and run it again.",
        Exit::Blocked | Exit::Auth => "Safe: mend it, and run the same command again.",
        Exit::Conflict => "Safe, and it ends the same way: published bytes are never replaced.",
        Exit::Unfinished => "Safe: the same command looks at what is there and goes on from it.",
        Exit::Mismatch => "Safe: published bytes are never replaced. Find the cause first.",
        Exit::Busy => "Safe, once the other one is done: bytes that are published already are skipped.",
        Exit::Interrupted => "Safe: the same command goes on where this one stopped.",
    }
}
