//! The states: a recorded release up to some point, with what else may happen there.

use jiff::Timestamp;
use nexy_release::engine::event::{CheckId, Stamped, StepId};
use nexy_release::front::tui::dashboard::{Dashboard, Pane};
use nexy_release::front::tui::model::{Ground, Model, Panel, Popup, Tab};
use serde_json::{Value, json};
use tui_input::Input;

const RELEASE: &str = include_str!("../fixtures/release.jsonl");

/// A model, and when it is looked at.
pub type Scene = (Model, Timestamp);

fn recorded() -> Vec<Stamped> {
    RELEASE.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The recording up to the first event that `last` picks, with it.
fn up_to(last: impl Fn(&Value) -> bool) -> Scene {
    let mut model = Model::new(Ground::Kept, false);
    let mut now = None;
    for (line, stamped) in RELEASE.lines().zip(recorded()) {
        model.apply(&stamped);
        now = Some(stamped.time);
        if last(&serde_json::from_str(line).unwrap()) {
            break;
        }
    }
    (model, now.unwrap())
}

/// A real workspace that may not be published from.
fn read_only() -> Scene {
    let mut model = Model::new(Ground::Real, false);
    let (_, now) = ready();
    for line in RELEASE.replace("\"mode\":\"live\"", "\"mode\":\"read-only\"").lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        model.apply(&serde_json::from_value(event.clone()).unwrap());
        if finished("plan")(&event) {
            break;
        }
    }
    (model, now)
}

/// The plan, changed at its manifest.
fn replanned(change: impl FnOnce(&mut Value)) -> Scene {
    let lines = RELEASE.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut plan = lines.into_iter().find(|event| event["event"] == "plan").unwrap();
    change(&mut plan["manifest"]);
    let mut scene = ready();
    then(&mut scene, plan);
    scene
}

fn then((model, now): &mut Scene, event: Value) {
    let mut event = event;
    event["time"] = json!(now.to_string());
    model.apply(&serde_json::from_value(event).unwrap());
}

fn finished(step: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "step_finished" && event["step"] == step
}

fn started(step: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "step_started" && event["step"] == step
}

pub fn ready() -> Scene {
    up_to(finished("plan"))
}

pub fn asking() -> Scene {
    up_to(started("confirm"))
}

pub fn uploading() -> Scene {
    let (model, now) = up_to(|event| {
        event["event"] == "progress" && event["step"] == "upload" && event["items"][0]["done"].as_u64() > Some(30 << 20)
    });
    (model, now)
}

pub fn done() -> Scene {
    up_to(|event| event["event"] == "result")
}

pub fn blocked() -> Scene {
    let mut scene = ready();
    then(&mut scene, foreign_draft());
    then(
        &mut scene,
        json!({ "event": "step_finished", "step": "checks", "state": "failed", "summary": "10 of 11 in order",
            "elapsed_ms": 640 }),
    );
    scene
}

fn foreign_draft() -> Value {
    json!({ "event": "check", "id": "tag-state", "state": "failed", "code": "NX-TAG-01", "waivable": true,
        "found": "A draft of v1.6.1.44 that is not ours: by anna, 72 h old, 1 assets",
        "why": "Somebody else may be publishing this version. Their draft is never adopted, changed or deleted.",
        "fix": ["Ask anna", "nexy-release publish --waive tag-state='REASON'"], "elapsed_ms": 120 })
}

fn waived() -> Scene {
    let mut scene = ready();
    let mut check = foreign_draft();
    check["waived"] = json!("Anna knows, and has stopped");
    then(&mut scene, check);
    scene
}

fn waiting() -> Scene {
    let mut scene = uploading();
    then(
        &mut scene,
        json!({ "event": "note", "kind": "wait", "seconds": 42,
            "text": "Nexy.dmg: the host is busy (503); trying again" }),
    );
    scene
}

