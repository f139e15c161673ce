//! Appcasts as the update server writes them, and as they are written by mistake; and what a client makes of them.

use nexy_release::release::appcast::{Item, parse, read};
use nexy_release::release::offer::{Client, offer};

fn feed(items: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel><title>Nexy</title>{items}</channel>
</rss>"#
    )
}

fn item(version: &str, attributes: &str) -> String {
    format!(
        "<item><title>{version}</title><sparkle:version>{version}</sparkle:version>
        <sparkle:minimumSystemVersion>11.0</sparkle:minimumSystemVersion>
        <enclosure url=\"https://example.org/Nexy.dmg?a=1&amp;b=2\" length=\"316431423\" {attributes}/></item>"
    )
}

fn only(xml: &str) -> Item {
    let mut items = parse(xml).unwrap();
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[test]
fn a_page_may_come_as_utf_8_and_as_utf_16_and_as_nothing_else() {
    let text = feed(&item("1.6.1.44", "")).replace("Nexy</title>", "Нэкси 🎉</title>").replace("utf-8", "utf-16");
    let little = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let expected = parse(&text).unwrap();
    for page in [[&[0xFF, 0xFE][..], &little(&text)].concat(), [&[0xFE, 0xFF][..], &big(&text)].concat()] {
        assert_eq!(read(&page).unwrap(), expected);
        assert!(read(&page[..page.len() - 1]).unwrap_err().contains("broken UTF-16"));
    }
    assert!(read(&[0xFF, 0xFE, 0x00, 0xD8]).unwrap_err().contains("broken UTF-16"));
    assert!(read(&[b'<', 0xFF]).unwrap_err().contains("it is no text"));
}

#[test]
fn an_item_says_version_system_and_enclosure() {
    let found = only(&feed(&item("1.6.1.44", "sparkle:edSignature=\"c2ln\"")));
    assert_eq!(found.version, "1.6.1.44");
    assert_eq!(found.min_system.as_deref(), Some("11.0"));
    let enclosure = found.enclosure.unwrap();
    assert_eq!(enclosure.url.as_deref(), Some("https://example.org/Nexy.dmg?a=1&b=2"));
    assert_eq!(enclosure.length.as_deref(), Some("316431423"));
    assert_eq!(enclosure.ed_signature.as_deref(), Some("c2ln"));
    assert_eq!(enclosure.dsa_signature, None);
}

#[test]
fn versions_may_stand_at_the_enclosure_and_another_prefix_may_be_used() {
    let old = r#"<rss xmlns:s="http://www.andymatuschak.org/xml-namespaces/sparkle"><channel><item>
        <enclosure s:version="1.6.1.44" s:shortVersionString="1.6" url="https://e.org/a" s:dsaSignature="x" length=""/>
        </item></channel></rss>"#;
    let found = only(old);
    assert_eq!((found.version.as_str(), found.short_version.as_deref()), ("1.6.1.44", Some("1.6")));
    let enclosure = found.enclosure.unwrap();
    assert_eq!((enclosure.length.as_deref(), enclosure.ed_signature), (Some(""), None));
    assert_eq!(enclosure.dsa_signature.as_deref(), Some("x"));
}

#[test]
fn entities_cdata_and_comments_are_read_as_xml_reads_them() {
    let found = only(&feed(
        "<item><sparkle:version><!-- new --><![CDATA[1.6.]]>1&#46;44</sparkle:version><link>https://e.org</link></item>",
    ));
    assert_eq!(found.version, "1.6.1.44");
    assert_eq!(found.enclosure, None);
}

#[test]
fn what_is_no_feed_is_said_to_be_none() {
    let undeclared = feed("<item><nexy:version>1</nexy:version></item>");
    for (xml, wrong) in [
        ("", "no XML"),
        ("{\"version\": \"1.6.1.44\"}", "no XML"),
        ("<html><body>502 Bad Gateway</body></html>", "no feed"),
        ("<rss><channel><item>", "never closed"),
        ("<rss><channel></item></channel></rss>", "no XML"),
        ("<rss><channel><item a=1></item></channel></rss>", "no XML"),
        ("<rss>&nexy;</rss>", "entity"),
        (undeclared.as_str(), "`nexy` is not declared"),
    ] {
        match parse(xml) {
            Ok(items) => panic!("{xml}: {items:?}"),
            Err(why) => assert!(why.contains(wrong), "{xml}: {why}"),
        }
    }
    assert_eq!(parse(&feed("")).unwrap(), Vec::new());
}

#[test]
fn a_client_takes_what_is_newer_and_signed_and_runs_on_its_system() {
    let signed = "sparkle:edSignature=\"c2ln\"";
    let client = Client { installed: "1.6.1.43", system: Some("14.2"), verifies: true };
    let cases = [
        (item("1.6.1.44", signed), client.clone(), true, "part 4: 44 comes after 43; it downloads https://"),
        (item("1.6.1.44", signed), Client { installed: "1.6.1.44", ..client.clone() }, false, "every part is equal"),
        (item("1.6.1.44", signed), Client { installed: "1.6.2.0", ..client.clone() }, false, "part 3"),
        (item("v1.6.1.44", signed), client.clone(), false, "`v` is text"),
        (item("1.6.1.44", ""), client.clone(), false, "no `sparkle:edSignature`"),
        (item("1.6.1.44", "sparkle:dsaSignature=\"x\""), client.clone(), false, "`sparkle:dsaSignature` is not read"),
        (item("1.6.1.44", ""), Client { verifies: false, ..client.clone() }, true, "it downloads"),
        (item("1.6.1.44", signed), Client { system: Some("10.15"), ..client.clone() }, false, "it needs macOS 11.0"),
        (item("1.6.1.44", signed), Client { system: None, ..client.clone() }, true, "it downloads"),
        (String::new(), client.clone(), false, "no item"),
        (
            "<item><sparkle:version>9</sparkle:version><link>https://e.org</link></item>".into(),
            client.clone(),
            false,
            "only told of",
        ),
        (item("1.6.1.42", signed) + &item("1.6.1.45", signed), client.clone(), true, "1.6.1.45 against 1.6.1.43"),
    ];
    for (items, client, offered, why) in cases {
        let found = offer(&parse(&feed(&items)).unwrap(), &client);
        assert_eq!(found.offered, offered, "{items}: {found:?}");
        assert!(found.why.as_str().contains(why), "{items}: {found:?}");
    }
}

/// The client's updater reads nothing of these, whatever another parser makes of them.
#[test]
fn what_other_parsers_refuse_is_no_feed() {
    let good = feed(&item("1.6.1.44", ""));
    assert_eq!(parse(&good).unwrap().len(), 1);
    let bad = [
        format!("{good}oops"),
        format!("{good}<rss/>"),
        format!("\n{good}"),
        good.replace("<title>Nexy", "<title>\u{1}Nexy"),
        good.replace("?a=1&amp;b", "?a=1&b"),
        good.replace("?a=1", "?a=<1"),
        good.replace("<title>Nexy", "<!-- a -- b --><title>Nexy"),
        good.replace("length=\"316431423\"", "length=\"1\" length=\"2\""),
        good.replace("length=\"316431423\"", "length=316431423"),
        good.replace("<title>Nexy", "<1bad/><title>Nexy"),
        good.replace("<title>Nexy", "<title>]]>Nexy"),
    ];
    for xml in bad {
        assert_ne!(xml, good);
        let why = parse(&xml).expect_err(&xml);
        assert!(why.starts_with("it is no XML"), "{why}");
    }
}

#[test]
fn only_what_the_updater_looks_at_is_an_item_and_an_enclosure() {
    let outside = feed("").replace("</channel>", &format!("</channel>{}", item("9.9.9.9", "")));
    assert_eq!(parse(&outside).unwrap(), Vec::new());
    let delta =
        "<sparkle:deltas><enclosure url=\"https://e.org/delta\" sparkle:version=\"1\"/></sparkle:deltas></item>";
    let found = only(&feed(&item("1.6.1.44", "").replace("</item>", delta)));
    assert_eq!(found.enclosure.unwrap().url.as_deref(), Some("https://example.org/Nexy.dmg?a=1&b=2"));
    assert_eq!(found.version, "1.6.1.44");
    let beats = only(&feed(&item("1.6.1.44", "sparkle:version=\"1.6.1.43\"")));
    assert_eq!(beats.version, "1.6.1.43", "the enclosure's comes first");
}

#[test]
fn who_is_not_meant_by_an_item_is_not_offered_it() {
    let client = |system| Client { installed: "1.6.1.43", system, verifies: false };
    let offers = |items: &str, system| offer(&parse(&feed(items)).unwrap(), &client(system));
    let new = item("1.6.1.44", "");
    for (items, system, wanted) in [
        (new.replace("<title>", "<sparkle:channel>beta</sparkle:channel><title>"), None, "channel beta"),
        (item("1.6.1.44", "sparkle:os=\"windows\""), None, "`sparkle:os` windows"),
        (
            new.replace("<title>", "<link>https://e.org</link><sparkle:informationalUpdate/><title>"),
            None,
            "only told of",
        ),
        (new.clone(), Some("10.15"), "needs macOS 11.0"),
        (
            new.replace("<title>", "<sparkle:maximumSystemVersion>12</sparkle:maximumSystemVersion><title>"),
            Some("14.5"),
            "up to macOS 12",
        ),
    ] {
        let made = offers(&items, system);
        assert!(!made.offered && made.why.as_str().contains(wanted), "{items}\n{made:?}");
    }
    let first = item("1.6.1.44", "").replace("https://example.org/Nexy.dmg", "https://example.org/first");
    let made = offers(&format!("{first}{new}"), Some("14.5"));
    assert!(made.offered && made.why.as_str().contains("/first?a=1&b=2, on macOS 11.0 and later"), "{made:?}");
}
