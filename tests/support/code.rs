//! A code repository for a practice world: the workspace as a clone, and a bare repository that it pushes to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{MANIFEST, Practice, Ran, TAG, VERSIONED};

/// The branch that everybody works on.
pub const MAIN: &str = "main";

/// What is said when the code repository has the manifests.
pub const MARKER: &str = "Manifest changes pushed to remote";

/// git in a folder, by somebody with a name and without settings of this machine; answers what it prints.
#[track_caller]
pub fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Anna", "-c", "user.email=anna@nexy.invalid"]).args(args).current_dir(folder);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A practice world whose workspace is a clone of the code repository, with commit and push on.
pub fn in_code() -> Practice {
    let practice = Practice::tiny();
    practice.in_code();
    practice
}

impl Practice {
    /// The bare repository. Its path ends as the address of the code repository does: in practice that counts.
    pub fn code(&self) -> PathBuf {
        self.beside("remotes/Seregawpn/Nexy_server.git")
    }

    /// A path beside the workspace.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.workspace().parent().unwrap().join(name)
    }

    /// git in the workspace.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        git(self.workspace(), args)
    }

    /// Makes the workspace a clone of the code repository, with commit and push on.
    pub fn in_code(&self) {
        fs::create_dir_all(self.code()).unwrap();
        git(&self.code(), &["init", "-q", "--bare", "-b", MAIN]);
        self.git(&["init", "-q", "-b", MAIN]);
        for (key, value) in [("user.name", "Release Engineer"), ("user.email", "release@nexy.invalid")] {
            self.git(&["config", key, value]);
        }
        self.write(".gitignore", "release_inbox/*\n");
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "-m", "The server"]);
        self.git(&["remote", "add", "origin", self.code().to_str().unwrap()]);
        self.git(&["push", "-q", "origin", MAIN]);
        self.set("git.commit_manifest", "true");
        self.set("git.push_manifest", "true");
    }

    /// A commit by somebody else, pushed.
    pub fn somebody_pushes(&self, file: &str) -> String {
        let clone = self.beside("somebody");
        git(self.workspace().parent().unwrap(), &["clone", "-q", self.code().to_str().unwrap(), "somebody"]);
        fs::write(clone.join(file), "theirs\n").unwrap();
        git(&clone, &["add", "."]);
        git(&clone, &["commit", "-q", "-m", "Their work"]);
        git(&clone, &["push", "-q", "origin", MAIN]);
        git(&clone, &["rev-parse", "HEAD"])
    }

    /// The code repository's branch has one commit on top of `parent`, with the manifests and nothing else.
    #[track_caller]
    pub fn assert_delivered(&self, parent: &str) {
        let code = self.code();
        assert_eq!(git(&code, &["log", "-1", "--format=%s", MAIN]), format!("release: manifest {TAG}"));
        assert_eq!(git(&code, &["rev-parse", "main^"]), parent, "one commit on top");
        assert_eq!(git(&code, &["diff", "--name-only", "main^", MAIN]), format!("{MANIFEST}\n{VERSIONED}"));
        assert_eq!(git(&code, &["show", &format!("{MAIN}:{MANIFEST}")]), self.read(MANIFEST).trim_end());
    }

    /// The PATH of a git that does what git does, but where `when` matches its arguments: there it does `what`.
    pub fn shim(&self, when: &str, what: &str) -> String {
        let folder = self.beside("shim");
        script_at(&folder.join("git"), &format!("case \"$*\" in {when}) {what} ;; esac\nexec /usr/bin/git \"$@\""));
        format!("{}:/usr/bin:/bin", folder.display())
    }
}

impl Ran {
    /// The line of a check, a step or a summary.
    #[track_caller]
    pub fn row(&self, id: &str) -> &str {
        let is = |line: &&str| line.split_whitespace().nth(1) == Some(id);
        self.stdout.lines().find(is).unwrap_or_else(|| panic!("no row `{id}`:\n{}", self.stdout)).trim()
    }
}

/// A hook of the repository in `folder`.
pub fn hook(folder: &Path, name: &str, script: &str) {
    script_at(&folder.join("hooks").join(name), script);
}

/// A program for the shell.
pub fn script_at(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