pub fn failed() -> Scene {
    let mut scene = uploading();
    then(
        &mut scene,
        json!({ "event": "step_finished", "step": "upload", "state": "failed",
            "summary": "Nexy.dmg could not be sent: the connection was reset", "elapsed_ms": 41_000 }),
    );
    then(
        &mut scene,
        json!({ "event": "result", "outcome": "failed", "exit_code": 6, "version": "1.6.1.44", "tag": "v1.6.1.44",
            "plan": null, "assets": null, "manifest": null, "code": "NX-UPLOAD-03",
            "message": "Nexy.dmg could not be sent: the connection was reset, five times",
            "why": "v1.6.1.44 is not public. What was sent stays in the draft.",
            "fix": ["Run the same command again: it goes on where this one stopped", "nexy-release explain NX-UPLOAD-03"] }),
    );
    scene
}

fn with(scene: Scene, change: impl FnOnce(&mut Model)) -> Scene {
    let (mut model, now) = scene;
    change(&mut model);
    (model, now)
}

fn on(panel: Panel, tab: Tab) -> impl FnOnce(&mut Model) {
    move |model| (model.panel, model.tab) = (panel, tab)
}

fn dry_run() -> Scene {
    let mut scene = ready();
    let data = json!({
        "acts": ["create or take up the draft release v1.6.1.44 in Seregawpn/Nexy_production",
            "upload Nexy.dmg (50331648 bytes)", "publish v1.6.1.44 in Seregawpn/Nexy_production"],
        "requests": ["POST http://127.0.0.1:40000/repos/Seregawpn/Nexy_production/releases   the draft v1.6.1.44",
            "POST {upload_url}/{id}/assets?name=Nexy.dmg   50331648 bytes",
            "PATCH http://127.0.0.1:40000/repos/Seregawpn/Nexy_production/releases/{id}   the draft becomes public"],
        "files": [".nexy-release/owner.json", "server/updates/manifests/manifest.json", ".nexy-release/journal.jsonl"],
    });
    then(&mut scene, json!({ "event": "report", "kind": "dry-run", "data": data }));
    scene
}

/// The Version tab: a tree with drift.
fn versions() -> Scene {
    let point = |file: &str, at: &str, line: u32, found: &str, state: &str| {
        json!({ "file": file, "format": "env", "at": at, "line": line, "found": found, "expected": "1.6.1.44",
            "state": state })
    };
    let mut points = vec![
        json!({ "file": "VERSION", "format": "text", "line": 1, "found": "1.6.1.44", "expected": "1.6.1.44",
            "state": "aligned" }),
        point("server/config.env.example", "SERVER_VERSION", 5, "1.6.1.44", "aligned"),
        point("server/config.env.example", "SERVER_BUILD", 6, "1.6.1.43", "drifted"),
        point("client/client/VERSION_INFO.json", "version", 2, "v1.6.1.44", "malformed"),
    ];
    for (file, state, why) in [
        ("client/RELEASE_CHECKLIST.md", "absent", "nothing there matches"),
        ("client/config/README.md", "missing", "there is no such file"),
    ] {
        points.push(json!({ "file": file, "format": "regex", "at": "Version: {version}", "line": null, "found": null,
            "expected": "1.6.1.44", "state": state, "why": why }));
    }
    let mut scene = with(ready(), on(Panel::Tabs, Tab::Version));
    let data = json!({ "version": "1.6.1.44", "points": points });
    then(&mut scene, json!({ "event": "report", "kind": "version", "data": data }));
    scene
}

fn rewriting() -> Scene {
    let mut scene = versions();
    let file = |path: &str, before: &str, after: &str| json!({ "path": path, "lines": [{ "line": 5, "before": before, "after": after }] });
    let data = json!({ "from": "1.6.1.44", "to": "1.6.9.44", "unusual": true,
        "warnings": ["1.6.1.44 → 1.6.9.44 is an unusual jump: usually one number goes up by one."],
        "files": [file("server/config.env.example", "SERVER_VERSION=1.6.1.44", "SERVER_VERSION=1.6.9.44"),
            file("VERSION", "1.6.1.44", "1.6.9.44")] });
    then(&mut scene, json!({ "event": "report", "kind": "version-set", "data": data }));
    scene
}

