//! The key in the environment files of the VM: a verdict comes back, never the value. The same script shows that no other
//! command runs there.

use std::time::Duration;

use super::client::{Reader, odd};
use super::script::{decode, encode};
use super::turn::Script;
use crate::release::failure::Failure;

const DEADLINE: Duration = Duration::from_mins(5);
/// What the server needs to talk to Gemini.
pub(super) const KEY: &str = "GEMINI_API_KEY";

/// What one environment file holds of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A value.
    Ok,
    /// There is no such file.
    Missing,
    /// Something else is in its place.
    NotAFile,
    /// The service's user may not read it.
    Unreadable,
    /// The service's user may not enter a folder above it.
    Closed,
    /// The file has no such line.
    Absent,
    /// Its value is empty.
    Empty,
    /// Its value stands for one that is still to come.
    Placeholder,
}

impl Verdict {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "ok" => Self::Ok,
            "missing" => Self::Missing,
            "not-a-file" => Self::NotAFile,
            "unreadable" => Self::Unreadable,
            "closed" => Self::Closed,
            "absent" => Self::Absent,
            "empty" => Self::Empty,
            "placeholder" => Self::Placeholder,
            _ => return None,
        })
    }
}

/// What the service's log says of the key and of the file that holds it since the service was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Nothing.
    Quiet,
    /// `API_KEY_INVALID`.
    Invalid,
    /// `API key expired`.
    Expired,
    /// `illegal environment variable name`: the server does not get through its own `config.env`.
    Crashed,
    /// The server's text processing did not start, and the key is not said to be why.
    Textless,
    /// It cannot be read.
    Unreadable,
}

/// One environment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Relative to `vm.app_dir`.
    pub path: String,
    /// What it holds; of several lines the last one counts, as for the server.
    pub verdict: Verdict,
    /// How many lines set the key.
    pub count: u64,
    /// The outermost folder above it that the service may not enter.
    pub folder: Option<String>,
}

/// The answer of the key check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Every file of `vm.env_files`.
    pub files: Vec<KeyFile>,
    /// The service's log.
    pub log: Log,
}

impl Reader {
    /// Looks at the key, once the VM is free.
    pub async fn keys(&self) -> Result<Keys, Failure> {
        let list = self.vm.env_files.iter().map(encode).collect::<Vec<_>>().join("\n");
        let parameters = [("NX_FILES", list.as_str()), ("NX_KEY", KEY), ("NX_SERVICE", &self.vm.service)];
        let body = include_str!("../../../assets/vm/keys.sh");
        let script = Script { what: "The key check", body, parameters: &parameters, deadline: DEADLINE, writes: false };
        let lines = self.turn().await?.read(script).await?;
        self.verdicts(&lines).ok_or_else(|| odd("The key check came back with an answer that is not understood"))
    }

    fn verdicts(&self, lines: &[String]) -> Option<Keys> {
        let words: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
        let folder = |number: &str| {
            words.iter().find_map(|words| match words[..] {
                ["FOLDER", at, folder] if at == number => decode(folder),
                _ => None,
            })
        };
        let file = |(number, path): (usize, &String)| {
            let number = number.to_string();
            words.iter().find_map(|words| match words[..] {
                ["FILE", at, verdict, count] if at == number => Some(KeyFile {
                    path: path.clone(),
                    verdict: Verdict::parse(verdict)?,
                    count: count.parse().ok()?,
                    folder: folder(&number),
                }),
                _ => None,
            })
        };
        let files = self.vm.env_files.iter().enumerate().map(file).collect::<Option<_>>()?;
        let log = words.iter().find_map(|words| match words[..] {
            ["LOG", "quiet"] => Some(Log::Quiet),
            ["LOG", "invalid"] => Some(Log::Invalid),
            ["LOG", "expired"] => Some(Log::Expired),
            ["LOG", "crashed"] => Some(Log::Crashed),
            ["LOG", "textless"] => Some(Log::Textless),
            ["LOG", "unreadable"] => Some(Log::Unreadable),
            _ => None,
        })?;
        Some(Keys { files, log })
    }
}
