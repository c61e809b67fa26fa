//! Skuery beside what people use instead, over the same systems and the same requests: what `scripts/bench` runs.
//!
//! One binary is the systems, the hand-written handler, and who asks and measures; each runs in a process of its own, so
//! that a gateway's processor time and memory are its own.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "measures real time over real connections, and is no gateway"
)]
#![allow(clippy::float_arithmetic, reason = "figures about time, not money")]
#![allow(clippy::print_stdout, reason = "a command line")]

mod by_hand;
mod systems;

mod items;
mod measure;

mod answers;
mod client;
mod contender;
mod critical_path;
mod process;

mod chart;
mod figures;
mod goals;
mod report;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The allocator of the `skuery` binary, for the hand-written handler too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the stand-in systems and prints their addresses.
    Systems,
    /// Starts the hand-written handler.
    ByHand(by_hand::Arguments),
    /// Starts everything, compares the answers, measures, and writes the results.
    Measure(measure::Arguments),
    /// Draws the chart from results.
    Chart { results: PathBuf, chart: PathBuf },
}

fn main() -> ExitCode {
    // Fails only when one is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = match Cli::parse().command {
        Command::Systems => in_runtime(systems::run()),
        Command::ByHand(arguments) => in_runtime(by_hand::run(arguments)),
        Command::Measure(arguments) => in_runtime(measure::run(arguments)),
        Command::Chart { results, chart } => report::draw(&results, &chart),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("skuery-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn in_runtime(run: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run)
}
