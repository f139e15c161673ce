//! `version read` and `version check`: every place where the version stands, compared with VERSION.

mod set;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::set::{Line, Proposal, Rewrite, accept, propose, set};
use super::base::Base;
use super::event::{Event, Mode, NoteKind, Outcome, RunResult};
use super::feed::Events;
use super::snapshot::tell_interrupted;
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::point::Unfit;
use crate::release::text::Clean;
use crate::release::version::Version;
use crate::settings::{Occurrence, PointFormat, Settings, VersionPoint};
use crate::world::intent::Intent;
use crate::world::points;
use crate::world::workspace::Reader;

/// Longer values are no versions, and are shown cut.
const MAX_FOUND: usize = 60;

/// How a place stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It says the version.
    Aligned,
    /// It says another one.
    Drifted,
    /// It says something that is no version.
    Malformed,
    /// It is not found in its file.
    Absent,
    /// There is no such file.
    Missing,
    /// Its file cannot be read.
    Unknown,
}

/// A place where the version stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Relative to the workspace; the glob, where it names no file.
    pub file: Clean,
    /// How the version is found in it.
    pub format: PointFormat,
    /// Its key or pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Clean>,
    /// From 1; `None`: it was not found.
    pub line: Option<usize>,
    /// What it says.
    pub found: Option<Clean>,
    /// What it should say.
    pub expected: Version,
    /// How it stands.
    pub state: State,
    /// Why it was not found, or cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Clean>,
}

impl Point {
    /// Whether it keeps the version from being the same everywhere.
    pub fn is_wrong(&self) -> bool {
        !matches!(self.state, State::Aligned | State::Missing)
    }

    /// `file:line`, as editors take it.
    pub fn place(&self) -> String {
        self.line.map_or_else(|| self.file.to_string(), |line| format!("{}:{line}", self.file))
    }

    /// What is wrong with it, in a sentence.
    fn wrong(&self) -> String {
        let (place, at) = (self.place(), self.at.as_ref().map_or_else(String::new, |at| format!(" ({at})")));
        match (&self.found, &self.why) {
            (Some(found), _) if self.state == State::Malformed => {
                let found = if found.is_empty() { "nothing" } else { found.as_str() };
                format!("{place}{at} says {found}, not four numbers")
            }
            (Some(found), _) => format!("{place}{at} says {found}, not {}", self.expected),
            (None, Some(why)) => format!("{place}{at}: {why}"),
            (None, None) => format!("{place}{at}: not found"),
        }
    }
}

/// Every place, and the version that they should say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// VERSION's.
    pub version: Version,
    /// In the order of the settings; a file that has several stands several times.
    pub points: Vec<Point>,
}

/// A place, and where its value lies.
struct Look {
    point: Point,
    /// Of its file, as it is: what is shown is made safe for terminals.
    path: String,
    span: Option<Range<usize>>,
    /// Why its file cannot be read.
    failure: Option<Failure>,
}

/// Every place, with the texts of the files that could be read.
struct Looks {
    looks: Vec<Look>,
    texts: BTreeMap<String, String>,
}

impl Looks {
    fn points(&self) -> impl Iterator<Item = &Point> {
        self.looks.iter().map(|look| &look.point)
    }

    /// Names the files that are not there, in one line.
    fn tell_missing(&self, events: &Events) {
        let mut files: Vec<_> = self.points().filter(|point| point.state == State::Missing).collect();
        files.dedup_by(|a, b| a.file == b.file);
        if !files.is_empty() {
            let names = files.iter().map(|point| point.file.as_str()).collect::<Vec<_>>().join(", ");
            let text = format!("Not there, and passed over: {names}");
            events.note(NoteKind::Warning, text);
        }
    }
}

/// Looks at every place; `expected` is what it should say.
fn look(workspace: &Reader, settings: &Settings, pending: Option<&Intent>, expected: Version) -> Looks {
    let mut all = Looks { looks: Vec::new(), texts: BTreeMap::new() };
    let source = VersionPoint {
        file: "VERSION".into(),
        format: PointFormat::Text,
        key: None,
        pattern: None,
        occurrence: Occurrence::First,
    };
    let named = settings.version.points.iter().any(|point| point.file == source.file);
    for point in Some(&source).filter(|_| !named).into_iter().chain(&settings.version.points) {
        let asked = Asked { workspace, pending, expected, point };
        asked.look(&mut all);
    }
    all
}

/// One entry of the settings.
struct Asked<'a> {
    workspace: &'a Reader,
    pending: Option<&'a Intent>,
    expected: Version,
    point: &'a VersionPoint,
}

