//! The dashboard of `status --watch`: what it shows, and what keys do there.

use super::input::Wish;
use super::keys::Action;
use super::model::Popup;
use crate::engine::event::Command;
use crate::front::matrix;
use crate::release::status::{self, Status};

/// A panel that keys act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// What is not as it should be.
    Wrong,
    /// What is public, and what is on its way there.
    Releases,
    /// This workspace, the VM, and the clients.
    Here,
}

impl Pane {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Wrong, Self::Releases, Self::Here];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Wrong => "Not as it should be",
            Self::Releases => "Releases",
            Self::Here => "Here",
        }
    }
}

/// What is shown.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// What was found; `None`: nothing yet.
    pub status: Option<Status>,
    /// Which panel keys act on.
    pub pane: Pane,
    /// How far it is scrolled.
    pub scroll: u16,
    /// It is being looked at.
    pub looking: bool,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self { status: None, pane: Pane::Wrong, scroll: 0, looking: true }
    }
}

/// What an action comes to.
pub enum Done {
    /// Nothing more.
    Nothing,
    /// This is asked of the loop.
    Wish(Wish),
    /// This stands over the screen now.
    Opens(Popup),
    /// A short answer.
    Says(&'static str),
}

impl Dashboard {
    /// What can be done here, for the help.
    pub const ACTIONS: [Action; 12] = [
        Action::RecheckAll,
        Action::Next,
        Action::Previous,
        Action::Up,
        Action::Down,
        Action::PageUp,
        Action::PageDown,
        Action::First,
        Action::Last,
        Action::Copy,
        Action::Help,
        Action::Quit,
    ];

    /// Takes in what was found.
    pub fn take(&mut self, status: Status) {
        // What is shown before the first answer says no time of the next look.
        self.looking = status.next.is_none();
        self.status = Some(status);
    }

    /// Does it; `limit`: how far the panel can be scrolled.
    pub fn act(&mut self, action: Action, distance: Option<i32>, limit: u16) -> Done {
        match action {
            Action::Quit => Done::Wish(Wish::Leave),
            Action::Help => Done::Opens(Popup::Help),
            Action::Recheck | Action::RecheckAll | Action::Go => {
                self.looking = true;
                Done::Wish(Wish::Say(Command::Recheck(None)))
            }
            Action::Next | Action::Right => self.turn(1),
            Action::Previous | Action::Left => self.turn(Pane::ALL.len() - 1),
            Action::Copy => match self.fixes() {
                fixes if fixes.is_empty() => Done::Says("There is nothing to copy."),
                fixes => Done::Wish(Wish::Copy(fixes.join("\n"))),
            },
            _ => {
                let Some(by) = distance else { return Done::Nothing };
                let to = i32::from(self.scroll.min(limit)).saturating_add(by).clamp(0, limit.into());
                self.scroll = u16::try_from(to).unwrap_or(limit);
                Done::Nothing
            }
        }
    }

    fn turn(&mut self, by: usize) -> Done {
        let at = Pane::ALL.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        (self.pane, self.scroll) = (Pane::ALL[(at + by) % Pane::ALL.len()], 0);
        Done::Nothing
    }

    /// The commands that mend what is wrong, each once.
    fn fixes(&self) -> Vec<String> {
        let Some(status) = &self.status else { return Vec::new() };
        let again = status.cut_off().map(status::Done::again);
        let cells = status.rows.iter().flat_map(|row| &row.cells);
        let mends = matrix::wrong(cells).into_iter().flat_map(|cell| &cell.fix).map(ToString::to_string);
        let mut fixes: Vec<String> = Vec::new();
        for fix in again.into_iter().chain(mends) {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        fixes
    }
}
