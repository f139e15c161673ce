//! What is known, put together: the matrix of sources and fields, and what stands around it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::facts::Facts;
use super::target::{Doubt, Target, says};
use crate::engine::snapshot::ManifestCopy;
use crate::engine::verification::{self, Truth};
use crate::release::appcast;
use crate::release::fingerprint::Fingerprint;
use crate::release::journal::{Ending, Entry};
use crate::release::offer::{Client, Offer, offer};
use crate::release::served::Source;
use crate::release::status::{Asset, Done, Draft, Latest, Part, Published, Row, Status};
use crate::release::text::Clean;
use crate::release::verification::{Cell, CellState};
use crate::release::version::Version;
use crate::world::claim::Claim;
use crate::world::github::http::Probed;
use crate::world::github::model::Release;

/// So many versions and runs are shown.
const NEWEST: usize = 10;

impl Facts {
    /// Everything that is shown.
    pub async fn status(&self) -> Status {
        status(self).await
    }
}

async fn status(facts: &Facts) -> Status {
    let versions = facts.versions();
    let target = facts.target().await;
    Status {
        repo: facts.base.settings.release.repo.as_str().into(),
        judged: target.map(|target| target.version),
        rows: rows(facts, target).await,
        latest: told(facts, versions.first().map(|(version, release)| latest(*version, release))),
        versions: told(
            facts,
            Some(
                versions
                    .iter()
                    .take(NEWEST)
                    .map(|(version, release)| Published { version: *version, made: release.created })
                    .collect(),
            ),
        ),
        drafts: drafts(facts),
        vm: vm(facts),
        journal: match &facts.journal {
            Ok(journal) => Part::known(
                facts.here_seen,
                runs(journal.entries(), facts.held.as_ref().and_then(|held| held.run.as_ref())),
            ),
            Err(failure) => Part::unknown(failure.what.clone()),
        },
        run: facts.held.as_ref().map(|held| held.shown.clone()),
        offers: (!facts.installed.is_empty()).then(|| offers(facts)),
        next: None,
    }
}

/// A part that the release host tells; as it was, where it does not any more.
fn told<T>(facts: &Facts, value: Option<T>) -> Part<T> {
    let unknown = facts.missed.as_ref().map(|failure| failure.what.clone());
    match &facts.pages {
        None => Part::unknown(facts.why()),
        Some((seen, _)) if value.is_some() => Part { seen: Some(*seen), value, unknown },
        Some((seen, _)) => Part { seen: Some(*seen), ..Part::unknown(facts.why()) },
    }
}

fn latest(version: Version, release: &Release) -> Latest {
    let asset = |asset: &crate::world::github::model::Asset| Asset {
        name: asset.name.as_str().into(),
        size: asset.size,
        sha256: asset.digest,
        uploaded: asset.is_uploaded(),
    };
    Latest {
        tag: release.tag.as_str().into(),
        version,
        made: release.created,
        url: release.html_url.as_str().into(),
        assets: release.assets.iter().map(asset).collect(),
    }
}

fn drafts(facts: &Facts) -> Part<Vec<Draft>> {
    if facts.push == Some(false) {
        return Part::unknown("only who may push sees drafts");
    }
    let workspace = &facts.readers.workspace;
    let ours = |release: &Release| {
        let nonce = workspace.claimed(facts.base.settings.release.repo.as_str(), Claim::Draft(&release.tag));
        nonce.ok().flatten().is_some_and(|nonce| release.carries(&nonce.nonce))
    };
    let draft = |release: &Release| Draft {
        tag: release.tag.as_str().into(),
        owner: release.author.clone(),
        made: release.created,
        ours: ours(release),
        assets: (release.assets.iter().filter(|asset| asset.is_uploaded()).count(), release.assets.len()),
    };
    told(facts, Some(facts.releases().filter(|release| release.draft).map(draft).collect()))
}

fn vm(facts: &Facts) -> Part<Clean> {
    let vm = &facts.base.settings.vm;
    match &facts.sign_in {
        _ if !vm.enabled => Part::known(facts.here_seen, "none: vm.enabled = false".into()),
        None => Part::unknown("not asked yet"),
        Some((seen, Ok(_))) => Part::known(*seen, format!("{}: signed in to Azure", vm.name).into()),
        Some((seen, Err(failure))) => Part { seen: Some(*seen), ..Part::unknown(failure.what.clone()) },
    }
}

