//! The practice world on the command line: opened, then published from or served to others. Only URLs and paths differ
//! from a real release. This file is the binary's, as `main` is: nothing else knows the sandbox.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nexy_release::cli::{Cli, Command, Global, Practice, Publish, Sandbox, Serve, Servers};
use nexy_release::commands::{self, Opened, PracticeHost, Setting, Show, hold, refused, run, show};
use nexy_release::front::tui::model::Ground;
use nexy_release::front::{Output, signals};
use nexy_release::release::code::{Code, Exit};
use nexy_release::release::failure::Failure;
use nexy_release::release::nearest::nearest;
use nexy_release::sandbox::host::Fault;
use nexy_release::sandbox::{Options, SandboxError, Scenario, World, azure};

/// Bytes per second in the console.
const WATCHED: u64 = 20_000_000;
/// More than a flaky network takes.
const MOST_RUNS: u32 = 10;

/// The stand-in for the Azure CLI, where this is what the line asks for: `vm.program` of a practice workspace does.
pub fn stand_in(line: &[OsString]) -> Option<u8> {
    let words = line.get(2..).filter(|_| line.get(1).is_some_and(|word| word == "az-stand-in"))?;
    Some(azure::run(&words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()))
}

/// `sandbox` and `sandbox serve`; answers the exit code. `program` is this binary.
pub async fn practise(global: Global, asked: Sandbox, setting: Setting, program: Option<PathBuf>) -> u8 {
    match asked.only {
        Some(Servers::Serve(asked)) => serve(global, asked, setting, program).await,
        None if asked.headless => lines(global, asked, setting, program).await,
        None => match show(&global, &setting.environment) {
            Show::Console => console(global, asked, setting, program).await,
            Show::Lines => lines(global, asked, setting, program).await,
            Show::Nothing => {
                let failure = Failure::new(Code::UsageNoTerminal, "There is no terminal to show the console on")
                    .fix("nexy-release sandbox --headless");
                refused(&global, &setting.environment, "sandbox", failure).await
            }
        },
    }
}

/// The console on a practice world, which is opened behind its first frame.
async fn console(global: Global, asked: Sandbox, setting: Setting, program: Option<PathBuf>) -> u8 {
    // In the console there should be something to watch (SPEC §12).
    let options = options(asked.world, program).map(|options| Options { throttle: Some(WATCHED), ..options });
    let options = match options {
        Ok(options) => options,
        Err(failure) => return refused(&global, &setting.environment, "sandbox", failure).await,
    };
    let ground = if options.dir.is_some() { Ground::Kept } else { Ground::Fleeting };
    let kept = options.dir.as_deref().and_then(World::kept);
    let opened = Arc::new(Mutex::new(None));
    let slot = opened.clone();
    let opening = async move {
        let world = World::open(options).await.map_err(|error| unopened(&error))?;
        let found =
            Opened { workspace: world.workspace().to_owned(), variables: world.variables(), host: host(&world) };
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(world);
        Ok(found)
    };
    let world = commands::World { ground, kept, opening: Box::pin(opening) };
    let code = commands::console(global, setting, Some(world)).await;
    let world = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(world) = world {
        world.close().await;
    }
    code
}

async fn serve(global: Global, asked: Serve, setting: Setting, program: Option<PathBuf>) -> u8 {
    let opened = async {
        let options = Options { port: asked.port, ..options(asked.world, program)? };
        let mut world = open(options).await?;
        if let Some(path) = &asked.unix
            && let Err(error) = world.serve_unix(path)
        {
            world.close().await;
            return Err(unopened(&error));
        }
        Ok(world)
    };
    match opened.await {
        Ok(world) => {
            let code = hold(&global, &setting.environment, "sandbox serve", "sandbox", world.report()).await;
            world.close().await;
            code
        }
        Err(failure) => refused(&global, &setting.environment, "sandbox serve", failure).await,
    }
}

