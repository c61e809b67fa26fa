//! Counts the instructions of one request with callgrind, and refuses a build that needs more than the committed figures.
//!
//! The bench runs itself under valgrind. Only what happens within [`measured`] is counted, so start-up and the filling of
//! caches stay out. Seeds of hash tables and the clock make a noise of well under 1 %.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Map, Value, json};

use crate::by_hand::ByHand;
use crate::pages::{PAGES, Page};
use crate::shop::Shop;

/// How much a case may grow or shrink before it is refused or called outdated, in percent.
const LIMIT: i64 = 10;
/// Requests counted of each case.
const TIMES: usize = 20;
/// Requests before these, so that whatever is made once has been made.
const BEFORE: usize = 5;
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");

/// Instructions of one request, by the name of its case.
type Figures = Map<String, Value>;

// ---------------------------------------------------------------- under callgrind

/// Runs all cases, one call of [`measured`] each, and prints their names in that order.
#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
pub(crate) fn run_cases() {
    let shop = Shop::warm();
    let by_hand = ByHand::of(&shop);
    let case = |name: &str, work: &mut dyn FnMut(usize)| {
        (0..BEFORE).for_each(&mut *work);
        measured(work);
        println!("{name}");
    };
    for page in PAGES {
        let request = page.request();
        case(&page.name(), &mut |_| {
            black_box(shop.answer(black_box(&request)));
        });
        case(&by_hand_name(page), &mut |_| {
            black_box(by_hand.answer(page, black_box(&request)));
        });
    }
    let unprepared: Vec<_> = (0..BEFORE + TIMES)
        .map(|number| shop.unprepared(number))
        .collect();
    case("preparing a document", &mut |number| {
        black_box(shop.answer(black_box(&unprepared[number])));
    });
}

/// What is counted.
#[inline(never)]
fn measured(work: &mut dyn FnMut(usize)) {
    for time in BEFORE..BEFORE + TIMES {
        work(time);
    }
}

fn by_hand_name(page: Page) -> String {
    format!("{}, by hand", page.name())
}

// ---------------------------------------------------------------- around callgrind

/// Counts, prints a table beside the committed figures, and says whether they hold; or commits the new ones.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
pub(crate) fn compare(update: bool) -> ExitCode {
    let figures = count();
    let toolchain = toolchain();
    let committed: Value = fs::read_to_string(COMMITTED)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    println!(
        "{:<32} {:>12} {:>12} {:>8} {:>14}",
        "", "instructions", "committed", "change", "by hand is 1"
    );
    let (mut grown, mut shrunk) = (Vec::new(), Vec::new());
    for (name, now) in &figures {
        let now = now.as_i64().unwrap_or_default();
        let before = committed["instructions"][name].as_i64();
        let by_hand = figures.get(&format!("{name}, by hand")).and_then(Value::as_i64);
        let percent = before.map(|before| (now - before) * 1000 / before);
        println!(
            "{name:<32} {now:>12} {:>12} {:>8} {:>14}",
            before.map_or("-".to_owned(), |before| before.to_string()),
            percent.map_or("-".to_owned(), |change| format!(
                "{:+}.{} %",
                change / 10,
                (change % 10).abs()
            )),
            by_hand.map_or(String::new(), |by_hand| hundredths(now * 100 / by_hand)),
        );
        let is_engine = !name.ends_with(", by hand");
        match before {
            Some(before) if is_engine && now * 100 > before * (100 + LIMIT) => grown.push(name.as_str()),
            Some(before) if is_engine && now * 100 < before * (100 - LIMIT) => shrunk.push(name.as_str()),
            None => shrunk.push(name.as_str()),
            Some(_) => {}
        }
    }
    if update {
        let made = json!({ "toolchain": toolchain, "instructions": figures });
        let text = serde_json::to_string_pretty(&made).expect("JSON");
        fs::write(COMMITTED, text + "\n").expect("benches/instructions.json can be written");
        println!("benches/instructions.json is written");
        return ExitCode::SUCCESS;
    }
    if committed["toolchain"] != toolchain.as_str() {
        println!(
            "the committed figures are of {}, these of {toolchain}",
            committed["toolchain"]
        );
    }
    if !shrunk.is_empty() {
        println!(
            "cheaper by more than {LIMIT} %, or new: {}; commit it with scripts/instructions --update",
            shrunk.join(", ")
        );
    }
    if grown.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!(
        "REFUSED: {} needs more than {LIMIT} % more instructions than benches/instructions.json says. \
         What needs them: callgrind_annotate {}. Where the growth is meant: scripts/instructions --update",
        grown.join(", "),
        profile(&figures, grown[0]).display(),
    );
    ExitCode::FAILURE
}

/// Runs this binary under callgrind, which leaves a file for each call of [`measured`].
fn count() -> Figures {
    let directory = directory();
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory under target/");
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .args([
            "--toggle-collect=*instructions::measured",
            "--dump-after=*instructions::measured",
        ])
        .arg(format!("--callgrind-out-file={}/profile", directory.display()))
        .arg(std::env::current_exe().expect("the path of this binary"))
        .arg("--under-callgrind")
        .stderr(Stdio::inherit())
        .output()
        .expect("valgrind must be installed (Debian: apt-get install valgrind)");
    assert!(output.status.success(), "valgrind: {}", output.status);
    let names = String::from_utf8(output.stdout).expect("names in UTF-8");
    let numbered = names.lines().zip(1..);
    numbered
        .map(|(name, number)| (name.to_owned(), (total(&directory, number) / TIMES as u64).into()))
        .collect()
}

/// All instructions in one file of callgrind's.
fn total(directory: &Path, number: usize) -> u64 {
    let text =
        fs::read_to_string(directory.join(format!("profile.{number}"))).expect("a profile of each case");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .expect("a profile with its total")
}

fn profile(figures: &Figures, name: &str) -> PathBuf {
    let number = figures.keys().position(|known| known == name).unwrap_or_default() + 1;
    directory().join(format!("profile.{number}"))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions")
}

/// `rustc 1.95.0 (…) x86_64`.
fn toolchain() -> String {
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .expect("rustc is in the path");
    let version = String::from_utf8_lossy(&version.stdout);
    format!("{} {}", version.trim(), std::env::consts::ARCH)
}

fn hundredths(number: i64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}
