//! Whether a text is XML as every parser takes it: `roxmltree` decides, and what it forgives is looked at here.

use roxmltree::{Document, Error, ParsingOptions};

/// The tree of a text; or what is wrong: clients read nothing of such a text.
pub fn tree(xml: &str) -> Result<Document<'_>, String> {
    // Unread by the parser but for entities, and those can grow a small text to gigabytes.
    if let Some(odd) = DECLARATIONS.into_iter().find(|word| xml.contains(word)) {
        return Err(no_xml(format!("`{odd}` stands in it, and no feed declares anything")));
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: NODES, ..ParsingOptions::default() };
    let tree = Document::parse_with_options(xml, options).map_err(|error| match error {
        Error::UnknownNamespace(prefix, _) => format!("its prefix `{prefix}` is not declared: no updater reads it"),
        error => no_xml(error),
    })?;
    declaration(xml)?;
    references(xml)?;
    Ok(tree)
}

const DECLARATIONS: [&str; 4] = ["<!ENTITY", "<!ELEMENT", "<!ATTLIST", "<!NOTATION"];

/// More elements and texts than any feed has.
const NODES: u32 = 1_000_000;

fn no_xml(why: impl std::fmt::Display) -> String {
    format!("it is no XML: {why}")
}

/// What the text says its encoding is.
pub fn encoding(xml: &str) -> Option<&str> {
    declared(xml, "encoding")
}

/// A value of the XML declaration. Its order and its quotes are the parser's matter.
fn declared<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (inside, _) = xml.trim_start_matches('\u{feff}').strip_prefix("<?xml ")?.split_once("?>")?;
    let value = inside.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    value.get(1..)?.split(['"', '\'']).next()
}

fn declaration(xml: &str) -> Result<(), String> {
    if let Some(odd) = declared(xml, "version").filter(|version| !version.starts_with("1.")) {
        return Err(no_xml(format!("its version is `{odd}`")));
    }
    if let Some(odd) = declared(xml, "standalone").filter(|says| !["yes", "no"].contains(says)) {
        return Err(no_xml(format!("it says `standalone` is `{odd}`")));
    }
    match encoding(xml) {
        Some(name) if name.eq_ignore_ascii_case("us-ascii") && !xml.is_ascii() => {
            Err(no_xml(format!("it says it is {name}, and is not")))
        }
        Some(name) if !READ.iter().any(|known| name.eq_ignore_ascii_case(known)) => {
            Err(no_xml(format!("its encoding `{name}` is not read")))
        }
        _ => Ok(()),
    }
}

const READ: [&str; 3] = ["utf-8", "us-ascii", "utf-16"];

/// The parser makes U+FFFD of a number that is no character.
fn references(xml: &str) -> Result<(), String> {
    for number in xml.split("&#").skip(1).filter_map(|rest| Some(rest.split_once(';')?.0)) {
        let hex = number.strip_prefix('x').map(|hex| u32::from_str_radix(hex, 16));
        let code = hex.unwrap_or_else(|| number.parse());
        if code.ok().and_then(char::from_u32).is_none() {
            return Err(no_xml(format!("`&#{number};` is no character")));
        }
    }
    Ok(())
}
