//! Many callers at once, over two handles on the store, as two replicas have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::{Begun, HoldWish, Intended, Ledger, StockPlace, Taken};
use skuery_resolvers::checkout::record::HeldLine;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku};
use tokio::task::JoinSet;

use crate::ground::Ground;
use crate::things::{LEASE, at, buyer, cart, key, line, place, record};

/// Holds as much of what is wanted as is left of `stock` at each place; how much that is.
async fn hold_what_is_left(
    ledger: &dyn Ledger,
    id: &str,
    wanted: &[HeldLine],
    stock: Decimal,
) -> Vec<HeldLine> {
    let places: Vec<StockPlace> = wanted
        .iter()
        .map(|line| place(line.sku.as_str(), line.location.as_str(), at(0)))
        .collect();
    let buyer = buyer(id);
    let wish = HoldWish {
        id: id.into(),
        buyer: &buyer,
        checkout_id: "cart",
        places: &places,
        until: at(60),
        now: at(0),
    };
    let decide = |taken: &Taken| {
        let lines = wanted.iter().filter_map(|line| {
            let of_others = taken.get(&(line.sku.clone(), line.location.clone())).copied();
            let quantity = line.quantity.min(stock - of_others.unwrap_or_default());
            (quantity > Decimal::ZERO).then(|| HeldLine {
                quantity,
                ..line.clone()
            })
        });
        lines.collect()
    };
    let holding = ledger.hold(&wish, &decide).await.expect("the ledger answers");
    holding.hold.map_or_else(Vec::new, |hold| hold.lines)
}

pub(crate) async fn ten_units_are_never_held_eleven_times(ground: Ground) {
    let handles = [ground.open().await, ground.open().await];
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        let ledger = handles[number % 2].clone();
        tasks.spawn(async move {
            let wanted = [line("a", "A", "1", HoldKind::Gateway)];
            hold_what_is_left(ledger.as_ref(), &format!("h{number}"), &wanted, Decimal::TEN)
                .await
                .len()
        });
    }
    let held: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(held, 10);
    let leases = handles[0].leases(at(1)).await.unwrap();
    assert_eq!(
        leases.iter().map(|lease| lease.quantity).sum::<Decimal>(),
        Decimal::TEN
    );
    assert_eq!(handles[1].check(at(1)).await.unwrap(), []);
}

/// Each cart wants other articles in another order, so that locks taken as they come would meet head-on. Earlier holds of
/// the same carts are replaced, and holds that are over are ended on the way.
pub(crate) async fn carts_with_many_articles_never_wait_for_each_other_forever(ground: Ground) {
    let handles = [ground.open().await, ground.open().await];
    for number in 0..8 {
        let sku = format!("s{number}");
        let lines = [
            line(&sku, "A", "5", HoldKind::Gateway),
            line("s0", "B", "1", HoldKind::Gateway),
        ];
        let id = ["o0", "o1", "o2", "o3", "o4", "o5", "o6", "o7"][number];
        let mut over = cart(id, id, at(0).checked_sub(100.seconds()).unwrap());
        over.cart = "left behind";
        over.hold(handles[0].as_ref(), &lines).await;
    }
    let mut tasks = JoinSet::new();
    for number in 0..60_usize {
        let ledger = handles[number % 2].clone();
        tasks.spawn(async move {
            let step = [1, 3, 5, 7][number % 4];
            let skus: Vec<String> = (0..8)
                .map(|place| format!("s{}", (number + place * step) % 8))
                .collect();
            let wanted: Vec<_> = skus
                .iter()
                .map(|sku| line(sku, "A", "2", HoldKind::Gateway))
                .collect();
            let id = format!("h{number}");
            hold_what_is_left(ledger.as_ref(), &id, &wanted, Decimal::from(9)).await;
        });
    }
    tasks.join_all().await;
    let mut sums: BTreeMap<(Sku, LocationCode), Decimal> = BTreeMap::new();
    for lease in handles[0].leases(at(1)).await.unwrap() {
        *sums.entry((lease.sku, lease.location)).or_default() += lease.quantity;
    }
    assert_eq!(sums.len(), 8);
    assert!(sums.values().all(|sum| *sum == Decimal::from(9)), "{sums:?}");
    assert_eq!(handles[1].check(at(1)).await.unwrap(), []);
}

