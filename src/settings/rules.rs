//! What each value must be by itself: one table of texts, one of numbers.

use std::ops::RangeInclusive;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::{Table, Value};

use super::address::BaseUrl;
use super::hosts::HostPattern;
use super::names::{Repo, absolute, asset, folder, in_workspace, inside, variable, word};
use super::place::Origins;
use super::points::{Occurrence, PointFormat};
use super::walk::get;
use super::wrong::Wrong;
use crate::release::artifact::Kind;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::version::TagTemplate;

type Check = fn(&str) -> Result<(), Wrong>;

/// An empty text is fine there.
const MAY_BE_EMPTY: bool = true;
const NOT_EMPTY: bool = false;

/// Texts: the key (`[]` stands for every item of a list), whether it may be empty, and the check.
const TEXTS: [(&str, bool, Check); 38] = [
    ("release.repo", NOT_EMPTY, |t| Repo::parse(t).map(drop)),
    ("release.tag", NOT_EMPTY, tag),
    ("release.title", NOT_EMPTY, title),
    ("release.inbox", NOT_EMPTY, in_workspace),
    ("release.asset[].name", NOT_EMPTY, asset),
    ("release.asset[].kind", NOT_EMPTY, |t| one_of::<Kind>(t, "dmg, pkg, notes or file")),
    ("github.api_url", NOT_EMPTY, base_url),
    ("github.web_url", NOT_EMPTY, base_url),
    ("github.upload_hosts[]", NOT_EMPTY, |t| HostPattern::parse(t).map(drop)),
    ("github.download_hosts[]", NOT_EMPTY, |t| HostPattern::parse(t).map(drop)),
    ("github.token_env", MAY_BE_EMPTY, variable),
    ("manifest.paths[]", NOT_EMPTY, in_workspace),
    ("manifest.notes_url", MAY_BE_EMPTY, |t| placeholders(t, &["web_url", "repo", "tag", "version"])),
    ("manifest.arch", NOT_EMPTY, word),
    ("manifest.min_os", NOT_EMPTY, min_os),
    ("signing.public_key", MAY_BE_EMPTY, public_key),
    ("signing.key_env", MAY_BE_EMPTY, variable),
    ("signing.key_file", MAY_BE_EMPTY, elsewhere),
    ("git.remote", MAY_BE_EMPTY, remote),
    ("git.expected_repo", NOT_EMPTY, |t| Repo::parse(t).map(drop)),
    ("vm.subscription", MAY_BE_EMPTY, of_azure),
    ("vm.resource_group", NOT_EMPTY, of_azure),
    ("vm.name", NOT_EMPTY, of_azure),
    ("vm.app_dir", NOT_EMPTY, absolute),
    ("vm.env_files[]", NOT_EMPTY, inside),
    ("vm.manifests[]", NOT_EMPTY, inside),
    ("vm.service", NOT_EMPTY, word),
    ("updates.health_url", MAY_BE_EMPTY, base_url),
    ("updates.updates_url", MAY_BE_EMPTY, base_url),
    ("database.url_env", MAY_BE_EMPTY, variable),
    ("database.backup_dir", NOT_EMPTY, folder),
    ("legacy.channels[].tag", NOT_EMPTY, fixed_tag),
    ("legacy.channels[].asset", NOT_EMPTY, asset),
    ("version.point[].file", NOT_EMPTY, in_workspace),
    ("version.point[].format", NOT_EMPTY, |t| one_of::<PointFormat>(t, "text, env, yaml, json, plist, xml or regex")),
    ("version.point[].occurrence", NOT_EMPTY, |t| one_of::<Occurrence>(t, "first or all")),
    // The first word of a command line is a program; what follows is the program's own.
    ("vm.program[0]", NOT_EMPTY, word),
    ("signing.command[0]", NOT_EMPTY, word),
];

/// Numbers: the smallest and the largest that make sense.
const NUMBERS: [(&str, RangeInclusive<i64>); 7] = [
    ("config_version", 1..=1),
    ("github.idle_timeout_s", 1..=3600),
    ("github.max_wait_s", 0..=86_400),
    ("vm.busy_wait_s", 0..=3600),
    ("vm.busy_retries", 0..=10),
    ("database.backup_max_age_h", 1..=8760),
    ("database.drill_max_age_days", 1..=3650),
];

/// A failure for each value that is wrong by itself.
pub(super) fn each(values: &Table, origins: &Origins) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (pattern, may_be_empty, check) in TEXTS {
        for (key, text) in texts(values, pattern) {
            if !(may_be_empty && text.is_empty())
                && let Err(wrong) = check(text)
            {
                failures.push(wrong.at(Code::SettingsValue, &origins.of(&key), &key));
            }
        }
    }
    for (key, range) in NUMBERS {
        if get(values, key).and_then(Value::as_integer).is_some_and(|number| !range.contains(&number)) {
            let (least, most) = range.into_inner();
            let fix = format!("write a number from {least} to {most}");
            let wrong = Wrong::new("is out of range", format!("{least} to {most}"), fix);
            failures.push(wrong.at(Code::SettingsValue, &origins.of(key), key));
        }
    }
    failures
}

