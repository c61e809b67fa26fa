//! The fuzz targets over their committed seeds, and over what the project has of real documents and mappings, so that
//! what fuzzing once found stays found. `scripts/fuzz` looks for more.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may end where something is not as it says, and tells where; the targets are public for cargo-fuzz"
)]

#[path = "../../fuzz/src/answers.rs"]
mod answers;
#[path = "../../fuzz/src/cursor.rs"]
mod cursor;
#[path = "../../fuzz/src/mapping.rs"]
mod mapping;
#[path = "../../fuzz/src/plan.rs"]
mod plan;
#[path = "../../fuzz/src/screen.rs"]
mod screen;
#[path = "../../fuzz/src/server.rs"]
mod server;

use std::path::{Path, PathBuf};

/// All files of a folder of the project.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// Runs a target over all files of these folders, and over each with its end cut off and with a byte changed.
fn run(target: fn(&[u8]), folders: &[&str]) {
    let mut ran = 0;
    for file in folders.iter().flat_map(|folder| files(folder)) {
        println!("{}", file.display());
        let data = std::fs::read(&file).unwrap();
        target(&data);
        for part in 1..8 {
            target(&data[..data.len() * part / 8]);
            let mut changed = data.clone();
            if let Some(byte) = changed.get_mut(data.len() * part / 8) {
                *byte ^= 1 << (part % 7);
            }
            target(&changed);
        }
        ran += 1;
    }
    assert!(ran > 3, "seeds are found");
}

#[test]
fn what_passes_the_screen_is_within_the_limits() {
    let folders = [
        "fuzz/seeds/screen",
        "fuzz/seeds/plan",
        "src/demo/examples",
        "src/front/examples",
    ];
    run(screen::run, &folders);
}

#[test]
fn documents_are_prepared_or_refused() {
    run(
        plan::run,
        &["fuzz/seeds/plan", "src/demo/examples", "src/front/examples"],
    );
}

#[test]
fn only_cursors_of_the_gateway_are_read() {
    run(cursor::run, &["fuzz/seeds/cursor"]);
}

#[test]
fn mappings_are_understood_or_refused() {
    let presets = ["akeneo", "business-central", "ongoing", "stripe", "tryton"];
    let folders: Vec<String> = presets
        .iter()
        .map(|preset| format!("resolvers/presets/{preset}"))
        .collect();
    let mut folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    folders.push("fuzz/seeds/mapping");
    run(mapping::run, &folders);
}

#[test]
fn answers_of_systems_are_read_or_refused() {
    run(answers::run, &["fuzz/seeds/answers"]);
}
