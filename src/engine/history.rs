//! `history`: what the journal tells, and whether it is as it was written.

use serde_json::json;

use super::base::Base;
use super::event::{Event, Mode, NoteKind, Outcome, RunResult};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::journal::{Journal, State};
use crate::world::workspace::Reader;

/// Shows every entry. `verify`: an edited journal is a failure; else it is a warning.
pub fn run(base: &Base, verify: bool) -> RunResult {
    base.start("history", Mode::ReadOnly);
    let reader = Reader::new(&base.root, &base.settings.release.inbox);
    let journal = match reader.journal() {
        Ok(journal) => journal,
        Err(failure) => return base.fail(&failure),
    };
    base.events.send(Event::Report { kind: "history".into(), data: json!(journal) });
    if journal.lines.is_empty() && !journal.end_edited {
        base.events.note(NoteKind::Info, "No release was made from this workspace yet");
    }
    for line in journal.lines.iter().filter(|line| line.state == State::Torn) {
        base.events.note(
            NoteKind::Warning,
            format!("Line {} was cut off by a crash; the chain goes on behind it", line.number),
        );
    }
    let result = RunResult::bare(Outcome::Done, Exit::Done as u8);
    match edited(&reader, &journal) {
        None => {
            if verify {
                base.events.note(NoteKind::Info, format!("The chain holds, lines: {}", journal.lines.len()));
            }
            base.end(result)
        }
        Some(failure) if verify => base.end(RunResult { outcome: Outcome::Failed, ..result }.failed(&failure)),
        Some(failure) => {
            base.events.note(NoteKind::Warning, format!("{} {}", failure.what, failure.why));
            base.end(result)
        }
    }
}

fn edited(reader: &Reader, journal: &Journal) -> Option<Failure> {
    if journal.holds() {
        return None;
    }
    let lines = journal.lines.iter().filter(|line| line.state == State::Edited);
    let lines = lines.map(|line| line.number.to_string()).collect::<Vec<_>>().join(", ");
    let mut why = Vec::new();
    if !lines.is_empty() {
        why.push(format!("Line {lines}: changed, or lines after it were added or removed."));
    }
    let path = reader.journal_path().display().to_string();
    if journal.end_edited {
        why.push(format!("The last line was changed, lines are missing behind it, or {path} or the journal.head beside it was removed."));
    }
    Some(
        Failure::new(Code::JournalEdited, "The journal is not as it was written.")
            .why(format!("{} What it tells of the releases cannot be relied on.", why.join(" ")))
            .fix(format!("less '{path}', and compare it with a copy, if there is one"))
            .fix("nexy-release verify TAG   (looks at what is published, whatever the journal says)"),
    )
}
