//! Finds what looks like a secret in the settings, so that it is refused before anything else could repeat it.

use super::environment::Environment;
use super::place::Origin;
use super::variables::PREFIX;
use crate::release::code::Code;
use crate::release::failure::Failure;

/// What GitHub's tokens and private keys begin with.
const MARKS: [&str; 7] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "PRIVATE KEY-----"];

/// A failure for each place in the file or variable of ours with such a text.
pub(super) fn find(file: Option<&str>, environment: &Environment) -> Vec<Failure> {
    let in_file = file.into_iter().flat_map(|text| places(text).map(|at| Origin::at(text, at)));
    let ours = environment.iter().filter(|(name, _)| name.starts_with(PREFIX));
    let in_variables =
        ours.filter(|(_, text)| places(text).next().is_some()).map(|(name, _)| Origin::Variable(name.to_owned()));
    in_file.chain(in_variables).map(|origin| refused(&origin)).collect()
}

/// Where a secret begins: a mark with something behind it, so that prose may name the mark.
fn places(text: &str) -> impl Iterator<Item = usize> {
    MARKS.iter().flat_map(move |mark| text.match_indices(mark)).filter_map(move |(at, mark)| {
        let secret = mark.ends_with('-') || text[at + mark.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        secret.then_some(at)
    })
}

fn refused(origin: &Origin) -> Failure {
    Failure::new(Code::SettingsValue, format!("{origin}: this looks like a secret value"))
        .why("no secret is ever a setting; tokens come from GH_TOKEN, GITHUB_TOKEN, else `gh auth token`")
        .fix("remove it from the settings")
        .fix("revoke it if anybody else could have read it, at https://github.com/settings/tokens")
}
