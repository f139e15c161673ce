//! How the client's updater compares versions, part by part, and what decides (facts/NEXY.md, "What reads our manifest").
//!
//! A version is taken apart where digits, letters and separators meet; everything after a `-` is left out. Missing
//! numbers are 0. A number is newer than a separator, and both are newer than text.

use std::cmp::Ordering;
use std::fmt;

/// How two versions compare, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The first against the second.
    pub order: Ordering,
    /// The part that decides.
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Digits, as many as there are.
    Number(String),
    Period,
    /// White space or punctuation.
    Other,
    Text(String),
}

impl Part {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Number(c.into()),
            '.' => Self::Period,
            // Symbols such as `+` and `~` are no punctuation: text, to the updater.
            c if c.is_whitespace() || c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c) => Self::Other,
            c => Self::Text(c.into()),
        }
    }

    fn is_leading(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Period)
    }

    /// In its place, where the other version goes on and this one has ended.
    fn missing(&self) -> Self {
        match self {
            Self::Number(_) => Self::Number("0".into()),
            other => other.clone(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(digits) => f.write_str(digits),
            Self::Period => f.write_str("a period"),
            Self::Other => f.write_str("a separator"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

/// Compares as the client does.
pub fn compare(one: &str, other: &str) -> Comparison {
    let (mut left, mut right) = (parts(one), parts(other));
    if let (Some(a), Some(b)) = (left.first(), right.first())
        && matches!((a, b), (Part::Text(_), Part::Number(_)) | (Part::Number(_), Part::Text(_)))
    {
        // Zeros in the place of what it lacks would come to the same, with a reason that nobody understands.
        let (order, why) = judge(a, b, 1);
        return Comparison { order, why };
    }
    balance(&mut left, &right);
    balance(&mut right, &left);
    let mut number = 0;
    for (a, b) in left.iter().zip(&right) {
        number += usize::from(matches!(a, Part::Number(_) | Part::Text(_)));
        let (order, why) = judge(a, b, number);
        if order != Ordering::Equal {
            return Comparison { order, why };
        }
    }
    // Whoever goes on is newer, unless with text: 1.0b1 comes before 1.0.
    let goes_on = |rest: &Part, longer: &str| match rest {
        Part::Text(text) => (false, format!("{longer} goes on with the text `{text}`: that comes before it")),
        rest => (true, format!("{longer} goes on with {rest}")),
    };
    let (order, why) = match left.len().cmp(&right.len()) {
        Ordering::Equal => (Ordering::Equal, "every part is equal".to_owned()),
        Ordering::Greater => {
            let (newer, why) = goes_on(&left[right.len()], one);
            (if newer { Ordering::Greater } else { Ordering::Less }, why)
        }
        Ordering::Less => {
            let (newer, why) = goes_on(&right[left.len()], other);
            (if newer { Ordering::Less } else { Ordering::Greater }, why)
        }
    };
    Comparison { order, why }
}

fn parts(version: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (index, c) in version.chars().enumerate() {
        if c == '-' && index > 0 {
            break;
        }
        match (parts.last_mut(), Part::of(c)) {
            (Some(Part::Number(digits)), Part::Number(digit)) => digits.push_str(&digit),
            (Some(Part::Text(text)), Part::Text(letter)) => text.push_str(&letter),
            (_, part) => parts.push(part),
        }
    }
    parts
}

/// Gives a version the numbers that it lacks at its beginning: 1.0 is 1.0.0, and 1b is 1.0b beside 1.1.
fn balance(short: &mut Vec<Part>, long: &[Part]) {
    let leading = |parts: &[Part]| parts.iter().take_while(|part| part.is_leading()).count();
    let (has, wanted) = (leading(short), leading(long));
    if has < wanted {
        short.splice(has..has, long[has..wanted].iter().map(Part::missing));
    }
}

/// `number` counts the parts that are no separators.
fn judge(a: &Part, b: &Part, number: usize) -> (Ordering, String) {
    let order = match (a, b) {
        (Part::Number(x), Part::Number(y)) => {
            // As the updater reads them: whatever is larger than a 64-bit number is the largest one.
            let number = |digits: &str| digits.parse().unwrap_or(i64::MAX);
            number(x).cmp(&number(y))
        }
        (Part::Text(x), Part::Text(y)) => x.cmp(y),
        (Part::Text(_), _) => return (Ordering::Less, format!("{a} is text: it is older than any number")),
        (_, Part::Text(_)) => return (Ordering::Greater, format!("{b} is text: it is older than any number")),
        (Part::Number(_), _) => return (Ordering::Greater, format!("{a} stands where the other has {b}")),
        (_, Part::Number(_)) => return (Ordering::Less, format!("{b} stands where the other has {a}")),
        _ => Ordering::Equal,
    };
    let word = match order {
        Ordering::Less => "comes before",
        Ordering::Equal => "equals",
        Ordering::Greater => "comes after",
    };
    (order, format!("part {number}: {a} {word} {b}"))
}
