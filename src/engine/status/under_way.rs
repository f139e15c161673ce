//! The run under way in this workspace: the lock tells that there is one, its event log how far it is.

use jiff::Timestamp;

use crate::engine::event::line::Read;
use crate::engine::readers::Readers;
use crate::engine::run::{Run, Transfer};
use crate::release::status::{At, UnderWay};
use crate::release::text::Clean;

/// Who holds the workspace's lock.
#[derive(Debug, Clone)]
pub struct Held {
    /// The run that they noted; `None`: it is not known.
    pub run: Option<Clean>,
    /// What is shown of it.
    pub shown: UnderWay,
}

/// Who is at work here, and how far they are.
pub fn held(readers: &Readers) -> Option<Held> {
    let who = readers.workspace.probe_lock().err()?.what;
    let run = readers.workspace.lock_holder();
    // A log of an earlier run says nothing of this one.
    let said = run.as_ref().and_then(|run| said(&readers.workspace.recent_events().ok()?, run));
    let (known, said) = said.unzip();
    let known = known.unwrap_or_default();
    let shown = UnderWay {
        who,
        tag: known.plan.as_ref().map(|plan| plan.tag.as_str().into()),
        command: known.started.as_ref().map(|(command, ..)| command.clone()),
        step: at(&known),
        said,
    };
    Some(Held { run, shown })
}

/// What a run said; `None`: nothing yet.
fn said(log: &str, of: &Clean) -> Option<(Run, Timestamp)> {
    let (mut run, mut last) = (Run::default(), None);
    let read = log.lines().filter_map(|line| serde_json::from_str::<Read>(line).ok());
    for line in read.filter(|line| line.run == *of) {
        run.apply(&line.stamped);
        last = Some(line.stamped.time);
    }
    Some((run, last?))
}

fn at(run: &Run) -> Option<At> {
    let step = run.steps.iter().rfind(|step| step.state.is_none())?;
    let transfer = run.transfer.as_ref().filter(|transfer| transfer.step == step.id);
    Some(At {
        name: step.id.as_str().into(),
        since: step.started,
        bytes: transfer.map(Transfer::bytes),
        seconds_left: transfer.and_then(Transfer::seconds_left),
        waits_until: run.waiting_until,
    })
}
