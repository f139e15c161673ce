//! `publish`: draft → published, the one moment at which the version becomes public (SPEC §6.2 rule 7).

use super::Summary;
use crate::engine::event::NoteKind;
use crate::engine::execution::{Execution, Public};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::world::github::writer::Made;

/// Publishes, or finds out who did.
pub async fn run(x: &Execution, draft: u64, nonce: &str, public: &mut Public) -> Result<(Summary, ()), Failure> {
    let github = x.github.reader();
    let mut delays = github.door().delays();
    // A request without an answer may still be carried out, whatever the host shows meanwhile.
    let mut unanswered = false;
    loop {
        // From here to the answer nobody can say.
        *public = Public::Unknown;
        let (failure, refused) = match x.github.publish(draft, &x.plan.tag).await {
            Made::Done(release) if !release.draft && release.tag == x.plan.tag => {
                *public = Public::Yes;
                return Ok((Summary::ok(release.html_url), ()));
            }
            Made::Done(_) => {
                (Failure::new(Code::PublishUnknown, "The host answered a publication with a draft"), false)
            }
            Made::Exists(_) => return lost_race(x, draft, nonce, public).await,
            Made::Refused(failure) => (failure, true),
            Made::Unknown(failure) => (failure, false),
        };
        // Whatever was answered, the release itself tells what became of it. Publishing twice is publishing once; still,
        // ask before asking again.
        let found = github.release(draft).await;
        if let Ok(Some(release)) = &found
            && !release.draft
        {
            *public = Public::Yes;
            return Ok((Summary::ok(release.html_url.clone()), ()));
        }
        if refused {
            if matches!(found, Ok(Some(_))) && !unanswered {
                *public = Public::No;
            }
            return Err(failure);
        }
        unanswered = true;
        if found.map_err(|error| unasked(x, &failure, error))?.is_none() {
            return Err(unknown(x, &failure));
        }
        let Some(delay) = delays.next() else { return Err(unknown(x, &failure)) };
        github.door().pause(delay, &failure.what).await?;
    }
}

/// Another console published this tag first: equal bytes are as good as ours, other bytes are a conflict. Our own
/// draft is of no use any more.
async fn lost_race(x: &Execution, draft: u64, nonce: &str, public: &mut Public) -> Result<(Summary, ()), Failure> {
    let winner = x.github.reader().published(&x.plan.tag).await?;
    let Some(winner) = winner else {
        return Err(Failure::new(
            Code::PublishUnknown,
            format!("The host says that {} is taken, and shows no such release", x.plan.tag),
        )
        .why("The tag may belong to an immutable release that was deleted: such a tag is burnt for ever.")
        .fix("Run the same command again; if it stays so, set VERSION to the next version"));
    };
    *public = Public::Yes;
    let lacking = x.plan.assets.iter().find(|asset| winner.asset(&asset.name).is_none());
    let difference = if lacking.is_none() { x.difference(&winner).await? } else { None };
    if let Err(failure) = x.github.discard_draft(draft, nonce).await {
        // A draft that stays is a blemish; what was published is what matters now.
        x.events.note(NoteKind::Warning, format!("Our own draft may be left: {}", failure.what));
    }
    if let Some(asset) = lacking {
        return Err(Failure::new(
            Code::PlanOther,
            format!("Somebody else published {} without {}", x.plan.tag, asset.name),
        )
        .why("It can be added; that is another plan, which is shown and confirmed first.")
        .fix("Run the same command again"));
    }
    let Some((name, why)) = difference else {
        x.events.marker(format!("already published, skip (tag={})", x.plan.tag));
        return Ok((Summary::ok("somebody else published the same bytes first"), ()));
    };
    Err(Failure::new(Code::TagConflict, format!("Somebody else published {} with other bytes of {name}", x.plan.tag))
        .why(format!("{why}. What is published stays, for ever; ours was not published."))
        .fix("Set VERSION to the next version, and publish that"))
}

/// The question what became of it failed as well; a person who stops the run knows why.
fn unasked(x: &Execution, cause: &Failure, error: Failure) -> Failure {
    if error.code == Code::Interrupted { error } else { unknown(x, cause) }
}

fn unknown(x: &Execution, cause: &Failure) -> Failure {
    Failure::new(Code::PublishUnknown, format!("Whether {} is public could not be found out", x.plan.tag))
        .why(format!("{}. {}", cause.what, cause.why))
        .fix("Run the same command again: it looks first, and goes on from what it finds")
}
