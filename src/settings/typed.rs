//! How texts of the settings become typed values.

use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer};

use crate::release::version::TagTemplate;

/// An empty text is `None`.
pub(super) fn optional<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let text = String::deserialize(from)?;
    if text.is_empty() { Ok(None) } else { T::deserialize(text.into_deserializer()).map(Some) }
}

/// `release.tag`.
pub(super) fn tag_template<'de, D: Deserializer<'de>>(from: D) -> Result<TagTemplate, D::Error> {
    TagTemplate::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}
