//! Attributes of XML elements, and the keys of a property list.

use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Selector, offset};

impl Selector {
    /// Reads `element[@attribute='value']`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (element, rest) = text.strip_suffix(']')?.split_once("[@")?;
        let (attribute, quoted) = rest.split_once('=')?;
        let inner = |quote| quoted.strip_prefix(quote)?.strip_suffix(quote).filter(|value| !value.contains(quote));
        let value = inner('\'').or_else(|| inner('"'))?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
        };
        let selector =
            || Self { element: element.to_owned(), attribute: attribute.to_owned(), value: value.to_owned() };
        (is_name(element) && is_name(attribute)).then(selector)
    }

    /// The `version` of an element, where it is selected.
    fn version(&self, text: &str, tag: &BytesStart) -> Result<Option<Range<usize>>, String> {
        let (mut selected, mut version) = (false, None);
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            selected |= attribute.key.as_ref() == self.attribute && value == self.value;
            if attribute.key.as_ref() == "version" {
                version = Some(range(text, &attribute.value));
            }
        }
        Ok(version.filter(|_| selected && tag.name().as_ref() == self.element))
    }
}

/// The `version` attributes of the elements that are selected, without quotes.
pub(super) fn attributes(text: &str, selector: &Selector) -> Result<Vec<Range<usize>>, String> {
    let mut found = Vec::new();
    walk(text, |_, event| {
        if let Event::Start(tag) | Event::Empty(tag) = event {
            found.extend(selector.version(text, tag)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The `<string>` behind `<key>KEY</key>` in the outermost dictionary.
pub(super) fn plist(text: &str, key: &str) -> Result<Vec<Range<usize>>, String> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut pieces = Vec::new();
    let mut is_ours = false;
    walk(text, |open, event| {
        match (open, event) {
            (["plist", "dict"], Event::Start(_) | Event::Empty(_)) => {
                name.clear();
                pieces.clear();
            }
            (["plist", "dict", "key"], Event::Text(part)) => name.push_str(part),
            (["plist", "dict", "string"], Event::Text(part)) => pieces.push(range(text, part)),
            // In pieces it is no version, whatever it comes to.
            (["plist", "dict", "string"], Event::GeneralRef(_) | Event::CData(_) | Event::Comment(_)) => {
                pieces.clear();
                is_ours = false;
            }
            (["plist", "dict", "key"], Event::End(_)) => is_ours = name == key,
            (["plist", "dict", last], Event::End(_)) => {
                if is_ours && *last == "string" && pieces.len() == 1 {
                    found.append(&mut pieces);
                }
                is_ours = false;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// Every event with the elements that are open there, its own included at its end. Fails where it is no whole document.
fn walk(text: &str, mut take: impl FnMut(&[&str], &Event) -> Result<(), String>) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<&str> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        take(&open, &event)?;
        match &event {
            Event::Start(tag) => {
                let name = range(text, tag.name().as_ref());
                open.push(&text[name]);
            }
            Event::End(_) => _ = open.pop(),
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err(format!("`{}` does not end", open.join("/"))),
            _ => {}
        }
    }
}

fn range(text: &str, part: &str) -> Range<usize> {
    let start = offset(text, part);
    start..start + part.len()
}
