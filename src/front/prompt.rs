//! The typed confirmation on a terminal, without the console: of a tag, or of a version.

use std::io::{BufRead as _, Write as _};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use rustix::termios::{QueueSelector, tcflush};
use tokio::sync::mpsc::UnboundedSender;

use super::Front;
use crate::engine::event::{Command, Event, NoteKind, Stamped, StepId};
use crate::engine::run::Run;
use crate::engine::versions::Proposal;
use crate::release::plan::{Action, Plan};

/// What a terminal puts before what is pasted, where it was asked to.
const PASTED: &str = "\u{1b}[200~";

/// Asks on stderr when the engine waits for it.
#[derive(Debug)]
pub struct Prompt {
    commands: UnboundedSender<Command>,
    dumb: bool,
}

impl Prompt {
    /// Sends what is typed to the engine. `dumb`: the terminal marks nothing that is pasted.
    pub fn new(commands: UnboundedSender<Command>, dumb: bool) -> Self {
        Self { commands, dumb }
    }

    fn ask_for_tag(&self, plan: &Plan) {
        let (tag, repo) = (plan.tag.clone(), &plan.repo);
        let sent = plan.with(Action::Upload).chain(plan.with(Action::Extend)).count();
        let question = match sent {
            0 if plan.published => format!("{tag} in {repo} is public. The manifests change: clients are offered it."),
            0 => format!("{tag} in {repo}: publish what is uploaded, and bring the manifests up to date."),
            _ => format!("{sent} files go public as {tag} in {repo}. They can never be replaced."),
        };
        self.ask(question, tag);
    }

    fn ask(&self, question: String, word: String) {
        let (commands, dumb) = (self.commands.clone(), self.dumb);
        // A thread of its own, never waited for: reading from a terminal cannot be given up.
        std::thread::spawn(move || {
            let mut question = question;
            let command = loop {
                match typed(dumb, &format!("{question}\nType {word} to go on, Ctrl-C to leave: ")) {
                    Some(line) if line.contains(PASTED) => "Pasted text does not count.".clone_into(&mut question),
                    Some(line) => break Command::Confirm(line),
                    None => break Command::Decline,
                }
            };
            // The engine may have stopped meanwhile.
            let _ = commands.send(command);
        });
    }
}

/// A line typed after the question; `None` at the end of input.
fn typed(dumb: bool, question: &str) -> Option<String> {
    let mut stderr = std::io::stderr();
    if !dumb {
        let _ = execute!(stderr, EnableBracketedPaste);
    }
    // What was typed or pasted before the question is no answer to it.
    let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    let _ = write!(stderr, "{question}");
    let _ = stderr.flush();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if !dumb {
        let _ = execute!(stderr, DisableBracketedPaste);
    }
    read.is_ok_and(|read| read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned())
}

impl Front for Prompt {
    fn show(&mut self, stamped: &Stamped, run: &Run) {
        let asks = match &stamped.event {
            Event::StepStarted { step } => *step == StepId::Confirm,
            Event::Note { kind, .. } => *kind == NoteKind::Mistyped,
            _ => false,
        };
        if !asks {
            return;
        }
        match (&run.plan, run.reports.iter().rev().find(|(kind, _)| kind.as_str() == "version-set")) {
            (Some(plan), _) => self.ask_for_tag(plan),
            (None, Some((_, data))) => {
                if let Ok(Proposal { from, to, files, .. }) = serde_json::from_value(data.clone()) {
                    let question = format!("{from} becomes {to} in {} files.", files.len());
                    self.ask(question, to.to_string());
                }
            }
            (None, None) => {}
        }
    }
}
