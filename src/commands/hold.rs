//! A command that shows where something is to be had, and lasts until it is told to stop.

use serde_json::Value;
use uuid::Uuid;

use super::{begin, end, manner};
use crate::cli::Global;
use crate::engine::event::{Event, Outcome, RunResult};
use crate::front::drive::{Hands, drive};
use crate::settings::Environment;

/// Shows `data` as a report and waits for a stop; answers the exit code.
pub async fn hold(
    global: &Global,
    environment: &Environment,
    command: &'static str,
    kind: &'static str,
    data: Value,
) -> u8 {
    let run_id = Uuid::now_v7().to_string();
    let held = move |hands: Hands| async move {
        begin(&hands.events, command, data["workspace"].as_str().unwrap_or_default());
        hands.events.send(Event::Report { kind: kind.into(), data });
        hands.stop.stopped().await;
        end(&hands.events, RunResult::bare(Outcome::Done, 0))
    };
    drive(manner(global, environment), &run_id, false, held).await
}
