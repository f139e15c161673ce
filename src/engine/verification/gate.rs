//! The consistency gate: what a run has published and delivered, compared wherever it stands (SPEC §9). Nothing is
//! downloaded again.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Truth, host, judge, machine, served, workspace};
use crate::engine::event::{Event, NoteKind};
use crate::engine::execution::Execution;
use crate::engine::snapshot::{Known, Snapshot};
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::served::{Expected, Source};
use crate::release::verification::{Cell, CellState, Verification};

/// The appcast may be a minute old by its own word; what is still wrong after that is wrong. Nobody waits longer than
/// `github.max_wait_s`.
const SETTLED: Duration = Duration::from_secs(90);
/// Between two reads.
const AGAIN: Duration = Duration::from_secs(2);

/// What the gate found.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// What is not as it should be; `None`: the gate is green.
    pub failure: Option<Failure>,
}

impl Gate {
    /// The cells of the servers, those of the VM left out.
    pub fn pages(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| Source::of(cell).is_some())
    }

    /// How many cells are so.
    pub fn count(&self, state: CellState) -> usize {
        self.cells.iter().filter(|cell| cell.state == state).count()
    }
}

/// Looks at everything that speaks of the version; after a delivery again and again, until the servers have read it, or
/// long enough.
pub async fn gate(x: &Execution) -> Result<Gate, Failure> {
    let delivered = x.plan.delivery.push_vm && x.plan.manifest.is_some();
    let (version, settings) = (x.plan.version, &x.snapshot.settings);
    // The manifests are others now than when the plan was made.
    let now = Snapshot::new(settings.clone(), x.snapshot.readers.clone(), x.events.clone(), Known::new());
    let assets = x.plan.assets.iter();
    let assets = assets.map(|asset| (asset.name.clone(), Fingerprint { size: asset.size, sha256: asset.sha256 }));
    let truth = Truth { version, assets: assets.collect(), signed: None };
    let mut published = vec![workspace::version(&now, &version).await];
    published.extend(workspace::manifests(&now, &truth).await?);
    published.extend(workspace::higher(&now, &version).await?);
    published.extend(host::held(&now, &truth).await?);
    published.extend(host::downloaded(&now, &truth, !x.plan.nothing_to_do()));
    let before = served::before(&x.snapshot, &version).await?;
    let expected = served::expected(&now, &truth, before).await?;
    let mut cells = published;
    cells.extend(match (&expected, delivered) {
        (_, false) => {
            let why = format!("not delivered by this run: {}", settings.delivers());
            [machine::pending(&now, &why), served::pending(&now, &why)].concat()
        }
        (None, true) => served::ask(&now, None).await?,
        (Some(expected), true) => [machine::delivered(&now, &version), settled(x, &now, expected).await?].concat(),
    });
    let cells = served::explained(cells, version, &now);
    let failure = judge(&x.plan.tag, &cells);
    let data = Verification { tag: x.plan.tag.as_str().into(), version, cells: cells.clone() };
    x.events.send(Event::Report { kind: "gate".into(), data: json!(data) });
    Ok(Gate { cells, failure })
}

/// The servers' pages, read until they agree; each wait is seen with its end.
async fn settled(x: &Execution, now: &Snapshot, expected: &Expected) -> Result<Vec<Cell>, Failure> {
    let patience = SETTLED.min(Duration::from_secs(now.settings.github.max_wait_s));
    let started = Instant::now();
    let mut told = false;
    loop {
        let cells = served::ask(now, Some(expected)).await?;
        let wrong = |cell: &&Cell| matches!(cell.state, CellState::Drifted | CellState::Unknown);
        let Some(first) = cells.iter().find(wrong) else { return Ok(cells) };
        let left = patience.saturating_sub(started.elapsed());
        if left < AGAIN {
            return Ok(cells);
        }
        if !std::mem::replace(&mut told, true) {
            let seconds = left.as_secs();
            let text = format!(
                "{} does not say {} yet ({} {}); read again until it does, for up to {seconds} s",
                first.source, expected.version, first.field, first.found
            );
            x.events.send(Event::Note { kind: NoteKind::Wait, text: text.into(), seconds: Some(seconds) });
        }
        now.readers.stop.pause(AGAIN).await?;
    }
}
