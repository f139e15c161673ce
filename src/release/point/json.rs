//! A key of the outermost object of a JSON document.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::offset;

/// The text of `key`, without its quotes; none where it is no text.
pub(super) fn values(text: &str, key: &str) -> Result<Vec<Range<usize>>, serde_json::Error> {
    // Readers disagree on which of two equal keys counts.
    crate::release::json::parse(text.as_bytes())?;
    let object: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
    let value = object.get(key).map(|value| value.get());
    let inner = value.and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
    Ok(inner.map(|inner| offset(text, inner)..offset(text, inner) + inner.len()).into_iter().collect())
}
