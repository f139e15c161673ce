//! A practice world for a test, and the console's binary run on it as a user runs it.
#![allow(dead_code, unused_imports, reason = "each suite uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

pub mod code;
mod colleague;
mod left;
mod outcome;
mod running;
pub mod status;
mod sweep;
pub mod terminal;
mod vm;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nexy_release::release::fingerprint::Digest;
use nexy_release::sandbox::host::Request;
use nexy_release::sandbox::{Host, Options, Scenario, World};
use serde_json::Value;

pub use left::Left;
pub use outcome::{Promises, VERSIONED};
pub use running::{Running, eventually, side_by_side};
pub use sweep::sweep;

pub const REPO: &str = "Seregawpn/Nexy_production";
pub const TAG: &str = "v1.6.1.44";
pub const MANIFEST: &str = "server/updates/manifests/manifest.json";

/// A world, open in this process; small artifacts, so that a run takes no time.
pub struct Practice {
    runtime: tokio::runtime::Runtime,
    world: World,
    _folder: tempfile::TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Practice {
    pub fn open(scenario: Scenario) -> Self {
        Self::with_dmg(scenario, 3 << 20)
    }

    /// A DMG of this size in the inbox, and a PKG of a third.
    pub fn with_dmg(scenario: Scenario, dmg_bytes: u64) -> Self {
        Self::laid(Options { scenario: Some(scenario), dmg_bytes, ..Options::default() })
    }

    /// A flaky network with the faults of this seed.
    pub fn flaky(seed: u64) -> Self {
        let scenario = Some(Scenario::FlakyNetwork);
        Self::laid(Options { scenario, seed: Some(seed), dmg_bytes: 3 << 20, ..Options::default() })
    }

    fn laid(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let dir = Some(folder.path().join("world"));
        let console = Some(env!("CARGO_BIN_EXE_nexy-release").into());
        let options = Options { dir, console, pkg_bytes: options.dmg_bytes / 3, ..options };
        let world = runtime.block_on(World::open(options)).unwrap();
        let practice = Self { runtime, world, _folder: folder };
        // Stalls and waits end soon: the settings are for people, the deadlines are the same code.
        practice.set("github.idle_timeout_s", "2");
        practice.set("github.max_wait_s", "20");
        practice.set("vm.busy_wait_s", "1");
        // Most suites end at the manifest: what a release delivers is asked for where it is looked at.
        practice.set("vm.push_manifest", "false");
        practice.set("updates.health_url", "\"\"");
        practice.set("updates.updates_url", "\"\"");
        practice
    }

    pub fn first_release() -> Self {
        Self::open(Scenario::FirstRelease)
    }

    pub fn already_published() -> Self {
        Self::open(Scenario::AlreadyPublished)
    }

    /// A first release of artifacts so small that a hundred runs take no time.
    pub fn tiny() -> Self {
        Self::with_dmg(Scenario::FirstRelease, 96 << 10)
    }

    /// A release of this world goes on to the VM, and to what the servers make of it.
    pub fn deliver(&self) {
        let root = self.host().updates_url();
        self.set("vm.push_manifest", "true");
        self.set("updates.health_url", &format!("\"{root}/health\""));
        self.set("updates.updates_url", &format!("\"{root}/updates\""));
    }

    /// The next run in a world that counts them.
    pub fn next_run(&mut self) {
        self.world.next_run().unwrap();
    }

    pub fn host(&self) -> &Host {
        self.world.host()
    }

    /// What the console's environment gets in this world.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.world.variables()
    }

    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The folder of the practice VM.
    pub fn vm(&self) -> PathBuf {
        self.world.vm()
    }

    pub fn workspace(&self) -> &Path {
        self.world.workspace()
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.workspace().join(relative)
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(relative), content).unwrap();
    }

    /// Sets a key of the workspace's `release.toml`; `value` is TOML.
    pub fn set(&self, key: &str, value: &str) {
        let mut settings: toml::Table = self.read("release.toml").parse().unwrap();
        let (section, name) = key.split_once('.').unwrap();
        let value = format!("x = {value}").parse::<toml::Table>().unwrap().remove("x").unwrap();
        let section = settings.entry(section).or_insert_with(|| toml::Table::new().into());
        section.as_table_mut().unwrap().insert(name.into(), value);
        self.write("release.toml", settings.to_string());
    }

    /// The binary with these arguments, on this workspace, ready to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.args(args).arg("--workspace").arg(self.workspace()).env_clear();
        command.env("PATH", "/usr/bin:/bin").envs(self.world.variables()).stdin(Stdio::null());
        command
    }

    /// Runs to the end. Whatever the run was, it kept the promises that hold for every run.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start(args).wait()
    }

    /// `publish --yes`.
    #[track_caller]
    pub fn publish(&self) -> Ran {
        self.run(&["publish", "--yes"])
    }

    pub fn requests(&self) -> Vec<Request> {
        self.host().requests()
    }

    /// The requests that change something: method and path.
    pub fn mutations(&self) -> Vec<String> {
        let requests = self.requests();
        requests.iter().filter(|r| r.mutates()).map(|r| format!("{} {}", r.method, r.path)).collect()
    }

    /// Everything in the workspace, files with their content's digest.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Option<Digest>> {
        fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Option<Digest>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let (path, kind) = (entry.path(), entry.file_type().unwrap());
                // Links, pipes and devices are not read: some have no end.
                let digest = kind.is_file().then(|| Digest::of(fs::read(&path).unwrap_or_default()));
                if kind.is_dir() {
                    walk(&path, found);
                }
                found.insert(path, digest);
            }
        }
        let mut found = BTreeMap::new();
        walk(self.workspace(), &mut found);
        found
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// How often a line that starts so stands on stdout.
    pub fn count(&self, marker: &str) -> usize {
        self.stdout.lines().filter(|line| line.starts_with(marker)).count()
    }

    #[track_caller]
    pub fn expect_error(&self, code: &str) {
        let found = self.stderr.lines().any(|line| line.starts_with(&format!("ERROR [{code}]: ")));
        assert!(found, "no ERROR [{code}] on stderr\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
    }

    /// The events of `--output json`.
    pub fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
