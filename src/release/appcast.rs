//! The appcast: the feed that the client's updater reads (facts/NEXY.md, "What reads our manifest").

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

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
    /// The package.
    pub enclosure: Option<Enclosure>,
}

/// The package of an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enclosure {
    /// Where it is.
    pub url: Option<String>,
    /// Bytes, as written.
    pub length: Option<String>,
    /// `sparkle:edSignature`: the one that is verified.
    pub ed_signature: Option<String>,
    /// `sparkle:dsaSignature`: nobody reads it any more.
    pub dsa_signature: Option<String>,
}

/// The items of a feed, in its order; or why it is none.
pub fn parse(xml: &str) -> Result<Vec<Item>, String> {
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
    Item,
    Enclosure,
    Version,
    ShortVersion,
    MinSystem,
    Other,
}

impl Place {
    fn of(sparkle: bool, name: &str) -> Self {
        match (sparkle, name) {
            (false, "rss") => Self::Rss,
            (false, "item") => Self::Item,
            (false, "enclosure") => Self::Enclosure,
            (true, "version") => Self::Version,
            (true, "shortVersionString") => Self::ShortVersion,
            (true, "minimumSystemVersion") => Self::MinSystem,
            _ => Self::Other,
        }
    }
}

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
        if place == Place::Item {
            self.items.push(Item::default());
        }
        self.open.push(place);
        self.text.clear();
    }

    fn close(&mut self) {
        let place = self.open.pop();
        let text = std::mem::take(&mut self.text);
        let text = Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(item) = self.items.last_mut().filter(|_| self.open.contains(&Place::Item)) else { return };
        let field = match place {
            Some(Place::Version) => &mut item.version,
            Some(Place::ShortVersion) => &mut item.short_version,
            Some(Place::MinSystem) => &mut item.min_system,
            _ => return,
        };
        if text.is_some() {
            *field = text;
        }
    }

    fn is_whole(&self) -> bool {
        self.rss && self.open.is_empty()
    }

    /// An enclosure says everything in attributes, the versions too in older feeds.
    fn attributes(&mut self, reader: &NsReader<&[u8]>, place: Place, start: &BytesStart) -> Result<(), String> {
        let inside = self.open.contains(&Place::Item);
        let Some(item) = self.items.last_mut().filter(|_| inside && place == Place::Enclosure) else {
            return Ok(());
        };
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
                (true, "edSignature") => enclosure.ed_signature = value,
                (true, "dsaSignature") => enclosure.dsa_signature = value,
                (true, "version") => item.version = item.version.take().or(value),
                (true, "shortVersionString") => item.short_version = item.short_version.take().or(value),
                _ => {}
            }
        }
        item.enclosure = Some(enclosure);
        Ok(())
    }
}
