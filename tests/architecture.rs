//! The arrows of DESIGN.md: which room of `src/` may name which, and which doors to the outside stand where.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the report")]

use std::path::{Path, PathBuf};

use source::Source;

#[path = "architecture/source.rs"]
mod source;

/// The longest file, in lines: what is longer is hard to take in at a glance.
const MAX_LINES: usize = 400;

/// Each room and the rooms that it may name besides itself. `main` and `lib` hold the house together.
const ARROWS: [(&str, &[&str]); 9] = [
    ("release", &[]),
    ("settings", &["release"]),
    ("world", &["release", "settings"]),
    ("engine", &["release", "settings", "world"]),
    ("guide", &["release", "engine"]),
    ("front", &["release", "settings", "world", "engine", "guide"]),
    ("cli", &["release", "settings", "world", "engine", "front"]),
    ("commands", &["release", "settings", "world", "engine", "guide", "front", "cli"]),
    ("sandbox", &["release"]),
];

/// What stands behind a door, and the files that are the door.
struct Door {
    what: &'static str,
    paths: &'static [&'static str],
    methods: &'static [&'static str],
    files: &'static [&'static str],
}

/// The practice world is a host and a machine of its own: its doors are on the other side of its sockets.
const DOORS: [Door; 4] = [
    Door {
        what: "reads the process's environment",
        // `split_paths`, `join_paths` and `consts` read nothing.
        paths: &[
            "std::env::*",
            "std::env::var",
            "std::env::args",
            "std::env::current_",
            "std::env::home_dir",
            "std::env::temp_dir",
            "std::env::set_",
            "std::env::remove_",
        ],
        methods: &[],
        files: &["settings/environment.rs", "main.rs"],
    },
    Door {
        what: "starts child processes",
        paths: &["std::process::Command", "tokio::process", "rustix::process::kill"],
        methods: &[],
        files: &["world/process.rs", "sandbox/"],
    },
    Door {
        what: "makes HTTP clients",
        paths: &["reqwest::Client", "reqwest::get", "reqwest::blocking", "octocrab::Octocrab", "octocrab::instance"],
        methods: &[],
        files: &["world/github/http.rs", "sandbox/"],
    },
    Door {
        what: "writes files",
        paths: &[
            "std::fs::*",
            "std::fs::write",
            "std::fs::create_dir",
            "std::fs::rename",
            "std::fs::remove_",
            "std::fs::copy",
            "std::fs::hard_link",
            "std::fs::set_permissions",
            "std::fs::DirBuilder",
            "std::fs::File::create",
            "std::fs::File::options",
            "std::os::unix::fs::symlink",
            "tokio::fs::*",
            "tokio::fs::write",
            "tokio::fs::create_dir",
            "tokio::fs::rename",
            "tokio::fs::remove_",
            "tokio::fs::copy",
            "tokio::fs::hard_link",
            "tokio::fs::set_permissions",
            "tokio::fs::File::create",
            "tokio::fs::File::options",
            "rustix::fs::rename",
            "rustix::fs::unlink",
            "rustix::fs::mkdir",
            "rustix::fs::OFlags::WRONLY",
            "rustix::fs::OFlags::RDWR",
            "rustix::fs::OFlags::CREATE",
            "tempfile",
        ],
        methods: &[
            "write(true",
            "append(true",
            "create(true",
            "create_new(true",
            "truncate(true",
            "set_len",
            "persist",
        ],
        files: &["world/files.rs", "main.rs", "sandbox/"],
    },
];

