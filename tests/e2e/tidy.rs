//! Rules of the layout: where what may be known, and how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// No file is longer.
const MOST_LINES: usize = 600;
/// Files are of about this length; the longer ones are listed, and the list only shrinks.
const USUAL_LINES: usize = 400;
const LONG_FILES: [&str; 1] = ["resolvers/src/connector/mapping.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below these folders with this ending, as paths from the root.
fn files(folders: &[&str], ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().is_some_and(|path| path.ends_with(ending)) {
                let path = path.strip_prefix(root()).expect("below the root");
                found.push(path.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sources() -> Vec<String> {
    let folders = [
        "src",
        "schema",
        "resolvers",
        "tests",
        "benches",
        "examples",
        "fuzz/src",
        "fuzz/targets",
    ];
    let files = files(&folders, ".rs");
    assert!(files.len() > 100, "the sources are found");
    files
}

#[test]
fn every_file_begins_by_saying_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|path| !read(path).starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "no `//!` line at the top of {silent:#?}");
}

#[test]
fn no_file_is_too_long_and_the_long_ones_are_known() {
    let mut long = BTreeSet::new();
    for path in sources() {
        let lines = read(&path).lines().count();
        assert!(lines <= MOST_LINES, "{path} has {lines} lines; split it");
        if lines > USUAL_LINES {
            long.insert(path);
        }
    }
    let known: BTreeSet<String> = LONG_FILES.iter().map(|path| (*path).to_owned()).collect();
    let new: Vec<&String> = long.difference(&known).collect();
    assert!(new.is_empty(), "longer than {USUAL_LINES} lines: {new:#?}");
    let shortened: Vec<&String> = known.difference(&long).collect();
    assert!(
        shortened.is_empty(),
        "no longer long, take off the list: {shortened:#?}"
    );
}

#[test]
fn modules_lie_beside_their_folder() {
    let strays: Vec<String> = sources()
        .into_iter()
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let is_shared = matches!(name, "utils.rs" | "util.rs" | "helpers.rs" | "common.rs");
            name == "mod.rs" || is_shared
        })
        .collect();
    assert!(strays.is_empty(), "{strays:#?}");
}

/// The names of a manifest's dependencies, those of tests and builds too.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = read(manifest);
    let mut inside = false;
    let mut names = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if inside {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            names.push(line[..end].trim_matches('"').to_owned());
        }
    }
    names.retain(|name| !name.is_empty() && !name.starts_with('#'));
    assert!(names.len() > 3, "{manifest} has dependencies");
    names
}

#[track_caller]
fn assert_absent(manifest: &str, absent: &[&str]) {
    let names = dependencies(manifest);
    let found: Vec<&&str> = absent
        .iter()
        .filter(|name| names.iter().any(|known| known == **name))
        .collect();
    assert!(found.is_empty(), "{manifest} must not know {found:?}");
}

#[test]
fn the_schema_knows_no_runtime_no_network_and_no_cache() {
    assert_absent(
        "schema/Cargo.toml",
        &[
            "tokio",
            "reqwest",
            "axum",
            "hyper",
            "moka",
            "tower",
            "skuery-resolvers",
            "skuery",
        ],
    );
}

#[test]
fn the_resolvers_know_neither_web_server_nor_command_line() {
    assert_absent(
        "resolvers/Cargo.toml",
        &["axum", "clap", "hyper", "hyper-util", "tower", "skuery"],
    );
}

/// Lines below a folder or in a file that mention one of the words.
fn mentions(paths: impl Iterator<Item = String>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths {
        for (number, line) in read(&path).lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

fn below(prefixes: &'static [&'static str]) -> impl Iterator<Item = String> {
    sources()
        .into_iter()
        .filter(move |path| prefixes.iter().any(|prefix| path.starts_with(prefix)))
}

#[test]
fn connectors_know_nothing_of_what_stands_above_the_ports() {
    let found = mentions(
        below(&["resolvers/src/connector"]),
        &[
            "async_graphql",
            "crate::loader",
            "crate::commerce",
            "crate::engine",
        ],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_door_knows_neither_connectors_nor_the_schemas_types() {
    let found = mentions(
        below(&["resolvers/src/door"]),
        &[
            "async_graphql",
            "crate::loader",
            "crate::commerce",
            "crate::engine",
            "crate::connector",
        ],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_loader_and_the_engine_know_no_system() {
    let found = mentions(
        below(&["resolvers/src/loader", "resolvers/src/engine"]),
        &["crate::connector", "crate::door", "crate::commerce", "reqwest"],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let found = mentions(
        below(&["src/", "schema/src/", "resolvers/src/"]).filter(|path| !path.starts_with("src/config")),
        &["env::var", "option_env!"],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Put together, so that this file does not find itself.
    let words = [
        concat!("todo", "!("),
        concat!("dbg", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
    ];
    let found = mentions(sources().into_iter(), &words);
    assert!(found.is_empty(), "{found:#?}");
}
