//! `sandbox serve`: the practice servers alone, for other clients and other processes.
#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::{Ran, eventually};

fn sandbox(args: &[&str], temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    command.arg("sandbox").args(args).env_clear().env("PATH", "/usr/bin:/bin").env("TMPDIR", temporary);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits for the end.
fn ended(mut child: Child) -> Ran {
    eventually("the end", || child.try_wait().unwrap());
    child.wait_with_output().unwrap().into()
}

/// Servers that run; killed when the test ends before them.
struct Serving {
    child: Option<Child>,
    /// What was said until the report.
    events: Vec<Value>,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Serving {
    fn start(args: &[&str], temporary: &Path) -> Self {
        let mut child = sandbox(&[&["serve", "--output", "json"], args].concat(), temporary).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let events = lines.by_ref().take(2).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        Self { child: Some(child), events, lines }
    }

    fn report(&self, key: &str) -> &str {
        self.events[1]["data"][key].as_str().unwrap()
    }

    /// Asks it to stop; answers its exit code and all that it said.
    fn stop(mut self, with: Signal) -> (i32, Vec<Value>) {
        let mut child = self.child.take().unwrap();
        signal(&child, with);
        let rest = self.lines.by_ref().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        self.events.extend(rest);
        (eventually("the end", || child.try_wait().unwrap()).code().unwrap(), std::mem::take(&mut self.events))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn another_process_publishes_into_a_served_world_with_what_serve_says() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("world");
    let socket = folder.path().join("gh.sock");
    let serving = Serving::start(&["--dir", dir.to_str().unwrap(), "--unix", socket.to_str().unwrap()], folder.path());
    assert_eq!(serving.report("unix"), socket.to_str().unwrap());
    let mut publish = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
    publish.args(["publish", "--yes", "--workspace", serving.report("workspace")]).env_clear();
    publish.env("PATH", "/usr/bin:/bin").env(serving.report("token_env"), serving.report("token"));
    let ran = Ran::from(publish.output().unwrap()).expect_code(0);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    let (code, events) = serving.stop(Signal::TERM);
    assert_eq!(code, 0);
    assert!(!socket.exists());
    let schema: Value = serde_json::from_str(include_str!("../assets/events.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for event in &events {
        assert!(validator.is_valid(event), "{event}");
    }
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["run_started", "report", "result"]);
    // The same world, for the next process: nothing is laid anew.
    let again = Command::new(env!("CARGO_BIN_EXE_nexy-release"))
        .args(["sandbox", "--headless", "--dir"])
        .arg(&dir)
        .output()
        .unwrap();
    assert_eq!(Ran::from(again).expect_code(0).count("already published, skip"), 1);
}

#[test]
fn people_are_told_the_lines_that_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("gh.sock");
    let child = sandbox(&["serve", "--unix", socket.to_str().unwrap()], folder.path()).spawn().unwrap();
    eventually("the socket", || socket.exists().then_some(()));
    signal(&child, Signal::INT);
    let ran = ended(child).expect_code(0);
    for line in [
        "  export NEXY_SANDBOX_TOKEN=ghp_",
        "  updates  http://127.0.0.1:",
        "' publish --yes",
        "'   (the console)",
        "' status --watch",
        "  curl http://127.0.0.1:",
        "  gh config set http_unix_socket '",
    ] {
        assert_eq!(ran.stdout.matches(line).count(), 1, "{line}\n{}", ran.stdout);
    }
    let ours = concat!("\n  '", env!("CARGO_BIN_EXE_nexy-release"), "' --workspace '/");
    assert_eq!(ran.stdout.matches(ours).count(), 3, "after a build it is not on PATH: {}", ran.stdout);
    assert_eq!(entries(folder.path()), 0, "neither the socket nor the temporary world is left");
}

#[test]
fn a_port_is_kept_and_one_that_is_taken_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // Five in a row that are free now; whoever takes one meanwhile makes the next try.
    let (serving, port) = eventually("five free ports", || {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let free: Vec<_> =
            (port..port.checked_add(5)?).map_while(|p| TcpListener::bind(("127.0.0.1", p)).ok()).collect();
        if free.len() < 5 {
            return None;
        }
        drop(free);
        let dir = folder.path().join(port.to_string());
        let serving = Serving::start(&["--dir", dir.to_str().unwrap(), "--port", &port.to_string()], folder.path());
        (serving.events[1]["event"] == "report").then_some((serving, port))
    });
    assert_eq!(serving.report("api_url"), format!("http://127.0.0.1:{port}"));
    assert_eq!(serving.report("blob_url"), format!("http://127.0.0.1:{}", port + 3));
    let refused = |args: &[&str]| {
        Ran::from(sandbox(&[&["serve"], args].concat(), folder.path()).output().unwrap()).expect_code(2)
    };
    let unused = folder.path().join("unused");
    let taken = refused(&["--port", &port.to_string(), "--dir", unused.to_str().unwrap()]);
    assert_eq!(entries(&unused), 0, "the folder can be used once a free port is named");
    taken.expect_error("NX-USAGE-01");
    assert!(taken.stderr.contains(&format!("port {port} ")) && taken.stderr.contains("--port N"), "{}", taken.stderr);
    serving.stop(Signal::INT);
    let dir = folder.path().join(port.to_string());
    let other = refused(&["--dir", dir.to_str().unwrap(), "--port", &(port - 8).to_string()]);
    assert!(other.stderr.contains(&format!("answers on port {port}")), "{}", other.stderr);
}

#[test]
fn a_stop_leaves_no_temporary_world_behind() {
    let folder = tempfile::tempdir().unwrap();
    // While it is laid: the folder is there, the world is not.
    let child = sandbox(&["--headless"], folder.path()).spawn().unwrap();
    eventually("the folder", || (entries(folder.path()) > 0).then_some(()));
    signal(&child, Signal::INT);
    let ran = ended(child).expect_code(130);
    ran.expect_error("NX-STOP-01");
    assert_eq!(entries(folder.path()), 0, "while it is laid");

    // While it is published from: once, and twice, where one signal would wait for the answer to the publication.
    let faults = folder.path().join("faults.json");
    for (method, twice) in [("POST", false), ("PATCH", true)] {
        let stall = format!(r#"[{{ "method": "{method}", "action": {{ "stall": {{}} }} }}]"#);
        std::fs::write(&faults, stall).unwrap();
        let mut child = sandbox(&["--headless", "--faults", faults.to_str().unwrap()], folder.path()).spawn().unwrap();
        eventually("what comes before the stall", || {
            let worlds = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
            let mut states = worlds.filter_map(|path| std::fs::read_to_string(path.join("host/state.json")).ok());
            // Four assets are published from the start.
            let uploaded = if twice { 7 } else { 4 };
            states.any(|state| state.matches("\"uploaded\": true").count() == uploaded).then_some(())
        });
        let code = eventually("the end", || {
            signal(&child, Signal::INT);
            child.try_wait().unwrap()
        });
        assert_eq!(code.code(), Some(130));
        assert_eq!(entries(folder.path()), 1, "{method}: only the fault plan is left");
    }
}
