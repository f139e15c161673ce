//! Many cases of one kind: tried side by side, counted, and told in one line that `tests/scoreboard.sh` reads.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::side_by_side;

/// Tries `most` of the cases, spread evenly; with `NEXY_SWEEP=NUMBER` so many, with `NEXY_SWEEP=all` all of them.
/// `NEXY_SEED` chooses which.
#[track_caller]
pub fn sweep<T: Send + Debug>(what: &str, cases: Vec<T>, most: usize, test: impl Fn(&T) + Sync) {
    let seed: usize = std::env::var("NEXY_SEED").map_or(1, |seed| seed.parse().unwrap());
    let all = cases.len();
    let most = match std::env::var("NEXY_SWEEP").as_deref() {
        Ok("all") => all,
        Ok(number) => number.parse().unwrap(),
        Err(_) => most,
    };
    let every = all.div_ceil(most);
    let cases: Vec<_> = cases.into_iter().skip(seed % every.max(1)).step_by(every.max(1)).collect();
    let tried = cases.len();
    assert!(tried > 0, "{what}: nothing to try");
    let broken = Mutex::new(Vec::new());
    side_by_side(cases, |case| {
        if catch_unwind(AssertUnwindSafe(|| test(&case))).is_err() {
            broken.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{case:?}"));
        }
    });
    let broken = broken.into_inner().unwrap();
    println!("sweep: {} of {tried} points held ({what}; {all} in all, seed {seed})", tried - broken.len());
    assert!(broken.is_empty(), "{what}: gave way at\n{}", broken.join("\n"));
}
