//! What the engine adds: the pages of a storefront, beside hand-written handlers of the same answers.
//!
//! Both sides look up content, prices and stock of each SKU in moka, choose the price, add up the stock, and write the
//! same bytes. Neither reads HTTP. Ratios of one run say more than times of two.
//!
//!   cargo bench --bench storefront                     times, with criterion
//!   scripts/instructions                               instructions, with callgrind

mod assortment;
mod by_hand;
mod instructions;
mod memory;
mod pages;
mod shop;

use std::hint::black_box;
use std::process::ExitCode;

use criterion::{Criterion, Throughput};

use crate::by_hand::ByHand;
use crate::pages::PAGES;
use crate::shop::Shop;

/// The allocator of the `skuery` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let has = |argument: &str| std::env::args().any(|given| given == argument);
    if has("--under-callgrind") {
        instructions::run_cases();
    } else if has("--instructions") {
        return instructions::compare(has("--update"));
    } else {
        times();
    }
    ExitCode::SUCCESS
}

fn times() {
    let shop = Shop::warm();
    let by_hand = ByHand::of(&shop);
    let mut criterion = Criterion::default().configure_from_args();
    for page in PAGES {
        let request = page.request();
        let expected = shop.answer(&request);
        assert_eq!(
            without_age(&by_hand.answer(page, &request)),
            without_age(&expected),
            "both sides must write the same bytes"
        );
        let mut group = criterion.benchmark_group(page.name());
        group.throughput(Throughput::Bytes(expected.len() as u64));
        group.bench_function("engine", |bencher| {
            bencher.iter(|| shop.answer(black_box(&request)));
        });
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| by_hand.answer(page, black_box(&request)));
        });
        group.finish();
    }
    criterion.final_summary();
}

/// The age of an answer is the only thing that changes from call to call.
fn without_age(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut parts = text.split("\"ageMs\":");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        without.push_str("\"ageMs\":0");
        without.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    without
}
