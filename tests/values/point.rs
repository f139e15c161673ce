//! Where the version stands in a text of each format: only four numbers at the place itself are found.

use std::collections::BTreeSet;

use nexy_release::release::point::{Place, Unfit, replaced};
use nexy_release::release::version::Version;

fn key(make: impl Fn(String) -> Place, key: &str) -> Place {
    make(key.to_owned())
}

/// The lines and texts that are found.
fn found(place: &Place, text: &str, all: bool) -> Vec<(usize, String)> {
    place.find(text, all).unwrap().into_iter().map(|spot| (spot.line, text[spot.span].to_owned())).collect()
}

/// The text with another version in every place that is found.
fn set(place: &Place, text: &str, all: bool) -> String {
    let spots = place.find(text, all).unwrap_or_else(|why| panic!("{why}: {text}"));
    assert!(spots.iter().all(|spot| spot.version.is_some()), "{spots:?}");
    let spans: BTreeSet<_> = spots.into_iter().map(|spot| (spot.span.start, spot.span.end)).collect();
    replaced(text, &spans, &Version::new([2, 0, 0, 10]))
}

#[track_caller]
fn sets(place: &Place, text: &str, all: bool, expected: &str) {
    assert_eq!(set(place, text, all), expected);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(set(place, &crlf(text), all), crlf(expected), "line endings");
}

#[track_caller]
fn nothing(place: &Place, text: &str) {
    assert_eq!(place.find(text, true), Err(Unfit::Absent), "{text}");
}

#[track_caller]
fn spoiled(place: &Place, text: &str, value: &str) {
    let spots = place.find(text, false).unwrap();
    assert_eq!((&text[spots[0].span.clone()], spots[0].version), (value, None));
}

#[test]
fn a_whole_file_keeps_its_line_ending_and_is_nothing_else() {
    for ending in ["", "\n", "\r\n"] {
        assert_eq!(set(&Place::Text, &format!("1.6.1.43{ending}"), false), format!("2.0.0.10{ending}"));
    }
    for (text, value) in [("v1.6.1.43\n", "v1.6.1.43"), ("", ""), ("1.6.1.43\n\n", "1.6.1.43\n"), ("1.6.1\n", "1.6.1")]
    {
        spoiled(&Place::Text, text, value);
    }
    spoiled(&Place::Text, "\u{feff}1.6.1.43\n", "\u{feff}1.6.1.43");
}

#[test]
fn env_finds_assignments_whatever_their_quotes() {
    let place = key(Place::Env, "SERVER_VERSION");
    let text =
        "# SERVER_VERSION=1.1.1.1\nSERVER_VERSION_OLD=1.1.1.1\n  export SERVER_VERSION = \"1.6.1.43\"  # now\nX=1\n";
    sets(&place, text, true, &text.replace("1.6.1.43", "2.0.0.10"));
    sets(&place, "SERVER_VERSION='1.6.1.43'\n", true, "SERVER_VERSION='2.0.0.10'\n");
    sets(&place, "SERVER_VERSION=1.6.1.43 # now\nA=1.6.1.43", true, "SERVER_VERSION=2.0.0.10 # now\nA=1.6.1.43");
    let two = "SERVER_VERSION=1.6.1.43\nSERVER_VERSION=1.6.1.42\n";
    assert_eq!(found(&place, two, false), [(1, "1.6.1.43".to_owned())]);
    assert_eq!(found(&place, two, true).len(), 2);
    // What stands inside another value assigns nothing.
    let inside = "NOTE=\"first\nSERVER_VERSION=9.9.9.9\n\\\"\nlast\"\nSERVER_VERSION=1.6.1.43\n";
    sets(&place, inside, true, &inside.replace("1.6.1.43", "2.0.0.10"));
    assert_eq!(found(&place, "A=\"don't\nSERVER_VERSION=1.6.1.43\n", true), [(2, "1.6.1.43".to_owned())]);
    for text in ["", "SERVER_VERSION=\n", "SERVER_VERSION=$OTHER\n", "XSERVER_VERSION=1.6.1.43\n", "SERVER_VERSION\n"] {
        nothing(&place, text);
    }
    spoiled(&place, "SERVER_VERSION=1.6.1.43rc1\n", "1.6.1.43rc1");
}

