//! Lines for people, with the markers of SPEC §6.4 on stdout and errors on stderr.

use std::io::Write;
use std::time::Duration;

use super::bar::Bar;
use super::{Front, Manner, report};
use crate::engine::event::{Check, CheckState, Event, NoteKind, Outcome, RunResult, Stamped, StepId, StepState};
use crate::engine::run::Run;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::plan::{Action, Plan};
use crate::release::text::{Clean, size};

/// The text front end.
#[derive(Debug)]
pub struct Text<O, E> {
    out: O,
    err: E,
    manner: Manner,
    bar: Bar,
    /// Said already: the result need not say it again.
    said: Vec<(Code, Clean)>,
}

impl<O: Write, E: Write> Text<O, E> {
    /// Writes to these two.
    pub fn new(out: O, err: E, manner: Manner) -> Self {
        Self { out, err, manner, bar: Bar::new(manner.live && !manner.quiet), said: Vec::new() }
    }

    /// A line on stdout. A reader that left stops nothing.
    fn line(&mut self, text: impl std::fmt::Display) {
        let out = &mut self.out;
        self.bar.aside(|| {
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        });
    }

    /// A line that `--quiet` leaves out.
    fn detail(&mut self, text: impl std::fmt::Display) {
        if !self.manner.quiet {
            self.line(text);
        }
    }

    /// A problem on stderr; answers `false` when it was said before.
    fn problem(&mut self, word: &str, code: Code, what: &Clean, why: &Clean, fix: &[Clean]) -> bool {
        let known = (code, what.clone());
        if self.said.contains(&known) {
            return false;
        }
        self.said.push(known);
        let text = super::problem(word, code, what, why, fix) + "\n";
        let err = &mut self.err;
        self.bar.aside(|| {
            let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
        });
        true
    }

    fn paint(&self, color: &str, text: &str) -> String {
        painted(self.manner.color, color, text)
    }

    fn check(&mut self, check: &Check) {
        let (color, word) = match check.state {
            CheckState::Waiting | CheckState::Running => return,
            _ if check.waived.is_some() => ("33", "waived"),
            CheckState::Ok => ("32", "ok"),
            CheckState::Warning => ("33", "warning"),
            CheckState::Failed => ("31", "FAILED"),
            CheckState::Skipped => ("2", "skipped"),
            CheckState::Unknown => ("31", "UNKNOWN"),
        };
        let word = self.paint(color, &format!("{word:8}"));
        let reason = check.waived.as_ref().map_or_else(String::new, |reason| format!("  (waived: {reason})"));
        self.detail(format_args!("  {word} {:15} {}{reason}", check.id, check.found));
    }

    fn checks_done(&mut self, run: &Run) {
        for check in &run.checks {
            // A stop is no finding: the result says what it means.
            let Some(code) = check.code.filter(|code| *code != Code::Interrupted) else { continue };
            let word = match check.state {
                CheckState::Warning => "WARNING",
                CheckState::Failed | CheckState::Unknown if check.waived.is_none() => "ERROR",
                _ => continue,
            };
            self.problem(word, code, &check.found, &check.why, &check.fix);
        }
    }

    fn plan(&mut self, plan: &Plan) {
        for asset in &plan.assets {
            let action = format!("{:8}", format!("{:?}", asset.action).to_lowercase());
            let action = self.paint(if asset.action == Action::Conflict { "31" } else { "36" }, &action);
            let bytes = size(asset.size);
            self.detail(format_args!("  {action} {:17} {bytes:>11}  SHA-256 {}", asset.name, asset.sha256));
            if let Some(remote) = &asset.remote {
                let sha256 = remote.sha256.map_or_else(|| "unknown".to_owned(), |sha256| sha256.to_string());
                self.detail(format_args!(
                    "  {:8} {:17} {:>11}  SHA-256 {sha256}",
                    "",
                    "  published",
                    size(remote.size)
                ));
            }
        }
        let conflict = plan.with(Action::Conflict).next().is_some();
        if plan.manifest.is_none() {
            self.detail("  manifest untouched: no DMG, so clients are not told about this version");
        }
        let Some(manifest) = plan.manifest.as_ref().filter(|_| !conflict) else { return };
        for change in &manifest.changes {
            self.detail(report::change(change));
        }
        for file in &manifest.files {
            self.detail(format_args!("  {}    {}", if file.write { "write" } else { "keep " }, file.path));
        }
    }

