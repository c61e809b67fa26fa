//! The stand-in ERP: it answers by (customer, list, SKU), mixes its rows, adds a foreign one now and then, fails, hangs and
//! breaks off. It checks that a call never carries two customers, and counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::people::{
    self, Agreements, CURRENCIES, CUSTOMERS, People, QUANTITIES, RETAIL, SKUS, amount, has_own, list_owner,
};

/// How the ERP states prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The rows of lists, and of customers.
    Rows,
    /// The price of one quantity for one customer.
    Calculated,
}

/// The ERP on 127.0.0.1; it ends when this is dropped.
pub(crate) struct Erp {
    pub(crate) url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    people: Arc<People>,
    mode: Mode,
    seed: u64,
    calls: AtomicU64,
    failed: AtomicU64,
    foreign_rows: AtomicU64,
}

impl Erp {
    pub(crate) async fn start(people: Arc<People>, mode: Mode, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            people,
            mode,
            seed,
            calls: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            foreign_rows: AtomicU64::new(0),
        });
        let routes = Router::new()
            .route("/variants", post(variants))
            .route("/prices", post(prices))
            .route("/customers", post(customers))
            .route("/orders", post(orders))
            .route("/documents/{key}", get(document))
            .with_state(shared.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("the stand-in serves");
        });
        Self { url, shared, server }
    }

    pub(crate) fn tally(&self) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} calls, {} of them failed, {} foreign rows sent",
            read(&self.shared.calls),
            read(&self.shared.failed),
            read(&self.shared.foreign_rows)
        )
    }

    pub(crate) fn foreign_rows(&self) -> u64 {
        self.shared.foreign_rows.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.shared.failed.load(Ordering::Relaxed)
    }
}

impl Drop for Erp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    /// The choices of one call.
    fn begin(&self) -> StdRng {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        StdRng::seed_from_u64(self.seed.wrapping_add(call.wrapping_mul(0x9E37_79B9)))
    }

    /// How a call goes wrong, one in eight.
    async fn mishap(&self, random: &mut StdRng) -> Option<Response> {
        let kind = random.random_range(0..40);
        if kind < 5 {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        match kind {
            0 | 1 => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            2 => {
                // Longer than any call may take: the caller is gone by then, and another may ask the same meanwhile.
                tokio::time::sleep(Duration::from_secs(2)).await;
                None
            }
            3 => Some((StatusCode::OK, "{\"rows\": [").into_response()),
            4 => Some(Response::new(Body::from_stream(futures_util::stream::iter([
                Ok(Bytes::from_static(b"{\"rows\": [{\"sku\": ")),
                Err(std::io::Error::other("broken off")),
            ])))),
            // Late answers overtake each other.
            5..15 => {
                tokio::time::sleep(Duration::from_millis(random.random_range(1..15))).await;
                None
            }
            _ => None,
        }
    }
}