/// The room of a file, given by its path below `src`.
fn room(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// The module that a file is.
fn module(file: &str) -> String {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { "crate".into() } else { format!("crate::{}", path.replace('/', "::")) }
}

/// What a file names against the rules, as `src/file:line: why`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let source = source::read(text, &module(file));
    let mut found = arrows_against(file, &source);
    for door in DOORS.iter().filter(|door| !door.files.iter().any(|of| file.starts_with(of))) {
        // A whole crate or module is named by its path, an item by the beginning of its name.
        let paths = source.paths.iter().filter(|n| door.paths.iter().any(|path| n.path.starts_with(path)));
        let methods = source.methods.iter().filter(|n| door.methods.iter().any(|m| n.path == *m || calls(&n.path, m)));
        let (what, of) = (door.what, door.files.join(", "));
        found.extend(paths.chain(methods).map(|n| format!("src/{file}:{}: {} {what}; only {of} may", n.line, n.path)));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        found.push(format!("src/{file}:{lines}: more than {MAX_LINES} lines; split it"));
    }
    found
}

/// Whether the call `named` (`persist(path`) is one of `method` (`persist`), whatever its argument.
fn calls(named: &str, method: &str) -> bool {
    !method.contains('(') && named.split('(').next() == Some(method)
}

fn arrows_against(file: &str, source: &Source) -> Vec<String> {
    let from = room(file);
    let allowed = match from {
        // The binary is two files: the command line, and the practice world that it opens.
        "main" | "practise" => ARROWS.map(|(room, _)| room).to_vec(),
        "lib" => Vec::new(),
        _ => match ARROWS.iter().find(|(room, _)| *room == from) {
            Some((_, to)) => to.to_vec(),
            None => return vec![format!("src/{file}:1: `{from}` is no room of DESIGN.md; give it its arrows here")],
        },
    };
    let named = source.paths.iter().filter_map(|named| {
        let to = named.path.strip_prefix("crate::")?.split("::").next()?;
        let known = to == "*" || ARROWS.iter().any(|(room, _)| *room == to);
        (known && to != from && !allowed.contains(&to)).then_some((named.line, to))
    });
    named.map(|(line, to)| format!("src/{file}:{line}: `{from}` may not name `{to}`")).collect()
}