#[test]
fn yaml_finds_keys_and_not_what_looks_like_them() {
    let place = key(Place::Yaml, "version");
    let text = "# version: 1.1.1.1\napi_version: 1.2.3.4\ntext: |\n  version: 5.5.5.5\nlist: [version, 1.1.1.1]\napp: {name: Né, version: 1.6.1.43} # now\nother:\n  - version: \"9.9.9.9\"\n";
    sets(&place, text, false, &text.replace("1.6.1.43", "2.0.0.10"));
    assert_eq!(found(&place, text, true), [(6, "1.6.1.43".to_owned()), (8, "9.9.9.9".to_owned())]);
    for (before, after) in [
        ("version: '1.6.1.43'\n", "version: '2.0.0.10'\n"),
        ("\"version\" : \"1.6.1.43\"   # é\n", "\"version\" : \"2.0.0.10\"   # é\n"),
        ("version: &v 1.6.1.43\nb: *v\n", "version: &v 2.0.0.10\nb: *v\n"),
        ("version:\n  1.6.1.43\n", "version:\n  2.0.0.10\n"),
        // What is no value is no place.
        ("version: {a: 1}\nb: {version: 1.6.1.43}\n", "version: {a: 1}\nb: {version: 2.0.0.10}\n"),
        ("? [version]\n: 1.1.1.1\nversion: 1.6.1.43\n", "? [version]\n: 1.1.1.1\nversion: 2.0.0.10\n"),
    ] {
        sets(&place, before, false, after);
    }
    // The first one decides, whatever it is: what stands behind it may be another program's.
    for value in ["latest", "3", "1.6.1", "v1.6.1.43", "1.6.1.43-beta", "1.6.1.43.0", "1.6.01.43"] {
        spoiled(&place, &format!("version: {value}\nplugin:\n  version: 9.9.9.9\n"), value);
    }
    spoiled(&place, "version: \"3.8\"\n---\nversion: 1.6.1.43\n", "3.8");
    spoiled(&place, "version:\nplugin:\n  version: 9.9.9.9\n", "");
    // Of all places those count that look like a version.
    assert_eq!(found(&place, "version: 3\na:\n  version: 1.6.1.43\n", true), [(3, "1.6.1.43".to_owned())]);
    for text in ["", "version:\n", "version: latest\n", "version: *v\n".trim_start_matches("version: *v\n")] {
        nothing(&place, text);
    }
    assert!(matches!(place.find("a: [1\nb: }", true), Err(Unfit::Broken(why)) if why.starts_with("no YAML")));
}

#[test]
fn json_finds_keys_of_the_outermost_object() {
    let place = key(Place::Json, "version");
    let text =
        "{ \"app\": {\"version\": \"9.9.9.9\"},\n  \"é\": \"version\",\n  \"version\" :  \"1.6.1.43\" , \"n\": 1.0 }";
    sets(&place, text, true, &text.replace("1.6.1.43", "2.0.0.10"));
    assert_eq!(found(&place, text, true), [(3, "1.6.1.43".to_owned())]);
    for text in ["{}", "{\"version\": 1}", "{\"version\": null}", "{\"version\": [\"1.6.1.43\"]}"] {
        nothing(&place, text);
    }
    for text in ["", "[1]", "{\"version\": \"1.6.1.43\",}", "{\"version\": \"1.6.1.43\", \"version\": \"1.6.1.43\"}"] {
        assert!(matches!(place.find(text, true), Err(Unfit::Broken(why)) if why.starts_with("no JSON")), "{text}");
    }
}

