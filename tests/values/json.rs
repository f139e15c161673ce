//! JSON that is kept whole, and its canonical text.

use nexy_release::release::json::{canonical, parse};
use serde_json::json;

#[test]
fn documents_of_every_type_are_read() {
    for text in
        ["null", "true", "-1", "1.5", "\"text\"", "[]", "{}", "[1, {\"a\": [null, {\"b\": 2}]}]", " {\"a\": 1}\n"]
    {
        let value = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(value, serde_json::from_str::<serde_json::Value>(text).unwrap());
    }
}

#[test]
fn row_19_duplicate_keys_are_refused_at_every_depth() {
    for text in [
        "{\"a\": 1, \"a\": 1}",
        "{\"a\": {\"b\": 1, \"c\": 2, \"b\": 3}}",
        "[{\"a\": 1, \"a\": 2}]",
        "[[[{\"x\": {\"a\": 1, \"a\": 2}}]]]",
        "{\"a\": 1, \"\\u0061\": 2}",
        "{\"\": 1, \"\": 2}",
    ] {
        let why = parse(text.as_bytes()).unwrap_err();
        assert!(why.to_string().contains("stands twice"), "{text}: {why}");
        assert_eq!(why.line(), 1, "{text}");
    }
    parse(b"{\"a\": {\"a\": {\"a\": [{\"a\": 1}, {\"a\": 1}]}}, \"A\": 2}").unwrap();
}

#[test]
fn row_19_what_is_not_json_is_refused_with_its_place() {
    for (text, line, column) in [
        ("", 1, 0),
        ("{\"a\": 1,}", 1, 9),
        ("{\n  \"a\": tree\n}", 2, 10),
        ("{\"a\": 1}\n{\"a\": 1}", 2, 1),
        ("{\"a\": NaN}", 1, 7),
        ("// comment\n{}", 1, 1),
        ("\u{feff}{}", 1, 1),
        ("{'a': 1}", 1, 2),
    ] {
        let why = parse(text.as_bytes()).unwrap_err();
        assert_eq!((why.line(), why.column()), (line, column), "{text:?}: {why}");
    }
}

#[test]
fn nesting_without_end_is_refused_instead_of_overflowing_the_stack() {
    parse("[".repeat(1_000_000).as_bytes()).unwrap_err();
}

#[test]
fn numbers_keep_every_digit() {
    for text in ["123456789012345678901234567890", "1.10", "1e+400", "-0", "0.1000000000000000000001"] {
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }
}

#[test]
fn one_value_has_one_canonical_text() {
    let value = json!({ "b": [{ "z": 1, "a": null }], "a": { "d": "é\n", "c": true } });
    assert_eq!(canonical(&value), r#"{"a":{"c":true,"d":"é\n"},"b":[{"a":null,"z":1}]}"#);
    let turned = json!({ "a": { "c": true, "d": "é\n" }, "b": [{ "a": null, "z": 1 }] });
    assert_eq!(canonical(&turned), canonical(&value));
    assert_ne!(canonical(&json!([1, 2])), canonical(&json!([2, 1])), "the order of an array is its meaning");
    assert_ne!(canonical(&json!("1")), canonical(&json!(1)));
}
