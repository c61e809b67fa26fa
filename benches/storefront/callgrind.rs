//! Runs this binary under valgrind's callgrind, which counts the instructions of its cases.
//!
//! Only what happens within [`measured`] is counted, so start-up and the filling of caches stay out. The seeds of hash
//! tables make a noise of some tenths of a percent, of up to 3 % where a request is small.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Requests counted of each case.
const TIMES: usize = 20;
/// Requests before these, so that whatever is made once has been made.
const BEFORE: usize = 5;
/// How often a case does its work.
pub(crate) const ROUNDS: usize = BEFORE + TIMES;

/// A case by its name, and the instructions of one round.
pub(crate) type Counted = (String, u64);

/// Runs one case, in the process that is counted.
#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
pub(crate) fn case(name: &str, work: &mut dyn FnMut(usize)) {
    (0..BEFORE).for_each(&mut *work);
    measured(work);
    println!("{name}");
}

/// What is counted.
#[inline(never)]
fn measured(work: &mut dyn FnMut(usize)) {
    for round in BEFORE..ROUNDS {
        work(round);
    }
}

/// Starts this binary with an argument that makes it run cases, and counts each.
pub(crate) fn count(argument: &str) -> Vec<Counted> {
    let directory = directory();
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory under target/");
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .args([
            "--toggle-collect=*callgrind::measured",
            "--dump-after=*callgrind::measured",
        ])
        .arg(format!("--callgrind-out-file={}/profile", directory.display()))
        .arg(std::env::current_exe().expect("the path of this binary"))
        .arg(argument)
        .stderr(Stdio::inherit())
        .output()
        .expect("valgrind must be installed (Debian: apt-get install valgrind)");
    assert!(output.status.success(), "valgrind: {}", output.status);
    let names = String::from_utf8(output.stdout).expect("names in UTF-8");
    let cases = names.lines().enumerate();
    cases
        .map(|(number, name)| (name.to_owned(), total(&profile(number)) / TIMES as u64))
        .collect()
}

/// Where callgrind wrote what it saw of a case, by the case's place among the others.
pub(crate) fn profile(number: usize) -> PathBuf {
    directory().join(format!("profile.{}", number + 1))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("callgrind")
}

fn total(profile: &Path) -> u64 {
    let text = fs::read_to_string(profile).expect("callgrind writes a profile of each case");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .expect("a profile with its total")
}
