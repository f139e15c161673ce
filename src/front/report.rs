//! What reading commands show, as lines for people.

use serde_json::Value;

use super::{explain, practice, status, versions};

use crate::engine::manifests::{Repair, Shown};
use crate::release::fingerprint::Digest;
use crate::release::journal::{Ending, Entry, Journal, Line, State};
use crate::release::manifest::Change;
use crate::release::text::Clean;
use crate::release::verification::{CellState, Verification};

/// Two values of a manifest stand on one line while they are shorter than this together.
const SIDE_BY_SIDE: usize = 72;

/// Colours a word; by its ANSI code.
pub type Paint<'a> = &'a dyn Fn(&str, &str) -> String;

/// The lines of a report. Data that is not of its kind's form gives none: it comes from this very program.
pub fn lines(kind: &str, data: &Value, paint: Paint<'_>) -> Vec<String> {
    match kind {
        "sandbox" => vec![practice::lines(data)],
        "explain" => explain::explained(data),
        "topics" => explain::topics(data),
        // A script or a page, as it is.
        "completions" | "man" => data.as_str().map(str::to_owned).into_iter().collect(),
        "checklist" => checklist(data),
        "config" => config(data),
        "verification" => read(data).map(|data| verification(&data, paint)).unwrap_or_default(),
        "gate" => read(data).map(|data| status::gate(&data, paint)).unwrap_or_default(),
        "status" => read(data).map(|data| status::lines(&data, jiff::Timestamp::now(), paint)).unwrap_or_default(),
        "history" => read(data).map(|data| history(&data, paint)).unwrap_or_default(),
        "manifest" => read(data).map(|data: Vec<Shown>| manifests(&data)).unwrap_or_default(),
        "version" => read(data).map(|data| versions::survey(&data, paint)).unwrap_or_default(),
        "version-set" => read(data).map(|data| versions::proposal(&data, paint)).unwrap_or_default(),
        "sync" => read(data).map(|data: Vec<Repair>| repairs(&data)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn read<T: serde::de::DeserializeOwned>(data: &Value) -> Option<T> {
    serde_json::from_value(data.clone()).ok()
}

fn plain(value: &Value) -> Clean {
    value.as_str().map_or_else(|| value.to_string().into(), Clean::from)
}

fn checklist(data: &Value) -> Vec<String> {
    let items = data.as_array().into_iter().flatten();
    let line =
        |item: &Value| format!("  {:14} {:15} {}", plain(&item["state"]), plain(&item["id"]), plain(&item["evidence"]));
    std::iter::once("Checklist:".to_owned()).chain(items.map(line)).collect()
}

fn config(data: &Value) -> Vec<String> {
    let settings = data.as_array().into_iter().flatten();
    let line = |set: &Value| format!("{} = {}  # {}", plain(&set["key"]), plain(&set["value"]), plain(&set["origin"]));
    settings.map(line).collect()
}

/// Source by source.
fn verification(data: &Verification, paint: Paint<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut source = None;
    for cell in &data.cells {
        if source != Some(&cell.source) {
            lines.push(format!("  {}", cell.source));
            source = Some(&cell.source);
        }
        let (color, word) = match cell.state {
            CellState::Aligned => ("32", "aligned"),
            CellState::Drifted => ("31", "DRIFTED"),
            CellState::Unknown => ("31", "UNKNOWN"),
            CellState::Pending => ("33", "pending"),
            CellState::NotApplicable => ("2", "–"),
        };
        let word = paint(color, &format!("{word:8}"));
        lines.push(format!("    {word} {:17} {}", cell.field, cell.found));
        if !cell.expected.is_empty() {
            lines.push(format!("             {:17} expected: {}", "", cell.expected));
        }
    }
    lines
}

fn history(data: &Journal, paint: Paint<'_>) -> Vec<String> {
    let ended: Vec<_> = data.entries().filter(|entry| entry.outcome != Ending::Begun).map(|entry| entry.run).collect();
    data.lines.iter().flat_map(|line| history_line(line, &ended, paint)).collect()
}

/// The lines of an entry; none for the beginning of a run that has an end.
fn history_line(line: &Line, ended: &[Clean], paint: Paint<'_>) -> Vec<String> {
    let number = line.number;
    let state = match line.state {
        State::Sound => String::new(),
        State::Torn => return vec![format!("{number:3}  {}", paint("33", "cut off by a crash"))],
        State::Edited => format!("{}  ", paint("31", "EDITED")),
    };
    let Some(entry) = line.entry.as_ref().and_then(read::<Entry>) else {
        return vec![format!("{number:3}  {state}an entry of an unknown form")];
    };
    let begun = entry.outcome == Ending::Begun;
    if begun && state.is_empty() && ended.contains(&entry.run) {
        return Vec::new();
    }
    let ending = match (&entry.code, &entry.message) {
        _ if begun => paint("33", "began, and left no end: it was killed, or runs still"),
        (Some(code), Some(message)) => paint("31", &format!("failed [{code}]: {message}")),
        _ => paint("32", "done"),
    };
    let version = entry.version.map(|version| version.to_string().into());
    let tag = entry.tag.clone().or(version).unwrap_or_default();
    let mut lines = vec![format!("{number:3}  {state}{:.0}  {} {tag}  {ending}", entry.time, entry.command)];
    let mut detail = |text: String| lines.push(format!("       {text}"));
    detail(format!(
        "by {}, run {}{}",
        who(&entry),
        entry.run,
        entry.plan.map_or_else(String::new, |plan| format!(", plan {}", short(Some(plan))))
    ));
    if let Some(from) = entry.withdrawn {
        detail(format!("withdrew {from}"));
    }
    if let Some(reason) = &entry.reason {
        detail(format!("reason: {reason}"));
    }
    for (check, reason) in &entry.waived {
        detail(format!("waived {check}: {reason}"));
    }
    for asset in &entry.assets {
        detail(moved(&asset.name, asset.before, asset.after));
    }
    for file in &entry.manifest {
        detail(moved(&file.path, file.before, file.after));
    }
    lines
}

fn moved(name: &Clean, before: Option<Digest>, after: Option<Digest>) -> String {
    if before == after {
        return format!("{name}: {}, unchanged", short(after));
    }
    format!("{name}: {} → {}", short(before), short(after))
}

fn short(digest: Option<Digest>) -> String {
    digest.map_or_else(|| "none".into(), |digest| digest.to_string().chars().take(12).collect())
}

fn who(entry: &Entry) -> String {
    let known = |text: &Option<Clean>| text.as_ref().map(ToString::to_string);
    let who = &entry.who;
    let machine = match (known(&who.user), known(&who.host)) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (user, host) => user.or(host),
    };
    let names: Vec<_> = known(&who.login).into_iter().chain(machine).collect();
    if names.is_empty() { "unknown".into() } else { names.join(" as ") }
}

fn manifests(files: &[Shown]) -> Vec<String> {
    let mut lines = Vec::new();
    let first = files.first().and_then(|first| first.sha256);
    for (index, file) in files.iter().enumerate() {
        let path = &file.path;
        let Some(manifest) = &file.manifest else {
            let why =
                file.broken.as_ref().map_or_else(|| "not there".to_owned(), |why| format!("no valid manifest: {why}"));
            lines.push(format!("{path}: {why}"));
            continue;
        };
        if index > 0 && file.sha256 == first {
            lines.push(format!("{path}: the same bytes"));
        } else if index > 0 {
            let text = |value: &Value| plain(value);
            lines.push(format!("{path}: {}, {}", text(&manifest["version"]), text(&manifest["artifact"]["url"])));
        } else {
            lines.push(format!("{path}:"));
            lines.extend(format!("{manifest:#}").lines().map(|line| format!("  {}", Clean::from(line))));
        }
    }
    lines
}

fn repairs(repairs: &[Repair]) -> Vec<String> {
    if repairs.is_empty() {
        return vec!["  there is no copy of the canonical manifest to compare".into()];
    }
    let lines = repairs.iter().flat_map(|repair| {
        let word = match (repair.write, repair.before) {
            (false, _) => "equal ",
            (true, None) => "create",
            (true, Some(_)) => "write ",
        };
        std::iter::once(format!("  {word}  {}", repair.path)).chain(repair.changes.iter().map(change))
    });
    lines.collect()
}

/// A field that differs, on one line or three.
pub fn change(change: &Change) -> String {
    let side = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".into(), |v| Clean::line(v, 200));
    let (before, after) = (side(&change.before), side(&change.after));
    if before.as_str().len() + after.as_str().len() < SIDE_BY_SIDE {
        format!("  manifest {:17} {before} → {after}", change.field)
    } else {
        format!("  manifest {}\n    - {before}\n    + {after}", change.field)
    }
}
