//! What the engine adds: the pages of a storefront, beside hand-written handlers of the same answers.
//!
//! Both sides look up the systems' answers in quick_cache, choose the price, add up the stock, and write the same bytes. Neither
//! reads HTTP. Ratios of one run say more than times of two. What is measured how: `docs/BENCHMARKS.md`.

mod assortment;
mod by_hand;
mod callgrind;
mod entries;
mod hits;
mod instructions;
mod latency;
mod memory;
mod pages;
mod shop;

use std::hint::black_box;
use std::process::ExitCode;

use criterion::{Criterion, Throughput};

use crate::by_hand::ByHand;
use crate::pages::PAGES;
use crate::shop::{Setup, Shop};

/// The allocator of the `skuery` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|given| given != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--instructions"] => return instructions::compare(false),
        ["--instructions", "--update"] => return instructions::compare(true),
        ["--entries"] => return entries::print(),
        ["--hits"] => hits::print(),
        ["--latency"] => latency::print(),
        // The three that this binary starts itself with.
        ["--under-callgrind"] => instructions::run_cases(),
        ["--hits-under-callgrind"] => hits::run_cases(),
        ["--fill", kind, cache_mib] => entries::fill(kind, cache_mib),
        _ => times(),
    }
    ExitCode::SUCCESS
}

fn times() {
    let warm = Shop::warm();
    let by_hand = ByHand::of(&warm);
    let cold = Shop::open(&Setup {
        keeps: false,
        ..Setup::default()
    });
    let mut criterion = Criterion::default().configure_from_args();
    for page in PAGES {
        let request = page.request();
        let mut group = criterion.benchmark_group(page.name());
        group.throughput(Throughput::Bytes(warm.answer(&request).len() as u64));
        group.bench_function("engine", |bencher| {
            bencher.iter(|| warm.answer(black_box(&request)));
        });
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| by_hand.answer(page, black_box(&request)));
        });
        group.bench_function("engine, nothing kept", |bencher| {
            bencher.iter(|| cold.ask(black_box(&request)).body);
        });
        group.finish();
    }
    criterion.final_summary();
}