async fn lines(mut global: Global, asked: Sandbox, setting: Setting, program: Option<PathBuf>) -> u8 {
    let temporary = asked.world.dir.is_none();
    let opened = async { open(options(asked.world, program)?).await };
    let mut world = match opened.await {
        Ok(world) => world,
        Err(failure) => return refused(&global, &setting.environment, "sandbox", failure).await,
    };
    let environment =
        world.variables().into_iter().fold(setting.environment, |all, (name, value)| all.with(name, value));
    global.workspace = Some(world.workspace().to_owned());
    let told = global.output == Output::Text && !global.quiet;
    let setting = Setting { environment, folder: setting.folder, host: Some(host(&world)) };
    let code = loop {
        if let Some(seed) = world.seed().filter(|_| told) {
            eprintln!("Flaky network: seed {seed}, run {}", world.runs());
        }
        let publish = Publish { dry_run: false, yes: asked.headless, expect_plan: None, waive: asked.waive.clone() };
        let cli = Cli { global: global.clone(), command: Some(Command::Publish(publish)) };
        let code = run(cli, setting.clone()).await;
        // A temporary world is gone after this command, so the reruns that the lesson is about happen here. Machines
        // that read JSON are promised one run and one result.
        let again = temporary && global.output == Output::Text && world.seed().is_some() && world.runs() < MOST_RUNS;
        if code != Exit::Unfinished as u8 || !again || world.next_run().is_err() {
            break code;
        }
        eprintln!("\nExit code {code}: safe to run again. The same command again:");
    };
    if told && code != Exit::Done as u8 && temporary {
        let waive = if code == Exit::Busy as u8 { "Add --waive to see it go on, or" } else { "Add" };
        eprintln!(
            "This practice world is gone now, its paths and ports with it. {waive} --dir DIR to keep the next one."
        );
    }
    if told && code == Exit::Mismatch as u8 && !temporary && world.scenario() == Scenario::StaleAppcast {
        eprintln!(
            "On the practice VM that is: '{}' restart voice-assistant.service",
            world.vm().join("bin/systemctl").display()
        );
    }
    world.close().await;
    code
}

fn host(world: &World) -> PracticeHost {
    let host = world.host();
    PracticeHost { api_url: host.api_url().into(), web_url: host.web_url().into(), vm: world.vm() }
}

/// Opens the world. A stop that is asked for meanwhile is obeyed when it is laid: laying is short, and a world that is
/// whole can be removed, or opened again.
async fn open(options: Options) -> Result<World, Failure> {
    let asked = signals::asked();
    let world = World::open(options).await.map_err(|error| unopened(&error))?;
    if *asked.borrow() > 0 {
        world.close().await;
        let failure = Failure::new(Code::Interrupted, "Interrupted");
        return Err(failure.why("Nothing was published.").fix("Run the same command again"));
    }
    Ok(world)
}

fn options(asked: Practice, console: Option<PathBuf>) -> Result<Options, Failure> {
    let scenario = asked.scenario.map(|name| name.parse().map_err(|_| no_scenario(&name))).transpose()?;
    let faults = asked.faults.as_deref().map_or(Ok(Vec::new()), faults)?;
    Ok(Options { dir: asked.dir, scenario, faults, seed: asked.seed, console, ..Options::default() })
}

fn no_scenario(name: &str) -> Failure {
    let known = Scenario::ALL.map(Scenario::name);
    let near = nearest(name, known).unwrap_or("first-release");
    Failure::unknown(format!("There is no scenario `{name}`"), name, "Scenarios", known)
        .fix(format!("nexy-release sandbox --headless --scenario {near}"))
}

fn faults(path: &Path) -> Result<Vec<Fault>, Failure> {
    let text = std::fs::read(path).map_err(|error| {
        wrong(format!("--faults: {} cannot be read: {error}", path.display()))
            .fix(format!("ls -l '{}'", path.display()))
    })?;
    serde_json::from_slice(&text).map_err(|error| {
        wrong(format!("--faults: {} is no fault plan: {error}", path.display()))
            .why("A fault plan is a JSON list; keys that are not known are refused, so that no fault is silently left out.")
            .fix("Mend that place in the file; docs/faults.md describes every key, and `sandbox --help` has an example")
    })
}

fn unopened(error: &SandboxError) -> Failure {
    wrong(format!("{error}")).fix(error.fix())
}

fn wrong(what: impl Into<nexy_release::release::text::Clean>) -> Failure {
    Failure::new(Code::UsageArgument, what)
}
