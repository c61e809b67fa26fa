//! The same answers by hand: an axum handler that makes the same minimal calls with reqwest and writes with serde.
//!
//! It knows the four items and nothing else: no GraphQL, no other fields, no limits, no outages. It is the least that
//! somebody has to write, and what a gateway is measured by.

mod answer;
pub(crate) mod calls;
mod shop;
pub(crate) mod wire;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use self::answer::{
    Attribute, CartVariant, Connection, Data, DealerVariant, Detail, Listing, PageInfo, PageVariant,
    ProductPage, Tile, TileVariant, Variants,
};
use self::calls::{Systems, Urls};
use self::shop::{Shop, Terms};
use crate::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[arg(long)]
    listen: String,
    /// How long answers are kept, in seconds; 0 keeps none.
    #[arg(long)]
    fresh_secs: u64,
    #[command(flatten)]
    urls: Urls,
}

/// The body of a POST; the document is not read, its name says which of the four it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(borrow)]
    operation_name: Cow<'a, str>,
    #[serde(borrow)]
    variables: Variables<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variables<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(borrow)]
    slug: Cow<'a, str>,
    #[serde(borrow)]
    skus: Vec<Cow<'a, str>>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let systems = Systems::log_in(arguments.urls).await?;
    let shop = Shop::new(systems, Duration::from_secs(arguments.fresh_secs));
    let routes = Router::new()
        .route("/graphql", post(handle))
        .with_state(Arc::new(shop));
    let listener = TcpListener::bind(&arguments.listen).await?.tap_io(|stream| {
        // Small answers leave at once; a socket that refuses the option is only slower.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn handle(State(shop): State<Arc<Shop>>, body: Bytes) -> Response {
    match answer(&shop, &body).await {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn answer(shop: &Shop, body: &[u8]) -> Result<Vec<u8>, Failure> {
    let asked: Asked<'_> = serde_json::from_slice(body)?;
    let skus: Vec<&str> = asked.variables.skus.iter().map(AsRef::as_ref).collect();
    match &*asked.operation_name {
        "Listing" => listing(shop, &asked.variables.category).await,
        "Detail" => detail(shop, &asked.variables.slug).await,
        "Cart" => cart(shop, &skus).await,
        "Hundred" => hundred(shop, &skus).await,
        other => Err(format!("no handler for {other}").into()),
    }
}

fn written(data: impl Serialize) -> Result<Vec<u8>, Failure> {
    Ok(serde_json::to_vec(&Data { data })?)
}

async fn listing(shop: &Shop, category: &str) -> Result<Vec<u8>, Failure> {
    let page = shop.listing(category).await?;
    let skus: Vec<&str> = page
        .products
        .iter()
        .flat_map(|product| &product.skus)
        .map(String::as_str)
        .collect();
    let (prices, stock) = tokio::try_join!(shop.prices(Terms::Retail, &skus), shop.stock(&skus))?;
    let today = answer::today()?;
    let variant = |sku| TileVariant {
        sku,
        price: prices[sku]
            .value
            .as_ref()
            .and_then(|rows| answer::price(rows, &today)),
        availability: answer::stock(&stock[sku]),
    };
    let nodes = page.products.iter().map(|product| Tile {
        slug: &product.slug,
        name: &product.name,
        brand: product.brand.as_deref(),
        media: answer::pictures(&product.media),
        variants: product.skus.iter().map(|sku| variant(sku.as_str())).collect(),
    });
    written(Listing {
        products: Connection {
            nodes: nodes.collect(),
            page_info: PageInfo {
                has_next_page: page.has_next,
            },
        },
    })
}

async fn detail(shop: &Shop, slug: &str) -> Result<Vec<u8>, Failure> {
    let Some(product) = shop.product(slug).await? else {
        return written(Detail { product: None });
    };
    let skus: Vec<&str> = product.skus.iter().map(String::as_str).collect();
    let (labels, variants, prices, stock) = tokio::try_join!(
        shop.labels(),
        shop.variants(&skus),
        shop.prices(Terms::Retail, &skus),
        shop.stock(&skus)
    )?;
    let today = answer::today()?;
    let attributes = product.attributes.iter().map(|(code, value)| Attribute {
        code,
        label: labels[*code].value.as_deref().map_or(*code, String::as_str),
        value,
    });
    let page_variant = |sku| {
        let content = variants[sku].value.as_deref()?;
        Some(PageVariant {
            sku,
            name: content.name.as_deref(),
            gtin: content.gtin.as_deref(),
            options: answer::options(&content.options),
            price: prices[sku]
                .value
                .as_ref()
                .and_then(|rows| answer::price(rows, &today)),
            availability: answer::levels(&stock[sku], answer::place),
        })
    };
    written(Detail {
        product: Some(ProductPage {
            name: &product.name,
            brand: product.brand.as_deref(),
            description: product.description.as_deref(),
            media: answer::pictures(&product.media),
            attributes: attributes.collect(),
            variants: skus.iter().filter_map(|sku| page_variant(sku)).collect(),
        }),
    })
}

async fn cart(shop: &Shop, skus: &[&str]) -> Result<Vec<u8>, Failure> {
    let (variants, prices, stock) = tokio::try_join!(
        shop.variants(skus),
        shop.prices(Terms::Retail, skus),
        shop.stock(skus)
    )?;
    let today = answer::today()?;
    let variants = skus.iter().map(|sku| {
        let content = variants[*sku].value.as_deref()?;
        Some(CartVariant {
            sku,
            name: content.name.as_deref(),
            options: answer::options(&content.options),
            media: answer::pictures(&content.media),
            price: answer::fresh_price(&prices[*sku], &today),
            availability: answer::fresh_stock(&stock[*sku]),
        })
    });
    written(Variants {
        variants: variants.collect(),
    })
}

async fn hundred(shop: &Shop, skus: &[&str]) -> Result<Vec<u8>, Failure> {
    let (variants, prices, stock) = tokio::try_join!(
        shop.variants(skus),
        shop.prices(Terms::Dealer, skus),
        shop.stock(skus)
    )?;
    let today = answer::today()?;
    let variants = skus.iter().map(|sku| {
        let content = variants[*sku].value.as_deref()?;
        let rows = prices[*sku].value.as_ref();
        Some(DealerVariant {
            sku,
            name: content.name.as_deref(),
            price: rows.and_then(|rows| answer::dealer_price(rows, &today)),
            availability: answer::levels(&stock[*sku], answer::code),
        })
    });
    written(Variants {
        variants: variants.collect(),
    })
}
