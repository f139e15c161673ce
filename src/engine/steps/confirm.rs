//! `confirm`: a person types the tag, or said `--yes`.

use tokio::sync::mpsc::UnboundedReceiver;

use super::Summary;
use crate::engine::event::{Command, NoteKind};
use crate::engine::feed::Events;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::plan::Plan;
use crate::release::text::Clean;
use crate::world::stop::Stop;

/// Waits until the tag is typed; a wrong text may be typed again.
pub async fn run(
    plan: &Plan,
    commands: &mut UnboundedReceiver<Command>,
    events: &Events,
    stop: &Stop,
) -> Result<(Summary, ()), Failure> {
    loop {
        match stop.or(async { Ok(commands.recv().await) }).await? {
            Some(Command::Confirm(typed)) if typed == plan.tag => {
                return Ok((Summary::ok(format!("typed {}", plan.tag)), ()));
            }
            Some(Command::Confirm(typed)) => {
                events.note(
                    NoteKind::Mistyped,
                    format!(
                        "`{}` is not {}. Nothing was done; type the tag exactly.",
                        Clean::line(&typed, 60),
                        plan.tag
                    ),
                );
            }
            Some(Command::Decline | Command::Leave) | None => {
                return Err(Failure::new(Code::NotConfirmed, "Not confirmed")
                    .why(if plan.published {
                        "Nothing was changed.".to_owned()
                    } else {
                        format!("{} is not published, nothing was changed.", plan.tag)
                    })
                    .fix("Run the same command again to go on"));
            }
            // Nothing else is done while the question stands.
            Some(_) => {}
        }
    }
}
