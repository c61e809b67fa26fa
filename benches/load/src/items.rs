//! What is asked: four pages of a storefront, each with many different requests, so that sharing is what it is in life.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::Failure;
use crate::client::Client;

/// Leaf categories of the demo's assortment; each has far more than a page of products.
const CATEGORIES: [&str; 20] = [
    "helmets_full_face",
    "helmets_modular",
    "helmets_open_face",
    "jackets_leather",
    "jackets_textile",
    "trousers",
    "gloves_summer",
    "gloves_winter",
    "boots_touring",
    "boots_racing",
    "top_cases",
    "saddlebags",
    "tank_bags",
    "tyres",
    "exhausts",
    "chains",
    "brake_pads",
    "lights",
    "oils",
    "cleaners",
];
/// The most different requests of one item.
const REQUESTS: usize = 20;

/// One kind of page.
pub(crate) struct Item {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) requests: Vec<Request>,
}

pub(crate) struct Request {
    pub(crate) variables: Value,
    /// The whole body of the POST.
    pub(crate) body: Bytes,
}

/// Takes slugs and SKUs from the listings that `url` answers.
pub(crate) async fn items(client: &Client, url: &str) -> Result<Vec<Item>, Failure> {
    let categories = CATEGORIES.map(|category| json!({ "category": category }));
    let listing = item("listing", "24 products with price and stock", LISTING, categories);
    let (mut slugs, mut skus) = (Vec::new(), Vec::new());
    for request in &listing.requests {
        let answer: Value = serde_json::from_slice(&client.post(url, &request.body).await?)?;
        let nodes = answer["data"]["products"]["nodes"]
            .as_array()
            .ok_or("a listing is empty")?;
        slugs.extend(nodes.first().map(|product| json!({ "slug": product["slug"] })));
        let variants = nodes.iter().filter_map(|product| product["variants"].as_array());
        // Of what the WMS does not know there is no data to be fresh or cached.
        let known = variants
            .flatten()
            .filter(|variant| variant["availability"]["status"] != "UNKNOWN");
        skus.extend(known.map(|variant| variant["sku"].clone()));
    }
    if skus.len() < 10 * 100 {
        return Err(format!("the listings have only {} SKUs", skus.len()).into());
    }
    // No SKU is in two requests, and each has articles of all categories.
    let dealt = |size: usize| {
        let requests = REQUESTS.min(skus.len() / size);
        let skus = &skus;
        (0..requests).map(move |request| {
            let chosen = (0..size).map(|at| skus[request + at * requests].clone());
            json!({ "skus": chosen.collect::<Vec<_>>() })
        })
    };
    Ok(vec![
        listing,
        item("detail", "one product with its variants", DETAIL, slugs),
        item("cart", "20 SKUs", CART, dealt(20)),
        item("hundred", "100 SKUs at a dealer's prices", HUNDRED, dealt(100)),
    ])
}

const LISTING: (&str, &str) = ("Listing", include_str!("../documents/listing.graphql"));
const DETAIL: (&str, &str) = ("Detail", include_str!("../documents/detail.graphql"));
const CART: (&str, &str) = ("Cart", include_str!("../documents/cart.graphql"));
const HUNDRED: (&str, &str) = ("Hundred", include_str!("../documents/hundred.graphql"));

fn item(
    name: &'static str,
    what: &'static str,
    (operation, document): (&str, &str),
    variables: impl IntoIterator<Item = Value>,
) -> Item {
    let request = |variables: Value| {
        let body = json!({"query": document, "operationName": operation, "variables": variables});
        Request {
            body: body.to_string().into(),
            variables,
        }
    };
    Item {
        name,
        what,
        requests: variables.into_iter().map(request).collect(),
    }
}
