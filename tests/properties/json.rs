//! Any JSON, with numbers of any length.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// A key of an object. A dot would make the path of a field ambiguous.
pub fn key() -> impl Strategy<Value = String> {
    "[a-z_]{1,8}"
}

/// Any value, three levels deep at most.
pub fn value() -> impl Strategy<Value = Value> {
    let digits = prop_oneof!["0|-?[1-9][0-9]{0,39}", "-?[1-9][0-9]{0,5}\\.[0-9]{1,25}"];
    with(digits.prop_map(|digits| serde_json::from_str(&digits).unwrap()))
}

/// Any value with numbers of 64 bits: serde's tagged enums, as events are, take no others.
pub fn plain() -> impl Strategy<Value = Value> {
    with(any::<i64>().prop_map(Value::from))
}

fn with(number: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let other = any::<String>().prop_map(Value::from);
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, other];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::Object),
        ]
    })
}

/// An object of such values.
pub fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((key(), value), 0..5).prop_map(|entries| entries.into_iter().collect())
}
