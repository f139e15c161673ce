//! What the screen shows besides the run itself: where a person is, and what they are typing.

use std::time::Instant;

use tui_input::Input;

use super::logs::{self, Logs};
use crate::engine::event::{Check, CheckId, CheckState, Event, Mode, NoteKind, Stamped, StepId};
use crate::engine::run::Run;
use crate::release::text::Clean;

/// A panel that keys act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// Pre-checks.
    Checks,
    /// The pipeline.
    Release,
    /// The tabs.
    Tabs,
    /// The log.
    Log,
}

/// What the tab panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The manifest, field by field.
    Diff,
    /// The assets of the plan.
    Artifacts,
    /// What happens here, and why.
    Guide,
    /// What shows that it is true.
    Evidence,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Diff, Self::Artifacts, Self::Guide, Self::Evidence];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Diff => "Manifest diff",
            Self::Artifacts => "Artifacts",
            Self::Guide => "Guide",
            Self::Evidence => "Evidence",
        }
    }
}

/// What stands over the screen.
#[derive(Debug, Clone)]
pub enum Popup {
    /// The keys.
    Help,
    /// The typed confirmation.
    Confirm {
        /// What was typed.
        input: Input,
        /// What was wrong with what was typed before.
        wrong: Option<Clean>,
        /// Since when the question stands.
        asked: Instant,
        /// When the first character was typed.
        began: Option<Instant>,
    },
    /// The reason for a waiver.
    Waive {
        /// Of which check.
        id: CheckId,
        /// What was typed.
        input: Input,
    },
    /// Whether to leave while something is being published.
    Quit,
    /// How the run ended.
    End,
    /// What a dry-run would do.
    DryRun(Vec<String>),
}

impl Popup {
    /// The question for the tag.
    pub fn question(wrong: Option<Clean>) -> Self {
        Self::Confirm { input: Input::default(), wrong, asked: Instant::now(), began: None }
    }
}

/// Where the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is known yet.
    Opening,
    /// Looking.
    Looking,
    /// A person decides.
    Ready,
    /// The tag is asked for.
    Asking,
    /// Under way.
    Publishing,
    /// The run has a result.
    Ended,
}

/// What the screen is drawn from.
#[derive(Debug)]
pub struct Model {
    /// The run, folded from its events.
    pub run: Run,
    /// The practice world.
    pub practice: bool,
    /// Which panel keys act on.
    pub panel: Panel,
    /// Which tab is shown.
    pub tab: Tab,
    /// Which check is selected, in the order in which they are shown.
    pub selected: usize,
    /// How far the tab is scrolled.
    pub scroll: u16,
    /// What stands over the screen.
    pub popup: Option<Popup>,
    /// Whether the guide follows along.
    pub guided: bool,
    /// The log and how it is looked at.
    pub logs: Logs,
    /// A short answer to the last key.
    pub toast: Option<String>,
    /// Ctrl-C was pressed once.
    pub armed: bool,
}

impl Model {
    /// The first screen.
    pub fn new(practice: bool, guided: bool) -> Self {
        Self {
            run: Run::default(),
            practice,
            panel: Panel::Checks,
            tab: if guided { Tab::Guide } else { Tab::Diff },
            selected: 0,
            scroll: 0,
            popup: None,
            guided,
            logs: Logs::default(),
            toast: None,
            armed: false,
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, stamped: &Stamped) {
        if matches!(stamped.event, Event::RunStarted { .. }) {
            self.run = Run::default();
            // What stands there belongs to the run before, but for what a person has opened meanwhile.
            self.popup.take_if(|popup| !matches!(popup, Popup::Help | Popup::Quit));
        }
        self.run.apply(stamped);
        match &stamped.event {
            Event::StepStarted { step: StepId::Confirm } => {
                self.popup = Some(Popup::question(None));
            }
            // On a small screen this is the panel in which something moves now.
            Event::StepStarted { step: StepId::Lock } => self.panel = Panel::Release,
            Event::StepFinished { step: StepId::Confirm, .. } => {
                self.popup.take_if(|popup| matches!(popup, Popup::Confirm { .. }));
            }
            Event::Note { kind: NoteKind::Mistyped, text, .. } => {
                self.popup = Some(Popup::question(Some(text.clone())));
            }
            Event::Note { kind: NoteKind::Warning, text, .. } => self.toast = Some(text.to_string()),
            Event::Report { kind, data } if kind.as_str() == "dry-run" => {
                let acts = data.as_array().into_iter().flatten();
                let acts = acts.filter_map(|act| act.as_str()).map(|act| Clean::from(act).to_string());
                self.popup = Some(Popup::DryRun(acts.collect()));
            }
            Event::Result(_) => {
                // What Ctrl-C stopped is over: the next one begins anew.
                self.armed = false;
                self.popup = Some(Popup::End);
                self.tab = Tab::Evidence;
                self.scroll = 0;
            }
            _ => {}
        }
        logs::take(stamped);
    }

    /// Where the session is.
    pub fn phase(&self) -> Phase {
        let step = |id| self.run.steps.iter().find(|step| step.id == id);
        if self.run.result.is_some() {
            return Phase::Ended;
        }
        if self.run.started.is_none() {
            return Phase::Opening;
        }
        if step(StepId::Confirm).is_some_and(|step| step.state.is_none()) {
            return Phase::Asking;
        }
        if step(StepId::Lock).is_some() {
            return Phase::Publishing;
        }
        let looked = |id| step(id).is_some_and(|step| step.state.is_some());
        if looked(StepId::Checks) && looked(StepId::Plan) { Phase::Ready } else { Phase::Looking }
    }

    /// Whether something moves on the screen by itself.
    pub fn is_moving(&self) -> bool {
        matches!(self.phase(), Phase::Opening | Phase::Looking | Phase::Publishing)
            || self.run.checks.iter().any(|check| check.state == CheckState::Running)
    }

    /// The mode, as a word.
    pub fn badge(&self) -> &'static str {
        match (&self.run.started, self.practice) {
            (_, true) => "SANDBOX",
            (Some((_, Mode::Live, _)), _) => "LIVE",
            (Some((_, Mode::DryRun, _)), _) => "DRY-RUN",
            (Some((_, Mode::ReadOnly, _)) | None, _) => "READ-ONLY",
        }
    }

    /// The checks as they are shown: what blocks first, then what warns, then the others in their order.
    pub fn checks(&self) -> Vec<&Check> {
        let mut checks: Vec<_> = self.run.checks.iter().collect();
        let rank = |check: &Check| match check.state {
            _ if check.blocks() => 0,
            CheckState::Running => 1,
            CheckState::Warning | CheckState::Failed | CheckState::Unknown => 2,
            CheckState::Waiting => 3,
            CheckState::Ok | CheckState::Skipped => 4,
        };
        checks.sort_by_key(|check| (rank(check), check.id));
        checks
    }

    /// The selected check.
    pub fn check(&self) -> Option<&Check> {
        let checks = self.checks();
        checks.get(self.selected.min(checks.len().saturating_sub(1))).copied()
    }

    /// The step that runs, or else the last that ended.
    pub fn step(&self) -> Option<StepId> {
        let running = self.run.steps.iter().rev().find(|step| step.state.is_none());
        running.or(self.run.steps.last()).map(|step| step.id)
    }
}
