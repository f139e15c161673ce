//! The known word that a mistyped one was meant to be.

/// Shorter words are part of too many others to say anything.
const PART: usize = 3;

/// The candidate that differs from `word` in a third of its letters at most; else the only one that one of the two is
/// a part of (`github` for `github-auth`). Upper and lower case are the same.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let candidates: Vec<_> = candidates.into_iter().map(|known| (known, known.to_lowercase())).collect();
    let alike = candidates
        .iter()
        .map(|(known, lower)| (strsim::damerau_levenshtein(&word, lower), known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, known)) = alike {
        return Some(known);
    }
    let within = |a: &str, b: &str| b.len() >= PART && a.contains(b);
    let mut parts = candidates.iter().filter(|(_, lower)| within(lower, &word) || within(&word, lower));
    parts.next().filter(|_| parts.next().is_none()).map(|(known, _)| *known)
}
