//! Which keys there are and of what type: derived from `assets/default.toml`, the one place that lists them.

use toml::de::{DeTable, DeValue};

use crate::release::nearest::nearest;

/// The defaults, and the reference of every key.
pub const DEFAULTS: &str = include_str!("../../assets/default.toml");

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Switch,
    /// A list of texts.
    List,
    /// A list of tables.
    Entries(&'static [Field]),
    /// A table of texts under names that are not known here.
    Open,
}

/// A key of an entry in a list of tables.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

const fn field(name: &'static str, kind: Kind, required: bool) -> Field {
    Field { name, kind, required }
}

/// An entry's keys are optional, so that its default alone does not tell them all.
const ENTRIES: [(&str, &[Field]); 3] = [
    (
        "release.asset",
        &[
            field("name", Kind::Text, true),
            field("kind", Kind::Text, false),
            field("manifest", Kind::Switch, false),
            field("required", Kind::Switch, false),
        ],
    ),
    ("legacy.channels", &[field("tag", Kind::Text, true), field("asset", Kind::Text, true)]),
    (
        "version.point",
        &[
            field("file", Kind::Text, true),
            field("format", Kind::Text, true),
            field("key", Kind::Text, false),
            field("pattern", Kind::Text, false),
            field("occurrence", Kind::Text, false),
        ],
    ),
];

impl Kind {
    /// What is expected, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a whole number",
            Self::Switch => "true or false",
            Self::List => r#"a list of texts, e.g. ["a", "b"]"#,
            Self::Entries(_) => "a list of tables",
            Self::Open => "a table of texts",
        }
    }

    fn of(key: &str, value: &DeValue) -> Option<Self> {
        if let Some((_, fields)) = ENTRIES.iter().find(|(name, _)| *name == key) {
            return Some(Self::Entries(fields));
        }
        match value {
            DeValue::String(_) => Some(Self::Text),
            DeValue::Integer(_) => Some(Self::Number),
            DeValue::Boolean(_) => Some(Self::Switch),
            DeValue::Array(_) => Some(Self::List),
            DeValue::Table(table) if table.is_empty() => Some(Self::Open),
            _ => None,
        }
    }
}

/// Every key with its type, in the order of `assets/default.toml`.
#[derive(Debug)]
pub(super) struct Shape(Vec<(String, Kind)>);

/// What a dotted key is.
pub(super) enum Known {
    Key(Kind),
    Section,
    No,
}

impl Shape {
    /// Reads the defaults.
    pub fn of(defaults: &DeTable) -> Self {
        let mut keys = Vec::new();
        collect("", defaults, &mut keys);
        keys.sort_by_key(|(start, ..)| *start);
        Self(keys.into_iter().map(|(_, key, kind)| (key, kind)).collect())
    }

    /// What `key` is.
    pub fn find(&self, key: &str) -> Known {
        match self.0.iter().find(|(name, _)| name == key) {
            Some((_, kind)) => Known::Key(*kind),
            None if self.0.iter().any(|(name, _)| is_under(name, key)) => Known::Section,
            None => Known::No,
        }
    }

    /// Every key with its type.
    pub fn keys(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.0.iter().map(|(key, kind)| (key.as_str(), *kind))
    }

    /// The known key or section that is nearest to `key`: one that is spelled alike beside it, else one of the same
    /// name elsewhere.
    pub fn nearest(&self, key: &str) -> Option<String> {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let beside = self.0.iter().filter_map(|(known, _)| {
            let rest = if section.is_empty() { known } else { known.strip_prefix(section)?.strip_prefix('.')? };
            rest.split('.').next()
        });
        if let Some(near) = nearest(name, beside) {
            return Some(if section.is_empty() { near.to_owned() } else { format!("{section}.{near}") });
        }
        let suffix = format!(".{name}");
        self.0.iter().map(|(known, _)| known).find(|known| known.ends_with(&suffix)).cloned()
    }
}

fn is_under(key: &str, section: &str) -> bool {
    key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// `section.name`, or `name` at the top.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

/// Gathers keys with their offset in the text: the table itself is sorted by name.
fn collect(section: &str, table: &DeTable, keys: &mut Vec<(usize, String, Kind)>) {
    for (name, value) in table {
        let key = join(section, name.get_ref());
        match (Kind::of(&key, value.get_ref()), value.get_ref()) {
            (Some(kind), _) => keys.push((name.span().start, key, kind)),
            (None, DeValue::Table(inner)) => collect(&key, inner, keys),
            // Dates and fractions are no settings: a test compares the keys here with SPEC §5.
            (None, _) => {}
        }
    }
}
