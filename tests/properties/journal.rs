//! The journal's chain: what was written holds, whatever is changed in it is found, a torn end is tolerated.

use nexy_release::release::fingerprint::Digest;
use nexy_release::release::journal::{Journal, State};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::json;

/// A journal as it is written, line by line, and what is noted beside it.
fn written(entries: Vec<Map<String, Value>>) -> (Vec<String>, Option<Digest>) {
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        let previous = lines.last().map_or(Value::Null, |last| Digest::of(last).to_string().into());
        let mut line = Map::from_iter([("previous".to_owned(), previous)]);
        line.extend(entry.into_iter().filter(|(key, _)| key != "previous"));
        lines.push(Value::Object(line).to_string());
    }
    let head = lines.last().map(Digest::of);
    (lines, head)
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn entries(least: usize) -> impl Strategy<Value = Vec<Map<String, Value>>> {
    prop::collection::vec(json::object(json::value()), least..6)
}

proptest! {
    #[test]
    fn what_was_written_holds(entries in entries(0)) {
        let (lines, head) = written(entries);
        let journal = Journal::judge(text(&lines).as_bytes(), head);
        prop_assert!(journal.holds());
        prop_assert_eq!(journal.lines.len(), lines.len());
    }

    /// One bit of one byte, anywhere: also in the last line, and in a line feed.
    #[test]
    fn any_changed_bit_is_found(entries in entries(1), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (lines, head) = written(entries);
        let mut bytes = text(&lines).into_bytes();
        let end = bytes.len() - 1;
        let at = at.index(end);
        bytes[at] ^= 1 << bit;
        prop_assert!(!Journal::judge(&bytes, head).holds());
    }

    #[test]
    fn a_removed_a_doubled_and_a_moved_line_are_found(entries in entries(2), at in any::<prop::sample::Index>()) {
        let (lines, head) = written(entries);
        let at = at.index(lines.len());
        let mut removed = lines.clone();
        removed.remove(at);
        prop_assert!(!Journal::judge(text(&removed).as_bytes(), head).holds());
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at].clone());
        prop_assert!(!Journal::judge(text(&doubled).as_bytes(), head).holds());
        let mut moved = lines.clone();
        moved.rotate_left(1);
        prop_assert!(!Journal::judge(text(&moved).as_bytes(), head).holds());
    }

    /// A crash while a line is written leaves its beginning; the note is still that of the line before.
    #[test]
    fn a_torn_end_is_tolerated_and_the_chain_goes_on_behind_it(entries in entries(2), cut in any::<prop::sample::Index>()) {
        let (mut lines, _) = written(entries);
        let last = lines.pop().unwrap();
        let head = lines.last().map(Digest::of);
        let torn = last.chars().take(1 + cut.index(last.chars().count() - 1)).collect::<String>();
        let journal = Journal::judge(format!("{}{torn}", text(&lines)).as_bytes(), head);
        prop_assert!(journal.holds());
        prop_assert_eq!(journal.lines.last().unwrap().state, State::Torn);
        // The next run adds its line behind the torn one.
        let next = format!(r#"{{"previous":"{}"}}"#, Digest::of(&torn));
        lines.extend([torn, next.clone()]);
        prop_assert!(Journal::judge(text(&lines).as_bytes(), Some(Digest::of(next))).holds());
    }
}
