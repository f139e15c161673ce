//! Appcasts as the update server writes them, and as they are written by mistake; and what a client makes of them.

use nexy_release::release::appcast::{Item, parse};
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
fn an_item_says_version_system_and_enclosure() {
    let found = only(&feed(&item("1.6.1.44", "sparkle:edSignature=\"c2ln\"")));
    assert_eq!(found.version.as_deref(), Some("1.6.1.44"));
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
    assert_eq!((found.version.as_deref(), found.short_version.as_deref()), (Some("1.6.1.44"), Some("1.6")));
    let enclosure = found.enclosure.unwrap();
    assert_eq!((enclosure.length, enclosure.ed_signature), (None, None));
    assert_eq!(enclosure.dsa_signature.as_deref(), Some("x"));
}

#[test]
fn entities_cdata_and_comments_are_read_as_xml_reads_them() {
    let found = only(&feed("<item><sparkle:version><!-- new --><![CDATA[1.6.]]>1&#46;44</sparkle:version></item>"));
    assert_eq!(found.version.as_deref(), Some("1.6.1.44"));
    assert_eq!(found.enclosure, None);
}

#[test]
fn what_is_no_feed_is_said_to_be_none() {
    let undeclared = feed("<item><nexy:version>1</nexy:version></item>");
    for (xml, wrong) in [
        ("", "ends too early"),
        ("{\"version\": \"1.6.1.44\"}", "ends too early"),
        ("<html><body>502 Bad Gateway</body></html>", "no feed"),
        ("<rss><channel><item>", "ends too early"),
        ("<rss><channel></item></channel></rss>", "no XML"),
        ("<rss><channel><item a=1></item></channel></rss>", ""),
        ("<rss>&nexy;</rss>", "entity"),
        (undeclared.as_str(), "`nexy` is not declared"),
    ] {
        match parse(xml) {
            Ok(items) => assert!(wrong.is_empty(), "{xml}: {items:?}"),
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
        ("<item><title>1</title></item>".into(), client.clone(), false, "no item has a `sparkle:version`"),
        ("<item><sparkle:version>9</sparkle:version></item>".into(), client.clone(), false, "no enclosure"),
        (item("1.6.1.42", signed) + &item("1.6.1.45", signed), client.clone(), true, "1.6.1.45 against 1.6.1.43"),
    ];
    for (items, client, offered, why) in cases {
        let found = offer(&parse(&feed(&items)).unwrap(), &client);
        assert_eq!(found.offered, offered, "{items}: {found:?}");
        assert!(found.why.as_str().contains(why), "{items}: {found:?}");
    }
}