/// The last runs, the newest first; the beginning of one that has an end is no run of its own.
fn runs(entries: impl Iterator<Item = Entry>, holder: Option<&Clean>) -> Vec<Done> {
    let entries: Vec<_> = entries.collect();
    let ended = |run: &Clean| entries.iter().any(|entry| entry.run == *run && entry.outcome != Ending::Begun);
    let shown = entries.iter().rev().filter(|entry| entry.outcome != Ending::Begun || !ended(&entry.run));
    let done = |entry: &Entry| Done {
        time: entry.time,
        command: entry.command.clone(),
        about: entry.tag.clone().or(entry.version.map(|version| version.to_string().into())).unwrap_or_default(),
        who: entry.who.login.clone().or(entry.who.user.clone()).unwrap_or_else(|| "unknown".into()),
        outcome: entry.outcome,
        under_way: entry.outcome == Ending::Begun && holder == Some(&entry.run),
        code: entry.code.clone(),
    };
    shown.take(NEWEST).map(done).collect()
}

/// What clients of these versions are offered.
fn offers(facts: &Facts) -> Part<Vec<Offer>> {
    let Some((seen, served)) = &facts.served else { return Part::unknown("not asked yet") };
    let Some(asked) = served.iter().find(|asked| asked.source == Source::Appcast) else {
        return Part::unknown("no updates.updates_url in the settings");
    };
    let unknown = |why: Clean| Part { seen: Some(*seen), ..Part::unknown(why) };
    let page = match &asked.page {
        Ok(page) if page.status == 200 => page,
        Ok(page) => {
            return unknown(format!("/appcast.xml answered {}: nobody is offered anything", page.status).into());
        }
        Err(failure) => return unknown(failure.what.clone()),
    };
    let items = match appcast::read(&page.body) {
        Ok(items) => items,
        Err(why) => return unknown(format!("/appcast.xml: {why}: nobody is offered anything").into()),
    };
    let verifies = facts.base.settings.signing.public_key.is_some();
    let client = |installed: &String| offer(&items, &Client::named(installed, verifies));
    Part::known(*seen, facts.installed.iter().map(client).collect())
}

/// The matrix: what is published first, then what is served.
async fn rows(facts: &Facts, target: Option<Target>) -> Vec<Row> {
    let settings = &facts.base.settings;
    let known =
        |target: Target| facts.versions().into_iter().find(|(known, _)| *known == target.version).zip(Some(target));
    let Some(((version, release), target)) = target.and_then(known) else { return not_compared(facts) };
    let copies = facts.here.manifests().await;
    let due = target.doubt.is_none_or(|doubt| doubt.manifests_are_due(&version));
    let truth = truth(version, release, copies.as_ref().map(|copies| copies.as_slice()).unwrap_or_default());
    let mut cells = vec![(Some(facts.here_seen), verification::version(&facts.here, &version).await)];
    let here = match verification::files(&facts.here, &truth, due).await {
        Ok(cells) => cells,
        Err(failure) => settings.manifest.paths.iter().map(|path| Cell::unknown(path, "file", &failure)).collect(),
    };
    cells.extend(here.into_iter().map(|cell| (Some(facts.here_seen), cell)));
    let seen = facts.pages.as_ref().map(|(seen, _)| *seen);
    let held = match missed(facts) {
        // What it held at the last look that came off says nothing of now.
        Some(missed) => vec![missed],
        None => verification::compared(settings, &truth, release),
    };
    let doubted = target.doubt.map(|doubt| doubt.cell(&settings.release));
    cells.extend(held.into_iter().chain(doubted).map(|cell| (seen, cell)));
    cells.extend(public(facts, &truth, release));
    let why = "not asked here: nexy-release verify --served";
    cells.extend(verification::machine_pending(&facts.here, why).into_iter().map(|cell| (None, cell)));
    cells.extend(served(facts, &truth).await);
    let (seen, cells): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    let mut cells = verification::explained(cells, version, &facts.here);
    if target.doubt.is_some() {
        Doubt::doubted(&mut cells);
    }
    by_source(seen.into_iter().zip(cells))
}

/// Nothing is known to be published: what the servers answer tells by itself, whatever was published.
fn not_compared(facts: &Facts) -> Vec<Row> {
    let why: Clean = format!("not compared: {}", facts.why()).into();
    let paths = facts.base.settings.manifest.paths.iter().map(String::as_str);
    let row = |name: &str| Row { source: name.into(), seen: None, cells: vec![unknown(name, why.clone())] };
    let mut rows: Vec<_> = std::iter::once("VERSION").chain(paths).map(row).collect();
    rows.extend(Source::ALL.iter().map(|source| {
        let asked = facts.served.iter().flat_map(|(seen, all)| all.iter().map(move |asked| (seen, asked)));
        match asked.into_iter().find(|(_, asked)| asked.source == *source) {
            Some((seen, asked)) => {
                let told = says(asked).map_or_else(|| why.clone(), |says| format!("says {says}; {why}").into());
                let cell = verification::broken(asked).unwrap_or_else(|| unknown(source.as_str(), told));
                Row { source: source.as_str().into(), seen: Some(*seen), cells: vec![cell] }
            }
            None => row(source.as_str()),
        }
    }));
    rows
}