/// A dashboard that was looked at twelve seconds ago, with `change` in what it found.
pub fn watched(change: impl FnOnce(&mut Value)) -> Scene {
    let mut model = Model::new(Ground::Real, false);
    model.dashboard = Some(Dashboard::default());
    let now: Timestamp = "2026-02-20T12:00:12Z".parse().unwrap();
    let mut scene = (model, now);
    then(
        &mut scene,
        json!({ "event": "run_started", "command": "status", "mode": "read-only", "workspace": "/w", "tool": "1" }),
    );
    let mut status: Value = serde_json::from_str(include_str!("../fixtures/status.json")).unwrap();
    change(&mut status);
    then(&mut scene, json!({ "event": "report", "kind": "status", "data": status }));
    scene
}

fn at(pane: Pane) -> impl FnOnce(&mut Model) {
    move |model| model.dashboard.as_mut().unwrap().pane = pane
}

/// The release host does not answer any more, and nothing is wrong with the rest.
pub fn lost(status: &mut Value) {
    for part in ["latest", "versions", "drafts"] {
        status[part]["unknown"] = json!("The host failed with 502 Bad Gateway");
    }
    fine(status);
    let release = status["rows"].as_array_mut().unwrap().iter_mut().find(|row| row["source"] == "release").unwrap();
    release["cells"] = json!([{ "source": "release", "field": "answer", "state": "unknown",
        "found": "The host failed with 502 Bad Gateway, since 2026-02-20T12:00:05Z; last seen 2026-02-20T12:00:00Z" }]);
    status["run"] = json!({ "who": "Process 4711 on mac, since 2026-02-20T11:58:00Z, is at work in this workspace", "tag": "v1.6.1.45", "command": "publish",
        "said": "2026-02-20T12:00:11Z", "step": { "name": "upload", "since": "2026-02-20T11:59:48Z", "bytes": [64_123_904, 316_669_952_u64], "seconds_left": 47 } });
}

/// Nothing is wrong.
fn fine(status: &mut Value) {
    for row in status["rows"].as_array_mut().unwrap() {
        row["cells"].as_array_mut().unwrap().retain(|cell| cell["state"] != "drifted");
    }
}

/// The last run was killed.
pub fn cut_off(status: &mut Value) {
    let run = &mut status["journal"]["value"][0];
    (run["outcome"], run["about"]) = (json!("begun"), json!("v1.6.1.45"));
}

/// Three manifests with their copies: more rows than a small screen has.
fn many(status: &mut Value) {
    let rows = status["rows"].as_array_mut().unwrap();
    for folder in ["copy", "second"] {
        for at in [1, 2] {
            let mut row = rows[at].clone();
            let path = row["source"].as_str().unwrap().replace("updates/manifests", folder);
            row["source"] = path.into();
            rows.insert(3, row);
        }
    }
}

fn all_drifted(status: &mut Value) {
    for row in status["rows"].as_array_mut().unwrap() {
        row["cells"][0]["state"] = json!("drifted");
    }
}

