//! What the engine adds: a page of variants from a warm cache, beside a hand-written serializer of the same answer.
//!
//! Both sides get the SKUs as request variables, look up content, prices and stock of each in moka, choose the price, add
//! up the stock, and write the same bytes. Neither reads HTTP. Ratios of one run say more than times of two.

#[path = "storefront/by_hand.rs"]
mod by_hand;
#[path = "storefront/shop.rs"]
mod shop;

use std::hint::black_box;

use criterion::{Criterion, Throughput};

use crate::by_hand::ByHand;
use crate::shop::Shop;

/// The allocator of the `skuery` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRODUCTS: [usize; 3] = [1, 50, 500];

fn main() {
    let shop = Shop::open();
    let by_hand = ByHand::of(&shop);
    let mut criterion = Criterion::default().configure_from_args();
    for products in PRODUCTS {
        let request = shop::request(products);
        let expected = shop.answer(&request);
        assert_eq!(
            without_age(&by_hand.answer(&request)),
            without_age(&expected),
            "both sides must write the same bytes"
        );
        let mut group = criterion.benchmark_group(format!("{products} products"));
        group.throughput(Throughput::Bytes(expected.len() as u64));
        group.bench_function("engine", |bencher| {
            bencher.iter(|| shop.answer(black_box(&request)));
        });
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| by_hand.answer(black_box(&request)));
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
