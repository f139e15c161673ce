//! The process's variables as a value, so that tests and the practice world can pass their own.

use std::collections::BTreeMap;
use std::fmt;

/// What every child process needs to find programs, its own settings and a key ring.
const SHARED: [&str; 8] =
    ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// Variables by name. Nothing else in the program reads `std::env`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. Bytes that are not UTF-8 become U+FFFD; settings refuse such a value.
    pub fn from_process() -> Self {
        let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// The value of `name`; an empty one is a value too.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What a child process gets: the variables that every one needs, and those of `names`, where they are set. Nothing
    /// else is handed on.
    pub fn only(&self, names: &[&str]) -> Vec<(String, String)> {
        let set = |name: &&str| Some(((*name).to_owned(), self.get(name)?.to_owned()));
        SHARED.iter().chain(names).filter_map(set).collect()
    }

    /// The same variables, with `name` set to `value`.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Every variable, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Names only: values may be secrets (facts/TRUST.md row 22).
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment ")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}
