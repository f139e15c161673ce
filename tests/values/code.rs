//! Failure codes, exit codes, and failures as they are stored.

use std::collections::HashSet;
use std::fmt::Write as _;

use nexy_release::release::code::{Code, Exit};
use nexy_release::release::failure::Failure;
use nexy_release::release::text::Clean;

#[test]
fn every_code_is_unique_well_formed_and_explained() {
    let mut seen = HashSet::new();
    for code in Code::ALL {
        let text = code.as_str();
        assert!(seen.insert(text), "{text} stands twice");
        let parts: Vec<_> = text.split('-').collect();
        let [head, area, number] = parts[..] else { panic!("{text} has not three parts") };
        assert_eq!(head, "NX", "{text}");
        assert!(!area.is_empty() && area.bytes().all(|b| b.is_ascii_uppercase()), "{text}");
        assert!(number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()), "{text}");
        let meaning = code.meaning();
        assert!(meaning.ends_with('.') && meaning.len() > 10 && meaning == meaning.trim(), "{text}: {meaning:?}");
        assert_eq!(code.to_string(), text);
        assert_eq!(serde_json::to_value(code).unwrap(), text);
        assert_eq!(serde_json::from_value::<Code>(text.into()).unwrap(), *code);
    }
    assert!(serde_json::from_str::<Code>("\"NX-NONE-01\"").is_err());
}

#[test]
fn numbers_of_an_area_have_no_gap() {
    let all: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for text in &all {
        let (area, number) = text.rsplit_once('-').unwrap();
        let number: u32 = number.parse().unwrap();
        assert!(number == 1 || all.contains(format!("{area}-{:02}", number - 1).as_str()), "{text} follows nothing");
    }
}

/// Other programs match on codes and exit codes. A line may be added here; one that changes or goes breaks them.
#[test]
fn codes_and_their_exits_are_stable() {
    let list = Code::ALL.iter().fold(String::new(), |mut list, code| {
        writeln!(list, "{code} {}", code.exit() as u8).unwrap();
        list
    });
    assert_eq!(list, include_str!("fixtures/codes.txt"), "tests/values/fixtures/codes.txt");
}

#[test]
fn exit_codes_are_the_documented_numbers() {
    let exits = [
        (Exit::Done, 0),
        (Exit::Failed, 1),
        (Exit::Usage, 2),
        (Exit::Blocked, 3),
        (Exit::Auth, 4),
        (Exit::Conflict, 5),
        (Exit::Unfinished, 6),
        (Exit::Mismatch, 7),
        (Exit::Busy, 8),
        (Exit::Interrupted, 130),
    ];
    for (exit, number) in exits {
        assert_eq!(exit as u8, number);
    }
}

#[test]
fn when_several_checks_block_the_first_of_8_4_5_6_3_decides() {
    let order = [Exit::Busy, Exit::Auth, Exit::Conflict, Exit::Unfinished, Exit::Blocked];
    assert!(order.is_sorted_by(|a, b| a.precedence() < b.precedence()));
    assert!(Exit::Usage.precedence() < Exit::Busy.precedence(), "a waiver that is not possible comes before all");
}

#[test]
fn a_failure_carries_its_explanation_and_survives_json() {
    let failure =
        Failure::new(Code::TagConflict, "\u{1b}[31mother bytes").why("it is public").fix("first").fix("second");
    assert_eq!(failure.to_string(), "other bytes");
    assert_eq!(failure.exit(), Exit::Conflict);
    assert_eq!(failure.fix.iter().map(Clean::as_str).collect::<Vec<_>>(), ["first", "second"]);
    let json = serde_json::to_value(&failure).unwrap();
    assert_eq!(json["code"], "NX-TAG-02");
    assert_eq!(serde_json::from_value::<Failure>(json).unwrap(), failure);
}
