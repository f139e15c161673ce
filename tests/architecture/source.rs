//! A source file as far as its arrows go: every path that it names, resolved through its `use` lines, and every method
//! that it calls. Comments and texts are no source.

use std::collections::HashMap;

/// A path that is named somewhere: `crate::…`, or that of another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub path: String,
}

/// What a file names.
#[derive(Debug, Default)]
pub struct Source {
    /// Paths of two parts and more, in `use` lines and in the code.
    pub paths: Vec<Named>,
    /// Method calls as `name` or, where the first argument is a single word, `name(word`.
    pub methods: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Mark(char),
}

/// Reads the file that is the module `module`, e.g. `crate::world::files`.
pub fn read(text: &str, module: &str) -> Source {
    let tokens = tokens(text);
    let (mut source, mut aliases, mut inline) = (Source::default(), HashMap::new(), Vec::new());
    let mut i = 0;
    while i < tokens.len() {
        let before = i.checked_sub(1).map(|i| &tokens[i].1);
        match &tokens[i].1 {
            // `use<…>` is a bound, not an import.
            Token::Word(word) if word == "use" && tokens.get(i + 1).is_none_or(|t| t.1 != Token::Mark('<')) => {
                i = tree(&tokens, i + 1, "", module, &mut source.paths, &mut aliases);
            }
            Token::Word(word) if before == Some(&Token::Mark('.')) => {
                source.methods.push(Named { line: tokens[i].0, path: call(word, &tokens[i + 1..]) });
            }
            Token::Word(word) if before != Some(&Token::Colons) => {
                let (line, mut path) = (tokens[i].0, word.clone());
                while let (Some((_, Token::Colons)), Some((_, Token::Word(next)))) =
                    (tokens.get(i + 1), tokens.get(i + 2))
                {
                    path = format!("{path}::{next}");
                    i += 2;
                }
                if path.contains("::") {
                    inline.push(Named { line, path });
                }
            }
            _ => {}
        }
        i += 1;
    }
    // A file's `use` lines may stand below the code that relies on them.
    source.paths.extend(inline.into_iter().map(|Named { line, path }| {
        // Every path has a first part.
        let (first, rest) = path.split_once("::").unwrap_or((&path, ""));
        let path = aliases.get(first).map_or_else(|| absolute(&path, module), |full| format!("{full}::{rest}"));
        Named { line, path }
    }));
    source
}

/// One branch of a `use` tree from token `i` on; gives the place of the token that ends it.
fn tree(
    tokens: &[(usize, Token)],
    mut i: usize,
    above: &str,
    module: &str,
    paths: &mut Vec<Named>,
    aliases: &mut HashMap<String, String>,
) -> usize {
    let (mut path, mut line, mut name) = (above.to_owned(), 0, None);
    while let Some((at, token)) = tokens.get(i) {
        match token {
            Token::Word(word) if word == "as" => {
                if let Some((_, Token::Word(word))) = tokens.get(i + 1) {
                    name = Some(word.clone());
                }
                i += 1;
            }
            Token::Word(word) if word == "self" && !path.is_empty() => {}
            Token::Word(part) => {
                path = if path.is_empty() { part.clone() } else { format!("{path}::{part}") };
                line = *at;
            }
            Token::Mark('*') => (path, line) = (format!("{path}::*"), *at),
            Token::Colons => {}
            Token::Mark('{') => {
                i += 1;
                while tokens.get(i).is_some_and(|t| t.1 != Token::Mark('}')) {
                    i = tree(tokens, i, &path, module, paths, aliases);
                    i += usize::from(tokens.get(i).is_some_and(|t| t.1 == Token::Mark(',')));
                }
                return i + 1;
            }
            Token::Mark(_) => break,
        }
        i += 1;
    }
    let full = absolute(&path, module);
    let name = name.unwrap_or_else(|| full.rsplit("::").next().unwrap_or_default().to_owned());
    aliases.insert(name, full.clone());
    let line = if line == 0 { tokens.get(i).map_or(0, |t| t.0) } else { line };
    paths.push(Named { line, path: full });
    i
}

/// `self::`, `super::` and the library's own name as paths from `crate`.
fn absolute(path: &str, module: &str) -> String {
    let mut rest = path;
    let mut base = module;
    let mut relative = false;
    loop {
        if let Some(inner) = rest.strip_prefix("super::") {
            base = base.rsplit_once("::").map_or("crate", |(above, _)| above);
            rest = inner;
        } else if let Some(inner) = rest.strip_prefix("self::") {
            rest = inner;
        } else {
            break;
        }
        relative = true;
    }
    match path.strip_prefix("nexy_release::") {
        Some(ours) => format!("crate::{ours}"),
        None if relative => format!("{base}::{rest}"),
        None => path.to_owned(),
    }
}

fn call(method: &str, after: &[(usize, Token)]) -> String {
    match after {
        [(_, Token::Mark('(')), (_, Token::Word(word)), ..] => format!("{method}({word}"),
        _ => method.to_owned(),
    }
}

/// Words and marks with their lines; comments, texts, characters and lifetimes are left out.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut tokens, mut line, mut i) = (Vec::new(), 1, 0);
    while i < chars.len() {
        let start = i;
        match chars[i] {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= chars.len() {
                        break;
                    }
                }
            }
            'r' if at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) => {
                let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
                i += hashes + 2;
                while i < chars.len() && !(chars[i] == '"' && (1..=hashes).all(|n| at(i + n) == '#')) {
                    i += 1;
                }
                i += hashes + 1;
            }
            '"' => {
                i += 1;
                while i < chars.len() && chars[i] != '"' {
                    i += if chars[i] == '\\' { 2 } else { 1 };
                }
                i += 1;
                tokens.push((line, Token::Mark('"')));
            }
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < chars.len() && chars[i] != '\'' {
                    i += 1;
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            ':' if at(i + 1) == ':' => {
                tokens.push((line, Token::Colons));
                i += 2;
            }
            // `br"…"` and `b"…"` are texts too: their prefix is no word.
            'b' if at(i + 1) == '"' || (at(i + 1) == 'r' && matches!(at(i + 2), '"' | '#')) => i += 1,
            c if c.is_alphanumeric() || c == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                tokens.push((line, Token::Word(chars[start..i].iter().collect())));
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push((line, Token::Mark(c)));
                }
                i += 1;
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}