/// The texts that a pattern names, with their full keys.
fn texts<'a>(values: &'a Table, pattern: &str) -> Vec<(String, &'a str)> {
    let Some((list, rest)) = pattern.split_once('[') else {
        return get(values, pattern)
            .and_then(Value::as_str)
            .map(|text| (pattern.to_owned(), text))
            .into_iter()
            .collect();
    };
    let (only, field) = rest.split_once(']').unwrap_or((rest, ""));
    let items = get(values, list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().enumerate();
    items
        .filter(|(at, _)| only.is_empty() || only == at.to_string())
        .filter_map(|(at, item)| {
            let item = field.strip_prefix('.').map_or(Some(item), |field| item.get(field));
            Some((format!("{list}[{at}]{field}"), item?.as_str()?))
        })
        .collect()
}

fn base_url(text: &str) -> Result<(), Wrong> {
    BaseUrl::parse(text).map(drop)
}

fn tag(text: &str) -> Result<(), Wrong> {
    TagTemplate::parse(text)
        .map(drop)
        .map_err(|why| Wrong::new("is no tag template", why, "write it such as v{version}"))
}

/// az takes what begins with `@` for the name of a file with the value.
fn of_azure(text: &str) -> Result<(), Wrong> {
    if text.starts_with('@') {
        return Err(Wrong::new("starts with `@`", "a name, not a file", "remove the `@`"));
    }
    word(text)
}

fn title(text: &str) -> Result<(), Wrong> {
    word(text).and_then(|()| placeholders(text, &["tag", "version"]))
}

/// Every `{…}` is one of `known`.
fn placeholders(text: &str, known: &[&str]) -> Result<(), Wrong> {
    let list = known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    let left = known.iter().fold(text.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), ""));
    if left.contains(['{', '}']) {
        let fix = format!("use only {list}");
        return Err(Wrong::new("has a placeholder that is not known", list, fix));
    }
    Ok(())
}

fn one_of<T: DeserializeOwned>(text: &str, names: &str) -> Result<(), Wrong> {
    let from: StrDeserializer<Error> = text.into_deserializer();
    T::deserialize(from).map(drop).map_err(|_| Wrong::new("is not a known word", names, format!("write {names}")))
}

fn min_os(text: &str) -> Result<(), Wrong> {
    if text.split('.').all(|part| (1..=5).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(());
    }
    Err(Wrong::new("is no version of macOS", "numbers and dots", "write it such as 11.0"))
}

/// Base64 of 32 bytes: 43 digits, of which the last carries four bits only, and one `=`.
fn public_key(text: &str) -> Result<(), Wrong> {
    let digits = text.strip_suffix('=').unwrap_or_default().as_bytes();
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/".contains(b);
    let last = |b: &u8| b"AEIMQUYcgkosw048".contains(b);
    if digits.len() == 43 && digits.iter().all(base64) && digits.last().is_some_and(last) {
        return Ok(());
    }
    Err(Wrong::new(
        "is no Ed25519 public key",
        "base64 of 32 bytes: 43 characters and one `=`",
        "copy SUPublicEDKey from the application's Info.plist",
    ))
}

/// A file outside the workspace: where the workspace lies is not known here.
fn elsewhere(text: &str) -> Result<(), Wrong> {
    let relative = Wrong::new("is not an absolute path", "a file outside the workspace", "begin it with `/`");
    text.strip_prefix('/').map_or(Err(relative), inside)
}

fn remote(text: &str) -> Result<(), Wrong> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    if !text.starts_with('-') && !text.contains("..") && text.bytes().all(safe) {
        return Ok(());
    }
    Err(Wrong::new("is not the name of a remote", "a name that `git remote` lists", "git remote -v"))
}

fn fixed_tag(text: &str) -> Result<(), Wrong> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if !text.is_empty() && text.bytes().all(safe) && !text.starts_with(['-', '.']) && !text.ends_with('.') {
        return Ok(());
    }
    Err(Wrong::new("is not a tag", "ASCII letters, digits, `-`, `_` and `.`", "write a tag such as Update"))
}

#[cfg(test)]
mod tests {
    use super::super::shape::{DEFAULTS, Kind, Shape};
    use super::*;

    /// A new key of the defaults cannot be forgotten here.
    #[test]
    fn every_text_and_number_has_a_rule() {
        let text = |key: &str| TEXTS.iter().any(|(rule, ..)| *rule == key);
        let defaults = toml::de::DeTable::parse(DEFAULTS).unwrap();
        for (key, kind) in Shape::of(defaults.get_ref()).keys() {
            let ruled = match kind {
                Kind::Text => text(key),
                Kind::Number => NUMBERS.iter().any(|(rule, _)| *rule == key),
                Kind::List => text(&format!("{key}[]")) || text(&format!("{key}[0]")),
                // `key` and `pattern` are judged by the format of their entry.
                Kind::Entries(fields) => fields
                    .iter()
                    .filter(|field| field.kind == Kind::Text && !matches!(field.name, "key" | "pattern"))
                    .all(|field| text(&format!("{key}[].{}", field.name))),
                Kind::Switch | Kind::Open => true,
            };
            assert!(ruled, "{key}");
        }
    }
}
