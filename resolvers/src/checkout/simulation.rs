//! Checkout in a simulated world: an order system, a warehouse that reserves, a depot that does not, a provider of
//! payments, buyers, and processes that end at any moment. Time is tokio's and paused, chance comes from the seed: a seed
//! that fails is printed.

mod buyer;
mod chance;
mod gateway;
mod promises;
mod provider;
mod store;
mod systems;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use skuery_schema::checkout::PlacementState;
use skuery_schema::ids::{LocationCode, Sku};
use tokio::time::sleep;

use crate::checkout::hold::test_ids;
use crate::checkout::input::{LineInput, VerifyInput};
use crate::checkout::ledger::OrderFilter;
use crate::checkout::record::OrderState;
use crate::checkout::simulation::buyer::{BuyerTask, Sales, ask_for};
use crate::checkout::simulation::chance::Chance;
use crate::checkout::simulation::gateway::{DEPOT_AT, Gateway, WAREHOUSE};
use crate::checkout::simulation::promises::{broken, sold};
use crate::checkout::simulation::world::{State, Terms, World};
use crate::port::order_entry::ExternalNumber;

/// What happened in one seed, so that a simulation in which nothing happens is seen.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    placed: usize,
    rejected: usize,
    review: usize,
    sent_again: usize,
    told_pending: usize,
    crashes: usize,
    sold_out: usize,
}

/// How many seeds the usual run takes; `--features soak` takes many more.
const SEEDS: u64 = 150;

#[test]
fn every_order_is_sold_once_at_the_agreed_price_whatever_fails() {
    let tally = run(0..SEEDS);
    // Each of these must have been put to the test.
    assert!(tally.placed > 600 && tally.rejected > 50, "{tally:?}");
    assert!(tally.review > 15 && tally.sent_again > 25, "{tally:?}");
    assert!(
        tally.told_pending > 200 && tally.crashes > 500 && tally.sold_out > 50,
        "{tally:?}"
    );
}

#[cfg(feature = "soak")]
#[test]
fn soak_every_order_is_sold_once_at_the_agreed_price_whatever_fails() {
    println!("{:?}", run(SEEDS..3_000));
}

fn run(seeds: std::ops::Range<u64>) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (tally, broken) = runtime.block_on(simulate(seed));
        assert!(broken.is_empty(), "seed {seed}:\n{}", broken.join("\n"));
        sum.add(tally);
    }
    println!("{sum:?}");
    sum
}

async fn simulate(seed: u64) -> (Tally, Vec<String>) {
    test_ids::restart();
    let world = world(seed);
    let gateway = Gateway::start(&world);
    let sales = Sales::default();
    let mut buyers = Vec::new();
    for number in 0..8 {
        let buyer = BuyerTask {
            gateway: gateway.clone(),
            name: format!("buyer{number}").into(),
            sales: sales.clone(),
        };
        buyers.push(tokio::spawn(buyer.shop(3)));
    }
    let mut tally = Tally::default();
    // The troubles end before an order in doubt would be given up.
    for _ in 0..100 {
        sleep(Duration::from_secs(1)).await;
        tally.crashes += trouble(&gateway).await;
    }
    world.calm_down();
    world.state().blocked = false;
    for number in 0..gateway.replicas() {
        gateway.boot(number);
    }
    for buyer in buyers {
        buyer.await.unwrap();
    }
    // Beyond the end of every hold, reservation and wait.
    sleep(Duration::from_secs(300)).await;
    let count = sales.lock().unwrap().len();
    for sale in 0..count {
        let told = ask_for(&gateway, &sales, sale, 0).await;
        sales.lock().unwrap()[sale].told.extend(told);
    }
    sleep(Duration::from_secs(100)).await;
    let book = gateway.book.snapshot();
    let left = left_over(&gateway).await;
    let sales = sales.lock().unwrap().clone();
    let mut broken = broken(world.terms, &book, &world.state(), &sales, world.now());
    let orders = book.orders(&OrderFilter {
        limit: usize::MAX,
        ..OrderFilter::default()
    });
    let is_settled = orders.iter().all(|order| order.state != OrderState::NeedsReview);
    broken.extend(conservation(&world.state(), &left, is_settled));
    let in_state = |state| orders.iter().filter(|order| order.state == state).count();
    tally.placed = in_state(OrderState::Placed);
    tally.rejected = in_state(OrderState::Rejected);
    tally.review = in_state(OrderState::NeedsReview);
    tally.sent_again = orders.iter().filter(|order| order.sent > 1).count();
    let told = sales.iter().flat_map(|sale| &sale.told);
    tally.told_pending = told
        .filter(|told| told.state == Some(PlacementState::Pending))
        .count();
    tally.sold_out = left.values().filter(|left| left.is_zero()).count();
    (tally, broken)
}

