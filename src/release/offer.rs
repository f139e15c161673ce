//! What an installed client would do with an appcast: take the update or not, and why.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::appcast::Item;
use super::sparkle::compare;
use super::text::Clean;

/// What a client of one version is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The installed version.
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

/// What this client makes of the feed: it looks at the newest item that its system can run.
pub fn offer(items: &[Item], client: &Client<'_>) -> Offer {
    let (offered, why) = judge(items, client);
    Offer { installed: client.installed.into(), offered, why: why.into() }
}

fn judge(items: &[Item], client: &Client<'_>) -> (bool, String) {
    if items.is_empty() {
        return (false, "the appcast has no item".to_owned());
    }
    let too_new = |item: &&Item| match (&item.min_system, client.system) {
        (Some(needed), Some(system)) => compare(system, needed).order == Ordering::Less,
        _ => false,
    };
    let version = |item: &Item| item.version.clone().unwrap_or_default();
    let newest = items
        .iter()
        .filter(|item| item.version.is_some() && !too_new(item))
        .max_by(|a, b| compare(&version(a), &version(b)).order);
    let Some(newest) = newest else {
        return match items.iter().find(too_new).and_then(|item| item.min_system.as_ref()) {
            Some(needed) => (false, format!("it needs macOS {needed}")),
            None => (false, "no item has a `sparkle:version`".to_owned()),
        };
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
    (true, format!("{offers}; it downloads {url}"))
}
