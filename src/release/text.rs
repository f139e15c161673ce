//! Text from outside, made safe to show: no escape sequence, control or bidi character reaches a terminal, a log or
//! JSON (facts/TRUST.md row 21).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Sanitised text. Every text that a front end sees is one: the type is the proof.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Clean(String);

impl Clean {
    /// Sanitises `text`. Line feeds and tabs stay; escape sequences go; every other control, bidi or invisible
    /// character is written out as `\u{…}`, so that it is seen.
    pub fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\u{1b}' => skip_escape(&mut chars),
                '\n' | '\t' => out.push(c),
                '\r' if chars.peek() == Some(&'\n') => {}
                c if is_unsafe(c) => out.extend(c.escape_unicode()),
                c => out.push(c),
            }
        }
        Self(out)
    }

    /// Sanitises `text` onto one line of at most `max` characters; what is cut is shown as `…`.
    pub fn line(text: &str, max: usize) -> Self {
        let joined = Self::new(text).0.split_whitespace().collect::<Vec<_>>().join(" ");
        if joined.chars().count() <= max {
            return Self(joined);
        }
        Self(joined.chars().take(max.saturating_sub(1)).chain(['…']).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A count of bytes as people read it, e.g. `301.8 MiB`; small ones in full.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..0x2800 => format!("{bytes} B"),
        0x2800..0x10_0000 => format!("{} KiB", tenths(0x400)),
        0x10_0000..0x4000_0000 => format!("{} MiB", tenths(0x10_0000)),
        _ => format!("{} GiB", tenths(0x4000_0000)),
    }
}

/// Leaves out the rest of an escape sequence, and nothing else: a sequence that breaks off ends where a terminal would
/// give it up, or at the end of its line, so that no text is hidden behind it.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        // CSI: parameters and intermediates, then a final byte.
        Some('[') => {
            chars.next();
            while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
            chars.next_if(|c| matches!(c, '@'..='~'));
        }
        // DCS, SOS, OSC, PM and APC: a string up to BEL or ST. Another escape, CAN or SUB gives it up.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while chars.next_if(|c| !matches!(c, '\u{7}' | '\u{18}' | '\u{1a}' | '\u{1b}' | '\u{9c}' | '\n')).is_some()
            {
            }
            chars.next_if(|c| matches!(c, '\u{7}' | '\u{18}' | '\u{1a}' | '\u{9c}'));
        }
        // Two or more bytes: intermediates such as the `(` of a character set, then a final byte. ST is one of these.
        _ => {
            while chars.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            chars.next_if(|c| matches!(c, '0'..='~'));
        }
    }
}

/// Controls (C0, DEL, C1), bidi controls, line and paragraph separators, and what Unicode calls default ignorable: it
/// is invisible, so that two names look alike. Variation selectors, which only choose between forms, stay.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Clean {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Clean {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<&String> for Clean {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}
