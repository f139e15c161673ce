//! What an installed client would do with an appcast: take the update or not, and why.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::appcast::{Address, Item};
use super::sparkle::compare;
use super::text::Clean;

/// What a client of one version is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The installed version, and its macOS where that was named: `1.6.1.42@10.15`.
    pub installed: Clean,
    /// Whether it would install the update.
    pub offered: bool,
    /// What decides.
    pub why: Clean,
}

/// The client to be simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client<'a> {
    /// Its `CFBundleVersion`.
    pub installed: &'a str,
    /// Its macOS, where it matters.
    pub system: Option<&'a str>,
    /// Whether it has a public key, and asks for a signature.
    pub verifies: bool,
}

impl<'a> Client<'a> {
    /// As a person names it: `1.6.1.42`, or `1.6.1.42@10.15` on that macOS.
    pub fn named(name: &'a str, verifies: bool) -> Self {
        match name.split_once('@') {
            Some((installed, system)) => Self { installed, system: Some(system), verifies },
            None => Self { installed: name, system: None, verifies },
        }
    }
}

/// What this client makes of the feed: it looks at the newest item that its system can run.
pub fn offer(items: &[Item], client: &Client<'_>) -> Offer {
    let (offered, why) = judge(items, client);
    let system = client.system.map_or_else(String::new, |system| format!("@{system}"));
    Offer { installed: format!("{}{system}", client.installed).into(), offered, why: why.into() }
}

fn judge(items: &[Item], client: &Client<'_>) -> (bool, String) {
    if items.is_empty() {
        return (false, "the appcast has no item".to_owned());
    }
    let Some(newest) = newest(items.iter().filter(|item| passed_over(item, client).is_none())) else {
        let why = newest(items.iter()).and_then(|item| passed_over(item, client));
        return (false, why.unwrap_or_else(|| "no item is for this client".to_owned()));
    };
    let version = &newest.version;
    let found = compare(version, client.installed);
    let offers = format!("{version} against {}: {}", client.installed, found.why);
    if found.order != Ordering::Greater {
        return (false, offers);
    }
    if is_only_told(newest, client.installed) {
        return (false, format!("{version} is newer, but is only told of: nothing is installed"));
    }
    let enclosure = newest.enclosure.clone().unwrap_or_default();
    let Some(url) = &enclosure.url else {
        return (false, format!("{version} is newer, but its enclosure has no URL"));
    };
    let from = match Address::of(url) {
        Address::Web => "",
        Address::Relative => " from beside the appcast",
        Address::Foreign(scheme) => {
            return (false, format!("{version} is newer, but its URL is of `{scheme}:`, not http(s)"));
        }
        Address::Broken(why) => return (false, format!("{version} is newer, but its URL {why}")),
    };
    if client.verifies && enclosure.ed_signature.is_none() {
        let unread = if enclosure.dsa_signature.is_some() { "; `sparkle:dsaSignature` is not read" } else { "" };
        return (false, format!("{version} is newer, but has no `sparkle:edSignature`{unread}"));
    }
    let system = newest.min_system.as_ref().map_or_else(String::new, |needed| format!(", on macOS {needed} and later"));
    let length = match enclosure.length.as_deref() {
        None => "; its `length` is missing",
        Some(length) if length.parse::<u64>().is_ok_and(|bytes| bytes > 0) => "",
        Some(_) => "; its `length` is no number of bytes",
    };
    (true, format!("{offers}; it downloads {url}{from}{system}{length}"))
}

fn is_only_told(item: &Item, installed: &str) -> bool {
    let is_meant = |who: &String| match who.strip_prefix('<') {
        Some(below) => compare(installed, below).order == Ordering::Less,
        None => who == installed,
    };
    item.only_told.as_ref().is_some_and(|told| told.is_empty() || told.iter().any(is_meant))
}

/// The item that an ordinary client takes, whatever its macOS.
pub fn ordinary(items: &[Item]) -> Option<&Item> {
    newest(items.iter().filter(|item| not_for_all(item).is_none()))
}

/// The highest version, the first of several that have it.
pub fn newest<'a>(items: impl Iterator<Item = &'a Item>) -> Option<&'a Item> {
    items
        .reduce(|best, item| if compare(&item.version, &best.version).order == Ordering::Greater { item } else { best })
}

/// Why this client does not even look at an item.
fn passed_over(item: &Item, client: &Client<'_>) -> Option<String> {
    if let Some(why) = not_for_all(item) {
        return Some(why);
    }
    let system = client.system?;
    match (&item.min_system, &item.max_system) {
        (Some(needed), _) if compare(system, needed).order == Ordering::Less => {
            Some(format!("it needs macOS {needed}"))
        }
        (_, Some(last)) if compare(system, last).order == Ordering::Greater => {
            Some(format!("it runs up to macOS {last}"))
        }
        _ => None,
    }
}

/// Why no ordinary client looks at an item.
fn not_for_all(item: &Item) -> Option<String> {
    let enclosure = item.enclosure.as_ref();
    if let Some(os) = enclosure.and_then(|enclosure| enclosure.os.as_deref()).filter(|os| *os != "macos") {
        return Some(format!("it is for `sparkle:os` {os}"));
    }
    if let Some(from) = enclosure.and_then(|enclosure| enclosure.delta_from.as_deref()) {
        return Some(format!("it is only a delta, `sparkle:deltaFrom` {from}"));
    }
    item.channel.as_ref().map(|channel| format!("it is for those who ask for the channel {channel}"))
}
