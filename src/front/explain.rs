//! What `explain` shows, as lines.

use serde_json::Value;

use crate::guide::{Entry, Kind};

/// What is known, one entry below the other.
pub fn explained(data: &Value) -> Vec<String> {
    let entries = entries(data);
    let mut lines = Vec::new();
    for entry in &entries {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(details(entry));
    }
    lines
}

fn details(entry: &Entry) -> Vec<String> {
    let Entry { id, title, .. } = entry;
    let mut lines = vec![match (entry.kind, &entry.found) {
        (Kind::Code, _) => format!("{id}: {title}"),
        (Kind::Check, _) => format!("Check {id}: {title}"),
        (Kind::Step, _) => format!("Step {id}: {title}"),
        (Kind::Symptom, None) => title.clone(),
        (Kind::Symptom, Some(found)) => format!("`{found}`: {title}"),
    }];
    if !entry.text.is_empty() {
        lines.push(String::new());
    }
    lines.extend(entry.text.lines().map(|line| line.strip_prefix("## ").unwrap_or(line).to_owned()));
    lines.extend(Some(&entry.why).filter(|why| !why.is_empty()).map(|why| format!("  why: {why}")));
    lines.extend(entry.fix.iter().map(|fix| format!("  fix: {fix}")));
    lines.extend(entry.exit_code.map(|code| format!("  exit code {code}. Run it again? {}", entry.rerun)));
    lines.extend(entry.see.iter().map(|see| format!("  see: nexy-release explain {see}")));
    lines
}

/// Everything that can be explained: codes by area, checks, steps.
pub fn topics(data: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let mut group = None;
    for entry in entries(data) {
        let area = entry.id.rsplit_once('-').map_or("", |(area, _)| area).to_owned();
        let this = (entry.kind, if entry.kind == Kind::Code { area } else { String::new() });
        let kind = group.as_ref().map(|(kind, _)| *kind);
        if kind != Some(entry.kind) {
            let heading = match entry.kind {
                Kind::Code => "Failure codes:",
                Kind::Check => "\nChecks:",
                Kind::Step => "\nSteps:",
                Kind::Symptom => "\nSymptoms:",
            };
            lines.push(heading.to_owned());
        } else if group.as_ref() != Some(&this) {
            lines.push(String::new());
        }
        group = Some(this);
        lines.push(format!("  {:15}  {}", entry.id, entry.title));
    }
    lines.push("\nOne of them: nexy-release explain NX-TAG-02".to_owned());
    lines.push("A message of another program: nexy-release explain 'HTTP 401: Bad credentials'".to_owned());
    lines.push("A whole log: nexy-release explain - < FILE".to_owned());
    lines
}

fn entries(data: &Value) -> Vec<Entry> {
    serde_json::from_value(data.clone()).unwrap_or_default()
}
