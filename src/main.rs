//! Command line → front end → exit code; nothing else.

use std::process::ExitCode;

use nexy_release::cli::{self, Cli, Unread, Wrong};
use nexy_release::commands::{Setting, refused, run};
use nexy_release::settings::Environment;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let asked = match cli::read(&line) {
        Ok(cli) => Ok(cli),
        Err(Unread::Wrong(wrong)) => Err(wrong),
        Err(Unread::Help(help)) => {
            // A reader that left needs no help.
            let _ = help.print();
            return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or_default());
        }
    };
    if asked.as_ref().is_ok_and(|cli| cli.global.verbose) {
        let only_ours = tracing_subscriber::filter::Targets::new().with_target("nexy_release", tracing::Level::DEBUG);
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
        tracing_subscriber::registry().with(lines).with(only_ours).init();
    }
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => return fail(&format!("The current folder cannot be read: {error}\n  fix: cd to the workspace")),
    };
    let setting = Setting { environment: Environment::from_process(), folder };
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
        Some(nexy_release::cli::Command::Sandbox(asked)) => practise(cli.global, asked, setting).await,
        command => run(Cli { global: cli.global, command }, setting).await,
    }
}

/// Opens a practice world and publishes from it. Only URLs and paths differ from a real release.
#[cfg(feature = "sandbox")]
async fn practise(mut global: nexy_release::cli::Global, asked: nexy_release::cli::Sandbox, setting: Setting) -> u8 {
    use std::sync::{Arc, Mutex, PoisonError};

    use nexy_release::cli::{Command, Publish};
    use nexy_release::commands;
    use nexy_release::release::code::Code;
    use nexy_release::release::failure::Failure;
    use nexy_release::release::nearest::nearest;
    use nexy_release::sandbox::{Options, Scenario, World};

    let wrong = |what: String| Failure::new(Code::UsageArgument, what);
    let (terminal, headless) = (commands::is_terminal(), asked.headless);
    let options = match asked.scenario.parse() {
        _ if !headless && !terminal => {
            Err(Failure::new(Code::UsageNoTerminal, "There is no terminal to show the console on")
                .fix("nexy-release sandbox --headless"))
        }
        Err(_) => {
            let (name, known) = (&asked.scenario, Scenario::ALL.map(Scenario::name));
            let failure = Failure::unknown(format!("There is no scenario `{name}`"), name, "Scenarios", known);
            let near = nearest(name, known).unwrap_or("first-release");
            Err(failure.fix(format!("nexy-release sandbox --headless --scenario {near}")))
        }
        // In the console there should be something to watch (SPEC §12).
        Ok(scenario) => {
            Ok(Options { dir: asked.dir, scenario, throttle: (!headless).then_some(20_000_000), ..Options::default() })
        }
    };
    let options = match options {
        Ok(options) => options,
        Err(failure) => return refused(&global, &setting.environment, "sandbox", failure).await,
    };
    let open = async move {
        World::open(options)
            .await
            .map_err(|error| wrong(format!("{error}")).fix("nexy-release sandbox --dir NEW-FOLDER"))
    };
    if !headless && !global.plain {
        let kept = Arc::new(Mutex::new(None));
        let slot = kept.clone();
        let world = async move {
            let world = open.await?;
            let found = (world.workspace().to_owned(), world.variables());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(world);
            Ok(found)
        };
        let code = commands::console(global, setting, Some(Box::pin(world))).await;
        let world = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(world) = world {
            world.close().await;
        }
        return code;
    }
    let world = match open.await {
        Ok(world) => world,
        Err(failure) => return refused(&global, &setting.environment, "sandbox", failure).await,
    };
    let environment =
        world.variables().into_iter().fold(setting.environment, |all, (name, value)| all.with(name, value));
    global.workspace = Some(world.workspace().to_owned());
    let publish = Publish { dry_run: false, yes: headless, expect_plan: None, waive: Vec::new() };
    let cli = Cli { global, command: Some(Command::Publish(publish)) };
    let code = run(cli, Setting { environment, folder: setting.folder }).await;
    world.close().await;
    code
}

fn fail(text: &str) -> ExitCode {
    eprintln!("ERROR [NX-STOP-03]: {text}");
    ExitCode::from(nexy_release::release::code::Exit::Unfinished as u8)
}
