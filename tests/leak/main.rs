//! The leak test: hundreds of customers ask for the same articles, orders and documents at once, while the ERP fails,
//! hangs, mixes its rows and requests are cancelled. Every answer proves whose it is; one that is another's ends the run.
//!
//! ```text
//! cargo test --test leak                                        # short, as CI runs it
//! cargo test --release --test leak -- --prices 1000000          # whole, as scripts/soak runs it
//! ```
#![expect(clippy::print_stdout, reason = "a run says what it came to")]

mod erp;
mod orders;
mod people;
mod prices;
mod shop;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tokio::time::Instant;

use crate::erp::{Erp, Mode};
use crate::people::People;
use crate::shop::Shop;

/// What to run. The test harness's own flags are not understood: this target has none.
#[derive(Debug, Parser)]
struct Arguments {
    /// Prices to be answered with a value, in each of the two ways an ERP states prices.
    #[arg(long, default_value_t = 20_000)]
    prices: u64,
    /// Orders and documents to be answered.
    #[arg(long, default_value_t = 4_000)]
    orders: u64,
    /// Where the random choices begin; a run prints its own.
    #[arg(long)]
    seed: Option<u64>,
    /// Requests under way at once.
    #[arg(long, default_value_t = 64)]
    clients: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    match runtime.block_on(all(&arguments, seed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(leak) => {
            println!("LEAK (seed {seed}): {leak}");
            ExitCode::FAILURE
        }
    }
}

async fn all(arguments: &Arguments, seed: u64) -> Result<(), String> {
    for mode in [Mode::Rows, Mode::Calculated] {
        let people = Arc::new(People::new());
        let erp = Erp::start(people.clone(), mode, seed).await;
        let shop = Shop::before(&erp, mode);
        let started = Instant::now();
        let seen = prices::run(&shop, &people, arguments.prices, arguments.clients, seed).await?;
        println!("{mode:?}: {seen}; {} ({:.0?})", erp.tally(), started.elapsed());
        prices::check_coverage(&seen, &erp)?;
        if mode == Mode::Rows {
            let started = Instant::now();
            let seen = orders::run(&shop, &people, arguments.orders, arguments.clients, seed).await?;
            println!("Orders: {seen}; {} ({:.0?})", erp.tally(), started.elapsed());
        }
    }
    Ok(())
}
