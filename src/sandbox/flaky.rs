//! A network that has bad days: the fault plan of each run, made from a seed, so that a bad day can be had again.

use std::collections::BTreeMap;

use super::host::{Action, Fault, Origin, Stage};

/// The seed where none is named.
pub const SEED: u64 = 7;
/// After so many runs the bad days are over.
const BAD_RUNS: u32 = 3;
/// More requests than all that the console has under way at once, five tries each: the run ends unfinished.
const OUTAGE: u64 = 60;

/// Where it hurts: origin, method, part of the path.
const TARGETS: [(Origin, &str, &str); 7] = [
    (Origin::Api, "GET", ""),
    (Origin::Api, "POST", "/releases"),
    (Origin::Api, "PATCH", ""),
    (Origin::Uploads, "POST", "name=Nexy.dmg"),
    (Origin::Uploads, "POST", "name=Nexy.pkg"),
    (Origin::Web, "GET", ""),
    (Origin::Blobs, "GET", ""),
];

/// What goes wrong in the `run`th run, from 1. The first one does not get through; later ones may.
pub fn plan(seed: u64, run: u32) -> Vec<Fault> {
    if run > BAD_RUNS {
        return Vec::new();
    }
    let mut dice = Dice(seed ^ (u64::from(run) << 32));
    let mut faults: Vec<_> = (0..3 + dice.below(3)).map(|_| trouble(&mut dice)).collect();
    if run == 1 || dice.below(2) == 0 {
        let (origin, method, path) = TARGETS[dice.index(TARGETS.len())];
        let action = if dice.below(2) == 0 { busy(&mut dice) } else { Action::Reset { after: Stage::Head } };
        // Before the others: of those that end a request the first in the plan counts.
        faults.insert(0, Fault::new(action).at(origin).on(method, path).window(1, OUTAGE));
    }
    faults
}

/// Something that one run gets over.
fn trouble(dice: &mut Dice) -> Fault {
    let (origin, method, path) = TARGETS[dice.index(TARGETS.len())];
    let after = match dice.below(5) {
        0 => Stage::Head,
        1 => Stage::Request,
        2 => Stage::Body(dice.below(1 << 20)),
        3 => Stage::Work,
        _ => Stage::Answer(dice.below(1 << 12)),
    };
    let action = match dice.below(5) {
        0 => Action::Reset { after },
        1 => Action::Close { after },
        2 => Action::Stall { after },
        3 => Action::Reset { after: Stage::Work },
        _ => busy(dice),
    };
    Fault::new(action).at(origin).on(method, path).window(1 + dice.below(3), 1)
}

/// An answer that asks to come back.
fn busy(dice: &mut Dice) -> Action {
    let status = [429, 500, 502, 503][dice.index(4)];
    let headers = if status == 429 { BTreeMap::from([("retry-after".into(), "1".into())]) } else { BTreeMap::new() };
    Action::Answer { status, headers, body: String::new(), after: Stage::Request }
}

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }
}
