//! The appcast: the feed that the client's updater reads (facts/NEXY.md, "What reads our manifest").

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::well_formed;

/// Where the updater's own elements and attributes are at home.
const SPARKLE: &str = "http://www.andymatuschak.org/xml-namespaces/sparkle";

/// One update of the feed, as far as the updater judges it. A missing value is `None`, never an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// `sparkle:version`: what is compared with the installed build.
    pub version: Option<String>,
    /// `sparkle:shortVersionString`: what people see.
    pub short_version: Option<String>,
    /// `sparkle:minimumSystemVersion`.
    pub min_system: Option<String>,
    /// `sparkle:maximumSystemVersion`.
    pub max_system: Option<String>,
    /// `sparkle:channel`: only clients that ask for it look at this item.
    pub channel: Option<String>,
    /// `sparkle:informationalUpdate`: people are told of it, nothing is installed.
    pub is_informational: bool,
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
        _ => parse(std::str::from_utf8(page).map_err(|error| format!("it is no text: {error}"))?),
    }
}

/// XML may come so where its first two bytes say it.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<String, _>>();
    let whole = text.ok().filter(|_| rest.is_empty());
    whole.ok_or_else(|| "it is no text: broken UTF-16".to_owned())
}

/// The items of a feed, in its order; or why it is none.
pub fn parse(xml: &str) -> Result<Vec<Item>, String> {
    well_formed::check(xml)?;
    let mut reader = NsReader::from_str(xml);
    let mut feed = Feed::default();
    loop {
        let (name, event) = reader.read_resolved_event().map_err(|error| format!("it is no XML: {error}"))?;
        let ours = is_sparkle(&name)?;
        match event {
            Event::Start(start) => {
                let place = Place::of(ours, start.local_name().as_ref());
                feed.attributes(&reader, place, &start)?;
                feed.open(place);
            }
            Event::Empty(start) => {
                let place = Place::of(ours, start.local_name().as_ref());
                feed.attributes(&reader, place, &start)?;
                feed.open(place);
                feed.close();
            }
            Event::End(_) => feed.close(),
            Event::Text(text) => feed.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => feed.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => feed.text.push(c),
                Ok(None) => {
                    let known = resolve_predefined_entity(&entity);
                    feed.text.push_str(known.ok_or("it has an entity that is not defined")?);
                }
                Err(error) => return Err(format!("it is no XML: {error}")),
            },
            Event::Eof if feed.is_whole() => return Ok(feed.items),
            Event::Eof => return Err("it ends too early, or is no feed".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn is_sparkle(name: &ResolveResult) -> Result<bool, String> {
    match name {
        ResolveResult::Bound(space) => Ok(space.as_ref() == SPARKLE),
        ResolveResult::Unbound => Ok(false),
        ResolveResult::Unknown(prefix) => Err(format!("its prefix `{prefix}` is not declared: no updater reads it")),
    }
}

/// Where in the feed something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Rss,
    Channel,
    Item,
    Enclosure,
    Version,
    ShortVersion,
    MinSystem,
    MaxSystem,
    ForChannel,
    Informational,
    Other,
}

impl Place {
    fn of(sparkle: bool, name: &str) -> Self {
        match (sparkle, name) {
            (false, "rss") => Self::Rss,
            (false, "channel") => Self::Channel,
            (false, "item") => Self::Item,
            (false, "enclosure") => Self::Enclosure,
            (true, "version") => Self::Version,
            (true, "shortVersionString") => Self::ShortVersion,
            (true, "minimumSystemVersion") => Self::MinSystem,
            (true, "maximumSystemVersion") => Self::MaxSystem,
            (true, "channel") => Self::ForChannel,
            (true, "informationalUpdate") => Self::Informational,
            _ => Self::Other,
        }
    }
}

/// Where the updater looks for items.
const ITEMS: [Place; 2] = [Place::Rss, Place::Channel];

#[derive(Default)]
struct Feed {
    items: Vec<Item>,
    open: Vec<Place>,
    text: String,
    rss: bool,
}

impl Feed {
    fn open(&mut self, place: Place) {
        self.rss |= place == Place::Rss;
        if place == Place::Item && self.open == ITEMS {
            self.items.push(Item::default());
        }
        if place == Place::Informational
            && let Some(item) = self.item()
        {
            item.is_informational = true;
        }
        self.open.push(place);
        self.text.clear();
    }

    fn close(&mut self) {
        let place = self.open.pop();
        let text = std::mem::take(&mut self.text);
        let text = Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(item) = self.item() else { return };
        let field = match place {
            // What the enclosure says comes first.
            Some(Place::Version) if item.version.is_some() => return,
            Some(Place::ShortVersion) if item.short_version.is_some() => return,
            Some(Place::Version) => &mut item.version,
            Some(Place::ShortVersion) => &mut item.short_version,
            Some(Place::MinSystem) => &mut item.min_system,
            Some(Place::MaxSystem) => &mut item.max_system,
            Some(Place::ForChannel) => &mut item.channel,
            _ => return,
        };
        if text.is_some() {
            *field = text;
        }
    }

    /// The item whose own children stand here: what lies deeper, in `sparkle:deltas` for one, is of something else.
    fn item(&mut self) -> Option<&mut Item> {
        let is_own = self.open.split_last().is_some_and(|(last, above)| *last == Place::Item && above == ITEMS);
        self.items.last_mut().filter(|_| is_own)
    }

    fn is_whole(&self) -> bool {
        self.rss && self.open.is_empty()
    }

    /// An enclosure says everything in attributes, the versions too in older feeds.
    fn attributes(&mut self, reader: &NsReader<&[u8]>, place: Place, start: &BytesStart) -> Result<(), String> {
        let Some(item) = self.item().filter(|_| place == Place::Enclosure) else { return Ok(()) };
        let mut enclosure = Enclosure::default();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| format!("it is no XML: {error}"))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| format!("it is no XML: {error}"))?;
            let value = Some(value.trim()).filter(|value| !value.is_empty()).map(str::to_owned);
            let (space, name) = reader.resolver().resolve_attribute(attribute.key);
            match (is_sparkle(&space)?, name.as_ref()) {
                (false, "url") => enclosure.url = value,
                (false, "length") => enclosure.length = value,
                (true, "os") => enclosure.os = value,
                (true, "edSignature") => enclosure.ed_signature = value,
                (true, "dsaSignature") => enclosure.dsa_signature = value,
                (true, "version") if value.is_some() => item.version = value,
                (true, "shortVersionString") if value.is_some() => item.short_version = value,
                _ => {}
            }
        }
        item.enclosure = Some(enclosure);
        Ok(())
    }
}
