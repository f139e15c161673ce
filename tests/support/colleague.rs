//! A second workspace beside the practice world's own, as a colleague has it.

use std::path::Path;
use std::process::Command;

use super::Practice;

impl Practice {
    /// The same files, in a folder that was never published from.
    pub fn copy(&self) -> tempfile::TempDir {
        self.copied(&|name| name != ".nexy-release")
    }

    /// The same files, with what the console noted in them.
    pub fn copy_with_state(&self) -> tempfile::TempDir {
        self.copied(&|_| true)
    }

    fn copied(&self, wanted: &dyn Fn(&str) -> bool) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy_into(self.workspace(), folder.path(), wanted);
        folder
    }

    /// A command in that folder.
    pub fn command_in(&self, folder: &Path, args: &[&str]) -> Command {
        let mut command = self.command(&[]);
        let variables: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
        command = Command::new(env!("CARGO_BIN_EXE_nexy-release"));
        command.args(args).arg("--workspace").arg(folder).env_clear().envs(variables);
        command
    }
}

fn copy_into(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if !wanted(entry.file_name().to_str().unwrap()) {
        } else if entry.path().is_dir() {
            copy_into(&entry.path(), &target, wanted);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
