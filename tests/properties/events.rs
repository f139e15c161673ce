//! Any event, in any order: what a recording may hold.

use jiff::Timestamp;
use nexy_release::engine::event::{
    Check, CheckId, CheckState, Event, Item, Mode, NoteKind, Outcome, RunResult, Stamped, StepId, StepState,
};
use nexy_release::release::code::Code;
use nexy_release::release::failure::Failure;
use nexy_release::release::plan::{Plan, decide};
use nexy_release::release::text::Clean;
use proptest::prelude::*;
use proptest::sample::select;

use super::json::plain;
use super::plan::{local, remote};
use super::sample::manifest;

/// More than a release has, in bytes.
const MOST: u64 = 1 << 50;

fn clean() -> impl Strategy<Value = Clean> {
    prop_oneof![any::<String>(), "[a-z \u{1b}\u{202e}\r\n\\[]{0,12}"].prop_map(Clean::from)
}

fn step() -> impl Strategy<Value = StepId> {
    // Few, so that they meet.
    select(&StepId::ALL[5..9])
}

fn check() -> impl Strategy<Value = Check> {
    use CheckState::{Failed, Ok, Running, Skipped, Unknown, Waiting, Warning};
    let state = select(vec![Waiting, Running, Ok, Warning, Failed, Skipped, Unknown]);
    let told = (clean(), clean(), prop::collection::vec(clean(), 0..3), prop::option::of(select(Code::ALL)));
    (select(CheckId::ALL), state, told, any::<bool>(), prop::option::of(clean()), any::<u64>()).prop_map(
        |(id, state, (found, why, fix, code), waivable, waived, elapsed_ms)| Check {
            id,
            state,
            found,
            why,
            fix,
            code,
            waivable,
            waived,
            elapsed_ms,
        },
    )
}

fn item() -> impl Strategy<Value = Item> {
    (clean(), 0..MOST, 0..MOST).prop_map(|(name, done, total)| Item { name, done, total })
}

fn note() -> impl Strategy<Value = Event> {
    use NoteKind::{Info, Marker, Mistyped, Wait, Warning, Would};
    let kind = select(vec![Marker, Would, Wait, Mistyped, Info, Warning]);
    (kind, clean(), any::<Option<u64>>()).prop_map(|(kind, text, seconds)| Event::Note { kind, text, seconds })
}

fn result() -> impl Strategy<Value = Event> {
    let failure = (select(Code::ALL), clean(), clean(), clean());
    prop::option::of(failure).prop_map(|failure| {
        let done = RunResult::bare(Outcome::Done, 0);
        Event::Result(failure.map_or(done, |(code, what, why, fix)| {
            RunResult::bare(Outcome::Blocked, 3).failed(&Failure::new(code, what).why(why).fix(fix))
        }))
    })
}

/// With the sample's manifest: its numbers are of 64 bits.
fn plan() -> impl Strategy<Value = Plan> {
    (local(), remote()).prop_map(|(mut local, remote)| {
        if let Some(files) = &mut local.manifest {
            files.before = Some(manifest());
        }
        decide(&local, &remote)
    })
}

fn event() -> impl Strategy<Value = Event> {
    let reports = ["checklist", "config", "problems", "explain", "topics", "man", "unheard-of"];
    let states = vec![StepState::Ok, StepState::Skipped, StepState::Failed];
    prop_oneof![
        1 => (clean(), clean()).prop_map(|(command, workspace)| Event::RunStarted {
            command, mode: Mode::Live, workspace, tool: "0".into()
        }),
        3 => check().prop_map(Event::Check),
        4 => step().prop_map(|step| Event::StepStarted { step }),
        6 => (step(), prop::collection::vec(item(), 0..4)).prop_map(|(step, items)| Event::Progress { step, items }),
        1 => plan().prop_map(|plan| Event::Plan(Box::new(plan))),
        3 => (step(), select(states), clean(), any::<u64>()).prop_map(|(step, state, summary, elapsed_ms)| {
            Event::StepFinished { step, state, summary, elapsed_ms }
        }),
        2 => note(),
        1 => (select(reports.to_vec()), plain()).prop_map(|(kind, data)| Event::Report { kind: kind.into(), data }),
        1 => result(),
    ]
}

/// Events with times that may run backwards.
pub fn events() -> impl Strategy<Value = Vec<Stamped>> {
    let time = (0..4_000_000_000_i64, 0..1_000_000_000_i32).prop_map(|(s, ns)| Timestamp::new(s, ns).unwrap());
    prop::collection::vec((time, event()).prop_map(|(time, event)| Stamped { time, event }), 0..24)
}
