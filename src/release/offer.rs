//! What an installed client would do with an appcast: take the update or not, and why.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::appcast::Item;
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
    let version = |item: &Item| item.version.clone().unwrap_or_default();
    let Some(newest) = newest(items.iter().filter(|item| passed_over(item, client).is_none())) else {
        let why = newest(items.iter()).and_then(|item| passed_over(item, client));
        return (false, why.unwrap_or_else(|| "no item has a `sparkle:version`".to_owned()));
    };
    let found = compare(&version(newest), client.installed);
    let offers = format!("{} against {}: {}", version(newest), client.installed, found.why);
    if found.order != Ordering::Greater {
        return (false, offers);
    }
    let Some(enclosure) = &newest.enclosure else {
        return (false, format!("{} is newer, but has no enclosure to download", version(newest)));
    };
    let Some(url) = &enclosure.url else {
        return (false, format!("{} is newer, but its enclosure has no URL", version(newest)));
    };
    if client.verifies && enclosure.ed_signature.is_none() {
        let unread = if enclosure.dsa_signature.is_some() { "; `sparkle:dsaSignature` is not read" } else { "" };
        return (false, format!("{} is newer, but has no `sparkle:edSignature`{unread}", version(newest)));
    }
    if newest.is_informational {
        return (false, format!("{} is newer, but is only told of: `sparkle:informationalUpdate`", version(newest)));
    }
    let system = newest.min_system.as_ref().map_or_else(String::new, |needed| format!(", on macOS {needed} and later"));
    (true, format!("{offers}; it downloads {url}{system}"))
}

/// The item that the updater takes: the highest version, the first of several that have it.
pub fn newest<'a>(items: impl Iterator<Item = &'a Item>) -> Option<&'a Item> {
    let version = |item: &Item| item.version.clone().unwrap_or_default();
    items.filter(|item| item.version.is_some()).reduce(|best, item| {
        if compare(&version(item), &version(best)).order == Ordering::Greater { item } else { best }
    })
}

/// Why this client does not even look at an item.
fn passed_over(item: &Item, client: &Client<'_>) -> Option<String> {
    let os = item.enclosure.as_ref().and_then(|enclosure| enclosure.os.as_deref());
    if let Some(os) = os.filter(|os| *os != "macos") {
        return Some(format!("it is for `sparkle:os` {os}"));
    }
    if let Some(channel) = &item.channel {
        return Some(format!("it is for those who ask for the channel {channel}"));
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
