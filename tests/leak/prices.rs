//! Everybody asks for everything at once: each answered price is compared with the only one its asker may see.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::erp::Erp;
use crate::people::{Asker, CURRENCIES, CUSTOMERS, People, QUANTITIES, SKUS, sku};
use crate::shop::Shop;

const QUERY: [&str; 2] = [
    r#"query($skus: [String!]!, $quantity: Decimal!) @inContext(currency: "EUR") {
        variants(skus: $skus) { sku price(quantity: $quantity) { unitPrice { net { amount currency } } } }
    }"#,
    r#"query($skus: [String!]!, $quantity: Decimal!) @inContext(currency: "SEK") {
        variants(skus: $skus) { sku price(quantity: $quantity) { unitPrice { net { amount currency } } } }
    }"#,
];

/// What a run came to.
#[derive(Default)]
pub(crate) struct Seen {
    answered: AtomicU64,
    refused: AtomicU64,
    cancelled: AtomicU64,
    own: AtomicU64,
    anonymous: AtomicU64,
    staff: AtomicU64,
}

impl fmt::Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        write!(
            formatter,
            "{} prices answered, 0 foreign ({} of own agreements, {} to nobody signed in, {} to staff), {} failed, {} requests cancelled",
            read(&self.answered),
            read(&self.own),
            read(&self.anonymous),
            read(&self.staff),
            read(&self.refused),
            read(&self.cancelled)
        )
    }
}

/// Asks until so many prices were answered. The first foreign one ends it.
pub(crate) async fn run(
    shop: &Shop,
    people: &Arc<People>,
    prices: u64,
    clients: usize,
    seed: u64,
) -> Result<Seen, String> {
    let seen = Seen::default();
    let leaked = AtomicBool::new(false);
    let client = |number: usize| {
        let (seen, leaked) = (&seen, &leaked);
        async move {
            let mut random = StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(number as u64));
            while seen.answered.load(Ordering::Relaxed) < prices && !leaked.load(Ordering::Relaxed) {
                let outcome = one_request(shop, people, seen, &mut random).await;
                if outcome.is_err() {
                    leaked.store(true, Ordering::Relaxed);
                    return outcome;
                }
            }
            Ok(())
        }
    };
    for outcome in join_all((0..clients).map(client)).await {
        outcome?;
    }
    Ok(seen)
}

async fn one_request(shop: &Shop, people: &People, seen: &Seen, random: &mut StdRng) -> Result<(), String> {
    let asker = asker(random);
    let currency = random.random_range(0..CURRENCIES.len());
    let quantity = QUANTITIES[random.random_range(0..QUANTITIES.len())];
    let first = random.random_range(0..SKUS);
    let count = random.random_range(1..=48);
    let asked: Vec<usize> = (0..count).map(|step| (first + step * 7) % SKUS).collect();
    let skus: Vec<String> = asked.iter().map(|index| sku(*index)).collect();
    let variables = json!({ "skus": skus, "quantity": quantity.to_string() });
    let answer = shop.ask(people, asker, QUERY[currency], variables);
    let answer = if random.random_range(0..8) == 0 {
        let patience = Duration::from_micros(random.random_range(0..4_000));
        match tokio::time::timeout(patience, answer).await {
            Ok(answer) => answer,
            Err(_) => {
                seen.cancelled.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        }
    } else {
        answer.await
    };
    let answer = answer.map_err(|errors| format!("a request was refused: {errors:?}"))?;
    let variants = answer["data"]["variants"]
        .as_array()
        .ok_or("no list of variants")?;
    for (index, variant) in asked.iter().zip(variants) {
        if variant["sku"] != sku(*index) {
            // The catalogue's own failure; its place is null.
            if variant.is_null() {
                continue;
            }
            return Err(format!(
                "{} stands where {} was asked",
                variant["sku"],
                sku(*index)
            ));
        }
        judge(people, asker, *index, currency, quantity, &variant["price"], seen)?;
    }
    Ok(())
}

fn asker(random: &mut StdRng) -> Asker {
    match random.random_range(0..20) {
        0 => Asker::Anonymous,
        1 => Asker::Staff,
        by => Asker::Customer {
            // Some are busier than others, so that they meet themselves.
            index: if by < 8 {
                random.random_range(0..20)
            } else {
                random.random_range(0..CUSTOMERS)
            },
            by_staff: by == 2,
        },
    }
}

fn judge(
    people: &People,
    asker: Asker,
    index: usize,
    currency: usize,
    quantity: u32,
    price: &Value,
    seen: &Seen,
) -> Result<(), String> {
    if price.is_null() {
        seen.refused.fetch_add(1, Ordering::Relaxed);
        return Ok(());
    }
    let net = &price["unitPrice"]["net"];
    let amount: Decimal = net["amount"]
        .as_str()
        .and_then(|amount| amount.parse().ok())
        .ok_or_else(|| format!("not an amount: {price}"))?;
    let expected = people.price(asker, index, currency, quantity);
    if amount != expected || net["currency"] != CURRENCIES[currency] {
        return Err(format!(
            "{asker:?} was shown {net} for {} × {quantity} in {}; the right price is {expected}",
            sku(index),
            CURRENCIES[currency]
        ));
    }
    seen.answered.fetch_add(1, Ordering::Relaxed);
    match asker {
        Asker::Anonymous => seen.anonymous.fetch_add(1, Ordering::Relaxed),
        Asker::Staff => seen.staff.fetch_add(1, Ordering::Relaxed),
        Asker::Customer { index: owner, .. } => {
            let own = crate::people::has_own(owner, people.0[owner].agreements, index);
            seen.own.fetch_add(u64::from(own), Ordering::Relaxed)
        }
    };
    Ok(())
}

/// A run in which nothing went wrong, or nobody had prices of its own, would prove nothing.
pub(crate) fn check_coverage(seen: &Seen, erp: &Erp) -> Result<(), String> {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counted = [
        ("prices of own agreements", read(&seen.own)),
        ("prices shown to nobody signed in", read(&seen.anonymous)),
        ("prices shown to staff", read(&seen.staff)),
        ("prices that failed", read(&seen.refused)),
        ("requests cancelled", read(&seen.cancelled)),
        ("calls that failed", erp.failed()),
        ("foreign rows sent", erp.foreign_rows()),
    ];
    match counted.iter().find(|(_, count)| *count == 0) {
        Some((what, _)) => Err(format!("the run proves nothing: no {what}")),
        None => Ok(()),
    }
}
