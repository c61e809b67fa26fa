//! Many buyers for few units, before several gateways on one ledger, with crashes: nobody gets what is not there, and
//! nothing is lost.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use serde_json::{Value, json};
use skuery::demo::Demo;
use tokio::sync::{Mutex, Semaphore};

use crate::client::{Storefront, codes, line, token};
use crate::process::Process;
use crate::sold;

/// How a race is run.
pub(crate) struct Course<'a> {
    pub(crate) demo: &'a Demo,
    pub(crate) config: &'a Path,
    /// The system whose stock is raced for.
    pub(crate) stock: &'a str,
    pub(crate) sku: &'a str,
    /// The channel that sells it.
    pub(crate) channel: &'static str,
    pub(crate) units: u32,
    pub(crate) buyers: usize,
    pub(crate) gateways: usize,
    pub(crate) crashes: bool,
}

/// What a race came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) verified: usize,
    pub(crate) placed: usize,
    pub(crate) pending: usize,
    pub(crate) refused: usize,
    pub(crate) released: usize,
    pub(crate) abandoned: usize,
    pub(crate) unanswered: usize,
    pub(crate) crashes: usize,
    /// Units in the ERP's orders at the end.
    pub(crate) sold: u32,
}

/// How long an unattended hold lives in a race.
const HOLD_SECONDS: i32 = 2;
/// How often in a row, four times a second, it must be sold out: an order whose process ended while it was sent holds its
/// stock until the worker may be sure that nobody sends it any more.
const PATIENCE: u32 = 160;
/// Buyers at the same time.
const CROWD: usize = 48;
/// The customers who buy, all in the channel of the race.
const CUSTOMERS: [&str; 3] = ["10010", "10020", "10040"];

/// The gateways, which crash and come back.
struct Fleet<'a> {
    config: &'a Path,
    gateways: Vec<Mutex<Process>>,
}

impl Fleet<'_> {
    async fn url(&self, number: usize) -> String {
        self.gateways[number % self.gateways.len()]
            .lock()
            .await
            .url
            .clone()
    }

    async fn crash(&self, number: usize) {
        let mut gateway = self.gateways[number % self.gateways.len()].lock().await;
        gateway.kill();
        *gateway = Process::start(self.config, None);
    }
}

/// Runs one race, and waits until everything in doubt has an end.
pub(crate) async fn run(course: &Course<'_>, seed: u64) -> Outcome {
    let stock = json!({ "stock": { course.sku: course.units } });
    course
        .demo
        .system(course.stock)
        .expect("a system of the demo")
        .turn(&stock)
        .expect("a dial it has");
    let before = sold::units(course.demo, course.sku);
    let gateways = (0..course.gateways).map(|_| Mutex::new(Process::start(course.config, None)));
    let fleet = Arc::new(Fleet {
        config: course.config,
        gateways: gateways.collect(),
    });
    let http = Client::builder()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client");
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    crowd(course, seed, &fleet, &http, &outcome).await;
    settle(course, &fleet, &http, seed).await;
    let mut outcome = std::mem::take(&mut *outcome.lock().await);
    outcome.sold = sold::units(course.demo, course.sku) - before;
    outcome
}

async fn crowd(
    course: &Course<'_>,
    seed: u64,
    fleet: &Arc<Fleet<'_>>,
    http: &Client,
    outcome: &Arc<Mutex<Outcome>>,
) {
    let places = Semaphore::new(CROWD);
    let buyers = (0..course.buyers).map(|number| {
        let places = &places;
        async move {
            let _place = places.acquire().await.expect("it stays open");
            let mut random = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
            if course.crashes && number % 97 == 96 {
                fleet.crash(random.random_range(0..8)).await;
                outcome.lock().await.crashes += 1;
            }
            buy(course, seed, number, &mut random, fleet, http, outcome).await;
        }
    });
    futures_util::future::join_all(buyers).await;
}

