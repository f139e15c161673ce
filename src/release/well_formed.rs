//! Whether a text is XML as every parser takes it: the one used here forgives what the client's refuses.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Fails with what is wrong: clients read nothing of such a text.
pub fn check(xml: &str) -> Result<(), String> {
    if let Some(odd) = xml.chars().find(|c| !is_allowed(*c)) {
        return Err(format!("it is no XML: the character {} may not stand there", odd.escape_unicode()));
    }
    let no_xml = |error: &dyn std::fmt::Display| format!("it is no XML: {error}");
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| no_xml(&error))?;
        let outside = depth == 0;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                tag(start)?;
                roots += usize::from(outside);
                depth += usize::from(matches!(event, Event::Start(_)));
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if outside && !text.trim_start().is_empty() => {
                return Err(no_xml(&"text stands outside of everything"));
            }
            Event::Text(text) if text.contains("]]>") => return Err(no_xml(&"`]]>` stands in a text")),
            Event::CData(_) | Event::GeneralRef(_) if outside => {
                return Err(no_xml(&"text stands outside of everything"));
            }
            Event::Decl(_) if at > 0 => return Err(no_xml(&"its declaration does not come first")),
            Event::Eof => return Ok(()),
            _ => {}
        }
        if roots > 1 {
            return Err(no_xml(&"it has a second root"));
        }
    }
}

fn tag(start: &BytesStart) -> Result<(), String> {
    named(start.name().as_ref())?;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("it is no XML: {error}"))?;
        named(attribute.key.as_ref())?;
        if attribute.value.contains('<') {
            return Err("it is no XML: `<` stands in an attribute".to_owned());
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        value.map_err(|error| format!("it is no XML: {error}"))?;
    }
    Ok(())
}

fn named(name: &str) -> Result<(), String> {
    let starts = |part: &str| part.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if name.split(':').all(starts) { Ok(()) } else { Err(format!("it is no XML: `{name}` is no name")) }
}

/// XML 1.0, `Char`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
