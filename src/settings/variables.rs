//! `NEXY_RELEASE__SECTION__KEY`: settings from the environment, over those of the file.

use toml::Spanned;
use toml::de::DeValue;

use super::environment::Environment;
use super::place::Origin;
use super::shape::Kind;
use super::walk::Walk;
use super::wrong::Wrong;
use crate::release::code::Code;
use crate::release::nearest::nearest;

/// What every such variable begins with.
pub(super) const PREFIX: &str = "NEXY_RELEASE__";

/// The variable of a setting.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Lays every such variable over what `walk` holds; `walk.place` is not asked.
pub(super) fn lay(walk: &mut Walk, environment: &Environment) {
    for (name, text) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let place = |_| Origin::Variable(name.to_owned());
        let mut walk = Walk {
            shape: walk.shape,
            values: &mut *walk.values,
            origins: &mut *walk.origins,
            failures: &mut *walk.failures,
            place: &place,
        };
        match walk.shape.keys().find_map(|(key, kind)| setting(name, key, kind)) {
            Some((key, kind)) => one(&mut walk, &key, kind, text),
            None => unknown(&mut walk, name),
        }
    }
}

/// The setting that `name` stands for, if it is `key` or, for an open table, a name in it.
fn setting(name: &str, key: &str, kind: Kind) -> Option<(String, Kind)> {
    let own = variable(key);
    if kind == Kind::Open {
        let inner = name.strip_prefix(&own)?.strip_prefix("__").filter(|inner| !inner.is_empty())?;
        return Some((format!("{key}.{}", inner.to_ascii_lowercase()), Kind::Text));
    }
    (name == own).then(|| (key.to_owned(), kind))
}

/// A text as it stands; anything else as TOML writes it.
fn one(walk: &mut Walk, key: &str, kind: Kind, text: &str) {
    if kind == Kind::Text {
        let value = DeValue::String(text.into());
        return walk.key(key, kind, &Spanned::new(0..text.len(), value));
    }
    if let Ok(value) = DeValue::parse(text) {
        return walk.key(key, kind, &value);
    }
    let is = format!("is not {}", kind.expected());
    let fix = format!("set it to {}, as TOML writes it", kind.expected());
    walk.refuse(Code::SettingsType, 0..0, key, &Wrong::new(is, kind.expected(), fix));
}

fn unknown(walk: &mut Walk, name: &str) {
    let known: Vec<String> = walk.shape.keys().map(|(key, _)| variable(key)).collect();
    let wrong = match nearest(&name[PREFIX.len()..], known.iter().map(|known| &known[PREFIX.len()..])) {
        Some(near) => Wrong::new(
            "is not a setting",
            format!("perhaps `{PREFIX}{near}`"),
            format!("set `{PREFIX}{near}`, or run `unset {name}`"),
        ),
        None => Wrong::new("is not a setting", format!("{PREFIX}SECTION__KEY"), format!("run `unset {name}`")),
    };
    walk.refuse(Code::SettingsUnknown, 0..0, name, &wrong);
}
