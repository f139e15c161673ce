//! The files that a version point names: each a file of the workspace itself, and text.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::files;
use super::intent::Intent;
use crate::release::code::Code;
use crate::release::failure::Failure;

/// `*` stays within one name, and stands for no name that begins with a dot.
const LIKE_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// No workspace has so many: a pattern that leads through more is a mistake.
const MAX_SEEN: usize = 200_000;

/// Whether it may name several files.
pub fn is_glob(file: &str) -> bool {
    file.contains('*')
}

/// The files that `file` names, relative to `root`, sorted; none where there is no such file.
pub fn named(root: &Path, file: &str) -> Result<Vec<String>, Failure> {
    if !is_glob(file) {
        let there = root.join(file).symlink_metadata().is_ok();
        return Ok(there.then(|| file.to_owned()).into_iter().collect());
    }
    let unusable = |why: &str| {
        Failure::new(Code::LocalFile, format!("{file} cannot be looked for: {why}"))
            .why(format!("It is a version point of {}.", root.display()))
            .fix("ls -l the folders that it names")
    };
    let mut walk = Walk { root, found: Vec::new(), seen: 0 };
    let parts: Vec<_> = file.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    walk.go(Path::new(""), &parts).map_err(|why| unusable(&why))?;
    walk.found.sort();
    walk.found.dedup();
    Ok(walk.found)
}

/// A look at the folders that a pattern names. Links to folders are followed where the pattern spells them out, and
/// nowhere else: they may lead back to where they are.
struct Walk<'a> {
    root: &'a Path,
    found: Vec<String>,
    /// Names that were looked at.
    seen: usize,
}

impl Walk<'_> {
    fn go(&mut self, at: &Path, parts: &[&str]) -> Result<(), String> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        if *part == "**" {
            // Any depth, also none.
            self.go(at, rest)?;
            for (name, is_folder) in self.names(at)? {
                if is_folder && !name.as_encoded_bytes().starts_with(b".") {
                    self.go(&at.join(name), parts)?;
                }
            }
            return Ok(());
        }
        let names = if is_glob(part) {
            // Nothing but `*` is special: the rest is what names are made of.
            let pattern = part.split('*').map(Pattern::escape).collect::<Vec<_>>().join("*");
            let pattern = Pattern::new(&pattern).map_err(|error| error.msg.to_owned())?;
            let fits = |name: &OsString| pattern.matches_with(&name.to_string_lossy(), LIKE_A_SHELL);
            self.names(at)?.into_iter().filter(|(name, _)| fits(name)).collect()
        } else {
            let path = self.root.join(at).join(part);
            let there = path.symlink_metadata().is_ok();
            if there { vec![(OsString::from(part), path.is_dir())] } else { Vec::new() }
        };
        for (name, is_folder) in names {
            let path = at.join(name);
            if !rest.is_empty() {
                if is_folder {
                    self.go(&path, rest)?;
                }
                continue;
            }
            let path = path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))?;
            self.found.push(path.to_owned());
        }
        Ok(())
    }

    /// The names in a folder, and whether each is a folder itself. One that is none, or not there, has no names.
    fn names(&mut self, at: &Path) -> Result<Vec<(OsString, bool)>, String> {
        let folder = self.root.join(at);
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            self.seen += 1;
            if self.seen > MAX_SEEN {
                return Err(format!("it leads through more than {MAX_SEEN} names"));
            }
            let kind = entry.file_type().map_err(failed)?;
            names.push((entry.file_name(), kind.is_dir()));
        }
        Ok(names)
    }
}

/// The text of such a file, an interrupted update taken as finished. Links are refused: what they lead to may be no part
/// of the workspace, and would be written for everybody who links to it.
pub fn text(root: &Path, path: &str, pending: Option<&Intent>) -> Result<String, Failure> {
    if let Some(link) = link(root, path) {
        return Err(Failure::new(Code::VersionPoint, format!("{path} cannot be a version point: {link} is a link"))
            .why("A link may lead out of the workspace; only its own files are changed.")
            .fix(format!("ls -l '{link}'"))
            .fix("Name the file itself in [[version.point]], or put it there in place of the link"));
    }
    if let Some(file) = pending.and_then(|intent| intent.files.iter().find(|file| file.path == path)) {
        return Ok(file.after.clone());
    }
    let bytes = files::read(&root.join(path))?.unwrap_or_default();
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(Code::VersionPoint, format!("{path} cannot be a version point: it is not UTF-8 text"))
            .fix(format!("file '{path}'"))
    })
}

/// The first part of a path that is a link.
fn link(root: &Path, path: &str) -> Option<String> {
    let mut at = PathBuf::new();
    Path::new(path).components().find_map(|part| {
        at.push(part);
        let linked = root.join(&at).symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        linked.then(|| at.display().to_string())
    })
}