fn world(seed: u64) -> Arc<World> {
    let mut chance = Chance::new(seed);
    let terms = Terms {
        external_number: match chance.below(3) {
            0 => ExternalNumber::Unique,
            1 => ExternalNumber::Searchable,
            _ => ExternalNumber::None,
        },
        rejects_oversell: chance.percent(30),
        visibility_delay: Duration::from_millis(chance.below(6_000)),
        depot_delay: Duration::from_millis(chance.below(4_000)),
        captures: chance.percent(70),
        faults: [0, 5, 15, 30][chance.below(4) as usize],
        replicas: chance.between(1, 2) as usize,
        garbles: chance.percent(20),
    };
    let stock = [("A", 9, 6), ("B", 6, 4), ("C", 4, 0)];
    let mut start = BTreeMap::new();
    for (sku, warehouse, depot) in stock {
        for (location, quantity) in [(WAREHOUSE, warehouse), (DEPOT_AT, depot)] {
            start.insert(
                (Sku::new(sku), LocationCode::new(location)),
                Decimal::from(quantity),
            );
        }
    }
    let prices = [("A", 10), ("B", 20), ("C", 30)];
    let prices = prices.map(|(sku, price)| (Sku::new(sku), Decimal::from(price)));
    World::new(
        terms,
        State {
            chance,
            prices: prices.into(),
            start,
            bought_elsewhere: BTreeMap::new(),
            reservations: BTreeMap::new(),
            orders: Vec::new(),
            refusals: BTreeMap::new(),
            payments: BTreeMap::new(),
            blocked: false,
            violations: Vec::new(),
        },
    )
}

/// One second's trouble; how many processes ended.
async fn trouble(gateway: &Arc<Gateway>) -> usize {
    let world = &gateway.world;
    let replica = world.between(0, gateway.replicas() as u64 - 1) as usize;
    let mut crashes = 0;
    if world.terms.faults > 0 && world.percent(8) {
        world.pause(900).await;
        gateway.crash(replica);
        crashes = 1;
        let (gateway, down) = (gateway.clone(), world.between(1, 4_000));
        tokio::spawn(async move {
            sleep(Duration::from_millis(down)).await;
            gateway.boot(replica);
        });
    }
    if world.percent(10) {
        gateway.set_clock(replica);
    }
    let now = world.now();
    let mut state = world.state();
    if state.chance.percent(3) {
        let (number, price) = (state.chance.below(3) as usize, state.chance.between(10, 30));
        let sku = state.prices.keys().nth(number).cloned().unwrap();
        state.prices.insert(sku, price.into());
    }
    let turn = if state.blocked { 40 } else { 1 };
    if state.chance.percent(turn) {
        state.blocked = !state.blocked;
    }
    // Another channel buys at the warehouse, which knows what is reserved.
    let at: (Sku, LocationCode) = ("A".into(), WAREHOUSE.into());
    if state.chance.percent(3) && state.free_in_warehouse(&at.0, &at.1, now) >= Decimal::ONE {
        *state.bought_elsewhere.entry(at).or_insert(Decimal::ZERO) += Decimal::ONE;
    }
    crashes
}

/// What a last buyer could have of each article.
async fn left_over(gateway: &Gateway) -> BTreeMap<Sku, Decimal> {
    let mut left = BTreeMap::new();
    for sku in ["A", "B", "C"] {
        let line = LineInput {
            line_id: "1".into(),
            sku: sku.into(),
            quantity: 1_000.into(),
            unit: None,
            expected_unit_price: None,
            accept_backorder: false,
            accept_partial: true,
        };
        let input = VerifyInput {
            idempotency_key: sku.into(),
            checkout_id: sku.into(),
            lines: vec![line],
            ship_to: None,
            pickup_location: None,
            reserve: false,
            hold_seconds: None,
        };
        let answer = gateway.request(0, "last", |checkout, context| async move {
            checkout.verify(&context, input).await
        });
        let verification = answer.await.and_then(|payload| payload.verification).unwrap();
        left.insert(sku.into(), verification.lines[0].confirmed);
    }
    left
}

/// What was there at the beginning is sold or can still be had. Where a person has to look at an order, its stock may be
/// counted as sold and as held.
fn conservation(state: &State, left: &BTreeMap<Sku, Decimal>, is_settled: bool) -> Vec<String> {
    let sold = sold(state);
    let mut broken = Vec::new();
    for (sku, left) in left {
        let places = state.start.keys().filter(|(known, _)| known == sku);
        let stock: Decimal = places
            .clone()
            .map(|(sku, location)| state.stock(sku, location))
            .sum();
        let sold: Decimal = places.filter_map(|place| sold.get(place)).sum();
        let expected = stock - sold;
        let wrong = match is_settled {
            true => *left != expected,
            false => *left > expected,
        };
        if wrong {
            broken.push(format!("{left} of {sku} are left, of {stock} were {sold} sold"));
        }
    }
    broken
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.placed += other.placed;
        self.rejected += other.rejected;
        self.review += other.review;
        self.sent_again += other.sent_again;
        self.told_pending += other.told_pending;
        self.crashes += other.crashes;
        self.sold_out += other.sold_out;
    }
}
