//! The key table: one place from which keys act, and footer and help are made.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use toml::Table;
use unicode_width::UnicodeWidthChar as _;

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::FILE;

const DEFAULTS: &str = include_str!("../../../assets/keys.toml");

macro_rules! actions {
    ($($name:ident = $text:literal, $does:literal;)+) => {
        /// What a key does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $does] $name,)+
        }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name in `assets/keys.toml` and under `[keys]`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it does, in a few words.
            pub fn does(self) -> &'static str {
                match self { $(Self::$name => $does,)+ }
            }
        }
    };
}

actions! {
    Go = "go", "go on";
    Back = "back", "back";
    Up = "up", "up";
    Down = "down", "down";
    First = "first", "first";
    Last = "last", "last";
    PageUp = "page_up", "page up";
    PageDown = "page_down", "page down";
    Next = "next", "next panel";
    Previous = "previous", "previous panel";
    Left = "left", "previous tab";
    Right = "right", "next tab";
    Recheck = "recheck", "check again";
    RecheckAll = "recheck_all", "check all again";
    Fix = "fix", "do the fix";
    Waive = "waive", "waive with a reason";
    Copy = "copy", "copy the fix";
    DryRun = "dry_run", "dry run";
    File = "file", "next manifest file";
    Version = "version", "set the next version";
    Guide = "guide", "guide on/off";
    Log = "log", "whole log";
    Targets = "targets", "log sources and levels";
    More = "more", "more in the log";
    Less = "less", "less in the log";
    Filter = "filter", "filter the log";
    NextMatch = "next_match", "next match";
    PreviousMatch = "previous_match", "previous match";
    Help = "help", "help";
    Quit = "quit", "quit";
}

/// A key with its modifiers; shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Which key does what.
#[derive(Debug, Clone)]
pub struct Keys(Vec<(Key, Action, String)>);

impl Keys {
    /// The keys of `assets/keys.toml` with those of `[keys]` over them. Fails on an unknown action, an unknown key, and
    /// on a key that would do two things.
    pub fn new(rebound: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let wrong = |what: String| {
            Failure::new(Code::SettingsValue, format!("[keys]: {what}"))
                .why("A key does one thing, and every action has a key.")
                .fix(format!("Mend [keys] in {FILE}; assets/keys.toml lists actions and keys"))
        };
        let defaults: Table = toml::from_str(DEFAULTS).map_err(|error| wrong(error.message().to_owned()))?;
        if let Some(unknown) = rebound.keys().find(|name| Action::ALL.iter().all(|action| action.name() != *name)) {
            return Err(wrong(format!("there is no action `{unknown}`")));
        }
        let mut keys: Vec<(Key, Action, String)> = Vec::new();
        for action in Action::ALL {
            let default = defaults.get(action.name()).and_then(toml::Value::as_str).unwrap_or_default();
            let written = rebound.get(action.name()).map_or(default, String::as_str);
            let mut any = false;
            for text in written.split_whitespace() {
                let key = Key::parse(text).ok_or_else(|| wrong(format!("`{text}` is no key")))?;
                if let Some((_, other, _)) = keys.iter().find(|(known, ..)| *known == key) {
                    return Err(wrong(format!("`{text}` is both `{}` and `{}`", other.name(), action.name())));
                }
                keys.push((key, *action, text.to_owned()));
                any = true;
            }
            if !any {
                return Err(wrong(format!("`{}` has no key", action.name())));
            }
        }
        Ok(Self(keys))
    }

    /// What a pressed key does.
    pub fn action(&self, event: &KeyEvent) -> Option<Action> {
        let key = Key::of(event);
        self.0.iter().find(|(known, ..)| *known == key).map(|(_, action, _)| *action)
    }

    /// The first key of an action, as it is written.
    pub fn first(&self, action: Action) -> &str {
        self.0.iter().find(|(_, known, _)| *known == action).map_or("", |(.., text)| text)
    }

    /// Every key of an action.
    pub fn all(&self, action: Action) -> String {
        let keys = self.0.iter().filter(|(_, known, _)| *known == action).map(|(.., text)| text.as_str());
        keys.collect::<Vec<_>>().join(" ")
    }
}

impl Key {
    fn of(event: &KeyEvent) -> Self {
        let kept = KeyModifiers::CONTROL | KeyModifiers::ALT;
        Self { code: event.code, modifiers: event.modifiers & kept }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) {
            match modifier {
                "ctrl" => modifiers |= KeyModifiers::CONTROL,
                "alt" => modifiers |= KeyModifiers::ALT,
                _ => return None,
            }
            rest = after;
        }
        let mut chars = rest.chars();
        let code = match (chars.next()?, chars.next()) {
            (one, None) => KeyCode::Char(Some(one).filter(|one| is_shown(*one))?),
            _ => named(rest)?,
        };
        let taken = modifiers.contains(KeyModifiers::CONTROL) && !comes_with_control(code);
        (!taken).then_some(Self { code, modifiers })
    }
}

/// Whether footer and help can show it: one cell that leaves its neighbours alone, and as what it is.
fn is_shown(one: char) -> bool {
    let text = one.to_string();
    one.width() == Some(1) && Clean::new(&text).as_str() == text
}

/// Whether a terminal tells this key with ctrl from every other, and it is nobody else's: ctrl-c and ctrl-z are ours,
/// ctrl-i is tab and ctrl-m enter.
fn comes_with_control(code: KeyCode) -> bool {
    match code {
        KeyCode::Char(c) => c.is_ascii_lowercase() && !matches!(c, 'c' | 'z' | 'i' | 'm'),
        _ => true,
    }
}

fn named(text: &str) -> Option<KeyCode> {
    Some(match text {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        _ => KeyCode::F(text.strip_prefix('f')?.parse().ok().filter(|number| (1..=12).contains(number))?),
    })
}
