//! Power loss over the recorded operations of an update: whatever was not synced is lost, kept or half there, in any
//! combination. And its mutants: where one of the precautions is left out the model finds the damage.

use std::fs;
use std::path::{Path, PathBuf};

use nexy_release::release::version::Version;
use nexy_release::world::journal;
use nexy_release::world::workspace::{Reader, Writer};

use super::acts::{ACTS, Operation};
use super::disk::{Disk, Files};
use super::support::Practice;

/// An update as it was recorded, and the files around it.
struct Recorded {
    root: PathBuf,
    before: Files,
    after: Files,
    operations: Vec<Operation>,
    /// The version that it takes back.
    withdrawn: Option<Version>,
}

/// The small files: what lies in the inbox is only read.
fn files(practice: &Practice) -> Files {
    let files = practice
        .snapshot()
        .into_iter()
        .filter(|(path, digest)| digest.is_some() && !path.starts_with(practice.path("release_inbox")));
    files.map(|(path, _)| (path.clone(), fs::read(path).unwrap())).collect()
}

fn recorded(act: usize) -> Recorded {
    let practice = (ACTS[act].lay)();
    let before = files(&practice);
    let ran = ACTS[act].run(&practice, Some("list")).expect_code(0);
    let lines = ran.stderr.lines().filter_map(|line| line.strip_prefix("failpoint "));
    let operations = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let withdrawn = ACTS[act].args.contains(&"--reason").then(|| Version::new([1, 6, 1, 44]));
    Recorded { root: practice.workspace().to_owned(), before, after: files(&practice), operations, withdrawn }
}

impl Recorded {
    /// Which manifests it wrote.
    fn manifests(&self) -> impl Iterator<Item = &PathBuf> {
        let changed = self.after.iter().filter(|(path, text)| self.before.get(*path) != Some(*text));
        changed.map(|(path, _)| path).filter(|path| !path.starts_with(self.root.join(".nexy-release")))
    }

    /// Loses power after each operation, in every way. Answers how many states there were, and what is wrong in one.
    fn lose_power(&self, operations: &[Operation]) -> (usize, Option<String>) {
        let mut disk = Disk::holding(&self.before);
        let mut states = 0;
        for done in 0..=operations.len() {
            for state in disk.without_power() {
                states += 1;
                let wrong = self.judge(&state, done == operations.len());
                if let Err(wrong) = wrong {
                    let last = done.checked_sub(1).map(|last| &operations[last]);
                    return (states, Some(format!("after {done} operations, the last {last:?}: {wrong}")));
                }
            }
            if let Some(next) = operations.get(done) {
                disk.carry_out(next);
            }
        }
        (states, None)
    }

    fn judge(&self, state: &Files, all_done: bool) -> Result<(), String> {
        for path in self.manifests() {
            let now = state.get(path);
            if now != self.before.get(path) && now != self.after.get(path) {
                return Err(format!("{} is torn", path.display()));
            }
        }
        let folder = memory();
        for (path, content) in state {
            let path = folder.path().join(path.strip_prefix(&self.root).unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let writer = Writer::new(Reader::new(folder.path(), "release_inbox"));
        writer.finish_files().map_err(|failure| format!("cannot be finished: {}", failure.what))?;
        let is = |files: &Files, path: &Path| {
            let now = fs::read(folder.path().join(path.strip_prefix(&self.root).unwrap())).ok();
            now.as_ref() == files.get(path)
        };
        let new = self.manifests().all(|path| is(&self.after, path));
        if !new && (all_done || !self.manifests().all(|path| is(&self.before, path))) {
            return Err(format!(
                "{}old and new are mixed, or what was reported as done is lost",
                if all_done { "at the end: " } else { "" }
            ));
        }
        let journal = journal::read(folder.path()).map_err(|failure| failure.what.to_string())?;
        if !journal.holds() {
            return Err("the journal looks edited".into());
        }
        if self.withdrawn.is_some_and(|version| journal.withdrawal(&version).is_some() != new) {
            return Err("the journal and the manifests disagree on a withdrawal".into());
        }
        Ok(())
    }
}

/// A folder where syncing costs nothing, if there is one.
fn memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The update is cut off at every moment; nothing is torn, mixed or forgotten.
fn survives(act: usize) {
    let recorded = recorded(act);
    assert!(recorded.manifests().count() > 0, "{:?}", recorded.after.keys());
    let (states, wrong) = recorded.lose_power(&recorded.operations);
    let held = states - wrong.iter().count();
    println!("sweep: {held} of {states} points held (power lost: {})", ACTS[act].name);
    assert_eq!(wrong, None);
}

#[test]
fn row_13_a_first_release_survives_the_loss_of_power_at_any_moment() {
    survives(0);
}

#[test]
fn row_13_a_manifest_point_survives_the_loss_of_power_at_any_moment() {
    survives(3);
}

#[test]
fn row_13_a_manifest_sync_survives_the_loss_of_power_at_any_moment() {
    survives(5);
}

#[test]
fn row_13_a_withdrawal_survives_the_loss_of_power_at_any_moment() {
    survives(4);
}

/// The model finds the damage when the operations that `left_out` names are not carried out.
#[track_caller]
fn damages(left_out: impl Fn(&Operation) -> bool, damage: &str) {
    let recorded = recorded(5);
    let operations: Vec<_> = recorded.operations.iter().filter(|operation| !left_out(operation)).cloned().collect();
    assert!(operations.len() < recorded.operations.len(), "nothing was left out");
    let (_, wrong) = recorded.lose_power(&operations);
    let wrong = wrong.expect("the model did not notice");
    println!("mutant: {wrong}");
    assert!(wrong.contains(damage), "{wrong}");
}

fn is_intent(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_str().unwrap().ends_with("intent.json"))
}

#[test]
fn row_13_without_the_sync_of_the_intent_the_model_finds_the_damage() {
    damages(|operation| matches!(operation, Operation::Sync(path) if is_intent(path)), "cannot be finished");
}

#[test]
fn row_13_without_the_sync_of_the_manifests_the_model_finds_the_damage() {
    damages(
        |operation| matches!(operation, Operation::Sync(path) if path.ends_with(".nexy-release-manifest.json")),
        "is torn",
    );
}

#[test]
fn row_13_without_the_sync_of_folders_the_model_finds_the_damage() {
    damages(|operation| matches!(operation, Operation::SyncFolder(_)), "mixed");
}

#[test]
fn row_13_without_the_sync_of_the_manifests_folder_the_model_finds_the_damage() {
    damages(|operation| matches!(operation, Operation::SyncFolder(path) if !path.ends_with(".nexy-release")), "mixed");
}

#[test]
fn row_13_without_an_intent_the_model_finds_the_damage() {
    damages(
        |operation| match operation {
            Operation::Create(path)
            | Operation::Write(path, _)
            | Operation::Sync(path)
            | Operation::Rename(path, _)
            | Operation::Remove(path) => is_intent(path),
            _ => false,
        },
        "mixed",
    );
}