pub(crate) async fn one_key_is_begun_once(ground: Ground) {
    let handles = [ground.open().await, ground.open().await];
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let ledger = handles[number % 2].clone();
        tasks.spawn(async move {
            ledger
                .begin(&key("c", "k"), &[1; 32], LEASE, at(0))
                .await
                .unwrap()
        });
    }
    let begun = tasks.join_all().await;
    assert_eq!(
        begun
            .iter()
            .filter(|begun| matches!(begun, Begun::Mine(_)))
            .count(),
        1
    );
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::Busy).count(), 39);
}

pub(crate) async fn one_hold_is_ordered_once(ground: Ground) {
    let handles = [ground.open().await, ground.open().await];
    cart("h1", "c", at(0))
        .hold_one(handles[0].as_ref(), "a", "1")
        .await;
    let mut tasks = JoinSet::new();
    for number in 0..30 {
        let ledger = handles[number % 2].clone();
        tasks.spawn(async move {
            let order = record(&format!("N{number}"), "c", "h1", at(1));
            ledger.intend(&order, at(1)).await.unwrap()
        });
    }
    let intended = tasks.join_all().await;
    let orders = handles[1].orders(&list()).await.unwrap();
    assert_eq!(orders.len(), 1);
    let number = orders[0].draft.external_number.clone();
    let written = intended
        .iter()
        .filter(|intended| matches!(intended, Intended::Written(_)));
    assert_eq!(written.count(), 1);
    let already = intended
        .iter()
        .filter(|intended| **intended == Intended::AlreadyOrdered(number.clone()));
    assert_eq!(already.count(), 29);
}

fn list() -> skuery_resolvers::checkout::ledger::OrderFilter {
    skuery_resolvers::checkout::ledger::OrderFilter {
        limit: 100,
        ..Default::default()
    }
}

pub(crate) async fn due_orders_are_shared_between_workers(ground: Ground) {
    let handles: [Arc<dyn Ledger>; 2] = [ground.open().await, ground.open().await];
    for number in 0..20 {
        let (hold, customer) = (format!("h{number}"), format!("c{number}"));
        let wanted = [line("a", "A", "1", HoldKind::System)];
        hold_what_is_left(handles[0].as_ref(), &hold, &wanted, Decimal::from(99)).await;
        assert!(handles[0].confirm_hold(&hold, at(60), at(0)).await.unwrap());
        let mut order = record(&format!("N{number:02}"), &customer, &hold, at(1));
        order.buyer = buyer(&hold);
        if number % 2 == 0 {
            assert!(matches!(
                handles[0].intend(&order, at(1)).await.unwrap(),
                Intended::Written(_)
            ));
        }
    }
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let ledger = handles[number % 2].clone();
        tasks.spawn(async move {
            let due = ledger.claim_due(at(60), LEASE, 3).await.unwrap();
            let orders = due
                .into_iter()
                .map(|(order, epoch)| format!("{} {}", order.draft.external_number, epoch.0));
            let ended = ledger.claim_ended(at(60), LEASE, 3).await.unwrap();
            orders
                .chain(ended.into_iter().map(|hold| hold.id.to_string()))
                .collect::<Vec<_>>()
        });
    }
    let mut given: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    // What one worker was just being given, another has passed over; it is there the next time.
    for ledger in &handles {
        let due = ledger.claim_due(at(60), LEASE, 99).await.unwrap();
        given.extend(
            due.into_iter()
                .map(|(order, epoch)| format!("{} {}", order.draft.external_number, epoch.0)),
        );
        let ended = ledger.claim_ended(at(60), LEASE, 99).await.unwrap();
        given.extend(ended.into_iter().map(|hold| hold.id.to_string()));
    }
    given.sort();
    let mut expected: Vec<String> = (0..20)
        .step_by(2)
        .map(|number| format!("N{number:02} 2"))
        .collect();
    expected.extend((1..20).step_by(2).map(|number| format!("h{number}")));
    expected.sort();
    assert_eq!(given, expected, "each once, under its second epoch");
    assert_eq!(handles[0].check(at(61)).await.unwrap(), []);
}
