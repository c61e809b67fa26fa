//! Checkout's metrics: how its calls ended, what is held, orders that are not settled, and how upkeep goes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::{LedgerError, OrderFilter};
use skuery_resolvers::checkout::record::OrderState;
use skuery_resolvers::commerce::till::Till;
use tokio::time::timeout;

use super::Family;

/// The most orders of one state that are counted.
const COUNTED: usize = 1_000;
/// How long the ledger may take to tell.
const PATIENCE: Duration = Duration::from_secs(2);

/// The states in which an order waits for something, in the order of its life.
const UNSETTLED: [(OrderState, &str); 3] = [
    (OrderState::Submitting, "submitting"),
    (OrderState::Unknown, "unknown"),
    (OrderState::NeedsReview, "needs_review"),
];

/// What the ledger says of unsettled orders.
struct Unsettled {
    counts: Vec<(&'static str, usize)>,
    oldest: Option<Timestamp>,
}

pub(super) async fn checkout(out: &mut String, till: &Till) {
    let now = Timestamp::now();
    calls(out, till);
    leases(out, till, now);
    rounds(out, till);
    let unsettled = timeout(PATIENCE, unsettled(till)).await;
    let unsettled = match unsettled {
        Ok(Ok(unsettled)) => Some(unsettled),
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics of checkout are incomplete");
            None
        }
        Err(_) => None,
    };
    orders(out, unsettled.as_ref(), now);
}

fn calls(out: &mut String, till: &Till) {
    const NAME: &str = "skuery_checkout_calls_total";
    let help =
        "Calls of checkout by what they were answered: a word of the answer, or the code of its first error.";
    let mut family = Family::new(out, NAME, "counter", help);
    for (operation, outcome, count) in till.tally().counts() {
        family.sample(NAME, &[("operation", operation), ("outcome", outcome)], count);
    }
}

fn leases(out: &mut String, till: &Till, now: Timestamp) {
    const NAME: &str = "skuery_checkout_leases";
    let help = "Lines that the gateway itself holds, for carts and for orders, as last read.";
    let mut family = Family::new(out, NAME, "gauge", help);
    let (carts, orders) = till.lease_counts(now);
    family.sample(NAME, &[("for", "cart")], carts);
    family.sample(NAME, &[("for", "order")], orders);
}

fn rounds(out: &mut String, till: &Till) {
    const NAME: &str = "skuery_checkout_rounds_total";
    let mut family = Family::new(out, NAME, "counter", "Rounds of upkeep by how they ended.");
    let rounds = till.rounds();
    let kinds = [
        ("orders", &rounds.orders),
        ("leases", &rounds.leases),
        ("retention", &rounds.retention),
    ];
    for (kind, round) in kinds {
        for (outcome, counter) in [("ok", &round.ok), ("error", &round.errors)] {
            let labels = [("kind", kind), ("outcome", outcome)];
            family.sample(NAME, &labels, counter.load(Ordering::Relaxed));
        }
    }
}

/// A store that does not tell has no samples but `skuery_checkout_ledger_up`: zero orders in doubt would be a lie.
fn orders(out: &mut String, unsettled: Option<&Unsettled>, now: Timestamp) {
    const UP: &str = "skuery_checkout_ledger_up";
    let mut family = Family::new(out, UP, "gauge", "1 when the ledger could be read just now.");
    family.sample(UP, &[], u8::from(unsettled.is_some()));
    let Some(unsettled) = unsettled else { return };
    const ORDERS: &str = "skuery_checkout_orders";
    let help = format!("Orders that are not settled, by state; at most {COUNTED} of each are counted.");
    let mut family = Family::new(out, ORDERS, "gauge", &help);
    for (state, count) in &unsettled.counts {
        family.sample(ORDERS, &[("state", state)], count);
    }
    const OLDEST: &str = "skuery_checkout_oldest_doubt_seconds";
    let help = "Age of the oldest of them; 0 when there is none.";
    let mut family = Family::new(out, OLDEST, "gauge", help);
    let age = unsettled
        .oldest
        .map(|oldest| now.duration_since(oldest).as_secs());
    family.sample(OLDEST, &[], age.unwrap_or(0).max(0));
}

async fn unsettled(till: &Till) -> Result<Unsettled, LedgerError> {
    let mut counts = Vec::with_capacity(UNSETTLED.len());
    let mut oldest: Option<Timestamp> = None;
    for (state, word) in UNSETTLED {
        let filter = OrderFilter {
            state: Some(state),
            since: None,
            limit: COUNTED,
        };
        let orders = till.ledger().orders(&filter).await?;
        let first = orders.iter().map(|order| order.intended_at).min();
        oldest = [oldest, first].into_iter().flatten().min();
        counts.push((word, orders.len()));
    }
    Ok(Unsettled { counts, oldest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_does_not_tell_counts_no_orders() {
        let mut out = String::new();
        orders(&mut out, None, Timestamp::UNIX_EPOCH);
        assert!(out.ends_with("skuery_checkout_ledger_up 0\n"), "{out}");
        assert!(!out.contains("skuery_checkout_orders"));
    }

    #[test]
    fn unsettled_orders_are_counted_by_state_with_the_oldest_age() {
        let now = Timestamp::from_second(1_000).expect("a moment");
        let unsettled = |oldest: Option<i64>| Unsettled {
            counts: vec![("submitting", 0), ("unknown", 2)],
            oldest: oldest.map(|second| Timestamp::from_second(second).expect("a moment")),
        };
        let mut out = String::new();
        orders(&mut out, Some(&unsettled(Some(940))), now);
        assert!(out.contains("skuery_checkout_ledger_up 1\n"), "{out}");
        assert!(
            out.contains("skuery_checkout_orders{state=\"unknown\"} 2\n"),
            "{out}"
        );
        assert!(
            out.ends_with("skuery_checkout_oldest_doubt_seconds 60\n"),
            "{out}"
        );
        orders(&mut out, Some(&unsettled(None)), now);
        assert!(out.ends_with("skuery_checkout_oldest_doubt_seconds 0\n"), "{out}");
    }
}
