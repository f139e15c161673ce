//! The fold of events: total, the same live and recorded, and no front end stumbles over what it makes.

use std::collections::HashSet;

use nexy_release::engine::event::{Event, Stamped};
use nexy_release::engine::run::Run;
use nexy_release::front::bar::Bar;
use nexy_release::front::json::Json;
use nexy_release::front::text::Text;
use nexy_release::front::{Front, Manner, Output};
use proptest::prelude::*;

use super::events::events;

const MANNER: Manner = Manner { output: Output::Text, color: false, quiet: false, live: false, dumb: true };

fn fold(events: &[Stamped]) -> Run {
    events.iter().fold(Run::default(), |mut run, stamped| {
        run.apply(stamped);
        run
    })
}

proptest! {
    #[test]
    fn any_order_of_events_makes_a_state_that_holds_together(events in events()) {
        let mut run = Run::default();
        let mut bar = Bar::new(false);
        for stamped in &events {
            run.apply(stamped);
            let (mut checks, mut steps) = (HashSet::new(), HashSet::new());
            prop_assert!(run.checks.iter().all(|check| checks.insert(check.id)));
            prop_assert!(run.steps.iter().all(|step| steps.insert(step.id)));
            if let Some(transfer) = &run.transfer {
                let step = run.steps.iter().find(|step| step.id == transfer.step).unwrap();
                prop_assert!(step.state.is_none(), "progress of a step that is over");
                prop_assert_ne!(transfer.rate(), Some(0));
                if let Some(line) = bar.update(transfer, stamped.time) {
                    let percent = line.split(" %").next().unwrap().rsplit(' ').next().unwrap();
                    prop_assert!(percent.parse::<u64>().unwrap() <= 100, "{}", line);
                }
            }
        }
        let last = events.iter().rev().find_map(|stamped| match &stamped.event {
            Event::Result(result) => Some(result),
            _ => None,
        });
        prop_assert_eq!(run.result.as_ref(), last);
    }

    #[test]
    fn a_recording_folds_to_the_same_state(events in events()) {
        // By way of `Value`, as readers of recordings do.
        let recorded: Vec<Stamped> =
            events.iter().map(|stamped| serde_json::from_value(serde_json::to_value(stamped).unwrap()).unwrap()).collect();
        prop_assert_eq!(&recorded, &events);
        prop_assert_eq!(fold(&recorded), fold(&events));
    }

    #[test]
    fn no_front_end_stumbles_and_none_lets_an_escape_sequence_through(events in events()) {
        let (mut out, mut err, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        {
            let mut fronts: Vec<Box<dyn Front + '_>> = vec![
                Box::new(Text::new(&mut out, &mut err, MANNER)),
                Box::new(Json::new(&mut lines, "01a1fdc2-e7ce-76d7-9258-f82182f5b7d9")),
            ];
            let mut run = Run::default();
            for stamped in events.iter().filter(|stamped| !matches!(stamped.event, Event::Report { .. })) {
                run.apply(stamped);
                for front in &mut fronts {
                    front.show(stamped, &run);
                }
            }
        }
        for text in [out, err, lines] {
            let text = String::from_utf8(text).unwrap();
            prop_assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\u{7}']), "{:?}", text);
        }
    }
}
