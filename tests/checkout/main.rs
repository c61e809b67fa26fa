//! Purchases against gateways in processes of their own: a crash at every step, and many buyers for few units.
//!
//! ```text
//! cargo test --features fault-points --test checkout                                  # short, one gateway on SQLite
//! cargo test … --test checkout -- --postgres postgres://…                             # three gateways on PostgreSQL
//! cargo test --release … --test checkout -- --postgres … --buyers 1000 --races 100    # whole, as scripts/soak runs it
//! ```
#![expect(clippy::print_stdout, reason = "a run says what it came to")]
#![expect(clippy::disallowed_types, reason = "these are storefronts, not the gateway")]

mod client;
mod crash;
mod process;
mod race;
mod sold;

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use skuery::demo::{self, Demo};

use crate::process::{configuration, own_file};
use crate::race::{Course, Outcome};

/// An article of the warehouse, which reserves by itself.
pub(crate) const RESERVED: &str = "MC-10008-WHT-M";
/// An article that is raced for in the depot, which reserves nothing.
const LEASED: &str = "MC-10008-WHT-L";
/// Pieces that are raced for.
const UNITS: u32 = 10;

/// What to run. The test harness's own flags are not understood: this target has none.
#[derive(Debug, Parser)]
struct Arguments {
    /// An empty PostgreSQL database for three gateways; without it, one gateway on SQLite.
    #[arg(long)]
    postgres: Option<String>,
    /// Buyers in one race.
    #[arg(long, default_value_t = 100)]
    buyers: usize,
    /// Races for each class of stock system.
    #[arg(long, default_value_t = 1)]
    races: u64,
    /// Where the random choices begin; a run prints its own.
    #[arg(long)]
    seed: Option<u64>,
    /// Only the races.
    #[arg(long)]
    only_races: bool,
}

fn main() -> ExitCode {
    // Fails only when another provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let seed = arguments
        .seed
        .unwrap_or_else(|| rand::random::<u64>() % 1_000_000);
    println!("seed {seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    match runtime.block_on(all(&arguments, seed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("FAILED (seed {seed}): {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn all(arguments: &Arguments, seed: u64) -> Result<(), String> {
    if !arguments.only_races {
        crash::every_step().await?;
        crash::every_fault_of_the_erp().await?;
    }
    let mut checkouts = 0;
    for race in 0..arguments.races {
        checkouts += races(arguments, seed + race).await?;
    }
    println!("{checkouts} checkouts, nothing oversold, nothing lost");
    Ok(())
}

/// One race for each class of stock system, on the same gateways' ledger.
async fn races(arguments: &Arguments, seed: u64) -> Result<usize, String> {
    let demo = demo::start().await.map_err(|error| error.to_string())?;
    let ledger = match &arguments.postgres {
        Some(url) => url.clone(),
        None => format!("sqlite:{}", own_file("db").display()),
    };
    let config = configuration(&demo, &ledger);
    let course = |stock, sku, channel| Course {
        demo: &demo,
        config: &config,
        stock,
        sku,
        channel,
        units: UNITS,
        buyers: arguments.buyers,
        gateways: if arguments.postgres.is_some() { 3 } else { 1 },
        crashes: true,
    };
    let mut checkouts = 0;
    for course in [course("wms", RESERVED, "se"), course("depot", LEASED, "outlet")] {
        // What is raced for lies in one place only.
        let nothing = json!({ "stock": { LEASED: 0 } });
        demo.system("wms").expect("the demo has it").turn(&nothing)?;
        let outcome = race::run(&course, seed).await;
        println!("{} (seed {seed}): {outcome:?}", course.stock);
        judge(&demo, &course, &outcome)?;
        checkouts += outcome.verified;
    }
    crash::adds_up(&config)?;
    Ok(checkouts)
}

/// As many as there were, no more and no less, and no order twice.
fn judge(demo: &Demo, course: &Course<'_>, outcome: &Outcome) -> Result<(), String> {
    let doubled = sold::doubled(demo);
    if !doubled.is_empty() {
        return Err(format!("orders twice in the ERP: {doubled:?}"));
    }
    if outcome.sold != course.units {
        return Err(format!(
            "{} of {} sold in {}",
            outcome.sold, course.units, course.stock
        ));
    }
    Ok(())
}
