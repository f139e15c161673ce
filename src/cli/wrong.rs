//! Reads the command line, and says of a wrong one what is wrong, which word was meant, and a line that works.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Command, CommandFactory as _, Parser as _};

use super::{Cli, Global};
use crate::front::Output;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::nearest::nearest;

/// A command line that asks for no command.
#[derive(Debug)]
pub enum Unread {
    /// Help or version, to be printed.
    Help(Error),
    /// It is wrong.
    Wrong(Box<Wrong>),
}

/// A wrong command line.
#[derive(Debug)]
pub struct Wrong {
    /// Of its options, the form that answers are wanted in.
    pub global: Global,
    /// As far as it was understood, e.g. `config show`; may be empty.
    pub command: String,
    /// What is wrong.
    pub failure: Failure,
}

/// Reads a command line, the program's name first.
pub fn read(line: &[OsString]) -> Result<Cli, Unread> {
    let error = match Cli::try_parse_from(line) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let words: Vec<_> = line.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    // Whoever types the bare name on a terminal wants to know what there is.
    if is_asked_for(&error) || words.is_empty() && std::io::stderr().is_terminal() {
        return Err(Unread::Help(error));
    }
    let json = words.windows(2).any(|pair| pair == ["--output", "json"]) || words.iter().any(|w| w == "--output=json");
    let global = Global { output: if json { Output::Json } else { Output::Text }, ..Global::default() };
    let mut root = Cli::command();
    root.build();
    let line = Line::new(&root, &words);
    Err(Unread::Wrong(Box::new(Wrong { global, command: line.path.join(" "), failure: line.failure(&error) })))
}

/// The examples in the help of a command, without their comments.
pub fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines = lines.map_while(|line| line.strip_prefix("  "));
    // What stands behind several blanks says what the line does.
    lines.map(|line| line.split("   ").next().unwrap_or(line).to_owned()).collect()
}

/// The words of a wrong command line, and the command that they lead to.
struct Line<'a> {
    words: &'a [String],
    root: &'a Command,
    here: &'a Command,
    path: Vec<&'a str>,
}

