//! What the screen shows besides the run itself: where a person is, and what they are typing.

use std::time::Instant;

use tui_input::Input;

use super::dashboard::Dashboard;
use super::logs::{self, Logs};
use crate::engine::event::{Check, CheckId, CheckState, Event, Mode, NoteKind, RunResult, Stamped, StepId, StepState};
use crate::engine::run::Run;
use crate::engine::versions::{Proposal, Survey};
use crate::release::checklist::Item;
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
    /// Every place where the version stands.
    Version,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Diff, Self::Artifacts, Self::Guide, Self::Evidence, Self::Version];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Diff => "Manifest diff",
            Self::Artifacts => "Artifacts",
            Self::Guide => "Guide",
            Self::Evidence => "Evidence",
            Self::Version => "Version",
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
        /// When the first character was typed, and how many came by themselves since.
        began: Option<(Instant, usize)>,
    },
    /// The reason for a waiver.
    Waive {
        /// Of which check.
        id: CheckId,
        /// What was typed.
        input: Input,
    },
    /// The next version.
    Version {
        /// What was typed.
        input: Input,
        /// What was wrong with what was typed before.
        wrong: Option<Clean>,
    },
    /// What setting that version changes, to be accepted.
    Rewrite {
        /// What was asked for.
        proposal: Box<Proposal>,
        /// Since when the question stands.
        asked: Instant,
    },
    /// The selected check, which blocks: what it found, why that matters, how to mend it.
    Check,
    /// Whether to leave while something is being published.
    Quit,
    /// How the run ended.
    End,
    /// What a run would do: headings, each with its lines.
    DryRun(Vec<(&'static str, Vec<String>)>),
}

impl Popup {
    /// The question for the tag.
    pub fn question(wrong: Option<Clean>) -> Self {
        Self::Confirm { input: Input::default(), wrong, asked: Instant::now(), began: None }
    }
}

/// How far what is on the screen can be scrolled: measured while it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The tab panel.
    pub tab: u16,
    /// The pipeline.
    pub steps: u16,
    /// What stands over the screen.
    pub popup: u16,
}

/// What is published from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// A workspace of the real world.
    Real,
    /// A practice world in a folder that stays.
    Kept,
    /// A practice world that is removed when the console is left.
    Fleeting,
}

/// The answer to a key that has to wait; it goes when what it waits for has ended.
pub const BUSY: &str = "Something is under way. Ctrl-C stops it.";

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

impl Phase {
    /// Whether nothing is under way and nothing asked.
    pub fn is_free(self) -> bool {
        matches!(self, Self::Ready | Self::Ended)
    }
}

/// What the screen is drawn from.
#[derive(Debug)]
pub struct Model {
    /// The run, folded from its events.
    pub run: Run,
    /// What is published from here.
    pub ground: Ground,
    /// Which panel keys act on.
    pub panel: Panel,
    /// Which tab is shown.
    pub tab: Tab,
    /// Which check is selected; `None`: whichever is shown first.
    pub selected: Option<CheckId>,
    /// How far the tab is scrolled.
    pub scroll: u16,
    /// How far the pipeline is scrolled; `None`: what is done folds, what moves is seen.
    pub steps: Option<u16>,
    /// Which manifest file the diff is of.
    pub file: usize,
    /// What stands over the screen.
    pub popup: Option<Popup>,
    /// How far that is scrolled.
    pub over: u16,
    /// How far things can be scrolled in the last frame.
    pub limits: Limits,
    /// The final checklist; empty before the end.
    pub checklist: Vec<Item>,
    /// What every place says that has the version in it.
    pub survey: Option<Survey>,
    /// Where a person was before the question for the tag.
    left: Option<(Panel, Tab)>,
    /// Whether the guide follows along.
    pub guided: bool,
    /// The log and how it is looked at.
    pub logs: Logs,
    /// What is watched, where nothing is published.
    pub dashboard: Option<Dashboard>,
    /// A short answer to the last key.
    pub toast: Option<String>,
    /// When Ctrl-C was pressed.
    pub armed: Option<Instant>,
}

