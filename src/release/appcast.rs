//! The appcast: the feed that the client's updater reads (facts/NEXY.md, "What reads our manifest").

mod address;
mod entry;

use roxmltree::Node;

use super::well_formed;

pub use address::Address;

/// One update of the feed, as the updater judges it. A value is as written; an element's text loses its blank ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// `sparkle:version`: what is compared with the installed build. Without one the updater takes it from the URL.
    pub version: String,
    /// `sparkle:shortVersionString`: what people see.
    pub short_version: Option<String>,
    /// `sparkle:minimumSystemVersion`.
    pub min_system: Option<String>,
    /// `sparkle:maximumSystemVersion`.
    pub max_system: Option<String>,
    /// `sparkle:channel`: only clients that ask for it look at this item.
    pub channel: Option<String>,
    /// People are told of it, nothing is installed. Who: these versions, `<1.2` for all below; everyone, if empty.
    pub only_told: Option<Vec<String>>,
    /// The package.
    pub enclosure: Option<Enclosure>,
}

/// The package of an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enclosure {
    /// Where it is.
    pub url: Option<String>,
    /// `sparkle:os`; none is macOS.
    pub os: Option<String>,
    /// Bytes, as written.
    pub length: Option<String>,
    /// `sparkle:deltaFrom`: a patch for that version, which no client takes as an item of its own.
    pub delta_from: Option<String>,
    /// `sparkle:edSignature`: the one that is verified.
    pub ed_signature: Option<String>,
    /// `sparkle:dsaSignature`: nobody reads it any more.
    pub dsa_signature: Option<String>,
}

/// The items of a page, as it came; or why it is no feed.
pub fn read(page: &[u8]) -> Result<Vec<Item>, String> {
    match page {
        [0xFF, 0xFE, units @ ..] => parse(&utf16(units, u16::from_le_bytes)?),
        [0xFE, 0xFF, units @ ..] => parse(&utf16(units, u16::from_be_bytes)?),
        _ => {
            let text = std::str::from_utf8(page).map_err(|error| format!("it is no text: {error}"))?;
            match well_formed::encoding(text) {
                Some(name) if name.eq_ignore_ascii_case("utf-16") => {
                    Err(format!("it is no XML: it says it is {name}, and is not"))
                }
                _ => parse(text),
            }
        }
    }
}

/// XML may come so where its first two bytes say it.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<String, _>>();
    let whole = text.ok().filter(|_| rest.is_empty());
    whole.ok_or_else(|| "it is no text: broken UTF-16".to_owned())
}

/// The items of a feed, in its order; or why it is none. One item that the updater refuses spoils the whole feed.
pub fn parse(xml: &str) -> Result<Vec<Item>, String> {
    let tree = well_formed::tree(xml)?;
    let root = tree.root_element();
    if root.tag_name().name() != "rss" {
        return Err(format!("it is no feed: it begins with `{}`, not with `rss`", root.tag_name().name()));
    }
    let rss = Some(root).filter(|root| is_plain(*root, "rss")).into_iter();
    let channels = rss.flat_map(|rss| rss.children().filter(|node| is_plain(*node, "channel")));
    let items = channels.flat_map(|channel| channel.children().filter(|node| is_plain(*node, "item")));
    let refused = |(number, why)| format!("its item {number} {why}: the updater refuses the whole feed");
    items.enumerate().map(|(i, node)| entry::item(node).map_err(|why| refused((i + 1, why)))).collect()
}

/// The updater finds rss, channel and item by names that are in no namespace.
fn is_plain(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_none_or(str::is_empty)
}
