//! A script on its way to the VM and back: wrapped between marks with a nonce, parameters as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

const WRAP: &str = include_str!("../../../assets/vm/wrap.sh");

/// What a script printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ran {
    /// Its own exit status.
    pub rc: i32,
    /// Lines of its standard output.
    pub lines: Vec<String>,
    /// Its standard error.
    pub stderr: String,
}

/// A text as a shell script may hold it.
pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

/// A text that a script encoded so.
pub(super) fn decode(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// The whole script. Values of `parameters` are any text; names are ours.
pub(super) fn wrap(body: &str, parameters: &[(&str, &str)], nonce: &str) -> String {
    let line = |(name, value): &(&str, &str)| {
        format!("{name}=$(nx_text '{}') || exit 65; {name}=${{{name}%x}}\n", encode(value))
    };
    let lines = parameters.iter().map(line).collect::<Vec<_>>().concat();
    WRAP.replace("@NONCE@", nonce).replace("# @PARAMETERS@\n", &lines) + body
}

#[derive(Deserialize)]
struct Answer {
    value: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    message: Option<String>,
}

#[derive(Deserialize)]
struct End {
    rc: i32,
}

/// What az answered; `Err`: why that does not tell how the script ended.
pub(super) fn read(answer: &str, nonce: &str) -> Result<Ran, String> {
    let Ok(answer) = serde_json::from_str::<Answer>(answer) else {
        return Err("az answered no JSON of the known form".into());
    };
    let message = answer.value.into_iter().filter_map(|status| status.message).collect::<Vec<_>>().join("\n");
    let (begin, end) = (format!("@@NX-BEGIN {nonce}"), format!("@@NX-END {nonce} "));
    let lines: Vec<&str> = message.lines().collect();
    let first = lines.iter().position(|line| line.trim_end() == begin);
    let last = lines.iter().rposition(|line| line.starts_with(&end));
    let Some(last) = last else {
        return Err(match first {
            _ if message.contains("didn't finish") => "Azure says that the script did not finish".into(),
            Some(_) => "the script began, and its end mark is missing".into(),
            None if message.contains("@@NX-END") => "Azure gave the output of an earlier run".into(),
            None => "the script's marks are missing".into(),
        });
    };
    let Some(first) = first.filter(|first| *first < last) else {
        return Err("its output was cut off: the end mark is there, the begin mark is not".into());
    };
    let End { rc } = serde_json::from_str(&lines[last][end.len()..]).map_err(|_| "its end mark is torn".to_owned())?;
    let stderr = message.rsplit_once("\n[stderr]\n").map_or("", |(_, stderr)| stderr).trim().to_owned();
    let lines = lines[first + 1..last].iter().map(|line| (*line).to_owned()).collect();
    Ok(Ran { rc, lines, stderr })
}
