//! Settings: `release.toml` over `assets/default.toml`, variables over both, with the origin of each value.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, Error};
use toml::{Table, Value};

use crate::release::code::Code;
use crate::release::failure::Failure;

mod address;
mod environment;
mod github;
mod hosts;
mod model;
mod names;
mod place;
mod points;
mod rules;
mod secret;
mod shape;
mod show;
mod source;
mod starter;
mod together;
mod typed;
mod variables;
mod walk;
mod wrong;

pub use address::{BaseUrl, is_loopback};
pub use environment::Environment;
pub use github::GitHub;
pub use hosts::HostPattern;
pub use model::{Asset, Channel, Database, Git, Legacy, Manifest, Release, Settings, Signing, Updates, Vm};
pub use names::Repo;
pub use place::{FILE, Origin, Origins};
pub use points::{Occurrence, PointFormat, VersionPoint, VersionPoints};
pub use shape::DEFAULTS;
pub use show::{Shown, show};
pub use starter::{Answers, Detected, starter_file};
pub use wrong::Wrong;

use shape::Shape;
use walk::Walk;

/// The format of `release.toml` that this program knows.
const CONFIG_VERSION: i64 = 1;

/// The settings in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// Where each comes from.
    pub origins: Origins,
    /// The workspace's `release.toml`; `None`: there is none, and the workspace is READ-ONLY.
    pub file: Option<PathBuf>,
    /// Key and value, in the order of `assets/default.toml`.
    values: Vec<(String, Value)>,
}

/// Reads the settings of the workspace at `root`. The first thing that is wrong is the failure; all are code
/// `NX-SETTINGS-…`, exit 2.
pub fn load(root: &Path, environment: &Environment) -> Result<Loaded, Failure> {
    read(root, environment).map_err(|refused| refused.first)
}

/// Settings from the text of a `release.toml` that lies nowhere.
pub fn parse(text: &str, environment: &Environment) -> Result<Loaded, Failure> {
    lay(None, Some(text.to_owned()), environment).map_err(|refused| refused.first)
}

/// Everything that is wrong with the settings: empty when [`load`] succeeds. Values are compared with each other only
/// once each is right by itself.
pub fn check(root: &Path, environment: &Environment) -> Vec<Failure> {
    match read(root, environment) {
        Ok(_) => Vec::new(),
        Err(refused) => std::iter::once(refused.first).chain(refused.others).collect(),
    }
}

/// One failure or more.
struct Refused {
    first: Failure,
    others: Vec<Failure>,
}

impl From<Failure> for Refused {
    fn from(first: Failure) -> Self {
        Self { first, others: Vec::new() }
    }
}

/// Nothing, or all of `failures`.
fn none_of(failures: Vec<Failure>) -> Result<(), Refused> {
    let mut failures = failures.into_iter();
    match failures.next() {
        None => Ok(()),
        Some(first) => Err(Refused { first, others: failures.collect() }),
    }
}

fn read(root: &Path, environment: &Environment) -> Result<Loaded, Refused> {
    let (file, text) = source::read(root)?.unzip();
    lay(file, text, environment)
}

fn lay(file: Option<PathBuf>, text: Option<String>, environment: &Environment) -> Result<Loaded, Refused> {
    // First of all: a later failure could repeat what should not be seen.
    none_of(secret::find(text.as_deref(), environment))?;

    let defaults = DeTable::parse(DEFAULTS).map_err(|e| built_in(&e))?;
    let shape = Shape::of(defaults.get_ref());
    let mut values: Table = toml::from_str(DEFAULTS).map_err(|e| built_in(&e))?;
    let mut origins = Origins::default();
    let mut failures = Vec::new();

    let text = text.unwrap_or_default();
    let table = DeTable::parse(&text).map_err(|e| syntax(&text, &e))?;
    newer(&text, table.get_ref())?;
    let place = |range: std::ops::Range<usize>| Origin::at(&text, range.start);
    let mut walk =
        Walk { shape: &shape, values: &mut values, origins: &mut origins, failures: &mut failures, place: &place };
    walk.section("", table.get_ref());
    variables::lay(&mut walk, environment);

    failures.extend(rules::each(&values, &origins));
    none_of(failures)?;
    let shown = shape.keys().filter_map(|(key, _)| Some((key.to_owned(), walk::get(&values, key)?.clone())));
    let shown = shown.collect();
    let settings = values.try_into().map_err(|e| built_in(&e))?;
    none_of(together::check(&settings, &origins))?;
    let values = shown;
    Ok(Loaded { settings, origins, file, values })
}

/// The defaults are compiled in and every value was checked: the tests would not have let this through.
fn built_in(error: &Error) -> Failure {
    Failure::new(Code::Internal, format!("the built-in settings are broken: {}", error.message()))
        .why("this is a defect of nexy-release itself")
        .fix("install another build of nexy-release")
}

fn syntax(text: &str, error: &Error) -> Failure {
    let origin = Origin::at(text, error.span().map_or(0, |span| span.start));
    // The message alone: the error's own text repeats the line.
    Failure::new(Code::SettingsSyntax, format!("{origin}: is not TOML: {}", error.message()))
        .why("a settings file is TOML: [section], then key = value, texts in quotes")
        .fix(format!("mend this line of {FILE}"))
}

/// A file for a later program is refused as such: its other keys are not mistakes.
fn newer(text: &str, table: &DeTable) -> Result<(), Failure> {
    let Some(version) = table.get("config_version") else { return Ok(()) };
    let number = version.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
    if number.is_none_or(|number| number <= CONFIG_VERSION) {
        return Ok(());
    }
    let wrong = Wrong::new(
        "is newer than this nexy-release",
        format!("config_version = {CONFIG_VERSION}"),
        "update nexy-release",
    );
    Err(wrong.at(Code::SettingsValue, &Origin::at(text, version.span().start), "config_version"))
}
