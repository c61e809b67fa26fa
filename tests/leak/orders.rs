//! The same for orders and documents: everybody reads their own and guesses at others'.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use skuery_schema::node_id::NodeId;

use crate::people::{Asker, CUSTOMERS, People, order_number, orders_of};
use crate::shop::Shop;

const LIST: &str = "query($first: Int!, $after: String) {
    orders(first: $first, after: $after) {
        nodes { number customerReference lines { name } documents { number url } }
        pageInfo { endCursor }
        sources { answered }
    }
}";
const BY_NUMBER: &str =
    "query($number: String!) { order(by: { number: $number }) { number customerReference } }";
const BY_ID: &str =
    "query($id: ID!) { node(id: $id) { __typename ... on Order { number customerReference } } }";

/// What a run came to.
#[derive(Default)]
pub(crate) struct Seen {
    orders: AtomicU64,
    documents: AtomicU64,
    guesses: AtomicU64,
    foreign_cursors: AtomicU64,
}

impl fmt::Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        write!(
            formatter,
            "{} orders and {} documents answered, 0 foreign; {} guessed orders and {} foreign cursors gave nothing",
            read(&self.orders),
            read(&self.documents),
            read(&self.guesses),
            read(&self.foreign_cursors)
        )
    }
}

/// Asks until so many orders were answered. The first foreign one ends it.
pub(crate) async fn run(
    shop: &Shop,
    people: &Arc<People>,
    orders: u64,
    clients: usize,
    seed: u64,
) -> Result<Seen, String> {
    let seen = Seen::default();
    let client = |number: usize| {
        let seen = &seen;
        async move {
            let mut random = StdRng::seed_from_u64(seed.wrapping_mul(37).wrapping_add(number as u64));
            while seen.orders.load(Ordering::Relaxed) < orders {
                one_customer(shop, people, seen, &mut random).await?;
            }
            Ok::<(), String>(())
        }
    };
    for outcome in join_all((0..clients).map(client)).await {
        outcome?;
    }
    let proven = [&seen.documents, &seen.guesses, &seen.foreign_cursors];
    if proven.iter().any(|counter| counter.load(Ordering::Relaxed) == 0) {
        return Err(format!("the run proves nothing: {seen}"));
    }
    Ok(seen)
}

async fn one_customer(shop: &Shop, people: &People, seen: &Seen, random: &mut StdRng) -> Result<(), String> {
    let index = random.random_range(0..CUSTOMERS);
    let asker = Asker::Customer {
        index,
        by_staff: random.random_range(0..10) == 0,
    };
    let page = ask(shop, people, asker, LIST, json!({ "first": 2 })).await?;
    let page = &page["data"]["orders"];
    for order in page["nodes"].as_array().into_iter().flatten() {
        own_order(shop, index, order, seen).await?;
    }
    let stranger = (index + random.random_range(1..CUSTOMERS)) % CUSTOMERS;
    guess(shop, people, asker, stranger, seen, random).await?;
    if let Some(cursor) = page["pageInfo"]["endCursor"].as_str() {
        let variables = json!({ "first": 2, "after": cursor });
        let next = ask(shop, people, asker, LIST, variables.clone()).await?;
        for order in next["data"]["orders"]["nodes"].as_array().into_iter().flatten() {
            own_order(shop, index, order, seen).await?;
        }
        let stranger = Asker::Customer {
            index: stranger,
            by_staff: false,
        };
        let stolen = ask(shop, people, stranger, LIST, variables).await?;
        if !stolen["data"]["orders"].is_null() {
            return Err(format!(
                "the cursor of {index} opened something for {stranger:?}: {stolen}"
            ));
        }
        seen.foreign_cursors.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn ask(
    shop: &Shop,
    people: &People,
    asker: Asker,
    query: &str,
    variables: Value,
) -> Result<Value, String> {
    let answer = shop.ask(people, asker, query, variables).await;
    answer.map_err(|errors| format!("a request was refused: {errors:?}"))
}

async fn own_order(shop: &Shop, index: usize, order: &Value, seen: &Seen) -> Result<(), String> {
    let prefix = format!("O-{index:03}-");
    let is_own = order["number"]
        .as_str()
        .is_some_and(|number| number.starts_with(&prefix))
        && order["customerReference"] == format!("of C-{index:03}")
        && order["lines"][0]["name"] == format!("for C-{index:03}");
    if !is_own {
        return Err(format!("customer {index} was shown {order}"));
    }
    seen.orders.fetch_add(1, Ordering::Relaxed);
    for document in order["documents"].as_array().into_iter().flatten() {
        let url = document["url"]
            .as_str()
            .ok_or_else(|| format!("no link: {document}"))?;
        let sealed = url.rsplit('/').next().unwrap_or_default();
        let Some(text) = shop.document(sealed).await else {
            continue;
        };
        if text != format!("document of C-{index:03}") {
            return Err(format!("customer {index} was handed “{text}”"));
        }
        seen.documents.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// An order of somebody else, by every key there is.
async fn guess(
    shop: &Shop,
    people: &People,
    asker: Asker,
    stranger: usize,
    seen: &Seen,
    random: &mut StdRng,
) -> Result<(), String> {
    let number = order_number(stranger, random.random_range(1..=orders_of(stranger)));
    let by_number = ask(shop, people, asker, BY_NUMBER, json!({ "number": number })).await?;
    let id = NodeId::encode("Order", &format!("erp/{number}"));
    let by_id = ask(shop, people, asker, BY_ID, json!({ "id": id })).await?;
    if !by_number["data"]["order"].is_null() || !by_id["data"]["node"].is_null() {
        return Err(format!("{asker:?} guessed {number}: {by_number} {by_id}"));
    }
    seen.guesses.fetch_add(1, Ordering::Relaxed);
    Ok(())
}
