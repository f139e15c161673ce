//! `completions` and `man`: what a packager installs beside the binary.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use futures::future::BoxFuture;

use super::{begin, end, refuse};
use crate::cli::Cli;
use crate::engine::event::{Event, Outcome, RunResult};
use crate::front::drive::Hands;
use crate::release::failure::Failure;
use crate::release::nearest::nearest;

const NAME: &str = "nexy-release";

/// `completions`.
pub fn completions(shell: Shell) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    // clap_complete 4.6.11 writes the hyphen of the tool's own name in two ways, and bash then completes no command.
    let script = String::from_utf8_lossy(&script).replace("nexy__subcmd__release", "nexy__release");
    show("completions", Ok(script))
}

/// `man`.
pub fn man(words: &[String]) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> + use<> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    show("man", find(&root, words).map(page))
}

fn find<'a>(root: &'a Command, words: &[String]) -> Result<&'a Command, Failure> {
    let mut command = root;
    for (at, word) in words.iter().enumerate() {
        command = command.find_subcommand(word).ok_or_else(|| {
            let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
            let line = [NAME, "man"].into_iter().chain(words[..at].iter().map(String::as_str));
            let line: Vec<_> = line.chain(nearest(word, names.iter().copied())).collect();
            Failure::unknown(format!("There is no command `{word}`"), word, "Commands", names).fix(line.join(" "))
        })?;
    }
    Ok(command)
}

/// A page in the usual order; what stands below the options in the help begins with examples.
fn page(command: &Command) -> String {
    let man = Man::new(command.clone()).source(concat!("nexy-release ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let _ = man.render_description_section(&mut page);
    let _ = man.render_options_section(&mut page);
    if command.has_subcommands() {
        let _ = man.render_subcommands_section(&mut page);
    }
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in help.lines().filter(|line| *line != "Examples:") {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    String::from_utf8_lossy(&page).into_owned() + &roff.render()
}

fn show(command: &'static str, text: Result<String, Failure>) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |Hands { events, .. }| {
        Box::pin(async move {
            let text = match text {
                Ok(text) => text,
                Err(failure) => return refuse(&events, command, &failure),
            };
            begin(&events, command, "");
            events.send(Event::Report { kind: command.into(), data: text.trim_end().into() });
            end(&events, RunResult::bare(Outcome::Done, 0))
        })
    }
}
