//! Whether a hit costs more where more is kept: 100 SKUs out of 10 000, and out of 100 000.

use std::hint::black_box;

use serde_json::json;
use skuery_resolvers::commerce::gateway::GraphqlRequest;
use tokio::time::Instant;

use crate::assortment;
use crate::callgrind;
use crate::pages::Page;
use crate::shop::{Setup, Shop};

const SIZES: [usize; 2] = [10_000, 100_000];
const REQUESTS: usize = 400;

/// Prints the time of a SKU, with its price and stock, where so many are kept.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
pub(crate) fn print() {
    for kept in SIZES {
        let (shop, requests) = filled(kept);
        let mut times: Vec<_> = requests
            .iter()
            .map(|request| {
                let begun = Instant::now();
                black_box(shop.answer(black_box(request)));
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{kept:>7} kept: {} ns a SKU",
            times[times.len() / 2].as_nanos() / 100
        );
    }
    for (name, instructions) in callgrind::count("--hits-under-callgrind") {
        println!("{name}: {instructions} instructions a request of 100 SKUs");
    }
}

/// The same under callgrind.
pub(crate) fn run_cases() {
    for kept in SIZES {
        let (shop, requests) = filled(kept);
        callgrind::case(&format!("{kept:>7} kept"), &mut |number| {
            black_box(shop.answer(black_box(&requests[number])));
        });
    }
}

/// A shop that keeps the prices and stock of so many SKUs, and requests for some here and there.
fn filled(kept: usize) -> (Shop, Vec<GraphqlRequest>) {
    let shop = Shop::open(&Setup {
        skus: kept,
        ..Setup::default()
    });
    shop.ask_all(Page::Skus.document());
    let request = |number: usize| {
        let skus: Vec<_> = (0..100)
            .map(|place| assortment::sku((number * 104_729 + place * 7_919) % kept))
            .collect();
        GraphqlRequest {
            variables: [("skus".to_owned(), json!(skus))].into_iter().collect(),
            ..Page::Skus.request()
        }
    };
    (shop, (0..REQUESTS).map(request).collect())
}
