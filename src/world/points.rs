//! The files that a version point names: each a file of the workspace itself, and text.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern, glob_with};

use super::files;
use super::intent::Intent;
use crate::release::code::Code;
use crate::release::failure::Failure;

/// `*` stays within one name, and stands for no name that begins with a dot.
const LIKE_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

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
    let folder = root.to_str().ok_or_else(|| unusable("the name of the workspace's folder is not UTF-8"))?;
    // Nothing but `*` is special: the rest is what names are made of.
    let names = file.split('*').map(Pattern::escape).collect::<Vec<_>>().join("*");
    let pattern = format!("{}/{names}", Pattern::escape(folder));
    let mut found = Vec::new();
    for path in glob_with(&pattern, LIKE_A_SHELL).map_err(|error| unusable(error.msg))? {
        let path = path.map_err(|error| unusable(&error.to_string()))?;
        let relative = path.strip_prefix(root).ok().and_then(Path::to_str);
        found.push(relative.ok_or_else(|| unusable(&format!("{} is not UTF-8", path.display())))?.to_owned());
    }
    found.sort();
    Ok(found)
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
