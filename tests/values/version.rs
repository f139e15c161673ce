//! Versions, the bytes of `VERSION`, and tags.

use nexy_release::release::version::{TagTemplate, Version, VersionError};

fn version(text: &str) -> Version {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn template(text: &str) -> TagTemplate {
    TagTemplate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_version_is_four_numbers_and_prints_as_it_was_read() {
    for text in ["1.6.1.44", "0.0.0.0", "10.20.30.40", "2147483647.2147483647.2147483647.2147483647"] {
        assert_eq!(version(text).to_string(), text);
    }
    assert_eq!(version("1.6.1.44"), Version::new([1, 6, 1, 44]));
    assert_eq!(version("1.6.1.44").parts(), [1, 6, 1, 44]);
}

#[test]
fn row_17_every_other_form_is_refused_with_its_reason() {
    use VersionError::{Digits, Empty, LeadingV, LeadingZero, Parts, TooLarge};
    let refused = [
        ("", Empty),
        ("v1.6.1.44", LeadingV),
        ("V1.6.1.44", LeadingV),
        ("1.6.1", Parts(3)),
        ("1", Parts(1)),
        ("1.6.1.44.5", Parts(5)),
        ("1.6.1.44.", Parts(5)),
        ("1,6,1,44", Parts(1)),
        ("abc def", Parts(1)),
        ("1..1.44", Digits(2)),
        (".6.1.44", Digits(1)),
        ("1.6.1.", Digits(4)),
        ("1.6.1.4a", Digits(4)),
        ("1.6.-1.44", Digits(3)),
        ("+1.6.1.44", Digits(1)),
        (" 1.6.1.44", Digits(1)),
        ("1.6.1.44 ", Digits(4)),
        ("1.6. 1.44", Digits(3)),
        ("1.6.1.44-beta", Digits(4)),
        ("1.6.1.0x1", Digits(4)),
        ("1.6.1.\u{ff14}\u{ff14}", Digits(4)),
        ("1.6.1.\u{664}\u{664}", Digits(4)),
        ("1.6.1.\u{200b}44", Digits(4)),
        ("01.6.1.44", LeadingZero(1)),
        ("1.6.1.044", LeadingZero(4)),
        ("1.6.00.44", LeadingZero(3)),
        ("1.6.1.2147483648", TooLarge(4)),
        ("4294967296.6.1.44", TooLarge(1)),
        ("1.99999999999999999999999999999999.1.44", TooLarge(2)),
    ];
    for (text, why) in refused {
        assert_eq!(text.parse::<Version>(), Err(why), "{text:?}");
    }
}

#[test]
fn row_17_the_file_may_end_its_one_line() {
    for bytes in ["1.6.1.44", "1.6.1.44\n", "1.6.1.44\r\n"] {
        assert_eq!(Version::from_file(bytes.as_bytes()), Ok(version("1.6.1.44")), "{bytes:?}");
    }
}

#[test]
fn row_17_other_bytes_in_the_file_are_refused_with_their_reason() {
    use VersionError::{Digits, Empty, Extra, LeadingV, LeadingZero, NotText, Parts, TooLarge};
    let refused: [(&[u8], VersionError); 21] = [
        (b"", Empty),
        (b"\n", Empty),
        (b"\r\n", Empty),
        (b"\xef\xbb\xbf1.6.1.44\n", NotText("it starts with a byte order mark")),
        (b"1.6.1.44\0", NotText("it contains a NUL byte")),
        (b"1\x00.\x006\x00", NotText("it contains a NUL byte")),
        (b"1.6.1.\xff\n", NotText("it is not UTF-8")),
        (b" 1.6.1.44\n", Extra),
        (b"1.6.1.44 \n", Extra),
        (b"\t1.6.1.44", Extra),
        (b"1.6.1.44\r", Extra),
        (b"1.6.1.44\n\n", Extra),
        (b"\n1.6.1.44", Extra),
        (b"1.6.1.44\n1.6.1.45\n", Extra),
        (b"1.6.1.44\r1.6.1.45", Extra),
        (b"   ", Extra),
        (b"v1.6.1.44\n", LeadingV),
        (b"1.6.1\n", Parts(3)),
        (b"1.6.1.044\n", LeadingZero(4)),
        (b"1.6.1.2147483648\n", TooLarge(4)),
        ("1.6.1.4\u{ff14}\n".as_bytes(), Digits(4)),
    ];
    for (bytes, why) in refused {
        assert_eq!(Version::from_file(bytes), Err(why), "{}", bytes.escape_ascii());
    }
}

#[test]
fn versions_are_compared_number_by_number() {
    let rising =
        ["0.0.0.1", "1.6.1.5", "1.6.1.43", "1.6.1.44", "1.6.1.100", "1.6.2.0", "1.10.0.0", "2.0.0.0", "10.0.0.0"];
    for pair in rising.windows(2) {
        assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
    }
}

#[test]
fn row_18_a_usual_step_raises_the_first_part_that_differs_by_one() {
    for (earlier, later) in [
        ("1.6.1.43", "1.6.1.44"),
        ("1.6.1.43", "1.6.2.0"),
        ("1.6.1.43", "1.6.2.7"),
        ("1.6.1.43", "1.7.0.0"),
        ("1.6.1.43", "2.0.0.0"),
    ] {
        assert!(version(later).follows(&version(earlier)), "{earlier} → {later}");
    }
    for (earlier, later) in [
        ("1.6.1.43", "1.6.1.43"),
        ("1.6.1.43", "1.6.1.42"),
        ("1.6.1.43", "1.6.1.45"),
        ("1.6.1.43", "1.8.0.0"),
        ("1.6.1.43", "1.5.1.44"),
        ("1.6.1.43", "16.1.43.0"),
        ("2147483647.0.0.0", "0.0.0.0"),
    ] {
        assert!(!version(later).follows(&version(earlier)), "{earlier} → {later}");
    }
}

#[test]
fn json_holds_a_version_as_its_text_and_refuses_others() {
    let json = serde_json::to_string(&version("1.6.1.44")).unwrap();
    assert_eq!(json, r#""1.6.1.44""#);
    assert_eq!(serde_json::from_str::<Version>(&json).unwrap(), version("1.6.1.44"));
    for wrong in [r#""1.6.1""#, r#""v1.6.1.44""#, "[1,6,1,44]", "1.6"] {
        serde_json::from_str::<Version>(wrong).unwrap_err();
    }
}

#[test]
fn a_tag_is_made_from_a_version_and_read_back() {
    for (text, tag) in
        [("v{version}", "v1.6.1.44"), ("{version}", "1.6.1.44"), ("nexy-{version}-mac", "nexy-1.6.1.44-mac")]
    {
        assert_eq!(template(text).tag(&version("1.6.1.44")), tag);
        assert_eq!(template(text).version_of(tag), Some(version("1.6.1.44")));
    }
}

#[test]
fn tags_that_are_no_versions_are_none() {
    for tag in [
        "Update",
        "App",
        "",
        "v",
        "1.6.1.44",
        "v1.6.1",
        "v1.6.1.044",
        "vv1.6.1.44",
        "v1.6.1.44-rc1",
        "V1.6.1.44",
        "v1.6.1.44\n",
    ] {
        assert_eq!(template("v{version}").version_of(tag), None, "{tag:?}");
    }
}

#[test]
fn templates_that_make_no_good_tag_are_refused() {
    for text in [
        "",
        "v",
        "{Version}",
        "{version}{version}",
        "v{version} ",
        "v/{version}",
        "v~{version}",
        "выпуск-{version}",
        "-{version}",
        ".{version}",
        "v{version}.",
        "v1{version}",
        "{version}1",
        "a..{version}",
        "{version}..b",
        "v{version}.lock",
        "v{version}.Lock",
        "v\u{0}{version}",
    ] {
        assert!(TagTemplate::parse(text).is_err(), "{text:?}");
    }
}
