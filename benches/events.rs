//! What 40 events a second cost: the console's own loop on a terminal of 200×60, fed with a recorded release again and
//! again. Reads /proc, so Linux only.
#![allow(clippy::unwrap_used, reason = "what cannot be set up cannot be measured")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nexy_release::engine::event::{Event, Outcome, RunResult, Stamped};
use nexy_release::front::tui::keys::Keys;
use nexy_release::front::tui::model::Ground;
use nexy_release::front::tui::theme::Theme;
use nexy_release::front::tui::{Opening, Seat, run};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const RELEASE: &str = include_str!("../tests/fixtures/release.jsonl");
const EVERY: Duration = Duration::from_millis(25);
const EVENTS: usize = 800;
/// Which half of this program is run.
const SHOWN: &str = "--shown";

fn main() {
    if std::env::args().any(|argument| argument == SHOWN) { shown() } else { watch() }
}

/// Gives the other half a terminal, and reads it as a terminal does.
fn watch() {
    let size = PtySize { rows: 60, cols: 200, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.arg(SHOWN);
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    drop(pair.slave);
    let (mut seen, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..read]);
    }
    assert!(child.wait().unwrap().success());
    let seen = String::from_utf8_lossy(&seen);
    let (_, row) = seen.rsplit_once("| ").unwrap();
    println!("| a core at 40 events/s | {} | ({} KiB sent)", row.trim(), seen.len() / 1024);
}

fn shown() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let opening = Opening {
        ground: Ground::Kept,
        watches: false,
        guided: false,
        theme: Theme { color: true, ascii: false },
        keys: Keys::new(&BTreeMap::new()).unwrap(),
        verbose: false,
        woken: Arc::default(),
    };
    let (say, said) = std::sync::mpsc::channel();
    let code = runtime.block_on(run(opening, |Seat { hands, .. }| async move {
        let release: Vec<Event> =
            RELEASE.lines().map(|line| serde_json::from_str::<Stamped>(line).unwrap().event).collect();
        let mut pace = tokio::time::interval(EVERY);
        pace.tick().await;
        let (began, before) = (Instant::now(), busy());
        for event in release.iter().cycle().take(EVENTS) {
            pace.tick().await;
            hands.events.send(event.clone());
        }
        say.send(Duration::from_nanos(busy() - before).as_secs_f64() / began.elapsed().as_secs_f64()).unwrap();
        RunResult::bare(Outcome::Done, 0)
    }));
    println!("| {:.1} %", said.recv().unwrap() * 100.0);
    std::process::exit(code.into());
}

/// Nanoseconds that all threads of this process have worked so far.
fn busy() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    // The first number: nanoseconds on a processor.
    let nanos = threads.map(|thread| {
        let text = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        text.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    nanos.sum()
}
