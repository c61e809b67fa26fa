//! What is tried of every system, of the identity provider and of the ledger: by `skuery check`, and beside a gateway that already
//! serves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::commerce::channel::Channel;
use skuery_resolvers::commerce::gateway::Limits;
use skuery_resolvers::connector::{CheckResult, System};
use skuery_resolvers::engine::Engine;
use skuery_resolvers::port::Call;
use skuery_schema::system::Commerce;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::config::LedgerUrl;
use crate::front::Front;
use crate::identity::{self, Verifier};
use crate::ledger;
use crate::persisted::Manifest;

/// How long one step may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The system's own checks, then every price list that a channel sells by. Where the login fails nothing else is tried:
/// more tries might lock the account.
pub async fn all(system: &System, channels: &[Arc<Channel>]) -> Vec<CheckResult> {
    let mut results = system.check(call()).await;
    if results
        .iter()
        .any(|result| result.name == "login" && result.outcome.is_err())
    {
        return results;
    }
    let lists: BTreeSet<_> = channels.iter().flat_map(|channel| &channel.price_lists).collect();
    for (currency, list) in lists {
        results.extend(system.check_price_list(call(), list.as_ref(), *currency).await);
    }
    results
}

/// Whether the keys can be had that tokens are verified with.
pub async fn identity(identity: &Verifier) -> CheckResult {
    CheckResult {
        name: "keys".to_owned(),
        outcome: identity.check().await,
    }
}

/// Whether the ledger can be opened and read. One that is not there yet is made, as at the start.
pub async fn ledger(address: &LedgerUrl) -> CheckResult {
    let tried = async {
        let ledger = ledger::open(address.as_str())
            .await
            .map_err(|error| error.to_string())?;
        let leases = ledger.leases(Timestamp::now()).await;
        let leases = leases.map_err(|error| error.to_string())?;
        Ok(format!("opened, {} lines held", leases.len()))
    };
    let tried = timeout(PATIENCE, tried).await;
    CheckResult {
        name: "ledger".to_owned(),
        outcome: tried.unwrap_or_else(|_| Err("no answer in time".to_owned())),
    }
}

/// Whether persisted documents can be served and kept within these limits; each that cannot be served is a result.
pub async fn persisted_documents(manifest: &Manifest, limits: &Limits) -> Vec<CheckResult> {
    let engine = Engine::new::<Commerce>(limits.operation_bytes).with_limits(limits.screen);
    let warmed = manifest.warm(&engine).await;
    let failed = |problem| CheckResult {
        name: "document".to_owned(),
        outcome: Err(problem),
    };
    let room = CheckResult {
        name: "documents".to_owned(),
        outcome: match warmed.too_large(manifest) {
            Some(problem) => Err(problem),
            None => Ok(warmed.to_string()),
        },
    };
    warmed.refused.into_iter().map(failed).chain([room]).collect()
}

/// Tries every system while the gateway already serves: it logs in before the first shopper needs it, and what would
/// fail silently, such as a location that answers nothing, is in the log. No system's outage delays the start.
pub fn beside(front: &Front) -> JoinSet<()> {
    let gateway = &front.gateway;
    let mut tries = JoinSet::new();
    for system in gateway.systems().to_vec() {
        let channels = gateway.channels().to_vec();
        tries.spawn(async move {
            for result in all(&system, &channels).await {
                log(system.name.as_str(), result);
            }
        });
    }
    if let Some(verifier) = front.identity.clone() {
        tries.spawn(async move { log(identity::PROVIDER, identity(&verifier).await) });
    }
    tries
}

fn log(system: &str, result: CheckResult) {
    match result.outcome {
        Ok(seen) => tracing::info!(system, check = result.name, seen, "start-up check"),
        Err(problem) => tracing::warn!(system, check = result.name, problem, "start-up check failed"),
    }
}

fn call() -> Call {
    // Those who ask for something come first.
    Call::background(Instant::now() + PATIENCE)
}
