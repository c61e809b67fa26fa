//! The instructions of one request of each page, beside the committed figures: a page that has grown is refused.

use std::fs;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use serde_json::{Map, Value, json};

use crate::by_hand::ByHand;
use crate::callgrind::{self, Counted};
use crate::pages::{PAGES, Page};
use crate::shop::Shop;

/// How much a case may grow before it is refused, or shrink before its figure is called outdated, in percent.
const LIMIT: u64 = 10;
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");
const BY_HAND: &str = ", by hand";

/// Runs all cases, in the process that is counted.
pub(crate) fn run_cases() {
    let shop = Shop::warm();
    let by_hand = ByHand::of(&shop);
    for page in PAGES {
        let request = page.request();
        callgrind::case(&page.name(), &mut |_| {
            black_box(shop.answer(black_box(&request)));
        });
        callgrind::case(&(page.name() + BY_HAND), &mut |_| {
            black_box(by_hand.answer(page, black_box(&request)));
        });
    }
    let unprepared: Vec<_> = (0..callgrind::ROUNDS).map(Page::unprepared).collect();
    callgrind::case("preparing a document", &mut |round| {
        black_box(shop.answer(black_box(&unprepared[round])));
    });
}

/// Counts, and prints a table beside the committed figures. Fails where a page needs too many more; with `update`, the new
/// figures are written instead.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
pub(crate) fn compare(update: bool) -> ExitCode {
    let counted = callgrind::count("--under-callgrind");
    if update {
        write(&counted);
        println!("benches/instructions.json is written");
    }
    let committed = committed();
    println!(
        "{:<30} {:>12} {:>12} {:>8} {:>8}",
        "instructions of a request", "now", "committed", "change", "by hand"
    );
    let before = |name: &str| committed["instructions"][name].as_u64();
    for (name, now) in &counted {
        println!(
            "{name:<30} {now:>12} {:>12} {:>8} {:>8}",
            before(name).map_or("-".to_owned(), |before| before.to_string()),
            before(name).map_or("-".to_owned(), |before| change(*now, before)),
            by_hand(&counted, name).map_or(String::new(), |by_hand| ratio(*now, by_hand)),
        );
    }
    let toolchain = toolchain();
    if committed["toolchain"] != toolchain.as_str() {
        println!(
            "{toolchain}; the committed figures are of {}",
            committed["toolchain"]
        );
    }

    let engine = counted
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| !name.ends_with(BY_HAND));
    let grown = |(name, now): &Counted| before(name).is_some_and(|before| now * 100 > before * (100 + LIMIT));
    let shrunk = |(name, now): &Counted| before(name).is_none_or(|before| now * 100 < before * (100 - LIMIT));
    for (_, (name, _)) in engine.clone().filter(|(_, case)| shrunk(case)) {
        println!("{name}: over {LIMIT} % fewer, or new. Commit it: scripts/instructions --update");
    }
    let mut code = ExitCode::SUCCESS;
    for (number, (name, _)) in engine.filter(|(_, case)| grown(case)) {
        println!(
            "REFUSED: {name}: over {LIMIT} % more. What takes them: callgrind_annotate --threshold=100 {}",
            callgrind::profile(number).display()
        );
        println!("  Where it is worth it, say so in the commit, after: scripts/instructions --update");
        code = ExitCode::FAILURE;
    }
    code
}

fn committed() -> Value {
    let text = fs::read_to_string(COMMITTED).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn write(counted: &[Counted]) {
    let figures: Map<String, Value> = counted
        .iter()
        .map(|(name, now)| (name.clone(), json!(now)))
        .collect();
    let made = json!({ "toolchain": toolchain(), "instructions": figures });
    let text = serde_json::to_string_pretty(&made).expect("figures are JSON");
    fs::write(COMMITTED, text + "\n").expect("benches/instructions.json can be written");
}

fn by_hand(counted: &[Counted], name: &str) -> Option<u64> {
    let counterpart = format!("{name}{BY_HAND}");
    counted
        .iter()
        .find(|(name, _)| *name == counterpart)
        .map(|(_, now)| *now)
}

fn change(now: u64, before: u64) -> String {
    let tenths = now.abs_diff(before) * 1000 / before.max(1);
    let sign = if now < before { '-' } else { '+' };
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

fn ratio(now: u64, by_hand: u64) -> String {
    let hundredths = now * 100 / by_hand.max(1);
    format!("{}.{:02} x", hundredths / 100, hundredths % 100)
}

/// Such as `rustc 1.95.0 (…) x86_64`.
fn toolchain() -> String {
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .expect("rustc starts");
    let version = String::from_utf8_lossy(&version.stdout);
    format!("{} {}", version.trim(), std::env::consts::ARCH)
}