    fn step(&mut self, step: StepId, state: StepState, summary: &Clean, elapsed_ms: u64) {
        self.bar.clear();
        let (color, word) = match state {
            StepState::Ok => ("32", "done"),
            StepState::Skipped => ("2", "skipped"),
            StepState::Failed => ("31", "FAILED"),
        };
        let word = self.paint(color, &format!("{word:8}"));
        let seconds = format!("{}.{} s", elapsed_ms / 1000, elapsed_ms % 1000 / 100);
        self.detail(format_args!("  {word} {step:9} {seconds:>7}  {summary}"));
    }

    /// It was said among the checks and may have scrolled away: the last line tells how it ended.
    fn blocked(&mut self, code: Code, exit: u8, run: &Run) {
        let publishing = run.started.as_ref().is_some_and(|(command, ..)| command.as_str() == "publish");
        let end = if publishing { " Nothing was published." } else { "" };
        let err = &mut self.err;
        self.bar.aside(|| {
            let _ = writeln!(err, "Blocked by {code} (exit code {exit}); why and fix stand above.{end}");
        });
    }

    fn result(&mut self, result: &RunResult, run: &Run) {
        self.bar.wait(Duration::ZERO);
        self.bar.clear();
        let nothing = Clean::default();
        if let (Some(code), Some(message)) = (result.code, &result.message) {
            let (why, fix) = (result.why.as_ref().unwrap_or(&nothing), result.fix.as_deref().unwrap_or_default());
            let first = self.problem("ERROR", code, message, why, fix);
            if !first && result.outcome == Outcome::Blocked {
                self.blocked(code, result.exit_code, run);
            }
        }
        if result.outcome == Outcome::DryRun {
            self.line("DRY RUN COMPLETE");
        }
    }

    fn report(&mut self, kind: &Clean, data: &serde_json::Value) {
        if kind.as_str() == "problems" {
            let failures: Vec<Failure> = serde_json::from_value(data.clone()).unwrap_or_default();
            for Failure { code, what, why, fix } in &failures {
                self.problem("ERROR", *code, what, why, fix);
            }
            return;
        }
        let color = self.manner.color;
        let paint = |code: &str, text: &str| painted(color, code, text);
        for line in report::lines(kind.as_str(), data, &paint) {
            // What comes at the end of a run is a detail of it; what was asked for is not.
            match kind.as_str() {
                "checklist" | "gate" | "verification" => self.detail(line),
                _ => self.line(line),
            }
        }
    }
}

fn painted(color: bool, code: &str, text: &str) -> String {
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

impl<O: Write, E: Write> Front for Text<O, E> {
    fn show(&mut self, stamped: &Stamped, run: &Run) {
        self.bar.look();
        match &stamped.event {
            Event::RunStarted { workspace, .. } if !workspace.is_empty() => {
                self.detail(format_args!("Workspace: {workspace}"));
            }
            Event::Check(check) => self.check(check),
            Event::Plan(plan) => self.plan(plan),
            Event::Progress { .. } => {
                if let Some(transfer) = &run.transfer
                    && let Some(line) = self.bar.update(transfer, stamped.time)
                {
                    self.detail(line);
                }
            }
            Event::StepFinished { step, state, summary, elapsed_ms } => {
                self.step(*step, *state, summary, *elapsed_ms);
                if *step == StepId::Checks {
                    self.checks_done(run);
                }
            }
            Event::Note { kind: NoteKind::Marker | NoteKind::Would, text, .. } => self.line(text),
            Event::Note { kind: NoteKind::Info | NoteKind::Wait, text, seconds } => {
                self.detail(format_args!("  {text}"));
                if let Some(seconds) = seconds {
                    self.bar.wait(Duration::from_secs(*seconds));
                }
            }
            Event::Note { kind: NoteKind::Warning | NoteKind::Mistyped, text, .. } => {
                let err = &mut self.err;
                self.bar.aside(|| {
                    let _ = writeln!(err, "WARNING: {text}");
                });
            }
            Event::Report { kind, data } => self.report(kind, data),
            Event::Result(result) => self.result(result, run),
            Event::StepStarted { .. } | Event::RunStarted { .. } => {}
        }
    }
}
