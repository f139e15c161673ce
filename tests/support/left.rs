//! What a run left, here and on the host, without what differs from one world to the next: ports, nonces, dates.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::code::{MAIN, git};
use super::{MANIFEST, Practice};

/// Two worlds in which the same was done are equal in this.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// Every file and folder of the workspace.
    pub files: BTreeMap<String, String>,
    /// Every release on the host.
    pub releases: Vec<String>,
    /// What the code repository and the branch here have: subjects, paths, and what is not committed.
    pub code: Vec<String>,
    /// The application on the VM, but for its dated backups.
    pub vm: BTreeMap<String, String>,
    /// The tag last offered to clients and the version taken back for it, as the journal tells it.
    pub told: Option<(String, Option<String>)>,
}

impl Left {
    #[track_caller]
    pub fn assert_is(&self, expected: &Self) {
        let names: BTreeSet<_> = self.files.keys().chain(expected.files.keys()).collect();
        for name in names {
            assert_eq!(self.files.get(name), expected.files.get(name), "{name}");
        }
        assert_eq!(self.releases, expected.releases);
        assert_eq!(self.code, expected.code);
        assert_eq!(self.vm, expected.vm);
        assert_eq!(self.told, expected.told);
    }
}

impl Practice {
    pub fn left(&self) -> Left {
        let root = self.workspace();
        let files = self.snapshot().into_iter().map(|(path, digest)| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let text = match digest {
                None => "not a file".into(),
                // They hold ports, nonces or times; what the journal tells is compared on its own.
                Some(_) if name == "release.toml" || name.starts_with(".nexy-release/") => "a file".into(),
                Some(_) if name.contains("/manifest") => self.same_everywhere(&fs::read_to_string(&path).unwrap()),
                Some(digest) => digest.to_string(),
            };
            (name, text)
        });
        // Who held the lock last: only a note, the lock itself went with its holder.
        let files = files.filter(|(name, _)| name != ".nexy-release/owner.json" && !name.starts_with(".git/"));
        let mut releases: Vec<_> = self
            .host()
            .releases()
            .into_iter()
            .map(|release| {
                let mut assets: Vec<_> = release
                    .assets
                    .iter()
                    .map(|a| format!("{} {} {} {:?}", a.name, a.state, a.size, a.sha256))
                    .collect();
                assets.sort();
                // Nonce and plan hash.
                let mut body = release.body.clone();
                if let Some(mark) = body.rfind("nonce=") {
                    body.truncate(mark);
                }
                format!("{} draft {} by {}: {assets:#?}\n{body}", release.tag, release.draft, release.author)
            })
            .collect();
        releases.sort();
        let journal = self.journal_lines();
        let offers = journal.iter().rev().filter(|line| line["tag"].is_string() && line["outcome"] == "done");
        let mut told: Option<(String, Option<String>)> = None;
        for line in offers {
            let text = |key: &str| line[key].as_str().map(ToOwned::to_owned);
            let (tag, withdrawn) = told.get_or_insert_with(|| (text("tag").unwrap(), None));
            if line["tag"] != tag.as_str() {
                break;
            }
            *withdrawn = withdrawn.take().or_else(|| text("withdrawn"));
        }
        Left { files: files.collect(), releases, code: self.committed(), vm: self.application(), told }
    }

    fn committed(&self) -> Vec<String> {
        if !self.code().exists() {
            return Vec::new();
        }
        let (code, here) = (self.code(), self.workspace());
        let manifest = git(&code, &["show", &format!("{MAIN}:{MANIFEST}")]);
        vec![
            git(&code, &["log", "--format=%s", MAIN]),
            git(&code, &["ls-tree", "-r", "--name-only", MAIN]),
            self.same_everywhere(&manifest),
            git(here, &["log", "--format=%s", MAIN]),
            git(here, &["status", "--porcelain", "--", "server", "VERSION"]),
        ]
    }

    fn application(&self) -> BTreeMap<String, String> {
        let root = self.on_vm("");
        let files = files_below(&root).into_iter().map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let text = self.same_everywhere(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
            (name, text)
        });
        files.filter(|(name, _)| !name.starts_with("backups/")).collect()
    }

    /// A manifest without the port and the moment of its making.
    pub fn same_everywhere(&self, text: &str) -> String {
        let lines = text.lines().map(|line| if line.contains("\"release_date\"") { "(its date)" } else { line });
        lines.collect::<Vec<_>>().join("\n").replace(self.host().web_url(), "(web)")
    }

    /// Every whole line of the journal, the beginnings of runs as well.
    pub fn journal_lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path(".nexy-release/journal.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// How often each asset was sent, by name.
    pub fn sent(&self) -> BTreeMap<String, usize> {
        let mut sent = BTreeMap::new();
        for request in self.requests() {
            if let Some((_, name)) = request.path.split_once("/assets?name=") {
                *sent.entry(name.to_owned()).or_default() += 1;
            }
        }
        sent
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap());
    let below = entries.map(|entry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder { files_below(&entry.path()) } else { vec![entry.path()] }
    });
    below.flatten().collect()
}
