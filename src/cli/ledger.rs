//! `skuery ledger`: what the checkout ledger holds, whether it adds up, and orders that a person must decide on.

mod reconcile;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::{Event, Ledger, OrderFilter};
use skuery_resolvers::checkout::record::OrderState;

use crate::cli::{Failure, say};
use crate::config::{self, Whole};
use crate::ledger;

/// The most orders that are listed.
const LISTED: usize = 1000;

/// `skuery ledger …`.
#[derive(Args)]
pub(super) struct LedgerArguments {
    /// The ledger: sqlite:PATH or postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL", global = true, conflicts_with = "config")]
    ledger: Option<String>,
    /// The configuration file that names the ledger.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Subcommand)]
enum LedgerCommand {
    /// List orders, newest first.
    List {
        /// Only in this state: submitting, unknown, placed, rejected or needs_review.
        #[arg(long, value_parser = state)]
        state: Option<OrderState>,
        /// Only since this time, such as 2026-01-31T00:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
    },
    /// Print everything that happened to an order or a hold.
    Explain {
        /// The order's external number, or the hold's id.
        key: String,
    },
    /// Look for what does not add up; fails when something does not.
    Check,
    /// Decide what became of an order; without a decision the running gateway looks for it once more.
    Reconcile {
        /// The order's external number.
        external_number: String,
        /// The order system has it, under this number.
        #[arg(long, value_name = "NUMBER", conflicts_with = "rejected")]
        placed: Option<String>,
        /// The order system does not have it and never will.
        #[arg(long)]
        rejected: bool,
    },
}

/// Runs a command on the ledger that it names.
pub(super) async fn run(arguments: LedgerArguments) -> Result<(), Failure> {
    let address = address(arguments.ledger, arguments.config.as_deref())?;
    let ledger = ledger::open_existing(&address).await?;
    let ledger = ledger.as_ref();
    let now = Timestamp::now();
    match arguments.command {
        LedgerCommand::List { state, since } => list(ledger, state, since).await,
        LedgerCommand::Explain { key } => explain(ledger, &key).await,
        LedgerCommand::Check => check(ledger, now).await,
        LedgerCommand::Reconcile {
            external_number,
            placed,
            rejected,
        } => {
            let end = reconcile::Decision::of(placed, rejected);
            say(&reconcile::reconcile(ledger, &external_number, end, now).await?);
            Ok(())
        }
    }
}

/// The address that is given, or the one in the configuration.
fn address(ledger: Option<String>, config: Option<&Path>) -> Result<String, Failure> {
    match (ledger, config) {
        (Some(address), _) => Ok(address),
        (None, Some(file)) => {
            let setup = Whole::read(file, &config::env)?.checkout;
            let setup = setup.ok_or_else(|| format!("{}: checkout: not configured", file.display()))?;
            Ok(setup.ledger.as_str().to_owned())
        }
        (None, None) => Err("name the ledger with --config FILE or --ledger URL".into()),
    }
}

fn state(word: &str) -> Result<OrderState, String> {
    serde_json::from_value(word.into())
        .map_err(|_| "one of submitting, unknown, placed, rejected, needs_review".to_owned())
}

async fn list(
    ledger: &dyn Ledger,
    state: Option<OrderState>,
    since: Option<Timestamp>,
) -> Result<(), Failure> {
    let filter = OrderFilter {
        state,
        since,
        limit: LISTED,
    };
    let orders = ledger.orders(&filter).await?;
    for order in &orders {
        say(&show::order(order));
    }
    match orders.len() {
        0 => say("no orders"),
        LISTED => say(&format!(
            "only the newest {LISTED} are listed; narrow it with --state or --since"
        )),
        _ => {}
    }
    Ok(())
}

async fn explain(ledger: &dyn Ledger, key: &str) -> Result<(), Failure> {
    let mut events = ledger.events(key).await?;
    if events.is_empty() {
        return Err(format!("there is no order and no hold {key}").into());
    }
    // An order is told together with its hold and its key, whichever of them was named.
    let number = events
        .iter()
        .rev()
        .find_map(|event| event.body.get("order")?.as_str());
    let number = number.unwrap_or(key).to_owned();
    if let Some(order) = ledger.order(&number).await? {
        events = ledger.events(&number).await?;
        events.extend(ledger.events(&order.hold).await?);
        events.extend(ledger.events(&ledger::key_of_order(&order)).await?);
    }
    events.sort_by_key(|event: &Event| event.sequence);
    for event in &events {
        say(&show::event(event));
    }
    Ok(())
}

async fn check(ledger: &dyn Ledger, now: Timestamp) -> Result<(), Failure> {
    let findings = ledger.check(now).await?;
    for finding in &findings {
        say(&format!(
            "{} {}: {}",
            finding.subject, finding.key, finding.problem
        ));
    }
    match findings.len() {
        0 => {
            say("everything adds up");
            Ok(())
        }
        found => Err(format!("{found} findings").into()),
    }
}