impl<'a> Line<'a> {
    fn new(root: &'a Command, words: &'a [String]) -> Self {
        let (mut here, mut path) = (root, Vec::new());
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if let Some(inner) = here.find_subcommand(word) {
                here = inner;
                path.push(inner.get_name());
            } else if here.get_arguments().any(|arg| is(arg, word) && arg.get_action().takes_values()) {
                rest.next();
            }
        }
        Self { words, root, here, path }
    }

    fn failure(&self, error: &Error) -> Failure {
        let context = |kind| text(error.get(kind));
        let (arg, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
        let valid: &[String] = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) => valid,
            _ => &[],
        };
        // `--output <OUTPUT>` as it is typed.
        let flag = arg.split([' ', '=']).next().unwrap_or_default();
        match error.kind() {
            ErrorKind::InvalidSubcommand => self.no_command(&context(ContextKind::InvalidSubcommand)),
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => self.incomplete(),
            ErrorKind::UnknownArgument if flag.starts_with('-') => self.no_option(flag),
            ErrorKind::UnknownArgument => self.surplus(&arg),
            ErrorKind::InvalidValue if value.is_empty() => self.no_value(&arg, flag, valid),
            ErrorKind::InvalidValue => self.other_value(&value, flag, valid),
            ErrorKind::ArgumentConflict => self.conflict(flag, &context(ContextKind::PriorArg)),
            ErrorKind::MissingRequiredArgument => {
                self.end(wrong(format!("{} is missing", arg.replace(", ", " and "))), &[])
            }
            _ => {
                let said = error.to_string();
                let said = said.lines().next().unwrap_or_default();
                self.end(wrong(said.strip_prefix("error: ").unwrap_or(said)), &[])
            }
        }
    }

    fn no_command(&self, word: &str) -> Failure {
        let known = self.commands();
        let line = nearest(word, known.iter().copied()).map(|near| self.instead(word, near));
        self.end(Failure::unknown(self.lacks("command", word), word, "Commands", known), line.as_slice())
    }

    fn incomplete(&self) -> Failure {
        let what = match self.path.join(" ") {
            path if path.is_empty() => "The command is missing".into(),
            path => format!("`{path}` needs a command behind it"),
        };
        self.end(wrong(what).why(format!("Commands: {}", self.commands().join(", "))), &[])
    }

    fn no_option(&self, flag: &str) -> Failure {
        let known = options(self.here);
        let last = |option: &str| self.without(flag).into_iter().chain([option.to_owned()]).collect::<Vec<_>>();
        if known.iter().any(|option| option == flag) {
            return self.end(wrong(format!("{flag} stands before its command")), &[last(flag)]);
        }
        let failure = wrong(self.lacks("option", flag));
        let letter = flag.strip_prefix('-').filter(|rest| rest.chars().count() == 1);
        let mut of_letter = known.iter().filter(|option| letter.is_some_and(|l| option[2..].starts_with(l)));
        let only = of_letter.next().filter(|_| of_letter.next().is_none()).map(String::as_str);
        if let Some(near) = only.or_else(|| nearest(flag, known.iter().map(String::as_str))) {
            let here = self.instead(flag, near);
            let line = if works(&here).is_some() { here } else { last(near) };
            return self.end(failure.why(format!("Did you mean {near}?")), &[line]);
        }
        let owners = self.root.get_subcommands().filter(|command| options(command).iter().any(|known| known == flag));
        let owners = owners.map(|command| format!("`{}`", command.get_name())).collect::<Vec<_>>().join(" and ");
        let why = if owners.is_empty() {
            format!("Options: {}", known.join(", "))
        } else {
            format!("It is an option of {owners}.")
        };
        self.end(failure.why(why), &[self.without(flag)])
    }

    fn surplus(&self, word: &str) -> Failure {
        let known = options(self.here);
        let failure = wrong(format!("`{word}` is one word too many"));
        match nearest(&format!("--{word}"), known.iter().map(String::as_str)) {
            Some(near) => self.end(failure.why(format!("Did you mean {near}?")), &[self.instead(word, near)]),
            None => self.end(failure, &[self.without(word)]),
        }
    }

    fn no_value(&self, arg: &str, flag: &str, valid: &[String]) -> Failure {
        let name = arg.split_once('<').map_or("VALUE", |(_, name)| name.trim_end_matches(['>', '.']));
        let value = valid.first().map_or(name, String::as_str);
        let line = self.words.iter().position(|word| word == flag).map(|at| self.with(at, &[flag, value]));
        self.end(wrong(format!("{flag} has no value")).why(format!("It is written so: {arg}")), line.as_slice())
    }

    fn other_value(&self, value: &str, flag: &str, valid: &[String]) -> Failure {
        let known = || valid.iter().map(String::as_str);
        let line = nearest(value, known()).map(|near| self.instead(value, near));
        let what = format!("`{value}` is no value of {flag}");
        self.end(Failure::unknown(what, value, "Values", known()), line.as_slice())
    }

    fn conflict(&self, flag: &str, prior: &str) -> Failure {
        let prior = prior.split([' ', '=', ',']).next().unwrap_or_default();
        if prior == flag || prior.is_empty() {
            let again = self.words.iter().rposition(|word| word == flag).map(|at| self.with(at, &[]));
            return self.end(wrong(format!("{flag} stands there twice")), again.as_slice());
        }
        let failure = wrong(format!("{prior} and {flag} exclude each other")).why("Leave one of them out.");
        self.end(failure, &[self.without(flag), self.without(prior)])
    }

    /// Adds those of `lines` that work as commands, else an example, and where to read more.
    fn end(&self, failure: Failure, lines: &[Vec<String>]) -> Failure {
        let mut fixes: Vec<_> = lines.iter().filter_map(|line| works(line)).collect();
        if fixes.is_empty() {
            fixes.extend(examples(self.here).into_iter().next());
        }
        let help = ["nexy-release"].into_iter().chain(self.path.iter().copied()).chain(["--help"]).collect::<Vec<_>>();
        fixes.into_iter().fold(failure, Failure::fix).fix(help.join(" "))
    }

    fn lacks(&self, what: &str, word: &str) -> String {
        match self.path.join(" ") {
            path if path.is_empty() => format!("There is no {what} `{word}`"),
            path => format!("`{path}` has no {what} `{word}`"),
        }
    }

    fn commands(&self) -> Vec<&'a str> {
        let names = self.here.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name);
        names.filter(|name| *name != "help").collect()
    }

    /// The words with the one at `at` exchanged for `by`.
    fn with(&self, at: usize, by: &[&str]) -> Vec<String> {
        let mut words = self.words.to_vec();
        words.splice(at..=at, by.iter().map(ToString::to_string));
        words
    }

    fn without(&self, word: &str) -> Vec<String> {
        self.words.iter().filter(|known| *known != word).cloned().collect()
    }

    /// The words with `right` for `wrong`, which may stand behind a `=` or in a list.
    fn instead(&self, wrong: &str, right: &str) -> Vec<String> {
        let part =
            |text: &str| text.split(',').map(|p| if p == wrong { right } else { p }).collect::<Vec<_>>().join(",");
        let word = |word: &String| match word.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => format!("{}={}", part(flag), part(value)),
            _ => part(word),
        };
        self.words.iter().map(word).collect()
    }
}

/// Whether it is no error, but `--help` or `--version`.
fn is_asked_for(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

fn wrong(what: impl Into<String>) -> Failure {
    Failure::new(Code::UsageArgument, what.into())
}

/// The words as a line to be typed, if it is one that can be run.
fn works(words: &[String]) -> Option<String> {
    let line = std::iter::once("nexy-release").chain(words.iter().map(String::as_str));
    let runs = match Cli::try_parse_from(line.clone()) {
        Ok(_) => true,
        Err(error) => is_asked_for(&error),
    };
    runs.then(|| shlex::try_join(line).ok()).flatten()
}

/// Whether `word` is how this option is written.
fn is(arg: &clap::Arg, word: &str) -> bool {
    let long = word.strip_prefix("--").is_some_and(|name| arg.get_long() == Some(name));
    long || word.strip_prefix('-').is_some_and(|name| arg.get_short().is_some_and(|c| name == c.to_string()))
}

/// The options of a command, as `--dry-run`.
fn options(command: &Command) -> Vec<String> {
    command.get_arguments().filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect()
}

fn text(value: Option<&ContextValue>) -> String {
    match value {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}
