//! The wish to stop, which outlives what is stopped by it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::world::stop::Stop;

/// The wish to stop whatever is under way now; the next thing begins with a new one, until it is locked.
#[derive(Debug, Clone, Default)]
pub struct Brake(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stop: Stop,
    locked: bool,
}

impl Brake {
    /// Asks what is under way to stop.
    pub fn pull(&self) {
        self.lock().stop.stop();
    }

    /// The same, and nothing is begun any more.
    pub fn park(&self) {
        let mut state = self.lock();
        state.locked = true;
        state.stop.stop();
    }

    /// What is stopped by it now.
    pub fn stop(&self) -> Stop {
        self.lock().stop.clone()
    }

    /// For the next thing: a new one, where the last was used up.
    pub(super) fn release(&self) -> Stop {
        let mut state = self.lock();
        if state.stop.is_stopped() && !state.locked {
            state.stop = Stop::default();
        }
        state.stop.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere left nothing half-changed: each of the two is set as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
