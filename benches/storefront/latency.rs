//! What the engine adds to the time that the systems take, at low load: one request at a time, nothing in the caches.
//!
//! A page waits for its systems in waves, and the least time it can take is that of its waves one after the other. That is
//! measured by the same timers, so that how late they ring is not counted as ours.

use std::time::Duration;

use skuery_resolvers::commerce::gateway::GraphqlRequest;
use tokio::time::Instant;

use crate::pages::PAGES;
use crate::shop::{Setup, Shop};

const LATENCY: Duration = Duration::from_millis(20);
const ROUNDS: usize = 51;

/// Prints the median of what each page adds.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
pub(crate) fn print() {
    let shop = Shop::open(&Setup {
        latency: LATENCY,
        keeps: false,
        ..Setup::default()
    });
    println!(
        "systems answer after {} ms; medians of {ROUNDS} in milliseconds",
        LATENCY.as_millis()
    );
    println!(
        "{:<24} {:>6} {:>10} {:>10} {:>8}",
        "", "waves", "systems", "page", "added"
    );
    for page in PAGES {
        let request = page.request();
        let waves = shop.ask(&request).waves;
        let (mut least, mut taken): (Vec<_>, Vec<_>) = (0..ROUNDS)
            .map(|_| (systems_alone(&shop, waves), page_of(&shop, &request)))
            .unzip();
        let (least, taken) = (median(&mut least), median(&mut taken));
        println!(
            "{:<24} {waves:>6} {:>10} {:>10} {:>8}",
            page.name(),
            milliseconds(least),
            milliseconds(taken),
            milliseconds(taken.saturating_sub(least)),
        );
    }
}

fn systems_alone(shop: &Shop, waves: u32) -> Duration {
    let begun = Instant::now();
    shop.runtime.block_on(async {
        for _ in 0..waves {
            tokio::time::sleep(LATENCY).await;
        }
    });
    begun.elapsed()
}

fn page_of(shop: &Shop, request: &GraphqlRequest) -> Duration {
    let begun = Instant::now();
    shop.ask(request);
    begun.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() / 10 % 100)
}
