//! Appcasts that the client's updater refuses, or reads otherwise than they look.

use nexy_release::release::appcast::{parse, read};
use nexy_release::release::offer::{Client, Offer, offer};

fn feed(items: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
  <channel><title>Nexy</title>{items}</channel>
</rss>"#
    )
}

const ITEM: &str =
    r#"<item><sparkle:version>1.6.1.44</sparkle:version><enclosure url="https://e.org/Nexy.dmg" length="9"/></item>"#;

fn offered(items: &str) -> Offer {
    offer(&parse(&feed(items)).unwrap(), &Client { installed: "1.6.1.43", system: None, verifies: false })
}

/// One each that expat or libxml2 refuses.
#[test]
fn what_no_xml_parser_takes_is_no_feed() {
    let good = feed(ITEM);
    let headed = |head: &str| good.replacen("<?xml version=\"1.0\" encoding=\"utf-8\"?>", head, 1);
    for head in ["", "<?xml version='1.1'?>", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>", "<!DOCTYPE rss>"] {
        assert_eq!(parse(&headed(head)).unwrap().len(), 1, "{head}");
    }
    for bad in [
        good.replace("\"2.0\" xmlns", "\"2.0\"xmlns"),
        good.replace("Nexy</title>", "&#8;</title>"),
        good.replace("Nexy</title>", "&#xD800;</title>"),
        good.replace("Nexy</title>", "&#x110000;</title>"),
        good.replace("rss version", "rss ver[ion"),
        headed("<?xml version=\"1.0\" encoding=\"nope-8\"?>"),
        headed("<?xml version=\"1.0\" encoding=\"us-ascii\"?>").replace("Nexy</title>", "é</title>"),
        headed("<?xml version=\"2.0\"?>"),
        headed("<?xml version=\"1.0\" standalone=\"maybe\"?>"),
        headed("<?xml ersion=\"1.0\"?>"),
        headed("<!DOCTYPE rss [ garbage ]>"),
        headed("<!DOCTYPE rss [ <!ELEMENT (((( > ]>"),
    ] {
        assert_ne!(bad, good);
        let why = parse(&bad).expect_err(&bad);
        assert!(why.starts_with("it is no XML"), "{why}");
    }
    let labelled = headed("<?xml version=\"1.0\" encoding=\"UTF-16\"?>");
    assert!(read(labelled.as_bytes()).unwrap_err().contains("says it is UTF-16, and is not"));
}

/// Neither the stack nor the memory gives way.
#[test]
fn nesting_and_entities_without_end_do_no_harm() {
    let deep = feed(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    assert_eq!(parse(&deep).unwrap(), []);
    let entity = format!("<!DOCTYPE rss [<!ENTITY e \"{}\">]>", "a".repeat(100_000));
    let bomb = format!("{entity}<rss>{}</rss>", "&e;".repeat(100_000));
    assert!(parse(&bomb).unwrap_err().contains("`<!ENTITY` stands in it"));
}

#[test]
fn one_item_that_the_updater_refuses_spoils_the_feed() {
    let version = "<sparkle:version>1.6.1.40</sparkle:version>";
    for (item, wrong) in [
        ("<enclosure url=\"https://e.org/a\"/>".to_owned(), "has no `sparkle:version`"),
        (version.to_owned(), "has no enclosure"),
        (format!("{version}<link>ftp://e.org</link>"), "has no enclosure"),
        (format!("{version}<sparkle:deltas><enclosure url=\"https://e.org/a\"/></sparkle:deltas>"), "has no enclosure"),
        (format!("{version}<enclosure/>"), "without a URL"),
        (format!("{version}<enclosure url=\"ftp://e.org/a\"/>"), "`ftp:`, not http(s)"),
        (format!("{version}<enclosure url=\"file:///a\"/>"), "`file:`, not http(s)"),
    ] {
        let why = parse(&feed(&format!("{ITEM}<item>{item}</item>"))).expect_err(&item);
        assert!(why.contains(wrong) && why.contains("item 2") && why.contains("the whole feed"), "{item}: {why}");
    }
    for accepted in ["<enclosure url=\"https://e.org/Nexy_1.6.1.40.dmg\"/>", "<link>https://e.org</link>"] {
        let item = if accepted.contains("link") { format!("{version}{accepted}") } else { accepted.to_owned() };
        let items = parse(&feed(&format!("{ITEM}<item>{item}</item>"))).unwrap();
        assert_eq!(items[1].version, "1.6.1.40");
    }
}

#[test]
fn the_first_of_several_counts() {
    let twice = ITEM.replace("<enclosure", "<enclosure url=\"https://e.org/first\"/><enclosure");
    assert!(offered(&twice).why.as_str().contains("e.org/first"), "{twice}");
    let system = |version: &str| format!("<sparkle:minimumSystemVersion>{version}</sparkle:minimumSystemVersion>");
    let twice = ITEM.replace("<enclosure", &format!("{}{}<enclosure", system("12.0"), system("11.0")));
    assert_eq!(parse(&feed(&twice)).unwrap()[0].min_system.as_deref(), Some("12.0"));
}

#[test]
fn names_are_compared_as_the_updater_compares_them() {
    let foreign = feed(ITEM).replace("<rss ", "<rss xmlns=\"urn:x\" ");
    assert_eq!(parse(&foreign).unwrap(), []);
    let elsewhere = feed(ITEM).replace("http://www.andymatuschak", "https://www.andymatuschak");
    assert_eq!(parse(&elsewhere).unwrap()[0].version, "1.6.1.44");
    let other = ITEM.replace("<enclosure", "<x:enclosure xmlns:x=\"urn:x\"");
    assert!(parse(&feed(&other)).unwrap_err().contains("has no enclosure"));
}

#[test]
fn what_cannot_be_downloaded_is_not_offered_and_a_bent_length_is_said() {
    let url = "https://e.org/Nexy.dmg";
    let with = |url_to: &str| ITEM.replace(url, url_to);
    let cases = [
        (ITEM.to_owned(), true, "it downloads https://e.org/Nexy.dmg"),
        (with("https://e.org/a b.dmg"), true, "it downloads"),
        (with("Nexy.dmg"), true, "from beside the appcast"),
        (with(&format!(" {url}")), false, "begins or ends with a blank"),
        (with(&format!("{url}&#10;")), false, "begins or ends with a blank"),
        (with(&format!("&#160;{url}")), false, "begins or ends with a blank"),
        (with("https://e.org/&lt;a"), false, "characters of no URL"),
        (with("https:Nexy.dmg"), false, "names no host"),
        (with(""), false, "URL is empty"),
        (ITEM.replace("<enclosure", "<enclosure sparkle:deltaFrom=\"1.6.1.43\""), false, "only a delta"),
        (ITEM.replace("length=\"9\"", ""), true, "its `length` is missing"),
        (ITEM.replace("\"9\"", "\"9 MB\""), true, "its `length` is no number"),
    ];
    for (item, is_offered, why) in cases {
        let made = offered(&item);
        assert!(made.offered == is_offered && made.why.as_str().contains(why), "{item}: {made:?}");
    }
}
