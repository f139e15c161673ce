//! What stands in the way of a commit: an act of git that is not done, a conflict, a link.

use std::path::Path;

use super::reader::Reader;
use crate::release::failure::Failure;

/// An act of git that was begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its name, e.g. `merge`.
    pub name: &'static str,
    /// The command that ends it; `None`: there is only a way back.
    pub go_on: Option<&'static str>,
    /// The command that takes it back.
    pub back: &'static str,
}

/// By what git keeps as long as it lasts. A rebase picks commits: it is looked for first, and `am` before it.
const ACTS: [(&str, Begun); 8] = [
    ("rebase-apply/applying", begun("am", Some("git am --continue"), "git am --abort")),
    ("rebase-apply", begun("rebase", Some("git rebase --continue"), "git rebase --abort")),
    ("rebase-merge", begun("rebase", Some("git rebase --continue"), "git rebase --abort")),
    ("MERGE_HEAD", begun("merge", Some("git merge --continue"), "git merge --abort")),
    ("REVERT_HEAD", begun("revert", Some("git revert --continue"), "git revert --abort")),
    ("CHERRY_PICK_HEAD", PICK),
    // Between two commits of several.
    ("sequencer/todo", PICK),
    ("BISECT_LOG", begun("bisect", None, "git bisect reset")),
];
const PICK: Begun = begun("cherry-pick", Some("git cherry-pick --continue"), "git cherry-pick --abort");

const fn begun(name: &'static str, go_on: Option<&'static str>, back: &'static str) -> Begun {
    Begun { name, go_on, back }
}

/// A link on the way to a file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The link itself.
    pub path: String,
    /// Where the file really is, where that is in the workspace too.
    pub real: Option<String>,
    /// Whether there is a file at all.
    pub leads: bool,
}

impl Reader {
    /// The act of git that is not done yet.
    pub async fn begun(&self) -> Result<Option<Begun>, Failure> {
        let paths = self.own_paths(&ACTS.map(|(path, _)| path)).await?;
        Ok(ACTS.iter().zip(paths).find(|(_, path)| path.exists()).map(|((_, begun), _)| *begun))
    }

    /// Which of these files have several sides in the index: a conflict that nobody has settled.
    pub async fn unmerged<'a>(&self, paths: &[&'a str]) -> Result<Vec<&'a str>, Failure> {
        let args = [&["ls-files", "-z", "--unmerged", "--"], paths].concat();
        let found = self.ask_with(&args, &[("GIT_LITERAL_PATHSPECS", "1")]).await?;
        let found: Vec<_> = found.split('\0').filter_map(|entry| Some(entry.split_once('\t')?.1)).collect();
        Ok(paths.iter().copied().filter(|path| found.contains(path)).collect())
    }

    /// The first link on the way to a file of the workspace: git takes a link for what it is, and looks behind none.
    pub fn link(&self, path: &str) -> Option<Link> {
        let mut ways: Vec<_> = Path::new(path).ancestors().filter(|way| !way.as_os_str().is_empty()).collect();
        ways.reverse();
        let link = ways.into_iter().find(|way| self.root().join(way).is_symlink())?;
        let real = self.path(path).canonicalize().ok();
        let root = self.root().canonicalize().ok();
        let within = real.as_ref().zip(root).and_then(|(real, root)| real.strip_prefix(root).ok());
        Some(Link {
            path: link.to_string_lossy().into_owned(),
            real: within.map(|real| real.to_string_lossy().into_owned()),
            leads: real.is_some(),
        })
    }
}
