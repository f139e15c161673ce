//! Lays the values of the file, or of a variable, over the defaults: known keys of the right type only.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use toml::{Table, Value};

use super::place::{Origin, Origins};
use super::shape::{Field, Kind, Known, Shape, join};
use super::wrong::Wrong;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::nearest::nearest;

/// Where one source of values is laid.
pub(super) struct Walk<'a> {
    pub shape: &'a Shape,
    pub values: &'a mut Table,
    pub origins: &'a mut Origins,
    pub failures: &'a mut Vec<Failure>,
    /// The origin of the bytes in this range of the source.
    pub place: &'a dyn Fn(Range<usize>) -> Origin,
}

impl Walk<'_> {
    /// Lays a section of the file, in the file's order.
    pub fn section(&mut self, section: &str, table: &DeTable) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let key = join(section, name.get_ref());
            match (self.shape.find(&key), value.get_ref()) {
                (Known::Key(kind), _) => self.key(&key, kind, value),
                (Known::Section, DeValue::Table(inner)) => self.section(&key, inner),
                (Known::Section, _) => {
                    let is = Wrong::new("is a section", "a table", format!("write [{key}] and its keys below it"));
                    self.refuse(Code::SettingsType, value.span(), &key, &is);
                }
                (Known::No, _) => self.unknown(name.span(), &key, self.shape.nearest(&key)),
            }
        }
    }

    /// Lays one setting.
    pub fn key(&mut self, key: &str, kind: Kind, value: &Spanned<DeValue>) {
        self.origins.set(key, (self.place)(value.span()));
        if let Some(value) = self.value(key, kind, value) {
            put(self.values, key, value);
        }
    }

    fn value(&mut self, key: &str, kind: Kind, value: &Spanned<DeValue>) -> Option<Value> {
        match (kind, value.get_ref()) {
            (Kind::Text, DeValue::String(text)) => self.text(key, value.span(), text),
            (Kind::Number, DeValue::Integer(number)) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                if read.is_err() {
                    let is = Wrong::new("is too large", "a whole number", "write a smaller number");
                    self.refuse(Code::SettingsValue, value.span(), key, &is);
                }
                read.ok().map(Value::Integer)
            }
            (Kind::Switch, DeValue::Boolean(on)) => Some(Value::Boolean(*on)),
            (Kind::List, DeValue::Array(items)) => {
                self.each(key, items, |walk, key, item| walk.value(key, Kind::Text, item))
            }
            (Kind::Entries(fields), DeValue::Array(items)) => {
                self.each(key, items, |walk, key, item| walk.entry(key, fields, item))
            }
            (Kind::Open, DeValue::Table(table)) => {
                let mut texts = Table::new();
                for (name, value) in table {
                    let key = join(key, name.get_ref());
                    self.origins.set(&key, (self.place)(value.span()));
                    texts.insert(name.get_ref().to_string(), self.value(&key, Kind::Text, value)?);
                }
                Some(Value::Table(texts))
            }
            (kind, other) => {
                let is = format!("is {}, not {}", described(other), kind.expected());
                let fix = format!("write {}", kind.expected());
                self.refuse(Code::SettingsType, value.span(), key, &Wrong::new(is, kind.expected(), fix));
                None
            }
        }
    }

    /// Every item, each looked at even when an earlier one is refused.
    fn each(
        &mut self,
        key: &str,
        items: &DeArray,
        read: impl Fn(&mut Self, &str, &Spanned<DeValue>) -> Option<Value>,
    ) -> Option<Value> {
        let read: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                let key = format!("{key}[{at}]");
                self.origins.set(&key, (self.place)(item.span()));
                read(self, &key, item)
            })
            .collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
    }

    fn entry(&mut self, key: &str, fields: &[Field], item: &Spanned<DeValue>) -> Option<Value> {
        let DeValue::Table(table) = item.get_ref() else {
            let is = Wrong::new("is no table", "a table", "write { name = value, … }");
            self.refuse(Code::SettingsType, item.span(), key, &is);
            return None;
        };
        let failures = self.failures.len();
        let mut entry = Table::new();
        for (name, value) in table {
            let dotted = join(key, name.get_ref());
            self.origins.set(&dotted, (self.place)(value.span()));
            if let Some(field) = fields.iter().find(|field| field.name == name.get_ref()) {
                let read = self.value(&dotted, field.kind, value);
                entry.extend(read.map(|value| (field.name.to_owned(), value)));
            } else {
                let near = nearest(name.get_ref(), fields.iter().map(|field| field.name));
                self.unknown(name.span(), &dotted, near.map(str::to_owned));
            }
        }
        for field in fields.iter().filter(|field| field.required && !table.contains_key(field.name)) {
            let is = format!("has no `{}`", field.name);
            let fix = format!("add `{} = …` to this entry", field.name);
            self.refuse(Code::SettingsValue, item.span(), key, &Wrong::new(is, field.kind.expected(), fix));
        }
        (self.failures.len() == failures).then_some(Value::Table(entry))
    }

    /// No setting holds a control character: none means anything there, and a NUL ends a path.
    fn text(&mut self, key: &str, span: Range<usize>, text: &str) -> Option<Value> {
        if text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            let is =
                Wrong::new("has a control character in it, or is not UTF-8", "plain text", "remove that character");
            self.refuse(Code::SettingsValue, span, key, &is);
            return None;
        }
        Some(Value::String(text.to_owned()))
    }

    fn unknown(&mut self, span: Range<usize>, key: &str, near: Option<String>) {
        let expected =
            near.as_ref().map_or("a key of assets/default.toml".to_owned(), |near| format!("perhaps `{near}`"));
        let fix = near.map_or_else(
            || "remove it; `nexy-release config show` lists every key".to_owned(),
            |near| format!("write `{near}`, or remove it"),
        );
        self.refuse(Code::SettingsUnknown, span, key, &Wrong::new("is not a setting", expected, fix));
    }

    /// Notes that what stands in `span` is refused.
    pub fn refuse(&mut self, code: Code, span: Range<usize>, key: &str, wrong: &Wrong) {
        self.failures.push(wrong.at(code, &(self.place)(span), key));
    }
}

fn described(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Sets a dotted key; its sections are in the defaults.
fn put(values: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            values.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            if let Some(Value::Table(inner)) = values.get_mut(section) {
                put(inner, rest, value);
            }
        }
    }
}

/// The value of a dotted key.
pub(super) fn get<'a>(values: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => values.get(key),
        Some((section, rest)) => get(values.get(section)?.as_table()?, rest),
    }
}
