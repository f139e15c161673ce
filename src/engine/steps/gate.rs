//! `gate`: everything that speaks of the version agrees; what this run did not deliver is pending (SPEC §9).

use super::Summary;
use super::record::undelivered;
use crate::engine::execution::Execution;
use crate::engine::verification::{Gate, gate};
use crate::release::checklist::Item;
use crate::release::failure::Failure;
use crate::release::verification::CellState;

/// Answers the line `served` of the checklist. Fails where a cell drifted, or could not be found out.
pub async fn run(x: &Execution) -> Result<(Summary, Item), Failure> {
    let gate = gate(x).await?;
    if let Some(failure) = gate.failure {
        return Err(failure);
    }
    let aligned = format!("{} cells aligned", gate.count(CellState::Aligned));
    let summary = match gate.count(CellState::Pending) {
        0 => aligned,
        pending => format!("{aligned}, {pending} pending"),
    };
    Ok((Summary::ok(summary), served(x, &gate)))
}

fn served(x: &Execution, gate: &Gate) -> Item {
    let settings = &x.snapshot.settings;
    if x.plan.manifest.is_none() {
        return Item::not_applicable("served", "no DMG: clients are not offered this version");
    }
    let mut pages: Vec<_> = gate.pages().filter(|cell| cell.state == CellState::Aligned).collect();
    pages.dedup_by(|one, other| one.source == other.source);
    if pages.is_empty() {
        return undelivered(settings);
    }
    let names = pages.iter().map(|cell| cell.source.as_str()).collect::<Vec<_>>().join(", ");
    Item::ok("served", format!("{names} show {}", x.plan.version))
}
