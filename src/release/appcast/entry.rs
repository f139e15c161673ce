//! One item of the feed, by the updater's rules: the first of several elements counts, and attributes are not trimmed.

use roxmltree::{Attribute, Node};

use super::{Address, Enclosure, Item};

/// Where the updater's own elements and attributes are at home.
const SPARKLE: &str = "http://www.andymatuschak.org/xml-namespaces/sparkle";

/// The item; or why the updater refuses it.
pub(super) fn item(node: Node<'_, '_>) -> Result<Item, String> {
    let enclosure = first(node, "enclosure");
    let says = |name: &str| enclosure.and_then(|enclosure| attribute(enclosure, name));
    let url = says("url");
    let version = says("sparkle:version").or_else(|| text(node, "sparkle:version"));
    let Some(version) = version.or_else(|| url.as_deref().and_then(version_of)) else {
        return Err("has no `sparkle:version`".to_owned());
    };
    let link = text(node, "link").is_some_and(|link| matches!(Address::of(&link), Address::Web | Address::Relative));
    match (enclosure, url.as_deref().map(Address::of)) {
        (None, _) if !link => return Err("has no enclosure".to_owned()),
        (Some(_), None) if !link => return Err("has an enclosure without a URL".to_owned()),
        (_, Some(Address::Foreign(scheme))) => return Err(format!("has a URL of `{scheme}:`, not http(s)")),
        _ => {}
    }
    Ok(Item {
        version,
        short_version: says("sparkle:shortVersionString").or_else(|| text(node, "sparkle:shortVersionString")),
        min_system: text(node, "sparkle:minimumSystemVersion").filter(|text| !text.is_empty()),
        max_system: text(node, "sparkle:maximumSystemVersion").filter(|text| !text.is_empty()),
        channel: text(node, "sparkle:channel").filter(|channel| is_channel(channel)),
        only_told: if link { only_told(node, enclosure.is_some()) } else { None },
        enclosure: enclosure.map(|_| Enclosure {
            url: url.clone(),
            os: says("sparkle:os"),
            length: says("length"),
            delta_from: says("sparkle:deltaFrom"),
            ed_signature: says("sparkle:edSignature").filter(|signature| !signature.is_empty()),
            dsa_signature: says("sparkle:dsaSignature"),
        }),
    })
}

/// The name as the updater compares it: any prefix of its namespace is `sparkle:`, all else is as written.
fn named(space: Option<&str>, local: &str, written: &str) -> String {
    if space == Some(SPARKLE) { format!("sparkle:{local}") } else { written.to_owned() }
}

fn name(node: Node<'_, '_>) -> String {
    let written = node.document().input_text()[node.range()].trim_start_matches('<');
    let end = written.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(written.len());
    named(node.tag_name().namespace(), node.tag_name().name(), &written[..end])
}

fn first<'a, 'i>(node: Node<'a, 'i>, wanted: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && name(*child) == wanted)
}

fn text(node: Node<'_, '_>, wanted: &str) -> Option<String> {
    first(node, wanted).map(|node| whole(node).trim().to_owned())
}

/// All of its text, that of its children too.
fn whole(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn attribute(node: Node<'_, '_>, wanted: &str) -> Option<String> {
    let written = |attribute: &Attribute<'_, '_>| &node.document().input_text()[attribute.range_qname()];
    let is_it = |it: &Attribute<'_, '_>| named(it.namespace(), it.name(), written(it)) == wanted;
    node.attributes().find(is_it).map(|attribute| attribute.value().to_owned())
}

/// What stands between the last underscore and the extension.
fn version_of(url: &str) -> Option<String> {
    let (_, last) = url.rsplit_once('_')?;
    let stem = last.rsplit_once('.').filter(|(stem, end)| !end.contains('/') && !stem.is_empty());
    Some(stem.map_or(last, |(stem, _)| stem).to_owned())
}

/// A channel of another name is no channel: everyone gets the item.
fn is_channel(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c))
}

/// An item with a page and no package is only told of; with both, `sparkle:informationalUpdate` says to whom.
fn only_told(node: Node<'_, '_>, packed: bool) -> Option<Vec<String>> {
    if !packed {
        return Some(Vec::new());
    }
    let to = first(node, "sparkle:informationalUpdate")?.children().filter(Node::is_element);
    let version = |node: Node<'_, '_>| match name(node).as_str() {
        "sparkle:version" => Some(whole(node)),
        "sparkle:belowVersion" => Some(format!("<{}", whole(node))),
        _ => None,
    };
    Some(to.filter_map(version).collect())
}
