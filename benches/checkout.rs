//! Verifying and placing per second, on a ledger that syncs every step to disk: SQLite, and PostgreSQL where
//! `SKUERY_POSTGRES` names a database.
//!
//! The systems are in memory and answer at once, so that the gateway and its ledger are what is measured. One purchase is
//! a verification with a hold and a placement: seven synced steps.

#![expect(clippy::print_stdout, reason = "a run says what it leaves out")]

#[path = "checkout/systems.rs"]
mod systems;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use criterion::{Criterion, Throughput};
use serde_json::{Map, Value, json};
use skuery::config::{self, Config};
use skuery::ledger;
use skuery_resolvers::checkout::rules::{Capture, CheckoutRules};
use skuery_resolvers::commerce::gateway::{CheckoutPart, CheckoutPlan, Gateway, GraphqlRequest};
use skuery_resolvers::door::secret::Secret;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The allocator of the `skuery` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONFIGURATION: &str = include_str!("storefront/gateway.yaml");
/// Buyers at the same time.
const CROWDS: [usize; 2] = [1, 32];
const VERIFY: &str = "mutation V($input: VerifyCheckoutInput!) { verifyCheckout(input: $input) {
  verification { outcome token } userErrors { code message } } }";
const PLACE: &str = "mutation P($input: PlaceOrderInput!) { placeOrder(input: $input) {
  placement { state } userErrors { code message } } }";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let directory = std::env::temp_dir().join(format!("skuery-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for the ledger");
    measure(
        &mut criterion,
        &runtime,
        "SQLite",
        &format!("sqlite:{}", directory.join("ledger.db").display()),
    );
    match config::env("SKUERY_POSTGRES") {
        Some(url) => measure(&mut criterion, &runtime, "PostgreSQL", &url),
        None => println!("PostgreSQL is not measured: SKUERY_POSTGRES names no database"),
    }
    let _ = std::fs::remove_dir_all(directory);
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, store: &str, url: &str) {
    let gateway = Arc::new(runtime.block_on(gateway(url)));
    let numbers = AtomicU64::new(0);
    let mut group = criterion.benchmark_group(store);
    for crowd in CROWDS {
        group.throughput(Throughput::Elements(crowd as u64));
        group.bench_function(format!("verify, {crowd} buyers"), |bencher| {
            bencher.iter(|| {
                let each = (0..crowd).map(|_| {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    let gateway = gateway.clone();
                    async move { verify(&gateway, number).await }
                });
                runtime.block_on(futures_util::future::join_all(each))
            });
        });
        group.bench_function(format!("verify and place, {crowd} buyers"), |bencher| {
            bencher.iter(|| {
                let each = (0..crowd).map(|_| {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    let gateway = gateway.clone();
                    async move {
                        let token = verify(&gateway, number).await;
                        place(&gateway, number, &token).await;
                    }
                });
                runtime.block_on(futures_util::future::join_all(each))
            });
        });
    }
    group.finish();
}

async fn gateway(url: &str) -> Gateway {
    let config = Config::parse("gateway.yaml", CONFIGURATION).expect("the configuration is valid");
    let unused = |_: &str| Some("unused".to_owned());
    let parts = config::build(&config, "gateway.yaml", CONFIGURATION, &unused);
    let mut parts = parts.expect("the configuration is valid");
    parts.checkout = Some(CheckoutPart::Own(Box::new(CheckoutPlan {
        ledger: ledger::open(url).await.expect("the ledger opens"),
        systems: systems::systems(parts.locations.clone()),
        rules: CheckoutRules {
            lines: 100,
            hold: Duration::from_secs(900),
            longest_hold: Duration::from_secs(3600),
            deadline: Duration::from_secs(10),
            order_prefix: "SK-".into(),
            guest_customer: Some("GUEST".into()),
            payment_required: false,
            capture: Capture::Never,
            time_zone: jiff::tz::TimeZone::UTC,
            token_keys: vec![Secret::new("a key of the bench that is long enough")],
            retry: vec![Duration::from_secs(1)],
            give_up: Duration::from_secs(60),
        },
        retention: Duration::from_secs(90 * 86_400),
    })));
    Gateway::new(parts)
}

/// The token of one buyer's cart; everybody buys another article, as a shop's buyers mostly do.
async fn verify(gateway: &Gateway, number: u64) -> String {
    let line = json!({ "lineId": "1", "sku": format!("MC-{}", number % 500), "quantity": "1" });
    let input = json!({ "idempotencyKey": key(number), "checkoutId": key(number), "lines": [line] });
    let answer = ask(gateway, VERIFY, input).await;
    let token = answer["data"]["verifyCheckout"]["verification"]["token"].as_str();
    token.unwrap_or_else(|| panic!("{answer:#}")).to_owned()
}

async fn place(gateway: &Gateway, number: u64, token: &str) {
    let input = json!({ "idempotencyKey": key(number), "token": token });
    let answer = ask(gateway, PLACE, input).await;
    assert_eq!(
        answer["data"]["placeOrder"]["placement"]["state"], "PLACED",
        "{answer:#}"
    );
}

/// The same keys must not be used in the next run on the same database.
fn key(number: u64) -> String {
    format!("{}-{number}", std::process::id())
}

async fn ask(gateway: &Gateway, query: &str, input: Value) -> Value {
    let request = GraphqlRequest {
        query: query.to_owned(),
        variables: Map::from_iter([("input".to_owned(), input)]),
        ..GraphqlRequest::default()
    };
    let response = gateway.execute(&request).await.expect("the request is valid");
    serde_json::from_slice(&response.body).expect("JSON")
}