impl Asked<'_> {
    fn look(&self, all: &mut Looks) {
        let files = match points::named(self.workspace.root(), &self.point.file) {
            Ok(files) => files,
            Err(failure) => return all.looks.push(self.unread(&self.point.file, &failure)),
        };
        if files.is_empty() {
            all.looks.push(self.nothing(&self.point.file, State::Missing, "there is no such file"));
            return;
        }
        let mut looks: Vec<_> = files.iter().flat_map(|file| self.look_in(file, &mut all.texts)).collect();
        let is_there = looks.iter().any(|look| look.point.state != State::Absent);
        if is_there && points::is_glob(&self.point.file) && self.point.format == PointFormat::Regex {
            // Not every file that a glob names has such a line.
            looks.retain(|look| look.point.state != State::Absent);
        }
        all.looks.append(&mut looks);
    }

    fn look_in(&self, file: &str, texts: &mut BTreeMap<String, String>) -> Vec<Look> {
        let text = match points::text(self.workspace.root(), file, self.pending) {
            Ok(text) => text,
            Err(failure) => return vec![self.unread(file, &failure)],
        };
        let found = match self.point.place() {
            Ok(place) => place.find(&text, self.point.occurrence == Occurrence::All),
            Err((_, wrong)) => Err(Unfit::Broken(wrong.is)),
        };
        let looks = match found {
            Err(why) => vec![self.nothing(file, State::Absent, &why.to_string())],
            Ok(spots) => spots
                .into_iter()
                .map(|spot| {
                    let state = match spot.version {
                        None => State::Malformed,
                        Some(version) if version == self.expected => State::Aligned,
                        Some(_) => State::Drifted,
                    };
                    let mut look = self.nothing(file, state, "");
                    look.point.found = Some(Clean::line(&text[spot.span.clone()], MAX_FOUND));
                    look.point.line = Some(spot.line);
                    look.span = Some(spot.span);
                    look
                })
                .collect(),
        };
        texts.insert(file.to_owned(), text);
        looks
    }

    fn unread(&self, file: &str, failure: &Failure) -> Look {
        Look { failure: Some(failure.clone()), ..self.nothing(file, State::Unknown, failure.what.as_str()) }
    }

    fn nothing(&self, file: &str, state: State, why: &str) -> Look {
        let point = Point {
            file: file.into(),
            format: self.point.format,
            at: self.point.at().map(|at| Clean::line(at, 200)),
            line: None,
            found: None,
            expected: self.expected,
            state,
            why: Some(Clean::from(why)).filter(|why| !why.is_empty()),
        };
        Look { point, path: file.to_owned(), span: None, failure: None }
    }
}

/// `version read`: what every place says.
pub fn read(base: &Base) -> RunResult {
    base.start("version read", Mode::ReadOnly);
    match surveyed(base) {
        Err(failure) => base.fail(&failure),
        Ok((version, looks)) => {
            looks.tell_missing(&base.events);
            base.end(ended(base, Outcome::Done, version))
        }
    }
}

/// `version check`: every place that says something else than VERSION.
pub fn check(base: &Base) -> RunResult {
    base.start("version check", Mode::ReadOnly);
    let (version, looks) = match surveyed(base) {
        Err(failure) => return base.fail(&failure),
        Ok(surveyed) => surveyed,
    };
    looks.tell_missing(&base.events);
    let result = ended(base, Outcome::Done, version);
    base.end(match drift(&looks, version, &base.settings.manifest.paths) {
        None => result,
        Some(failure) => RunResult { outcome: Outcome::Failed, ..result }.failed(&failure),
    })
}

/// What every place says, for the console; a report, or why there is none.
pub fn report(base: &Base) {
    match prepared(base) {
        Ok((version, looks)) => send(&base.events, version, &looks),
        Err(failure) => base.events.note(NoteKind::Info, format!("No version points: {}", failure.what)),
    }
}

fn prepared(base: &Base) -> Result<(Version, Looks), Failure> {
    let workspace = Reader::new(&base.root, &base.settings.release.inbox);
    if let Some(intent) = workspace.pending()? {
        tell_interrupted(&intent, &base.events);
    }
    // As the files are: what an interrupted update has not written yet is not there.
    let version = workspace.version(None)?;
    Ok((version, look(&workspace, &base.settings, None, version)))
}

/// The same, shown.
fn surveyed(base: &Base) -> Result<(Version, Looks), Failure> {
    let (version, looks) = prepared(base)?;
    base.events.marker(format!("Current Version: {version}"));
    send(&base.events, version, &looks);
    Ok((version, looks))
}

fn send(events: &Events, version: Version, looks: &Looks) {
    let survey = Survey { version, points: looks.points().cloned().collect() };
    events.send(Event::Report { kind: "version".into(), data: json!(survey) });
}

fn ended(base: &Base, outcome: Outcome, version: Version) -> RunResult {
    let tag = Some(base.settings.release.tag.tag(&version));
    RunResult { version: Some(version), tag, ..RunResult::bare(outcome, Exit::Done as u8) }
}

/// What is wrong, in one sentence: the first place, and how many more there are.
fn wrong(points: &[&Point]) -> String {
    let first = points.first().map_or_else(String::new, |point| point.wrong());
    match points.len() {
        0 | 1 => first,
        count => format!("{first}; and {} more", count - 1),
    }
}

/// The failure of places that do not say the version. What could not be read may be right: it decides only where
/// nothing is known to be wrong.
fn drift(looks: &Looks, version: Version, manifests: &[String]) -> Option<Failure> {
    let wrong: Vec<_> = looks.points().filter(|point| point.is_wrong() && point.state != State::Unknown).collect();
    if wrong.is_empty() {
        return looks.looks.iter().find_map(|look| look.failure.clone());
    }
    let mut failure = Failure::new(Code::VersionDrift, self::wrong(&wrong))
        .why(format!("VERSION is {version}, and every place has to say so."));
    let is_due = |point: &&Point| {
        let offered = point.found.as_ref().and_then(|found| found.as_str().parse::<Version>().ok());
        offered.is_some_and(|offered| offered < version) && manifests.iter().any(|path| point.file.as_str() == path)
    };
    if wrong.iter().all(is_due) {
        failure = failure
            .why(format!(
                "VERSION is {version}, and {version} is not released yet: the manifest still says what clients are offered. A release brings it along."
            ))
            .fix("nexy-release publish");
    }
    if wrong.iter().any(|point| point.state == State::Drifted) {
        failure = failure.fix(format!("nexy-release version set {version}   (brings every place along)"));
    }
    if wrong.iter().any(|point| point.state != State::Drifted) {
        failure = failure.fix("Mend the files where no four numbers are found, or their [[version.point]] entries");
    }
    Some(failure)
}
