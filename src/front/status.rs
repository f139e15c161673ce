//! `status` in lines.

use jiff::{SignedDuration, Timestamp};

use super::matrix;
use super::report::Paint;
use crate::release::journal::Ending;
use crate::release::status::{Done, Draft, Part, Status};
use crate::release::text::{Clean, size};
use crate::release::verification::{Cell, CellState, Verification};

const SOURCE: usize = 22;
/// A run that says nothing for so long may hang.
const SILENT: SignedDuration = SignedDuration::from_mins(1);
/// One that transfers bytes says so every second: after so long it stalls, and its rate is none any more.
const STALLED: SignedDuration = SignedDuration::from_secs(10);

/// Everything, the matrix first.
pub(super) fn lines(status: &Status, now: Timestamp, paint: Paint<'_>) -> Vec<String> {
    let mut lines = vec![match status.judged {
        Some(version) => format!("{}: everything against {version}", status.repo),
        None => format!("{}: what is published is not known", status.repo),
    }];
    lines.extend(grid(status.rows.iter().map(|row| (row.source.as_str(), &row.cells[..])), paint));
    lines.extend(pending(status.rows.iter().flat_map(|row| &row.cells)));
    if let Some((what, fix)) = cut_off(status, now) {
        lines.extend([format!("  {what}"), format!("    fix: {fix}")]);
    }
    lines.extend(wrong(status.rows.iter().flat_map(|row| &row.cells)));
    lines.push("Latest:".into());
    lines.extend(part(&status.latest, |latest| {
        let mut lines = vec![format!("{}, {}  {}", latest.tag, ago(latest.made, now), latest.url)];
        lines.extend(latest.assets.iter().map(|asset| {
            let sha256 = asset.sha256.map_or_else(|| "not told".to_owned(), |sha256| sha256.to_string());
            let state = if asset.uploaded { "" } else { "  half-uploaded" };
            format!("  {:18} {:>11}  SHA-256 {sha256}{state}", asset.name, size(asset.size))
        }));
        lines
    }));
    lines.push("Versions, the highest first:".into());
    lines.extend(part(&status.versions, |versions| {
        versions.iter().map(|known| format!("{:14} {}", known.version.to_string(), ago(known.made, now))).collect()
    }));
    lines.push("Drafts in flight:".into());
    lines.extend(part(&status.drafts, |drafts| match drafts.as_slice() {
        [] => vec!["none".to_owned()],
        drafts => drafts.iter().map(|draft| describe(draft, now)).collect(),
    }));
    lines.push("VM:".into());
    lines.extend(part(&status.vm, |vm| vec![vm.to_string()]));
    lines.push("Under way here:".into());
    lines.extend(under_way(status, now).into_iter().map(|line| format!("  {line}")));
    lines.push("Last runs here:".into());
    lines.extend(part(&status.journal, |runs| match runs.as_slice() {
        [] => vec!["none".to_owned()],
        runs => runs.iter().map(|done| run(done, now)).collect(),
    }));
    if let Some(offers) = &status.offers {
        lines.push("Clients:".into());
        lines.extend(part(offers, |offers| {
            let offer = |offer: &crate::release::offer::Offer| {
                let word = if offer.offered { paint("32", "offered    ") } else { paint("33", "not offered") };
                format!("{:14} {word}  {}", offer.installed, offer.why)
            };
            offers.iter().map(offer).collect()
        }));
    }
    lines
}

/// The gate of a release: the matrix, and what is wrong.
pub(super) fn gate(gate: &Verification, paint: Paint<'_>) -> Vec<String> {
    let mut sources: Vec<&str> = Vec::new();
    for cell in &gate.cells {
        if !sources.contains(&cell.source.as_str()) {
            sources.push(cell.source.as_str());
        }
    }
    let of = |source: &str| -> Vec<Cell> {
        gate.cells.iter().filter(|cell| cell.source.as_str() == source).cloned().collect()
    };
    let rows: Vec<_> = sources.iter().map(|source| (*source, of(source))).collect();
    let mut lines = grid(rows.iter().map(|(source, cells)| (*source, &cells[..])), paint);
    lines.extend(pending(&gate.cells));
    lines.extend(wrong(&gate.cells));
    lines
}

fn grid<'a>(rows: impl Iterator<Item = (&'a str, &'a [Cell])>, paint: Paint<'_>) -> Vec<String> {
    let heads = matrix::COLUMNS.map(|column| format!("{column:8}")).concat();
    let mut lines = vec![format!("  {:SOURCE$}{heads}", "").trim_end().to_owned()];
    for (source, cells) in rows {
        let states = matrix::states(cells).map(|state| {
            let (color, word) = word(state);
            paint(color, &format!("{word:8}"))
        });
        lines.push(format!("  {:SOURCE$}{}", matrix::short(source, SOURCE - 1), states.concat()).trim_end().to_owned());
    }
    lines
}

