//! Command line → front end → exit code; nothing else.

#[cfg(feature = "sandbox")]
mod practise;

use std::process::ExitCode;

use nexy_release::cli::{self, Cli, Unread, Wrong};
use nexy_release::commands::{Setting, refused, run, takes_the_screen};
use nexy_release::settings::Environment;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    #[cfg(feature = "sandbox")]
    if let Some(code) = practise::stand_in(&line) {
        return ExitCode::from(code);
    }
    let asked = match cli::read(&line) {
        Ok(cli) => Ok(cli),
        Err(Unread::Wrong(wrong)) => Err(wrong),
        Err(Unread::Help(help)) => {
            // A reader that left needs no help.
            let _ = help.print();
            return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or_default());
        }
    };
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => return fail(&format!("The current folder cannot be read: {error}\n  fix: cd to the workspace")),
    };
    let setting = Setting { environment: Environment::from_process(), folder, host: None };
    if asked.as_ref().is_ok_and(|cli| cli.global.verbose && !takes_the_screen(cli, &setting.environment)) {
        let only_ours = tracing_subscriber::filter::Targets::new().with_target("nexy_release", tracing::Level::DEBUG);
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
        tracing_subscriber::registry().with(lines).with(only_ours).init();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("No threads can be started: {error}")),
    };
    let code = runtime.block_on(async {
        match asked {
            Ok(cli) => start(cli, setting).await,
            Err(wrong) => {
                let Wrong { global, command, failure } = *wrong;
                refused(&global, &setting.environment, &command, failure).await
            }
        }
    });
    // Whatever still blocks, a hash or a read from the terminal, is of no use any more.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn start(cli: Cli, setting: Setting) -> u8 {
    match cli.command {
        #[cfg(feature = "sandbox")]
        Some(nexy_release::cli::Command::Sandbox(asked)) => {
            practise::practise(cli.global, asked, setting, std::env::current_exe().ok()).await
        }
        command => run(Cli { global: cli.global, command }, setting).await,
    }
}

fn fail(text: &str) -> ExitCode {
    eprintln!("ERROR [NX-STOP-03]: {text}");
    ExitCode::from(nexy_release::release::code::Exit::Unfinished as u8)
}
