//! What failure codes, checks, steps and the messages of other programs mean, and what mends them: compiled-in texts,
//! looked up.

use serde::{Deserialize, Serialize};

use crate::release::text::Clean;

mod codes;
mod symptoms;
mod topics;

/// Longer than any name, in bytes.
const LONGEST_NAME: usize = 40;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A failure code.
    Code,
    /// A pre-check.
    Check,
    /// A step.
    Step,
    /// A message of another program.
    Symptom,
}

/// What is known about one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is about.
    pub kind: Kind,
    /// e.g. `NX-TAG-02`, `tag-state`.
    pub id: String,
    /// What it means, in one sentence.
    pub title: String,
    /// The words of the text that it was recognised by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Clean>,
    /// The whole guide of a check or a step, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Commands or acts that mend it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<String>,
    /// The exit code that a failure code leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// Whether the same command may be run again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rerun: String,
    /// What to have explained next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
}

impl Entry {
    fn new(kind: Kind, id: &str, title: &str) -> Self {
        Self {
            kind,
            id: id.into(),
            title: title.into(),
            found: None,
            text: String::new(),
            why: String::new(),
            fix: Vec::new(),
            exit_code: None,
            rerun: String::new(),
            see: Vec::new(),
        }
    }
}

/// Everything that has a name, without its details: codes, checks, steps.
pub fn topics() -> Vec<Entry> {
    codes::all().chain(topics::all()).map(|entry| Entry::new(entry.kind, &entry.id, &entry.title)).collect()
}

/// Every message of other programs that is known.
pub fn symptoms() -> Vec<Entry> {
    symptoms::all().map(|(entry, _)| entry).collect()
}

/// What is known about `text`: the check and the step of that name, else every code in it, then every symptom in it,
/// the surest first. Empty: nothing.
pub fn explain(text: &str) -> Vec<Entry> {
    let name = text.trim().to_lowercase();
    let named: Vec<_> = topics::all().filter(|entry| entry.id == name).collect();
    if !named.is_empty() {
        return named;
    }
    // What a terminal coloured is recognised as well.
    let text = Clean::new(text);
    codes::within(text.as_str()).into_iter().chain(symptoms::within(text.as_str())).collect()
}

/// The name that was meant; a text of several words is no mistyped name.
pub fn nearest(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let word = words.next().filter(|word| word.len() < LONGEST_NAME && words.next().is_none())?;
    let topics = topics();
    crate::release::nearest::nearest(word, topics.iter().map(|entry| entry.id.as_str())).map(str::to_owned)
}
