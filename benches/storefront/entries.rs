//! What kept prices and stock cost: resident memory of an entry, and whether the bound of a cache in MiB is true.
//!
//! Each figure is how much the resident memory of a process of its own grows, with the allocator of the binary; of several
//! processes the least.

use std::fs;
use std::process::{Command, ExitCode};

use crate::shop::{Setup, Shop};

const PRICES: &str =
    "query Prices($skus: [String!]!) { variants(skus: $skus) { price { unitPrice { net { amount } } } } }";
const CATALOGUE: &str = "query Catalogue($skus: [String!]!) { variants(skus: $skus) { name } }";
const STOCK: &str = "query Stock($skus: [String!]!) { variants(skus: $skus) { availability { status } } }";
/// How many SKUs are asked for.
const SKUS: usize = 100_000;
/// Room for all of them.
const AMPLE_MIB: u32 = 4096;
/// Room for some of them, and enough of it that the pages which a process gains or gives back by the way count for little.
const TIGHT_MIB: u32 = 64;
/// Processes that each figure is the least of: what pages and pending evictions add by chance, they only add.
const PROCESSES: usize = 5;
/// How much more than its bound a cache may take, in percent.
const ALLOWED: u64 = 10;

/// Prints what an entry takes, and refuses where a cache takes more memory than it was given.
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
pub(crate) fn print() -> ExitCode {
    let mut grown = false;
    for kind in ["prices", "stock"] {
        let entry = least_growth(kind, AMPLE_MIB) / SKUS as u64;
        let mib = least_growth(kind, TIGHT_MIB) * 100 / (1 << 20);
        println!("{kind}: {entry} bytes an entry");
        println!(
            "{kind}: {}.{:02} MiB where {TIGHT_MIB} MiB are allowed",
            mib / 100,
            mib % 100
        );
        grown |= mib > u64::from(TIGHT_MIB) * (100 + ALLOWED);
    }
    if grown {
        println!("REFUSED: a cache takes over {ALLOWED} % more memory than its bound");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Fills a cache and prints by how many bytes the process has grown.
#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
pub(crate) fn fill(kind: &str, cache_mib: &str) {
    let shop = Shop::open(&Setup {
        skus: SKUS,
        cache_mib: cache_mib.parse().expect("a number of MiB"),
        ..Setup::default()
    });
    // The catalogue says which SKUs there are. It is not what is weighed.
    shop.ask_all(CATALOGUE);
    let before = resident_bytes();
    shop.ask_all(match kind {
        "prices" => PRICES,
        _ => STOCK,
    });
    println!("{}", resident_bytes().saturating_sub(before));
}

fn least_growth(kind: &str, cache_mib: u32) -> u64 {
    let growths = (0..PROCESSES).map(|_| growth_of_process(kind, cache_mib));
    growths.min().unwrap_or_default()
}

fn growth_of_process(kind: &str, cache_mib: u32) -> u64 {
    let output = Command::new(std::env::current_exe().expect("the path of this binary"))
        .args(["--fill", kind, &cache_mib.to_string()])
        .output()
        .expect("this binary starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("a number of bytes")
}

/// Linux only.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.expect("VmRSS in kB") * 1024
}
