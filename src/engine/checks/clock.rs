//! `clock`: this machine's clock and the host's agree within 5 minutes.

use std::time::Duration;

use super::{Finding, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;

const TOLERANCE: Duration = Duration::from_mins(5);

pub(super) async fn look(facts: &Snapshot) -> Finding {
    match facts.who().await.map(|who| who.clock_skew) {
        Err(failure) => Finding::unjudged(&failure).waivable(),
        Ok(None) => Finding::warning(
            Failure::new(Code::ClockWrong, "the host names no time").why("The clocks cannot be compared."),
        ),
        Ok(Some(skew)) if skew <= TOLERANCE => Finding::ok(format!("within {} s of the host", skew.as_secs().max(1))),
        Ok(Some(skew)) => Finding::warning(
            Failure::new(Code::ClockWrong, format!("this clock and the host's are {} min apart", skew.as_secs() / 60))
                .why("`release_date` in the manifest comes from this clock. Nothing is ordered by it.")
                .fix("timedatectl status  (macOS: sudo sntp -sS time.apple.com)"),
        ),
    }
}
