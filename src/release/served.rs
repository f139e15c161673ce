//! What the servers say of a version, page by page, against what was published (SPEC §9). Any status but 200 is drift:
//! clients get nothing there.

use serde_json::{Map, Value};

use super::appcast;
use super::fingerprint::Fingerprint;
use super::offer::{Client, newest, offer, ordinary};
use super::verification::Cell;
use super::version::Version;

/// A page that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The main server's health.
    Health,
    /// The update server's health.
    UpdatesHealth,
    /// What the client's updater reads.
    Appcast,
    /// The manifests that the update server has read.
    Manifests,
}

impl Source {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Health, Self::UpdatesHealth, Self::Appcast, Self::Manifests];

    /// The page that a cell is of; `None`: it is of something else.
    pub fn of(cell: &Cell) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == cell.source.as_str())
    }

    /// Where a health page writes its version and its build, its own name for it first.
    fn keys(self) -> [[&'static str; 2]; 2] {
        match self {
            Self::Health => [["version", "latest_version"], ["build", "latest_build"]],
            _ => [["latest_version", "version"], ["latest_build", "build"]],
        }
    }

    /// As it is written in cells.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Health => "/health",
            Self::UpdatesHealth => "/updates/health",
            Self::Appcast => "/appcast.xml",
            Self::Manifests => "/api/manifests",
        }
    }
}

/// What a health page says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    version: Option<String>,
    build: Option<String>,
}

impl Health {
    /// Its version, where that is one.
    pub fn version(&self) -> Option<Version> {
        self.version.as_deref()?.parse().ok()
    }

    /// What it gives as its version, whatever that is.
    pub fn says(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Its build, where that is a version.
    pub fn build(&self) -> Option<Version> {
        self.build.as_deref()?.parse().ok()
    }
}

/// Reads the health page of `source`, or says why it is none.
pub fn health(source: Source, status: u16, body: &[u8]) -> Result<Health, String> {
    if status != 200 {
        return Err(format!("answered {status}"));
    }
    let Ok(Value::Object(page)) = serde_json::from_slice(body) else { return Err("no JSON object".to_owned()) };
    if let Some(state) = ailing(&page) {
        return Err(format!("it says of itself: {state}"));
    }
    let says = |keys: [&str; 2]| keys.iter().find_map(|key| page.get(*key)?.as_str().map(str::to_owned));
    let [version, build] = source.keys();
    Ok(Health { version: says(version), build: says(build) })
}

/// What a health page says of itself, where that is nothing good.
fn ailing(page: &Map<String, Value>) -> Option<&str> {
    let state = page.get("status")?.as_str()?;
    let well = ["ok", "healthy", "up", "pass"].iter().any(|word| state.eq_ignore_ascii_case(word));
    Some(state).filter(|_| !well)
}

/// What was published, and what clients ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The version.
    pub version: Version,
    /// Of the package.
    pub url: String,
    /// Of the package.
    pub fingerprint: Fingerprint,
    /// Of the package; `None` where the manifest has none.
    pub signature: Option<String>,
    /// Whether clients refuse an update without one.
    pub verified: bool,
    /// The macOS from which on it runs, by the manifest.
    pub min_os: String,
    /// The version that most clients have.
    pub installed: Option<Version>,
}

impl Expected {
    /// The cells of one page.
    pub fn judge(&self, source: Source, status: u16, body: &[u8]) -> Vec<Cell> {
        let name = source.as_str();
        if status != 200 {
            return vec![Cell::drifted(name, "status", status.to_string(), "200")];
        }
        match source {
            Source::Health | Source::UpdatesHealth => self.health(source, body),
            Source::Appcast => self.appcast(name, body),
            Source::Manifests => self.manifests(name, body),
        }
    }

