//! Places of the version: whatever a file holds, nothing but the four numbers that are found is ever changed.

use std::collections::BTreeSet;

use nexy_release::release::point::{Place, replaced};
use nexy_release::release::version::Version;
use proptest::prelude::*;

use super::version::version;

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Text),
        Just(Place::Env("version".into())),
        Just(Place::Yaml("version".into())),
        Just(Place::Json("version".into())),
        Just(Place::Plist("version".into())),
        Just(Place::selector("a[@id='version']").unwrap()),
        Just(Place::pattern("version[:=] ?\"?{version}").unwrap()),
    ]
}

/// Pieces of every format, put together by chance.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("version"),
        Just("1.6.1.43"),
        Just("1.6.1"),
        Just("v2.0.0.0"),
        Just(": "),
        Just("="),
        Just("\""),
        Just("'"),
        Just("\n"),
        Just("\r\n"),
        Just("  "),
        Just("- "),
        Just("#"),
        Just("{"),
        Just("}"),
        Just(","),
        Just("<a id='version' version='1.6.1.43'/>"),
        Just("<plist><dict><key>version</key><string>1.6.1.43</string></dict></plist>"),
        Just("{\"version\": \"1.6.1.43\"}"),
        Just("é"),
        Just("\u{feff}"),
    ];
    prop_oneof![4 => prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// A document of a format, with this text at the place and decoys around it.
fn document() -> impl Strategy<Value = (Place, String, String)> {
    let around = "[a-zé0-9 ]{0,12}";
    (0..5_usize, around, around, prop_oneof![Just("\n"), Just("\r\n")]).prop_map(|(format, a, b, end)| {
        let (place, before, after) = match format {
            0 => (
                Place::Env("KEY".into()),
                format!("# KEY=9.9.9.9 {a}{end}OTHER_KEY=9.9.9.9{end}KEY="),
                format!("  # {b}{end}KEYS=9.9.9.9{end}"),
            ),
            1 => (
                Place::Yaml("key".into()),
                format!("# key: 9.9.9.9{end}a: \"{a} key: 9.9.9.9\"{end}b:{end}  - my_key: 9.9.9.9{end}    key: "),
                format!("  # {b}{end}    c: 9.9.9.9{end}"),
            ),
            2 => (
                Place::Json("key".into()),
                format!("{{\"a\": {{\"key\": \"9.9.9.9\"}},{end} \"{a}!\": \"key\", \"key\": \""),
                format!("\",{end} \"b\": \"9.9.9.9 {b}\"}}"),
            ),
            3 => (
                Place::selector("p[@id='x']").unwrap(),
                format!("<!-- {a} --><r><p id='y' version='9.9.9.9'/>{end}<p id='x' version='"),
                format!("'>{b}</p></r>{end}"),
            ),
            _ => (
                Place::pattern("\\*\\*key:\\*\\* `{version}`").unwrap(),
                format!("{a} key: `9.9.9.9`{end}**key:** `"),
                format!("`{b}{end}"),
            ),
        };
        (place, before, after)
    })
}

proptest! {
    #[test]
    fn nothing_but_what_is_found_changes(place in place(), text in text(), all in any::<bool>(), to in version()) {
        let Ok(spots) = place.find(&text, all) else { return Ok(()) };
        prop_assert!(!spots.is_empty());
        let fit = spots.iter().filter(|spot| spot.version.is_some());
        let spans: BTreeSet<_> = fit.map(|spot| (spot.span.start, spot.span.end)).collect();
        for (one, other) in spans.iter().zip(spans.iter().skip(1)) {
            prop_assert!(one.1 <= other.0, "two places in one");
        }
        let new = replaced(&text, &spans, &to);
        // Back again, the text is the one that it was.
        let mut rest = (text.as_str(), new.as_str());
        let mut at = 0;
        for (start, end) in &spans {
            let kept = &text[at..*start];
            prop_assert!(text[*start..*end].parse::<Version>().is_ok());
            rest.1 = rest.1.strip_prefix(kept).and_then(|rest| rest.strip_prefix(&to.to_string())).unwrap();
            rest.0 = &text[*end..];
            at = *end;
        }
        prop_assert_eq!(rest.0, rest.1);
    }

    #[test]
    fn the_place_is_found_among_decoys_and_found_again((place, before, after) in document(), from in version(), to in version()) {
        let text = format!("{before}{from}{after}");
        let spots = place.find(&text, true).unwrap();
        prop_assert_eq!(spots.len(), 1);
        prop_assert_eq!((spots[0].span.start, spots[0].version), (before.len(), Some(from)));
        let new = replaced(&text, &[(spots[0].span.start, spots[0].span.end)].into(), &to);
        prop_assert_eq!(&new, &format!("{before}{to}{after}"));
        let again = place.find(&new, true).unwrap();
        prop_assert_eq!((again.len(), again[0].version), (1, Some(to)));
    }
}