/// Every scene with its name.
pub fn all() -> Vec<(&'static str, Scene)> {
    let mut mistyped = asking();
    then(
        &mut mistyped,
        json!({ "event": "note", "kind": "mistyped",
            "text": "`1.6.1.44` is not v1.6.1.44. Nothing was done; type the tag exactly." }),
    );
    let opening = (Model::new(Ground::Kept, true), ready().1);
    let reason = |model: &mut Model| {
        model.popup = Some(Popup::Waive { id: CheckId::TagState, input: Input::new("Anna knows".into()) });
    };
    let unchanged = |manifest: &mut Value| {
        for file in manifest["files"].as_array_mut().unwrap() {
            file["write"] = json!(false);
            file["changes"] = json!([]);
        }
    };
    let looking = || up_to(|event| event["event"] == "check" && event["id"] == "target-repo" && event["state"] == "ok");
    vec![
        ("opening", opening),
        ("looking", looking()),
        ("ready", ready()),
        ("ready-release", with(ready(), on(Panel::Release, Tab::Diff))),
        ("ready-diff", with(ready(), on(Panel::Tabs, Tab::Diff))),
        (
            "ready-second-file",
            with(ready(), |model| (model.panel, model.tab, model.file) = (Panel::Tabs, Tab::Diff, 1)),
        ),
        ("looking-long", (looking().0, looking().1 + jiff::SignedDuration::from_secs(12))),
        ("ready-artifacts", with(ready(), on(Panel::Tabs, Tab::Artifacts))),
        ("ready-guide", with(ready(), on(Panel::Tabs, Tab::Guide))),
        ("ready-evidence", with(ready(), on(Panel::Tabs, Tab::Evidence))),
        ("ready-log", with(ready(), on(Panel::Log, Tab::Diff))),
        ("read-only", read_only()),
        ("unchanged", with(replanned(unchanged), on(Panel::Tabs, Tab::Diff))),
        ("no-dmg", with(replanned(|manifest| *manifest = Value::Null), on(Panel::Tabs, Tab::Diff))),
        ("blocked", blocked()),
        ("blocked-whole", with(blocked(), |model| model.popup = Some(Popup::Check))),
        ("waiving", with(blocked(), reason)),
        ("waived", waived()),
        ("asking", asking()),
        ("mistyped", mistyped),
        ("uploading", with(uploading(), on(Panel::Release, Tab::Guide))),
        ("waiting", with(waiting(), on(Panel::Release, Tab::Guide))),
        ("leaving", with(uploading(), |model| model.popup = Some(Popup::Quit))),
        ("failed", failed()),
        ("failed-closed", with(failed(), |model| model.popup = None)),
        ("done", done()),
        ("done-scrolled", with(done(), |model| model.over = 6)),
        ("done-steps", with(done(), |model| (model.popup, model.panel, model.steps) = (None, Panel::Release, Some(2)))),
        ("done-evidence", with(done(), |model| (model.popup, model.panel) = (None, Panel::Tabs))),
        ("versions", versions()),
        (
            "version-asking",
            with(versions(), |model| {
                let wrong = Some("That is no version: it has 3 parts, not four".into());
                model.popup = Some(Popup::Version { input: Input::new("1.6.1".into()), wrong });
            }),
        ),
        ("version-shown", rewriting()),
        ("watched", watched(|_| {})),
        ("watched-releases", with(watched(|_| {}), at(Pane::Releases))),
        ("watched-here", with(watched(|_| {}), at(Pane::Here))),
        ("watched-lost", with(watched(lost), at(Pane::Here))),
        ("watched-fine", watched(fine)),
        ("watched-run", watched(lost)),
        ("watched-cut-off", watched(cut_off)),
        ("watched-many", watched(many)),
        (
            "watched-many-drifted",
            watched(|status| {
                many(status);
                all_drifted(status);
            }),
        ),
        ("watched-opening", with(watched(|_| {}), |model| model.dashboard = Some(Dashboard::default()))),
        ("watched-help", with(watched(|_| {}), |model| model.popup = Some(Popup::Help))),
        ("help", with(ready(), |model| model.popup = Some(Popup::Help))),
        ("dry-run", dry_run()),
        ("answered", with(ready(), |model| model.toast = Some("There is no fix to copy.".into()))),
    ]
}

/// The step that runs.
pub fn step(scene: &Scene) -> Option<StepId> {
    scene.0.step()
}
