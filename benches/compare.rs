//! How fast a release is beside what others offer for the same work: openssl, and gh on the same practice host.
//! `benches/compare.sh [fingerprints|gh|throttled|memory]…` runs it; every row is a ratio within one run. Linux: peak memory is read from /proc.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a comparison that cannot be set up has failed")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nexy_release::sandbox::{Options, Scenario, World};
use nexy_release::world::inbox;
use nexy_release::world::stop::Stop;
use tokio::runtime::Runtime;

const MIB: u64 = 1 << 20;
const TAG: &str = "v1.6.1.44";
const REPO: &str = "Seregawpn/Nexy_production";
/// Each is done so often; the fastest counts, because everything else that runs only slows down.
const TIMES: usize = 3;

/// Prints a row of the table: what, the target, what was measured, and how it was come by.
fn row(what: &str, target: &str, held: bool, measured: &str, detail: &str) {
    println!("| {what} | {target} | {}{measured} | {detail} |", if held { "" } else { "**missed** " });
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let result = work();
    (began.elapsed().as_secs_f64(), result)
}

fn fastest(work: impl Fn()) -> f64 {
    (0..TIMES).map(|_| timed(&work).0).fold(f64::MAX, f64::min)
}

fn must(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A world with artifacts of these sizes, and its unix socket for gh.
struct Place {
    world: World,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(dmg_bytes: u64, pkg_bytes: u64, throttle: Option<u64>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let dir = Some(folder.path().join("world"));
        let scenario = Some(Scenario::FirstRelease);
        let options = Options { dir, scenario, dmg_bytes, pkg_bytes, throttle, ..Options::default() };
        let world = runtime.block_on(async {
            let mut world = World::open(options).await.unwrap();
            world.serve_unix(&folder.path().join("gh.sock")).unwrap();
            world
        });
        let place = Self { world, runtime, folder };
        place.artifacts().iter().for_each(|path| _ = std::fs::read(path).unwrap());
        place
    }

    fn artifacts(&self) -> Vec<PathBuf> {
        let inbox = self.world.workspace().join("release_inbox");
        ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"].map(|name| inbox.join(name)).into()
    }

    fn publish(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.args(["publish", "--yes", "--workspace"]).arg(self.world.workspace()).env_clear();
        command.env("PATH", "/usr/bin:/bin").envs(self.world.variables());
        command
    }

    fn gh(&self, args: &[&str]) -> Command {
        let mut command = Command::new("gh");
        command.args(args).args(["-R", REPO]).current_dir(self.folder.path());
        command.env("GH_TOKEN", self.world.host().token()).env("GH_CONFIG_DIR", self.folder.path().join("gh"));
        command.env("GH_PROMPT_DISABLED", "1").env("GH_NO_UPDATE_NOTIFIER", "1").env_remove("GH_HOST");
        command
    }

    /// `gh release create`, `gh release download`, `sha256sum`.
    fn by_gh(&self) {
        let mut config = Command::new("gh");
        config.args(["config", "set", "http_unix_socket"]).arg(self.folder.path().join("gh.sock"));
        must(config.env("GH_CONFIG_DIR", self.folder.path().join("gh")));
        must(self.gh(&["release", "create", TAG, "--notes", "By gh"]).args(self.artifacts()));
        must(&mut self.gh(&["release", "download", TAG, "--dir", "downloads"]));
        let downloads = self.folder.path().join("downloads");
        must(Command::new("sha256sum").args(["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"]).current_dir(downloads));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What the host holds would be written to the disk behind the next measurement.
        let _ = std::fs::remove_dir_all(self.folder.path());
        let _ = &self.runtime;
    }
}

/// The most memory that a process ever had, in MiB, and how long it ran.
fn peak(mut command: Command) -> (f64, f64) {
    let began = Instant::now();
    let mut child: Child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut most = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok());
        most = most.max(peak.unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    (most / 1024.0, began.elapsed().as_secs_f64())
}

fn inspected(path: &Path) {
    inbox::inspect(path, &|_| {}, &Stop::default()).unwrap();
}

fn fingerprints() {
    let place = Place::new(302 * MIB, 302 * MIB, None);
    let files = place.artifacts();
    let one = fastest(|| inspected(&files[0]));
    let openssl = fastest(|| must(Command::new("openssl").args(["dgst", "-sha256"]).arg(&files[0])));
    let two = fastest(|| {
        std::thread::scope(|scope| files[..2].iter().for_each(|file| _ = scope.spawn(|| inspected(file))));
    });
    let throughput = openssl / one;
    let gb_per_s = |seconds: f64| (302 * MIB) as f64 / seconds / 1e9;
    let detail = format!("{:.2} and {:.2} GB/s", gb_per_s(one), gb_per_s(openssl));
    let what = "fingerprint of 302 MiB, throughput beside `openssl dgst -sha256`";
    row(what, "≥ 0.9", throughput >= 0.9, &format!("{throughput:.2}"), &detail);
    let ratio = 2.0 * one / two;
    let detail = format!("{one:.3} s for one, {two:.3} s for both");
    row("two files at once, throughput beside one", "≥ 1.7", ratio >= 1.7, &format!("{ratio:.2}"), &detail);
}

fn against_gh() {
    let (mut ours, mut theirs, mut again) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..TIMES {
        let place = Place::new(302 * MIB, 280 * MIB, None);
        theirs = theirs.min(timed(|| place.by_gh()).0);
        drop(place);
        let place = Place::new(302 * MIB, 280 * MIB, None);
        ours = ours.min(timed(|| must(&mut place.publish())).0);
        place.world.host().clear_requests();
        again = again.min(timed(|| must(&mut place.publish())).0);
        let downloads = place.world.host().requests().iter().filter(|r| r.path.contains("/download/")).count();
        assert_eq!(downloads, 0, "the digests are believed");
    }
    let what = "first release of 302 + 280 MiB, verified, beside `gh release create` + `download` + `sha256sum`";
    let ratio = ours / theirs;
    row(what, "≤ 0.8", ratio <= 0.8, &format!("{ratio:.2}"), &format!("{ours:.2} s and {theirs:.2} s"));
    let ratio = again / ours;
    let what = "the same again, beside the first; no asset is downloaded";
    row(what, "≤ 0.2", ratio <= 0.2, &format!("{ratio:.2}"), &format!("{again:.2} s: both files are hashed anew"));
}

fn throttled() {
    let rate = 20_000_000;
    let place = Place::new(120 * MIB, 80 * MIB, Some(rate));
    let (ours, ()) = timed(|| must(&mut place.publish()));
    // Up once, and down once for the verification.
    let link = 2.0 * (200 * MIB) as f64 / rate as f64;
    let over = (ours / link - 1.0) * 100.0;
    let what = "200 MiB up and down over 20 MB/s, beyond the link's own time";
    row(what, "≤ 3 %", over <= 3.0, &format!("{over:.1} %"), &format!("{ours:.2} s, the link {link:.2} s"));
}

fn memory() {
    for (name, dmg, pkg) in [("48 + 24 MiB", 48, 24), ("302 + 280 MiB", 302, 280), ("1.9 GiB + 24 MiB", 1945, 24)] {
        let place = Place::new(dmg * MIB, pkg * MIB, None);
        let (most, seconds) = peak(place.publish());
        let what = format!("peak resident memory, release of {name}");
        row(&what, "≤ 32 MiB", most <= 32.0, &format!("{most:.1} MiB"), &format!("{seconds:.1} s"));
    }
}

fn main() {
    let parts: [(&str, fn()); 4] =
        [("fingerprints", fingerprints), ("gh", against_gh), ("throttled", throttled), ("memory", memory)];
    let asked: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!("| what | target | measured | |\n|---|---|---|---|");
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            part();
        }
    }
}
