//! Release notes: status and cycle, in both languages.

use nexy_release::release::notes::{NotesError, NotesHead, judge};
use nexy_release::release::version::{Version, VersionError};

use super::sample::version;

const RUSSIAN: &str = "# Latest Changes (журнал текущего цикла)\n\nСтатус: ACTIVE\nЦикл версии: 1.6.1.44\nОбновлено: 2026-02-19\n\n## Изменения\n\n- 2026-02-18 | release flow | status: EMPTY\n";
const ENGLISH: &str = "# Latest Changes\n\nStatus: ACTIVE\nRelease cycle: 1.6.1.44\n";

#[test]
fn notes_of_this_cycle_are_ready_in_both_languages() {
    for text in [RUSSIAN, ENGLISH] {
        assert_eq!(judge(text, &version()), Ok(()));
        let head = NotesHead::read(text);
        assert_eq!((head.status.as_deref(), head.cycle.as_deref()), (Some("ACTIVE"), Some("1.6.1.44")));
    }
}

#[test]
fn markdown_around_the_head_lines_does_not_matter() {
    for text in [
        "**Статус:** ACTIVE\n**Цикл версии:** `1.6.1.44`\n",
        "- **Status**: ACTIVE\n- **Release cycle**: 1.6.1.44\n",
        "## Release cycle: 1.6.1.44",
        "RELEASE CYCLE:1.6.1.44",
        "ЦИКЛ ВЕРСИИ : 1.6.1.44",
        "Release cycle: 1.6.1.44\r\n",
        "\u{feff}Release cycle: 1.6.1.44\n",
    ] {
        assert_eq!(judge(text, &version()), Ok(()), "{text:?}");
    }
}

#[test]
fn notes_that_are_not_ready_are_refused_with_their_reason() {
    let found = Version::new([1, 6, 1, 43]);
    let other = NotesError::OtherCycle { found, expected: version() };
    for (text, why) in [
        ("", NotesError::Blank),
        (" \n\t\r\n", NotesError::Blank),
        ("\u{feff}\n", NotesError::Blank),
        (&RUSSIAN.replace("ACTIVE", "EMPTY"), NotesError::StatusEmpty),
        (&ENGLISH.replace("ACTIVE", "empty"), NotesError::StatusEmpty),
        (&ENGLISH.replace("ACTIVE", "`EMPTY`"), NotesError::StatusEmpty),
        (&ENGLISH.replace("ACTIVE", "*EMPTY* (нет изменений)"), NotesError::StatusEmpty),
        (&ENGLISH.replace("Status: ACTIVE", "**Status:** EMPTY"), NotesError::StatusEmpty),
        ("\u{feff}Status: EMPTY\nRelease cycle: 1.6.1.44", NotesError::StatusEmpty),
        ("# Latest Changes\n", NotesError::NoCycle),
        ("The release cycle is 1.6.1.44", NotesError::NoCycle),
        (&RUSSIAN.replace("1.6.1.44", "1.6.1.43"), other.clone()),
        (&ENGLISH.replace("1.6.1.44", "1.6.1.43"), other),
        ("Release cycle: v1.6.1.44", NotesError::BadCycle("v1.6.1.44".into(), VersionError::LeadingV)),
        ("Release cycle: 1.6.1", NotesError::BadCycle("1.6.1".into(), VersionError::Parts(3))),
        ("Release cycle:", NotesError::BadCycle(String::new(), VersionError::Empty)),
    ] {
        assert_eq!(judge(text, &version()), Err(why), "{text:?}");
    }
}

#[test]
fn the_first_head_line_counts() {
    let text = format!("{ENGLISH}\n## History\nStatus: EMPTY\nRelease cycle: 1.6.1.43\n");
    assert_eq!(judge(&text, &version()), Ok(()));
}

#[test]
fn the_reason_names_both_versions() {
    let why = judge(&RUSSIAN.replace("1.6.1.44", "1.6.1.43"), &version()).unwrap_err().to_string();
    assert!(why.contains("1.6.1.43") && why.contains("1.6.1.44"), "{why}");
}
