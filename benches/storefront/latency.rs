//! What the engine adds to the time that the systems take, at low load: one request at a time, nothing in the caches.
//!
//! A page waits for its systems in waves, and the least time it can take is that of its waves one after the other. That is
//! measured by the same timers, so that how late they ring is not counted as ours.

use std::fs;
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
        "{:<24} {:>6} {:>10} {:>10} {:>8} {:>8}",
        "", "waves", "systems", "page", "added", "CPU"
    );
    for page in PAGES {
        let request = page.request();
        let waves = shop.ask(&request).waves;
        let (mut least, mut taken, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            least.push(systems_alone(&shop, waves));
            let busy = cpu_time();
            taken.push(page_of(&shop, &request));
            cpu.push(cpu_time() - busy);
        }
        let (least, taken) = (median(least), median(taken));
        println!(
            "{:<24} {waves:>6} {:>10} {:>10} {:>8} {:>8}",
            page.name(),
            milliseconds(least),
            milliseconds(taken),
            milliseconds(taken.saturating_sub(least)),
            milliseconds(median(cpu)),
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

/// How long this thread has been on a processor; Linux only. Where others want the processors too, it is the better figure.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("/proc/thread-self/schedstat");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds"))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() / 10 % 100)
}
