//! The wish to stop, seen by everything that takes time.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::release::code::Code;
use crate::release::failure::Failure;

/// Shared by all tasks of a run; set once, by Ctrl-C or a signal.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Asks everything to stop.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns when a stop is asked for.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// Fails once a stop was asked for: for loops to look at between two pieces of work.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_stopped() { Err(interrupted()) } else { Ok(()) }
    }

    /// `work`, given up when a stop is asked for.
    pub async fn or<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.stopped() => Err(interrupted()),
            result = work => result,
        }
    }

    /// Waits, unless a stop is asked for.
    pub async fn pause(&self, time: Duration) -> Result<(), Failure> {
        let wait = async {
            tokio::time::sleep(time).await;
            Ok(())
        };
        self.or(wait).await
    }
}

/// What a stopped task answers; the pipeline says how far the run had come.
pub fn interrupted() -> Failure {
    Failure::new(Code::Interrupted, "Interrupted")
}