impl Model {
    /// The first screen.
    pub fn new(ground: Ground, guided: bool) -> Self {
        Self {
            run: Run::default(),
            ground,
            panel: Panel::Checks,
            tab: if guided { Tab::Guide } else { Tab::Diff },
            selected: None,
            scroll: 0,
            steps: None,
            file: 0,
            popup: None,
            over: 0,
            limits: Limits::default(),
            checklist: Vec::new(),
            survey: None,
            left: None,
            guided,
            logs: Logs::default(),
            dashboard: None,
            toast: None,
            armed: None,
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, stamped: &Stamped) {
        if let (Some(dashboard), Event::Report { data, .. }) = (&mut self.dashboard, &stamped.event) {
            // The latest is all that counts: whoever watches for days does not keep every look.
            if let Ok(status) = serde::Deserialize::deserialize(data) {
                dashboard.take(status);
            }
            return;
        }
        if matches!(stamped.event, Event::RunStarted { .. }) {
            self.run = Run::default();
            (self.steps, self.file, self.survey) = (None, 0, None);
            self.checklist.clear();
            // What stands there belongs to the run before, but for what a person has opened meanwhile.
            self.popup.take_if(|popup| !matches!(popup, Popup::Help | Popup::Quit));
        }
        self.run.apply(stamped);
        match &stamped.event {
            Event::StepStarted { step: StepId::Confirm } => self.ask(),
            // On a small screen this is the panel in which something moves now.
            Event::StepStarted { step: StepId::Lock } => (self.panel, self.steps) = (Panel::Release, None),
            Event::StepFinished { step: StepId::Confirm, .. } => self.answered(),
            Event::Note { kind: NoteKind::Mistyped, text, .. } => self.open(Popup::question(Some(text.clone()))),
            Event::Note { kind: NoteKind::Warning, text, .. } => self.toast = Some(text.to_string()),
            Event::Report { kind, data } if kind.as_str() == "dry-run" => {
                let lines = |key: &str| {
                    let lines = data[key].as_array().into_iter().flatten().filter_map(|line| line.as_str());
                    lines.map(|line| Clean::from(line).to_string()).collect::<Vec<_>>()
                };
                let parts = [("A release would", "acts"), ("Requests", "requests"), ("Files", "files")];
                self.open(Popup::DryRun(parts.map(|(heading, key)| (heading, lines(key))).to_vec()));
            }
            Event::Report { kind, data } if kind.as_str() == "checklist" => {
                self.checklist = serde_json::from_value(data.clone()).unwrap_or_default();
            }
            Event::Report { kind, data } if kind.as_str() == "version" => {
                self.survey = serde_json::from_value(data.clone()).ok();
            }
            Event::Report { kind, data } if kind.as_str() == "version-set" => {
                if let Ok(proposal) = serde_json::from_value(data.clone()) {
                    self.open(Popup::Rewrite { proposal: Box::new(proposal), asked: Instant::now() });
                }
            }
            Event::Result(_) => {
                self.toast = None;
                self.open(Popup::End);
                (self.tab, self.scroll) = (Tab::Evidence, 0);
            }
            _ => {}
        }
        if self.phase().is_free() {
            self.toast.take_if(|toast| toast == BUSY);
        }
        logs::take(stamped);
    }

    /// Puts something over the screen.
    pub fn open(&mut self, popup: Popup) {
        (self.popup, self.over) = (Some(popup), 0);
    }

    /// The question stands over the diff: it is the diff that is confirmed.
    fn ask(&mut self) {
        self.left = Some((self.panel, self.tab));
        (self.panel, self.tab, self.scroll, self.file) = (Panel::Tabs, Tab::Diff, 0, 0);
        self.open(Popup::question(None));
    }

    fn answered(&mut self) {
        self.popup.take_if(|popup| matches!(popup, Popup::Confirm { .. }));
        if let Some((panel, tab)) = self.left.take() {
            (self.panel, self.tab, self.scroll) = (panel, tab, 0);
        }
    }

    /// Where the session is.
    pub fn phase(&self) -> Phase {
        let step = |id| self.run.steps.iter().find(|step| step.id == id);
        let is_looking = !self.run.looking.is_empty();
        if self.run.result.is_some() {
            return if is_looking { Phase::Looking } else { Phase::Ended };
        }
        if self.run.started.is_none() {
            return Phase::Opening;
        }
        if step(StepId::Confirm).is_some_and(|step| step.state.is_none()) {
            return Phase::Asking;
        }
        // From the typed tag on.
        let confirmed = step(StepId::Confirm).is_some_and(|step| step.state == Some(StepState::Ok));
        if confirmed || step(StepId::Lock).is_some() {
            return Phase::Publishing;
        }
        let looked = |id| step(id).is_some_and(|step| step.state.is_some());
        if !is_looking && looked(StepId::Checks) && looked(StepId::Plan) { Phase::Ready } else { Phase::Looking }
    }

    /// The failure that the last run ended with.
    pub fn failed(&self) -> Option<&RunResult> {
        self.run.result.as_ref().filter(|result| result.code.is_some())
    }

    /// To the diff of the next manifest file.
    pub fn next_file(&mut self) {
        if let Some((file, count)) = self.file() {
            (self.file, self.scroll) = ((file + 1) % count, 0);
        }
    }

    /// Which of the manifest files is looked at, and how many there are.
    pub fn file(&self) -> Option<(usize, usize)> {
        let count = self.run.plan.as_ref()?.manifest.as_ref()?.files.len();
        Some((self.file.checked_rem(count)?, count))
    }

    /// Whether something moves on the screen by itself.
    pub fn is_moving(&self) -> bool {
        self.dashboard.is_none() && matches!(self.phase(), Phase::Opening | Phase::Looking | Phase::Publishing)
    }

    /// The mode, as a word.
    pub fn badge(&self) -> &'static str {
        match (&self.run.started, self.ground != Ground::Real) {
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
            // What blocks of itself, before what could not be found out because of it.
            _ if check.blocks() && check.code.is_some() => 0,
            _ if check.blocks() => 1,
            CheckState::Running => 2,
            CheckState::Warning | CheckState::Failed | CheckState::Unknown => 3,
            CheckState::Waiting => 4,
            CheckState::Ok | CheckState::Skipped => 5,
        };
        checks.sort_by_key(|check| (rank(check), check.id));
        checks
    }

    /// The selected check.
    pub fn check(&self) -> Option<&Check> {
        self.checks().get(self.selected_row()).copied()
    }

    /// Where the selected check stands among [`Self::checks`].
    pub fn selected_row(&self) -> usize {
        self.checks().iter().position(|check| Some(check.id) == self.selected).unwrap_or(0)
    }

    /// The step that runs, or else the last that ended.
    pub fn step(&self) -> Option<StepId> {
        let running = self.run.steps.iter().rev().find(|step| step.state.is_none());
        running.or(self.run.steps.last()).map(|step| step.id)
    }
}
