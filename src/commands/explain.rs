//! `explain`: what a code, a check, a step or a pasted message means.

use std::io::{IsTerminal as _, Read as _, Write as _};

use futures::future::BoxFuture;
use serde_json::json;

use super::{begin, end, refuse};
use crate::engine::event::{Event, Outcome, RunResult};
use crate::front::drive::Hands;
use crate::guide;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::world::stop::Stop;

/// More than any log that a person looks at, in bytes.
const MAX_TEXT: u64 = 16 * 1024 * 1024;

/// Runs it.
pub fn run(words: Vec<String>) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |Hands { events, stop, .. }| {
        Box::pin(async move {
            let found = match words.as_slice() {
                [] => Ok(("topics", guide::topics())),
                [only] if only == "-" => match read(&stop).await {
                    Ok(text) => explained(&text),
                    Err(failure) => Err(failure),
                },
                words => explained(&words.join(" ")),
            };
            match found {
                Err(failure) => refuse(&events, "explain", &failure),
                Ok((kind, entries)) => {
                    begin(&events, "explain", "");
                    events.send(Event::Report { kind: kind.into(), data: json!(entries) });
                    end(&events, RunResult::bare(Outcome::Done, 0))
                }
            }
        })
    }
}

fn explained(text: &str) -> Result<(&'static str, Vec<guide::Entry>), Failure> {
    let entries = guide::explain(text);
    if !entries.is_empty() {
        return Ok(("explain", entries));
    }
    let failure = Failure::new(Code::ExplainUnknown, format!("Nothing is known about `{}`", Clean::line(text, 80)));
    Err(match guide::nearest(text) {
        Some(near) => failure.why(format!("Did you mean `{near}`?")).fix(format!("nexy-release explain {near}")),
        None => failure
            .why("It is no code, check or step, and no message that is known.")
            .fix("nexy-release explain - < FILE   (the whole log)"),
    }
    .fix("nexy-release explain   (what can be explained)"))
}

/// All of stdin.
async fn read(stop: &Stop) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        // A terminal that is gone asks nobody.
        let _ = writeln!(std::io::stderr(), "Paste the message, then press Enter and Ctrl-D.");
    }
    // A thread of its own, never waited for: reading from a terminal cannot be given up.
    let (say, said) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = std::io::stdin().take(MAX_TEXT).read_to_end(&mut bytes);
        say.send(read.map(|_| bytes))
    });
    let unread = |why: String| Failure::new(Code::LocalFile, "stdin cannot be read").why(why);
    match stop.or(async { Ok(said.await) }).await? {
        Ok(Ok(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(Err(error)) => Err(unread(error.to_string())),
        Err(error) => Err(unread(error.to_string())),
    }
}
