//! What is tried of every system and of the identity provider: by `skuery check`, and beside a gateway that already
//! serves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use skuery_resolvers::commerce::channel::Channel;
use skuery_resolvers::connector::{CheckResult, System};
use skuery_resolvers::port::Call;
use tokio::time::Instant;

use crate::identity::Verifier;

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

fn call() -> Call {
    Call::interactive(Instant::now() + PATIENCE)
}