    fn health(&self, source: Source, body: &[u8]) -> Vec<Cell> {
        let name = source.as_str();
        let Ok(Value::Object(health)) = serde_json::from_slice(body) else {
            return vec![Cell::drifted(name, "body", "no JSON object", "a JSON object")];
        };
        let cell = |field: &str, keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| health.get(*key));
            text(name, field, found, &self.version.to_string())
        };
        let ailing = ailing(&health).map(|state| Cell::drifted(name, "status", state, "ok"));
        let [version, build] = source.keys();
        ailing.into_iter().chain([cell("version", version), cell("build", build)]).collect()
    }

    fn appcast(&self, name: &str, body: &[u8]) -> Vec<Cell> {
        let items = match appcast::read(body) {
            Ok(items) => items,
            Err(why) => return vec![Cell::drifted(name, "body", why, "an appcast")],
        };
        // The one that the updater takes, wherever it stands; or that it would take if it were for all.
        let Some(item) = ordinary(&items).or_else(|| newest(items.iter())) else {
            return vec![Cell::drifted(name, "version", "no item", self.version.to_string())];
        };
        let enclosure = item.enclosure.clone().unwrap_or_default();
        let found = |field: &str, found: Option<String>, expected: &str| match found {
            Some(found) => Cell::compared(name, field, &found, expected),
            None => Cell::drifted(name, field, "missing", expected),
        };
        let mut cells = vec![
            found("version", Some(item.version.clone()), &self.version.to_string()),
            found("url", enclosure.url.clone(), &self.url),
            found("size", enclosure.length.clone(), &self.fingerprint.size.to_string()),
            found("min_os", item.min_system.clone(), &self.min_os),
        ];
        let hides = [
            ("channel", item.channel.clone()),
            ("max_os", item.max_system.clone()),
            ("os", enclosure.os.clone().filter(|os| os != "macos")),
            ("delta", enclosure.delta_from.clone()),
            ("informational", item.only_told.as_ref().map(|_| "only told of".to_owned())),
        ];
        let hides = hides.into_iter().filter_map(|(field, found)| Some((field, found?)));
        cells.extend(hides.map(|(field, found)| Cell::drifted(name, field, found, "none: not all clients get it")));
        let unread = enclosure.dsa_signature.is_some() && enclosure.ed_signature.is_none();
        cells.push(match (&self.signature, &enclosure.ed_signature) {
            (Some(expected), None) if unread => {
                Cell::drifted(name, "signature", "only `sparkle:dsaSignature`, which nobody reads", expected.as_str())
            }
            (Some(expected), ed) => found("signature", ed.clone(), expected),
            (None, Some(ed)) => Cell::drifted(name, "signature", ed.as_str(), "none: the manifest has none"),
            (None, None) if self.verified => Cell::drifted(name, "signature", "missing", "one that clients can verify"),
            (None, None) => Cell::not_applicable(name, "signature", "none is asked for"),
        });
        if let Some(installed) = self.installed.filter(|installed| *installed < self.version) {
            let installed = installed.to_string();
            let made = offer(&items, &Client { installed: &installed, system: None, verifies: self.verified });
            let length = enclosure.length.as_deref().and_then(|length| length.parse::<u64>().ok());
            let size = self.fingerprint.size;
            let differs = length.filter(|length| *length > 0 && *length != size);
            let differs = differs.map_or_else(String::new, |length| format!("; its `length` {length} is not {size}"));
            let why = format!("{installed}: {}{differs}", made.why);
            cells.push(if made.offered {
                Cell::aligned(name, "offered", why)
            } else {
                Cell::drifted(name, "offered", why, format!("{installed} takes {}", self.version))
            });
        }
        cells
    }

    fn manifests(&self, name: &str, body: &[u8]) -> Vec<Cell> {
        let Ok(Value::Array(manifests)) = serde_json::from_slice(body) else {
            return vec![Cell::drifted(name, "body", "no JSON array", "a JSON array")];
        };
        let version = self.version.to_string();
        let says = |manifest: &Value| manifest["version"].as_str().map(str::to_owned);
        let mine: Vec<_> = manifests.iter().filter(|manifest| says(manifest).as_deref() == Some(&version)).collect();
        let newest = manifests.first().and_then(says).unwrap_or_else(|| "no manifest".to_owned());
        // The appcast is made from the first.
        let mut cells = vec![Cell::compared(name, "newest", &newest, &version)];
        match mine.as_slice() {
            [] => cells.push(Cell::drifted(name, "version", "not there", version)),
            [manifest] => {
                let artifact = &manifest["artifact"];
                let field = |field: &str, found: &Value, expected: &str| text(name, field, Some(found), expected);
                cells.push(Cell::aligned(name, "version", version.as_str()));
                cells.push(field("build", &manifest["build"], &version));
                cells.push(field("url", &artifact["url"], &self.url));
                cells.push(field("size", &artifact["size"], &self.fingerprint.size.to_string()));
                cells.push(field("min_os", &artifact["min_os"], &self.min_os));
                cells.push(field("sha256", &artifact["sha256"], &self.fingerprint.sha256.to_string()));
                let signature = artifact["ed25519"].as_str().unwrap_or_default();
                cells.push(Cell::compared(name, "signature", signature, self.signature.as_deref().unwrap_or_default()));
            }
            several => cells.push(Cell::drifted(name, "version", format!("{} of it", several.len()), "one")),
        }
        cells
    }
}

/// A JSON value as text, compared.
fn text(name: &str, field: &str, found: Option<&Value>, expected: &str) -> Cell {
    match found {
        None | Some(Value::Null) => Cell::drifted(name, field, "missing", expected),
        Some(Value::String(found)) => Cell::compared(name, field, found, expected),
        // A build as a number once made clients update for ever.
        Some(found) if field == "build" => Cell::drifted(name, field, format!("{found}, no text"), expected),
        Some(found) => Cell::compared(name, field, &found.to_string(), expected),
    }
}
