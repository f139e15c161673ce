//! A copy of the workspace, the binary on it, and what a version that is set by hand makes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::support::Ran;

/// A copy of the tree, and the binary on it.
pub struct Tree {
    folder: tempfile::TempDir,
}

pub type Files = BTreeMap<String, Vec<u8>>;

impl Tree {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/workspace/.");
        let copied = Command::new("cp").arg("-R").arg(fixture).arg(folder.path()).status().unwrap();
        assert!(copied.success());
        let tree = Self { folder };
        tree.write("release.toml", "config_version = 1\n");
        tree
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(relative), content).unwrap();
    }

    pub fn change(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "no `{from}` in {relative}");
        self.write(relative, text.replacen(from, to, 1));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.arg("version").args(args).arg("--workspace").arg(self.folder.path());
        command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Every file but those of the state folder.
    pub fn files(&self) -> Files {
        fn walk(root: &Path, folder: &Path, found: &mut Files) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, fs::read(&path).unwrap_or_default());
                }
            }
        }
        let mut found = Files::new();
        walk(self.folder.path(), self.folder.path(), &mut found);
        found.retain(|name, _| !name.starts_with(".nexy-release/"));
        found
    }

    /// The data of the report of this kind.
    pub fn report(ran: &Ran, kind: &str) -> Value {
        let events = ran.events();
        events.into_iter().find(|event| event["kind"] == kind).unwrap()["data"].take()
    }
}

/// What the bytes are when every four numbers of the present version become the next: in these files, nothing else is.
pub fn by_hand(before: &Files) -> Files {
    let set = |(name, bytes): (&String, &Vec<u8>)| {
        let text = String::from_utf8_lossy(bytes);
        let stays = name.starts_with("release_inbox/") || name == "client/Docs/LATEST_CHANGES.md";
        let lines = text.split_inclusive('\n').map(|line| {
            if stays || line.contains("/releases/download/") {
                line.to_owned()
            } else {
                line.replace("1.6.1.43", "1.6.1.44")
            }
        });
        (name.clone(), if stays { bytes.clone() } else { lines.collect::<String>().into_bytes() })
    };
    before.iter().map(set).collect()
}