/// One buyer: verifies, and then places, lets go, walks away, or does one of these twice.
async fn buy(
    course: &Course<'_>,
    seed: u64,
    number: usize,
    random: &mut StdRng,
    fleet: &Fleet<'_>,
    http: &Client,
    outcome: &Mutex<Outcome>,
) {
    let customer = CUSTOMERS[number % CUSTOMERS.len()];
    let shop = Storefront::new(
        http,
        course.channel,
        course.demo.token(customer).expect("a customer"),
    );
    let cart = format!("cart-{seed}-{number}");
    let quantity = random.random_range(1..=3);
    let mut at = random.random_range(0..8);
    let verify_key = format!("v-{seed}-{number}");
    let verified = loop_until_answered(3, async |attempt| {
        let url = fleet.url(at + attempt).await;
        shop.verify(
            &url,
            &verify_key,
            &cart,
            json!([line(course.sku, quantity)]),
            Some(HOLD_SECONDS),
        )
        .await
    })
    .await;
    let Some(verified) = verified else {
        outcome.lock().await.unanswered += 1;
        return;
    };
    outcome.lock().await.verified += 1;
    let Some(token) = token(&verified) else {
        outcome.lock().await.refused += 1;
        return;
    };
    at = random.random_range(0..8);
    match random.random_range(0..10) {
        0 => {
            let url = fleet.url(at).await;
            shop.release(&url, token).await;
            outcome.lock().await.released += 1;
        }
        1 => outcome.lock().await.abandoned += 1,
        _ => {
            let key = format!("p-{seed}-{number}");
            let twice = random.random_range(0..5) == 0;
            if twice {
                let (one, two) = (fleet.url(at).await, fleet.url(at + 1).await);
                futures_util::future::join(shop.place(&one, &key, token), shop.place(&two, &key, token))
                    .await;
            }
            let placed = loop_until_answered(4, async |attempt| {
                let url = fleet.url(at + attempt).await;
                shop.place(&url, &key, token).await
            })
            .await;
            note(outcome, placed).await;
        }
    }
}

async fn note(outcome: &Mutex<Outcome>, placed: Option<Value>) {
    let mut outcome = outcome.lock().await;
    match placed
        .as_ref()
        .and_then(|placed| placed["placement"]["state"].as_str())
    {
        Some("PLACED") => outcome.placed += 1,
        Some("PENDING") => outcome.pending += 1,
        Some(_) => outcome.refused += 1,
        None if placed.is_some() => outcome.refused += 1,
        None => outcome.unanswered += 1,
    }
}

/// A client that repeats its request with the same key when the gateway went away or is busy with it.
async fn loop_until_answered(
    attempts: usize,
    mut ask: impl AsyncFnMut(usize) -> Option<Value>,
) -> Option<Value> {
    for attempt in 0..attempts {
        match ask(attempt).await {
            Some(answer) if codes(&answer).contains(&"IN_PROGRESS") => {}
            Some(answer) => return Some(answer),
            None => {}
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    None
}

/// Holds end, orders in doubt get their end; then the rest is bought one by one, so that nothing may be left over.
async fn settle(course: &Course<'_>, fleet: &Fleet<'_>, http: &Client, seed: u64) {
    let shop = Storefront::new(
        http,
        course.channel,
        course.demo.token(CUSTOMERS[0]).expect("a customer"),
    );
    let mut empty = 0;
    for round in 0..600 {
        let url = fleet.url(round).await;
        let name = format!("rest-{seed}-{round}");
        let lines = json!([line(course.sku, 1)]);
        let verified = shop
            .verify(&url, &format!("v-{name}"), &name, lines, Some(30))
            .await;
        let Some(token) = verified.as_ref().and_then(token) else {
            // A lease, or an order in doubt, may still hold something: only after a while is it really sold out.
            empty += 1;
            if empty > PATIENCE {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            continue;
        };
        empty = 0;
        shop.place(&url, &format!("p-{name}"), token).await;
    }
    panic!("the rest is never sold out");
}
