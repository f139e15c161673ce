//! A link of limited speed that all transfers share.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::lock;

/// A sender that is woken so late has not left the link idle: timers are not finer, and a real line has a queue.
const LATE: Duration = Duration::from_millis(20);

/// When the link is free again.
#[derive(Default)]
pub(super) struct Pace(Mutex<Option<Instant>>);

impl Pace {
    /// Returns when so many bytes have gone over a link of this speed.
    pub async fn pass(&self, bytes_per_s: Option<u64>, bytes: usize) {
        let Some(rate) = bytes_per_s.filter(|rate| *rate > 0) else { return };
        let nanos = (bytes as u64).saturating_mul(1_000_000_000) / rate;
        let through = {
            let now = Instant::now();
            let mut free = lock(&self.0);
            let start = free.filter(|free| *free + LATE > now).unwrap_or(now);
            let through = start + Duration::from_nanos(nanos);
            *free = Some(through);
            through
        };
        tokio::time::sleep_until(through).await;
    }
}