fn word(state: Option<CellState>) -> (&'static str, &'static str) {
    match state {
        Some(CellState::Aligned) => ("32", "aligned"),
        Some(CellState::Drifted) => ("31", "DRIFTED"),
        Some(CellState::Unknown) => ("31", "unknown"),
        Some(CellState::Pending) => ("33", "pending"),
        Some(CellState::NotApplicable) | None => ("2", "–"),
    }
}

fn pending<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> impl Iterator<Item = String> {
    matrix::pending(cells).into_iter().map(|why| format!("  {why}"))
}

fn wrong<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<String> {
    let lines = matrix::mended(cells).into_iter().flat_map(|(cell, fixes)| {
        let fixes = fixes.iter().map(|fix| format!("    fix: {fix}"));
        std::iter::once(format!("  {}", said(cell))).chain(fixes)
    });
    lines.collect()
}

/// A cell in a sentence.
pub fn said(cell: &Cell) -> String {
    let word = if cell.state == CellState::Drifted { "drifted" } else { "unknown" };
    let expected = if cell.expected.is_empty() { String::new() } else { format!("; should be {}", cell.expected) };
    format!("{} {} {word}: {}{expected}", cell.source, cell.field, cell.found)
}

/// What is known of a part, indented; or why it is not.
fn part<T>(part: &Part<T>, show: impl Fn(&T) -> Vec<String>) -> Vec<String> {
    let known = part.value.iter().flat_map(show);
    let unknown = part.unknown.iter().map(|why| format!("unknown: {why}"));
    known.chain(unknown).map(|line| format!("  {line}")).collect()
}

/// A draft in flight.
pub fn describe(draft: &Draft, now: Timestamp) -> String {
    let ours = if draft.ours { ", ours" } else { "" };
    let (whole, all) = draft.assets;
    format!("{} by {}{ours}, made {}, {whole} of {all} assets whole", draft.tag, draft.owner, ago(draft.made, now))
}

/// What is under way here and how far it is, and who does it.
pub fn under_way(status: &Status, now: Timestamp) -> Vec<String> {
    let Some(run) = &status.run else { return vec!["nothing".to_owned()] };
    let what: Vec<_> = run.command.iter().chain(&run.tag).map(Clean::as_str).collect();
    let mut parts: Vec<_> = Some(what.join(" ")).into_iter().filter(|what| !what.is_empty()).collect();
    let silent = run.said.map(|said| now.duration_since(said));
    let mut patience = SILENT;
    if let Some(at) = &run.step {
        let since = at.since.map(|since| format!(" for {}", age(now.duration_since(since))));
        parts.push(format!("{}{}", at.name, since.unwrap_or_default()));
        parts.extend(at.bytes.map(|(done, total)| format!("{} of {}", size(done), size(total))));
        let left = at.seconds_left.filter(|_| silent.is_some_and(|silent| silent < STALLED));
        let left = left.and_then(|seconds| i64::try_from(seconds).ok()).map(SignedDuration::from_secs);
        parts.extend(left.map(|left| format!("{} left", age(left))));
        let waits = at.waits_until.map(|until| until.duration_since(now)).filter(SignedDuration::is_positive);
        if at.bytes.is_some() && waits.is_none() {
            patience = STALLED;
        }
        parts.extend(waits.map(|wait| format!("waits {} more", age(wait))));
    }
    if let Some(silent) = silent.filter(|silent| *silent >= patience) {
        parts.push(format!("has said nothing for {}", age(silent)));
    }
    [parts.join(", "), run.who.to_string()].into_iter().filter(|line| !line.is_empty()).collect()
}

/// What is said of a run that was killed, and the command that goes on with it.
pub fn cut_off(status: &Status, now: Timestamp) -> Option<(String, String)> {
    let run = status.cut_off()?;
    let began = ago(Some(run.time), now);
    let what = format!("{} {} began {began} and left no end: run it again", run.command, run.about);
    Some((what, run.again()))
}

/// A run that ended.
pub fn run(done: &Done, now: Timestamp) -> String {
    let end = match (done.outcome, &done.code) {
        (Ending::Begun, _) if done.under_way => "under way".to_owned(),
        (Ending::Begun, _) => "began, and left no end".to_owned(),
        (Ending::Done, _) => "done".to_owned(),
        (Ending::Failed, code) => format!("failed {}", code.clone().unwrap_or_else(|| Clean::from(""))),
    };
    format!("{:12} {} {}: {end}, by {}", ago(Some(done.time), now), done.command, done.about, done.who)
}

/// How long ago something was.
pub fn ago(then: Option<Timestamp>, now: Timestamp) -> String {
    then.map_or_else(|| "some time ago".to_owned(), |then| format!("{} ago", age(now.duration_since(then))))
}

/// In the largest unit that tells enough.
pub fn age(age: SignedDuration) -> String {
    let seconds = age.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