#[test]
fn plist_finds_keys_of_the_outermost_dictionary() {
    let place = key(Place::Plist, "CFBundleVersion");
    let plist = |inner: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n{inner}\n</dict>\n</plist>\n"
        )
    };
    let pair = |key: &str, value: &str| format!("\t<key>{key}</key>\n\t<string>{value}</string>\n");
    let text = plist(&format!(
        "<!-- {} -->{}<key>Types</key><dict>{}</dict>{}",
        pair("CFBundleVersion", "5.5.5.5").replace("--", ""),
        pair("CFBundleVersionOld", "1.1.1.1"),
        pair("CFBundleVersion", "9.9.9.9"),
        pair("CFBundleVersion", "1.6.1.43")
    ));
    sets(&place, &text, true, &text.replace("1.6.1.43", "2.0.0.10"));
    for inner in [
        pair("CFBundleVersion", "$(VERSION)"),
        "<key>CFBundleVersion</key><integer>1</integer>".into(),
        "<key>CFBundleVersion</key><string/>".into(),
        "<string>1.6.1.43</string>".into(),
    ] {
        nothing(&place, &plist(&inner));
    }
    spoiled(&place, &plist(&pair("CFBundleVersion", "1.6.1")), "1.6.1");
    assert!(matches!(place.find("<plist>", true), Err(Unfit::Broken(why)) if why.starts_with("no XML")));
}

#[test]
fn xml_finds_the_attribute_of_the_elements_that_are_selected() {
    let place = Place::selector("pkg-ref[@id='com.nexy.assistant.pkg']").unwrap();
    let text = "<?xml version='1.0'?>\n<!-- <pkg-ref id=\"com.nexy.assistant.pkg\" version=\"5.5.5.5\"/> -->\n<a minVersion='1'>\n <pkg-ref version = '1.6.1.43' id=\"com.nexy.assistant.pkg\"/>\n <pkg-ref id=\"com.nexy.assistant.pkg\" version=\"1.6.1.42\">x.pkg</pkg-ref>\n <pkg-ref id=\"other\" version=\"9.9.9.9\"/><pkg-ref id=\"com.nexy.assistant.pkg\"/></a>";
    let expected = text.replace("1.6.1.43", "2.0.0.10").replace("1.6.1.42", "2.0.0.10");
    sets(&place, text, true, &expected);
    assert_eq!(found(&place, text, false), [(4, "1.6.1.43".to_owned())]);
    nothing(&place, "<pkg-ref id='other' version='1.6.1.43'/>");
    for selector in ["", "pkg-ref", "pkg-ref[@id=x]", "pkg-ref[id='x']", "[@id='x']", "a[@b='c'd']", "a[@b='c\"]"] {
        assert!(Place::selector(selector).is_none(), "{selector}");
    }
}

#[test]
fn a_pattern_finds_four_numbers_where_they_stand() {
    let place = Place::pattern(r"\*\*Версия:\*\* {version}").unwrap();
    let text = "Версия: 9.9.9.9\n**Версия:** 1.6.1.43.  \n";
    sets(&place, text, true, &text.replace("1.6.1.43", "2.0.0.10"));
    let tag = Place::pattern("`v{version}`").unwrap();
    sets(&tag, "`v1.6.1.43`, v1.6.1.40", true, "`v2.0.0.10`, v1.6.1.40");
    let line = Place::pattern("^version={version}$").unwrap();
    sets(
        &line,
        "xversion=9.9.9.9\nversion=1.6.1.43\nversion=1.6.1.42 \n",
        true,
        "xversion=9.9.9.9\nversion=2.0.0.10\nversion=1.6.1.42 \n",
    );
    let file = Place::pattern(r"Nexy-{version}-arm64\.dmg").unwrap();
    sets(&file, "Nexy-1.6.1.43-arm64.dmg", true, "Nexy-2.0.0.10-arm64.dmg");
    for (text, value) in [("**Версия:** 1.6.1.43.7\n", "1.6.1.43.7"), ("**Версия:** 1.6.1.43rc1\n", "1.6.1.43rc1")]
    {
        spoiled(&place, text, value);
    }
    for text in ["", "**Версия:** next\n", "**Версия:** 3\n", "`v1.6.1.43`"] {
        nothing(&place, text);
    }
    assert!(Place::pattern("({version}").is_err());
}
