//! `config show`: every setting in force, with where it comes from.

use serde::Serialize;

use super::Loaded;

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Dotted key.
    pub key: String,
    /// The value as TOML writes it.
    pub value: String,
    /// Where it comes from: `default`, the place in release.toml, or a variable's name.
    pub origin: String,
}

/// Every setting, in the order of `assets/default.toml`.
pub fn show(loaded: &Loaded) -> Vec<Shown> {
    let shown = |(key, value): &(String, toml::Value)| Shown {
        key: key.clone(),
        value: value.to_string(),
        origin: loaded.origins.of(key).to_string(),
    };
    loaded.values.iter().map(shown).collect()
}