/// The release host did not answer, or only with errors: why, and since when.
fn missed(facts: &Facts) -> Option<Cell> {
    let (failure, since) = facts.missed.as_ref().zip(facts.missed_since)?;
    let last = facts.pages.as_ref().map_or_else(String::new, |(seen, _)| format!("; last seen {seen:.0}"));
    let found = format!("{}, since {since:.0}{last}", failure.what);
    Some(Cell { found: found.into(), ..Cell::unknown("release", "answer", failure) })
}

fn unknown(source: &str, why: Clean) -> Cell {
    unknown_field(source, "served", why)
}

fn unknown_field(source: &str, field: &str, why: Clean) -> Cell {
    Cell { state: CellState::Unknown, ..Cell::aligned(source, field, why) }
}

/// What is held to be true; where the host reports no digest, the manifest's, if it is of as many bytes.
fn truth(version: Version, release: &Release, copies: &[ManifestCopy]) -> Truth {
    let said = copies.iter().find_map(|copy| copy.manifest.as_ref()?.as_ref().ok()?.fingerprint());
    let assets = release.assets.iter().filter(|asset| asset.is_uploaded()).filter_map(|asset| {
        let sha256 = asset.digest.or(said.filter(|said| said.size == asset.size).map(|said| said.sha256))?;
        Some((asset.name.clone(), Fingerprint { size: asset.size, sha256 }))
    });
    Truth { version, assets: assets.collect(), signed: None }
}

/// The first byte of the download, and how many there are; all of them are looked at by `verify`.
fn public(facts: &Facts, truth: &Truth, release: &Release) -> Vec<(Option<Timestamp>, Cell)> {
    const PUBLIC: &str = "public";
    let settings = &facts.base.settings;
    let Some((seen, (url, found))) = &facts.public else { return Vec::new() };
    let asset = settings.release.manifest_asset();
    // It may have been asked for another version.
    let Some(asset) = asset.filter(|asset| settings.asset_url(&truth.version, &asset.name) == url.as_str()) else {
        return Vec::new();
    };
    let tag = settings.release.tag.tag(&truth.version);
    let bytes = Cell::pending(PUBLIC, "sha256", format!("not downloaded: nexy-release verify {tag}"));
    let is_there = match found {
        Err(failure) => Cell::unknown(PUBLIC, "url", failure),
        Ok(Probed::There(_)) => Cell::aligned(PUBLIC, "url", url.as_str()),
        Ok(Probed::Missing(status)) => Cell::drifted(PUBLIC, "url", format!("not there: {status}"), url.as_str()),
        Ok(Probed::Unclear(status)) => unknown_field(PUBLIC, "url", format!("answered {status}").into()),
    };
    let held = release.asset(&asset.name).map(|asset| asset.size.to_string());
    let size = match (found, held) {
        (Ok(Probed::There(Some(found))), Some(held)) => Some(Cell::compared(PUBLIC, "size", &found.to_string(), &held)),
        _ => None,
    };
    let mended = |cell: Cell| cell.fix(format!("curl -fLI '{url}'")).fix(format!("nexy-release verify {tag}"));
    let judged = std::iter::once(is_there).chain(size).map(mended);
    judged.chain([bytes]).map(|cell| (Some(*seen), cell)).collect()
}

async fn served(facts: &Facts, truth: &Truth) -> Vec<(Option<Timestamp>, Cell)> {
    let before = facts.versions().into_iter().map(|(version, _)| version).find(|version| *version < truth.version);
    let Some((seen, asked)) = &facts.served else {
        let cells = verification::served_pending(&facts.here, "not asked yet");
        return cells.into_iter().map(|cell| (None, cell)).collect();
    };
    let expected = verification::expected(&facts.here, truth, before).await;
    let cells = match expected {
        Ok(Some(expected)) => verification::judged(&facts.here, &expected, asked),
        Ok(None) => verification::served_pending(&facts.here, "this version has no package"),
        Err(failure) => Source::ALL.iter().map(|source| unknown(source.as_str(), failure.what.clone())).collect(),
    };
    cells.into_iter().map(|cell| (Some(*seen), cell)).collect()
}

fn by_source(cells: impl Iterator<Item = (Option<Timestamp>, Cell)>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for (seen, cell) in cells {
        let index = *at.entry(cell.source.to_string()).or_insert_with(|| {
            rows.push(Row { source: cell.source.clone(), seen, cells: Vec::new() });
            rows.len() - 1
        });
        rows[index].cells.push(cell);
    }
    rows
}
