//! What the updater makes of a URL.

use url::Url;

/// A URL of an appcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// It is downloaded from there.
    Web,
    /// It is taken from beside the appcast.
    Relative,
    /// No http(s): no item may have it.
    Foreign(String),
    /// Nothing is found there; why.
    Broken(String),
}

impl Address {
    /// Of a text as it is written.
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::Broken("is empty".to_owned());
        }
        if text.trim() != text {
            return Self::Broken("begins or ends with a blank".to_owned());
        }
        match scheme(text) {
            Some(scheme) if !["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)) => {
                Self::Foreign(scheme.to_owned())
            }
            _ if text.contains(|c: char| !is_allowed(c)) => Self::Broken("has characters of no URL".to_owned()),
            None => Self::Relative,
            Some(scheme) => match Url::parse(text) {
                Ok(_) if text[scheme.len()..].starts_with("://") => Self::Web,
                _ => Self::Broken("names no host".to_owned()),
            },
        }
    }
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(fits)).then_some(scheme)
}

/// A blank in the middle is forgiven.
fn is_allowed(c: char) -> bool {
    c == ' ' || (c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c))
}