/// Every Rust file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn arrows_go_one_way_and_every_door_stands_once() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&src);
    assert!(files.len() > 50, "the sources are not at {}", src.display());
    let found: Vec<_> = files
        .iter()
        .flat_map(|path| {
            let file = path.strip_prefix(&src).unwrap().to_str().unwrap();
            violations(file, &std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_door_is_where_the_rules_say() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (door, file) in
        [(0, "settings/environment.rs"), (1, "world/process.rs"), (2, "world/github/http.rs"), (3, "world/files.rs")]
    {
        let text = std::fs::read_to_string(src.join(file)).unwrap();
        let elsewhere = violations("world/elsewhere.rs", &text);
        assert!(elsewhere.iter().any(|v| v.contains(DOORS[door].what)), "{file} {}: {elsewhere:?}", DOORS[door].what);
    }
}

#[test]
fn every_detour_of_an_arrow_is_seen() {
    for (file, text, line) in [
        ("release/plan.rs", "use crate::world::files;", 1),
        ("release/plan.rs", "\n\nuse crate::{\n    release::json,\n    engine::{event::Event},\n};", 5),
        ("release/plan.rs", "use super::super::world::files;", 1),
        ("release/mod.rs", "use super::world::files;", 1),
        ("settings.rs", "use super::engine::run;", 1),
        ("settings/rules.rs", "fn f() {\n    crate::world::files::read(x);\n}", 2),
        ("settings/rules.rs", "use crate::world as release;", 1),
        ("world/lock.rs", "use crate::engine::event::Event;", 1),
        ("world/github/http.rs", "fn f(x: &crate::front::text::Text) {}", 1),
        ("engine/run.rs", "pub use crate::front::text;", 1),
        ("engine/run.rs", "#[cfg(feature = \"sandbox\")]\nuse crate::sandbox::World;", 2),
        ("front/tui/mod.rs", "use crate::sandbox::World;", 1),
        ("commands.rs", "use nexy_release::sandbox::World;", 1),
        ("sandbox/host/api.rs", "use crate::world::files;", 1),
        ("sandbox/world.rs", "use crate::settings::Settings;", 1),
        ("engine/run.rs", "use crate::*;", 1),
        ("attic.rs", "", 1),
    ] {
        let found = violations(file, text);
        assert_eq!(found.len(), 1, "{file}: {text}: {found:?}");
        assert!(found[0].starts_with(&format!("src/{file}:{line}: ")), "{found:?}");
    }
}

#[test]
fn every_way_round_a_door_is_seen() {
    for text in [
        "fn f() { std::env::var(\"X\"); }",
        "use std::{env, fs};\nfn f() { env::vars_os(); }",
        "use std::env::var;",
        "use std::process::Command;",
        "use tokio::process::Command as Child;",
        "fn f() { reqwest::Client::new(); }",
        "use reqwest::ClientBuilder;",
        "use std::fs;\nfn f() { fs::write(a, b); }",
        "fn f() { fs::remove_dir_all(a); }\nuse std::fs;",
        "use std::fs::{self as disk};\nfn f() { disk::rename(a, b); }",
        "use std::fs::*;",
        "use std::fs::File;\nfn f() { File::create(a); }",
        "fn f() { tokio::fs::create_dir_all(a); }",
        "use tempfile::NamedTempFile;",
        "fn f(o: &mut O) { o.read(true).write(true).open(p); }",
        "fn f(o: &mut O) { o.append(true); }",
        "fn f(t: T) { t.persist(path); }",
    ] {
        assert_eq!(violations("engine/run.rs", text).len(), 1, "{text}: {:?}", violations("engine/run.rs", text));
    }
}

#[test]
fn what_breaks_no_rule_is_left_alone() {
    for (file, text) in [
        (
            "world/lock.rs",
            "use crate::release::failure::Failure;\nuse crate::settings::Repo;\nuse crate::world::files;",
        ),
        ("release/plan.rs", "use super::json;"),
        ("release/plan.rs", "//! See crate::world::files and std::env::var.\n/* crate::engine /* std::env */ */"),
        ("release/plan.rs", "const A: &str = \"crate::world::files\"; const B: &str = r#\"std::env::var(\"X\")\"#;"),
        ("release/plan.rs", "fn f<'a>(x: &'a str, c: char) -> bool { c == '\"' || c == '\\'' }"),
        ("settings/rules.rs", "mod tests { use super::super::shape::Kind; use super::*; }"),
        ("world/inbox.rs", "use std::fs::OpenOptions;\nfn f() { OpenOptions::new().read(true).open(p); fs::read(p); }"),
        ("world/x.rs", "fn f() -> impl Iterator + use<> { env!(\"CARGO_PKG_VERSION\") }"),
        ("engine/x.rs", "use std::env;\nfn f(x: &str) { env::split_paths(x); }"),
        ("engine/x.rs", "use std::process::ExitCode;\nuse reqwest::StatusCode;"),
        ("main.rs", "use nexy_release::sandbox::World;\nfn f() { std::env::args(); }"),
        ("practise.rs", "use nexy_release::sandbox::World;"),
        ("lib.rs", "pub mod sandbox;\npub mod world;"),
        ("sandbox/world.rs", "use crate::release::json;\nuse super::host::Host;\nfn f() { std::fs::write(a, b); }"),
    ] {
        assert_eq!(violations(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

#[test]
fn a_file_that_is_too_long_is_named() {
    assert!(violations("world/x.rs", &"\n".repeat(400)).is_empty());
    assert_eq!(violations("world/x.rs", &"\n".repeat(401)), ["src/world/x.rs:401: more than 400 lines; split it"]);
}

#[test]
fn no_release_has_failpoints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    for (feature, turns_on) in manifest["features"].as_table().unwrap() {
        let turns_on: Vec<_> = turns_on.as_array().unwrap().iter().filter_map(|on| on.as_str()).collect();
        assert!(!turns_on.contains(&"failpoints"), "{feature} turns failpoints on");
    }
    // And should somebody ask for both, the compiler refuses.
    let refusal = "#[cfg(all(feature = \"failpoints\", not(debug_assertions)))]\ncompile_error!";
    assert!(read("src/world/failpoints.rs").contains(refusal));
}
