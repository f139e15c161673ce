//! When a dashboard looks again: every 30 s, less often where that would use up the host's limit of requests or where it
//! does not answer, and never in step with others.

use std::time::Duration;

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::github::watch::Cost;

const USUAL: Duration = Duration::from_secs(30);
/// Nobody looks at a dashboard that is older.
const LONGEST: Duration = Duration::from_mins(5);
/// A share of what is left of the limit stays for releases.
const SPARED: u64 = 2;
/// What a host that tells nothing gives who is not signed in: requests, and the seconds for which they last.
const ANONYMOUS: (u64, u64) = (60, 3600);

/// How often it did not come off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rhythm {
    missed: u32,
}

impl Rhythm {
    /// The pause after a look: what it cost, why it did not come off, and any number for the jitter of a tenth.
    pub fn next(&mut self, cost: &Cost, missed: Option<&Failure>, chance: u128) -> Duration {
        self.missed = if missed.is_some() { self.missed.saturating_add(1) } else { 0 };
        let backing_off = USUAL.saturating_mul(1 << self.missed.min(4));
        let pause = match missed {
            // The host names the time, or a minute at least.
            Some(failure) if failure.code == Code::NetRateLimit => backing_off.max(Duration::from_mins(2)),
            Some(_) => backing_off,
            None => USUAL,
        };
        let pause = pause.min(LONGEST).max(affordable(cost));
        let tenths = u32::try_from(chance % 201).unwrap_or(100);
        pause / 1000 * (900 + tenths)
    }
}

/// The pause with which looks that cost so much last until the host gives more.
fn affordable(cost: &Cost) -> Duration {
    let (left, reset) = match (cost.left, cost.reset_s) {
        (Some(left), Some(reset)) => (left, reset),
        _ if cost.anonymous => ANONYMOUS,
        _ => return Duration::ZERO,
    };
    if cost.counted == 0 {
        return Duration::ZERO;
    }
    let looks = left / SPARED / cost.counted;
    Duration::from_secs(reset.checked_div(looks).unwrap_or(reset))
}
