//! What is done while it is disturbed, and the points that an undisturbed run of it passes.

use std::path::{Path, PathBuf};

use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::host::SeedRelease;
use serde::Deserialize;
use serde_json::{Value, json};

use super::support::{Left, MANIFEST, Practice, REPO, Ran, TAG, VERSIONED};

/// A second copy of the manifest, where the settings name one.
pub const COPY: &str = "copies/manifest.json";

/// An operation as `failpoints` lists it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "what nobody looks into is shown where the model finds damage")]
pub enum Operation {
    Step(String),
    Read(PathBuf),
    MakeFolder(PathBuf),
    Create(PathBuf),
    Extend(PathBuf),
    Write(PathBuf, Vec<u8>),
    Permit(PathBuf),
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    SyncFolder(PathBuf),
}

impl Operation {
    pub fn class(&self) -> &'static str {
        match self {
            Self::Step(_) => "step",
            Self::Read(_) => "read",
            _ => "change",
        }
    }
}

/// A command in a world that is laid for it.
pub struct Act {
    pub name: &'static str,
    pub args: &'static [&'static str],
    pub code: i32,
    pub lay: fn() -> Practice,
}

pub const ACTS: [Act; 10] = [
    Act { name: "first release", args: &["publish", "--yes"], code: 0, lay: Practice::tiny },
    Act { name: "extend", args: &["publish", "--yes"], code: 0, lay: extended },
    Act {
        name: "resumed release",
        args: &["publish", "--yes", "--waive", "tag-state=Anna is on holiday"],
        code: 0,
        lay: || Practice::with_dmg(Scenario::Resume, 96 << 10),
    },
    Act { name: "manifest point", args: &["manifest", "point", TAG, "--yes"], code: 0, lay: to_be_pointed },
    Act {
        name: "withdrawal",
        args: &["manifest", "point", "v1.6.1.43", "--reason", "crash at start", "--yes"],
        code: 0,
        lay: released,
    },
    Act { name: "manifest sync", args: &["manifest", "sync"], code: 0, lay: drifted },
    Act { name: "unfinished manifests", args: &["publish", "--yes"], code: 0, lay: died_between },
    Act { name: "missing inbox", args: &["publish", "--yes"], code: 3, lay: without_inbox },
    Act { name: "version set", args: &["version", "set", "1.6.1.45"], code: 0, lay: with_version_points },
    Act { name: "delivered release", args: &["publish", "--yes"], code: 0, lay: delivering },
];

fn released() -> Practice {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    practice.host().clear_requests();
    practice
}

/// The manifests go to the code repository and to the VM as well.
fn delivering() -> Practice {
    let practice = Practice::tiny();
    practice.in_code();
    practice.set("vm.push_manifest", "true");
    // The command of a killed run ends on the VM in its own time.
    practice.set("vm.busy_wait_s", "5");
    practice
}

fn extended() -> Practice {
    let practice = Practice::tiny();
    practice.seed(practice.without_pkg());
    practice
}

/// Published by others; the second copy of the manifest is no JSON, its bytes are kept.
fn to_be_pointed() -> Practice {
    let practice = Practice::tiny();
    practice.seed(SeedRelease { tag: TAG.into(), ..practice.without_pkg() });
    with_copy(practice, "{ broken")
}

fn drifted() -> Practice {
    let practice = released();
    let old = practice.read("server/updates/manifests/manifest_1.6.1.43.json");
    with_copy(practice, &old)
}

fn with_copy(practice: Practice, text: &str) -> Practice {
    std::fs::create_dir(practice.path("copies")).unwrap();
    practice.write(COPY, text);
    practice.set("manifest.paths", &format!("[\"{MANIFEST}\", \"{COPY}\"]"));
    practice
}

/// Published, the versioned manifest written, the canonical one not yet.
fn died_between() -> Practice {
    let practice = Practice::tiny();
    let old = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    let new = practice.read(MANIFEST);
    practice.write(MANIFEST, &old);
    let before = practice.digest(MANIFEST).to_string();
    let file = |path: &str, before: Value| json!({ "path": path, "before": before, "after": new });
    let intent = json!({ "files": [file(VERSIONED, Value::Null), file(MANIFEST, before.into())] });
    practice.write(".nexy-release/intent.json", intent.to_string());
    practice.host().clear_requests();
    practice
}

/// Three of the places of facts/NEXY.md beside VERSION and the manifest, a version behind: each is written alike.
fn with_version_points() -> Practice {
    let practice = released();
    for file in ["client/client/VERSION_INFO.json", "client/RELEASE_CHECKLIST.md", "server/config.env.example"] {
        std::fs::create_dir_all(practice.path(file).parent().unwrap()).unwrap();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspace").join(file);
        std::fs::copy(fixture, practice.path(file)).unwrap();
    }
    practice
}

fn without_inbox() -> Practice {
    let practice = Practice::tiny();
    std::fs::remove_dir_all(practice.path("release_inbox")).unwrap();
    practice
}

/// How an act ends when nothing disturbs it.
pub struct Undisturbed {
    pub practice: Practice,
    pub operations: Vec<Operation>,
    pub left: Left,
}

impl Act {
    pub fn run(&self, practice: &Practice, failpoint: Option<&str>) -> Ran {
        let mut command = practice.command(self.args);
        command.envs(failpoint.map(|failpoint| ("NEXY_FAILPOINT", failpoint)));
        practice.start_command(command).wait()
    }

    pub fn undisturbed(&self) -> Undisturbed {
        let practice = (self.lay)();
        let ran = self.run(&practice, Some("list")).expect_code(self.code);
        let lines = ran.stderr.lines().filter_map(|line| line.strip_prefix("failpoint "));
        let operations = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let left = practice.left();
        Undisturbed { practice, operations, left }
    }

    /// The world after a disturbance: the same command again brings it to where it would have come without.
    #[track_caller]
    pub fn assert_converges(&self, practice: &Practice, undisturbed: &Undisturbed) {
        // What was cut off when the run stopped has not arrived, and is sent again.
        let held = practice.tagged().into_iter().filter(|release| !release.draft || release.author != "anna");
        let held = held.flat_map(|release| release.assets).filter(|asset| asset.state == "uploaded");
        let arrived: Vec<_> = held.map(|asset| asset.name).collect();
        practice.host().clear_requests();
        practice.until_vm_is_free();
        self.run(practice, None).expect_code(self.code);
        practice.left().assert_is(&undisturbed.left);
        let sent = practice.sent();
        assert!(arrived.iter().all(|name| !sent.contains_key(name)), "{arrived:?} were there, {sent:?} were sent");
        practice.run(&["history", "--verify"]).expect_code(0);
    }
}

impl Undisturbed {
    pub fn points(&self, class: &str) -> usize {
        self.operations.iter().filter(|operation| operation.class() == class).count()
    }
}

/// Of the tag that is being published, on the host.
pub fn is_public(practice: &Practice) -> bool {
    practice.host().releases().iter().any(|release| release.repo == REPO && release.tag == TAG && !release.draft)
}
