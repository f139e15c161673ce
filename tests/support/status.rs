//! What `status --output json` says.

use serde_json::Value;

use super::{Practice, Ran};

/// A version that is published and delivered.
pub fn released() -> Practice {
    let practice = Practice::tiny();
    practice.deliver();
    practice.publish().expect_code(0);
    practice
}

pub fn status(practice: &Practice, more: &[&str]) -> Value {
    let ran = practice.run(&[&["status", "--output", "json"], more].concat()).expect_code(0);
    data(&ran)
}

pub fn data(ran: &Ran) -> Value {
    ran.events().into_iter().find(|event| event["kind"] == "status").unwrap()["data"].clone()
}

/// The cell of a source and a field.
pub fn cell<'a>(status: &'a Value, source: &str, field: &str) -> &'a Value {
    let rows = status["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["source"] == source).unwrap_or_else(|| panic!("no {source}: {status:#}"));
    let cells = row["cells"].as_array().unwrap();
    cells.iter().find(|cell| cell["field"] == field).unwrap_or_else(|| panic!("no {field}: {row:#}"))
}
