//! `confirm`: a person types the tag, or said `--yes`. What is set without a release is confirmed in the same way.

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
    typed(&plan.tag, "tag", commands, events, stop).await.map_err(|failure| match failure.code {
        Code::NotConfirmed => failure
            .why(if plan.published {
                "Nothing was changed.".to_owned()
            } else {
                format!("{} is not published, nothing was changed.", plan.tag)
            })
            .fix("Run the same command again to go on"),
        _ => failure,
    })
}

/// Waits until `wanted` is typed, which a person calls `word`.
pub async fn typed(
    wanted: &str,
    word: &str,
    commands: &mut UnboundedReceiver<Command>,
    events: &Events,
    stop: &Stop,
) -> Result<(Summary, ()), Failure> {
    loop {
        match stop.or(async { Ok(commands.recv().await) }).await? {
            Some(Command::Confirm(typed)) if typed == wanted => {
                return Ok((Summary::ok(format!("typed {wanted}")), ()));
            }
            Some(Command::Confirm(typed)) => {
                let typed = Clean::line(&typed, 60);
                let text = format!("`{typed}` is not {wanted}. Nothing was done; type the {word} exactly.");
                events.note(NoteKind::Mistyped, text);
            }
            Some(Command::Decline | Command::Leave) | None => {
                return Err(Failure::new(Code::NotConfirmed, "Not confirmed"));
            }
            // Nothing else is done while the question stands.
            Some(_) => {}
        }
    }
}
