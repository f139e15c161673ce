//! `config show`, `config check`, `config init`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;

use super::{Setting, begin, end, open, refuse};
use crate::cli::Config;
use crate::engine::event::{Event, NoteKind, Outcome, RunResult};
use crate::engine::feed::Events;
use crate::front::drive::Hands;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::{self, Answers, Detected, Environment, FILE, Repo};
use crate::world::process;
use crate::world::stop::Stop;
use crate::world::{files, workspace};

/// Runs one of them.
pub fn run(
    explicit: Option<PathBuf>,
    setting: Setting,
    what: Config,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            let Hands { events, stop, .. } = hands;
            match what {
                Config::Show => show(explicit.as_deref(), &setting, &events),
                Config::Check => check(explicit.as_deref(), &setting, &events),
                Config::Init => init(explicit.as_deref(), &setting, &events, &stop).await,
            }
        })
    }
}

fn show(explicit: Option<&Path>, setting: &Setting, events: &Events) -> RunResult {
    match open(explicit, setting) {
        Err(failure) => refuse(events, "config show", &failure),
        Ok((root, loaded)) => {
            begin(events, "config show", &root.to_string_lossy());
            let shown = settings::show(&loaded);
            events.send(Event::Report { kind: "config".into(), data: json!(shown) });
            end(events, RunResult::bare(Outcome::Done, 0))
        }
    }
}

fn check(explicit: Option<&Path>, setting: &Setting, events: &Events) -> RunResult {
    let root = match workspace::find(&setting.folder, explicit) {
        Ok(root) => root,
        Err(failure) => return refuse(events, "config check", &failure),
    };
    begin(events, "config check", &root.to_string_lossy());
    let failures = settings::check(&root, &setting.environment);
    let Some(first) = failures.first() else {
        let read_only = !root.join(FILE).exists();
        let text =
            if read_only { "The defaults are in force: there is no release.toml" } else { "release.toml is in order" };
        events.note(NoteKind::Info, text);
        return end(events, RunResult::bare(Outcome::Done, 0));
    };
    events.send(Event::Report { kind: "problems".into(), data: json!(failures) });
    end(events, RunResult::bare(Outcome::Failed, 0).failed(first))
}

async fn init(explicit: Option<&Path>, setting: &Setting, events: &Events, stop: &Stop) -> RunResult {
    // A workspace to be may have neither of the files that make one.
    let root = match workspace::find(&setting.folder, explicit) {
        Ok(root) => root,
        Err(_) if explicit.is_none() => setting.folder.clone(),
        Err(failure) => return refuse(events, "config init", &failure),
    };
    let path = root.join(FILE);
    if path.symlink_metadata().is_ok() {
        let failure = Failure::new(Code::SettingsExists, format!("{} is there already", path.display()))
            .why("It is not overwritten.")
            .fix("nexy-release config check")
            .fix(format!("To begin anew: mv '{0}' '{0}.old'", path.display()));
        return refuse(events, "config init", &failure);
    }
    begin(events, "config init", &root.to_string_lossy());
    let mut answers = Answers::suggested(&detect(&root, &setting.environment, stop).await);
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        // A thread of its own, never waited for: reading from a terminal cannot be given up.
        let (answer, answered) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || answer.send(ask(answers)));
        answers = match stop.or(async { Ok(answered.await.ok().flatten()) }).await {
            Ok(Some(answers)) => answers,
            Ok(None) => {
                return end(events, RunResult::bare(Outcome::Interrupted, 0).failed(&unanswered(Code::NotConfirmed)));
            }
            Err(_) => {
                return end(events, RunResult::bare(Outcome::Interrupted, 0).failed(&unanswered(Code::Interrupted)));
            }
        };
    }
    if let Err(failure) = files::write(&path, settings::starter_file(&answers).as_bytes()) {
        return end(events, RunResult::bare(Outcome::Failed, 0).failed(&failure));
    }
    events.note(NoteKind::Info, format!("Wrote {}", path.display()));
    events.note(NoteKind::Info, "Next: nexy-release config show, then nexy-release check");
    end(events, RunResult::bare(Outcome::Done, 0))
}

/// Looks for remotes and programs; what cannot be found out is taken as not there, because a person sees the file.
async fn detect(root: &Path, environment: &Environment, stop: &Stop) -> Detected {
    let path = environment.get("PATH").unwrap_or_default().to_owned();
    let installed = |name: &str| process::is_installed(name, &path);
    let folder = root.to_string_lossy();
    let argv = ["git", "-C", &folder, "remote", "-v"];
    let output = process::run(&argv, [("PATH", path.as_str())], Duration::from_secs(10), stop).await;
    let lines = output.map(|output| output.stdout).unwrap_or_default();
    let remotes = lines
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect();
    Detected { remotes, gh: installed("gh"), az: installed("az") }
}

fn unanswered(code: Code) -> Failure {
    Failure::new(code, "Stopped at a question; no release.toml was written").fix("nexy-release config init")
}

/// Asks what cannot be guessed; `None` at the end of input.
fn ask(mut answers: Answers) -> Option<Answers> {
    let offered =
        |repo: &Option<Repo>, default: &str| repo.as_ref().map_or_else(|| default.to_owned(), Repo::to_string);
    let (artifacts, code) =
        (offered(&answers.repo, "Seregawpn/Nexy_production"), offered(&answers.expected_repo, "Seregawpn/Nexy_server"));
    answers.repo = Some(ask_repo("Artifact repository, where releases go", &artifacts)?);
    answers.expected_repo = Some(ask_repo("Code repository, which never gets a release", &code)?);
    answers.vm_enabled = Some(ask_yes("Is there an Azure VM to check", answers.vm_enabled != Some(false))?);
    Some(answers)
}

fn ask_repo(question: &str, default: &str) -> Option<Repo> {
    loop {
        let typed = ask_line(&format!("{question} [{default}]: "))?;
        let text = if typed.is_empty() { default } else { &typed };
        match Repo::parse(text) {
            Ok(repo) => return Some(repo),
            Err(_) => say(&format!("`{text}` is not OWNER/NAME.\n")),
        }
    }
}

fn ask_yes(question: &str, default: bool) -> Option<bool> {
    let choice = if default { "Y/n" } else { "y/N" };
    loop {
        match ask_line(&format!("{question}? [{choice}]: "))?.to_lowercase().as_str() {
            "" => return Some(default),
            "y" | "yes" => return Some(true),
            "n" | "no" => return Some(false),
            other => say(&format!("`{other}` is neither y nor n.\n")),
        }
    }
}

/// A typed line; `None` at the end of input.
fn ask_line(question: &str) -> Option<String> {
    say(question);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim().to_owned())
}

fn say(text: &str) {
    let mut stderr = std::io::stderr();
    // A terminal that is gone asks nobody.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