fn texts(body: &Value, name: &str) -> Vec<String> {
    let list = body[name].as_array().into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn sku_index(sku: &str) -> Option<usize> {
    sku.strip_prefix("HOT-")?
        .parse()
        .ok()
        .filter(|index| *index < SKUS)
}

async fn variants(State(erp): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    erp.begin();
    let rows: Vec<Value> = texts(&body, "skus")
        .iter()
        .map(|sku| json!({ "sku": sku, "name": sku }))
        .collect();
    Json(json!({ "rows": rows })).into_response()
}

async fn prices(State(erp): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let mut random = erp.begin();
    if let Some(mishap) = erp.mishap(&mut random).await {
        return mishap;
    }
    let customer = body["customer"]
        .as_str()
        .and_then(|number| erp.people.find(number));
    let list = body["list"].as_str();
    let currency = CURRENCIES.iter().position(|code| body["currency"] == *code);
    let currency = currency.expect("a currency of the channel");
    let mut rows = Vec::new();
    for sku in texts(&body, "skus") {
        let Some(index) = sku_index(&sku) else { continue };
        match (erp.mode, customer) {
            (Mode::Rows, None) => rows.extend(list_rows(&sku, index, list, currency)),
            (Mode::Rows, Some((owner, person))) => {
                if has_own(owner, person.agreements, index) {
                    rows.extend(own_rows(&sku, index, owner, currency));
                }
            }
            (Mode::Calculated, customer) => {
                let quantity = body["quantity"]
                    .as_str()
                    .and_then(|quantity| quantity.parse().ok());
                let tier = usize::from(quantity.unwrap_or(1) >= QUANTITIES[1]);
                let owner = match customer {
                    Some((owner, person)) if has_own(owner, person.agreements, index) => owner,
                    _ => list_owner(list.filter(|list| *list != RETAIL)),
                };
                let mut row = json!({
                    "sku": sku, "price": amount(owner, index, currency, tier).to_string(), "minimum": "1",
                    "currency": CURRENCIES[currency],
                });
                if let Some((owner, _)) = customer {
                    row["customer"] = json!(erp.people.0[owner].number);
                }
                rows.push(row);
            }
        }
        // The ERP's filter lets a row of somebody else through.
        if random.random_range(0..50) == 0 {
            erp.foreign_rows.fetch_add(1, Ordering::Relaxed);
            rows.push(foreign_row(
                &sku,
                index,
                currency,
                customer.map(|(owner, _)| owner),
                &mut random,
            ));
        }
    }
    rows.shuffle(&mut random);
    Json(json!({ "rows": rows })).into_response()
}

fn list_rows(sku: &str, index: usize, list: Option<&str>, currency: usize) -> Vec<Value> {
    let owner = list_owner(list.filter(|list| *list != RETAIL));
    let row = |tier: usize| {
        json!({
            "sku": sku, "list": list, "price": amount(owner, index, currency, tier).to_string(),
            "minimum": QUANTITIES[tier].to_string(), "currency": CURRENCIES[currency],
        })
    };
    vec![row(0), row(1)]
}

fn own_rows(sku: &str, index: usize, owner: usize, currency: usize) -> Vec<Value> {
    let row = |tier: usize| {
        json!({
            "sku": sku, "customer": format!("C-{owner:03}"),
            "price": amount(owner, index, currency, tier).to_string(),
            "minimum": QUANTITIES[tier].to_string(), "currency": CURRENCIES[currency],
        })
    };
    vec![row(0), row(1)]
}

/// The lowest price of all, of a customer nobody asked for.
fn foreign_row(sku: &str, index: usize, currency: usize, asked: Option<usize>, random: &mut StdRng) -> Value {
    let mut owner = random.random_range(0..CUSTOMERS);
    if Some(owner) == asked {
        owner = (owner + 1) % CUSTOMERS;
    }
    json!({
        "sku": sku, "customer": format!("C-{owner:03}"), "price": amount(owner, index, currency, 1).to_string(),
        "minimum": "1", "currency": CURRENCIES[currency],
    })
}

async fn customers(State(erp): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let mut random = erp.begin();
    let numbers = texts(&body, "numbers");
    assert!(numbers.len() <= 1, "one call carries two customers: {numbers:?}");
    if let Some(mishap) = erp.mishap(&mut random).await {
        return mishap;
    }
    let mut rows = Vec::new();
    for number in &numbers {
        let Some((_, person)) = erp.people.find(number) else {
            continue;
        };
        let mut row =
            json!({ "number": person.number, "name": format!("Name of {number}"), "list": person.list });
        match person.agreements {
            Agreements::Own => row["own"] = json!(true),
            Agreements::None => row["own"] = json!(false),
            Agreements::Unsaid => {}
        }
        rows.push(row);
    }
    Json(json!({ "rows": rows })).into_response()
}

async fn orders(State(erp): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let mut random = erp.begin();
    if let Some(mishap) = erp.mishap(&mut random).await {
        return mishap;
    }
    let customer = body["customer"].as_str().expect("whose orders is always said");
    let mut rows: Vec<Value> = Vec::new();
    if let Some((owner, _)) = erp.people.find(customer) {
        rows.extend(
            (1..=people::orders_of(owner))
                .rev()
                .map(|order| order_row(owner, order)),
        );
    }
    if let Some(number) = body["number"].as_str() {
        rows.retain(|row| row["number"] == number);
    }
    let offset = body["offset"].as_u64().unwrap_or(0) as usize;
    let limit = body["limit"].as_u64().map_or(usize::MAX, |limit| limit as usize);
    if let Some(until) = body["until"].as_str() {
        rows.retain(|row| row["placed"].as_str().is_some_and(|placed| placed <= until));
    }
    let mut rows: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
    if random.random_range(0..10) == 0 {
        erp.foreign_rows.fetch_add(1, Ordering::Relaxed);
        let owner = random.random_range(0..CUSTOMERS);
        let row = order_row(owner, 1);
        if row["customer"] != customer {
            rows.push(row);
        }
    }
    Json(json!({ "rows": rows })).into_response()
}

fn order_row(owner: usize, order: usize) -> Value {
    let number = people::order_number(owner, order);
    json!({
        "number": number, "customer": format!("C-{owner:03}"), "placed": format!("2026-0{order}-01T08:00:00Z"),
        "reference": format!("of C-{owner:03}"), "currency": "EUR",
        "lines": [{ "sku": people::sku(owner % SKUS), "name": format!("for C-{owner:03}"), "quantity": "1" }],
        "documents": [{ "number": format!("INV-{number}"), "key": format!("{owner:03}-{order}") }],
    })
}

async fn document(State(erp): State<Arc<Shared>>, Path(key): Path<String>) -> Response {
    erp.begin();
    let customer = key.split('-').next().unwrap_or_default();
    (
        [("content-type", "text/plain")],
        format!("document of C-{customer}"),
    )
        .into_response()
}
