//! Attributes of XML elements, and the keys of a property list.

use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use super::Selector;

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

    fn selects(&self, node: &Node) -> bool {
        node.is_element()
            && node.tag_name().name() == self.element
            && node.attributes().any(|found| found.name() == self.attribute && found.value() == self.value)
    }
}

/// The `version` attributes of the elements that are selected, without quotes.
pub(super) fn attributes(text: &str, selector: &Selector) -> Result<Vec<Range<usize>>, roxmltree::Error> {
    let document = parse(text)?;
    let selected = document.descendants().filter(|node| selector.selects(node));
    Ok(selected.filter_map(|node| Some(node.attribute_node("version")?.range_value())).collect())
}

/// The `<string>` behind `<key>KEY</key>` in the outermost dictionary.
pub(super) fn plist(text: &str, key: &str) -> Result<Vec<Range<usize>>, roxmltree::Error> {
    let document = parse(text)?;
    let dictionary = document.root_element().children().find(|node| node.has_tag_name("dict"));
    let keys = dictionary.into_iter().flat_map(|dictionary| dictionary.children());
    let keys = keys.filter(|node| node.has_tag_name("key") && node.text() == Some(key));
    let value = |key: Node| {
        let string = key.next_sibling_element().filter(|next| next.has_tag_name("string"))?;
        let mut children = string.children();
        let text = children.next().filter(Node::is_text)?;
        children.next().is_none().then(|| text.range())
    };
    Ok(keys.filter_map(value).collect())
}

/// Property lists have a document type, which nobody fetches.
fn parse(text: &str) -> Result<Document<'_>, roxmltree::Error> {
    Document::parse_with_options(text, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() })
}
