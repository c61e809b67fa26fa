//! The same page as somebody would write it for this one query: structs, `serde_json`, three moka caches.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use moka::sync::Cache;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use skuery_resolvers::commerce::gateway::GraphqlRequest;
use skuery_resolvers::port::{PriceRow, StockFigure};
use skuery_schema::catalog::{AttributeValue, VariantContent};
use tokio::time::Instant;

use crate::pages::Page;
use crate::shop::{PRICE_LIST, Shop};

const FRESH: Duration = Duration::from_secs(86_400);
const LOW_STOCK: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// What a price is found by.
type ListAndSku = (Arc<str>, Arc<str>);

/// Three caches of the systems' answers.
pub(crate) struct ByHand {
    content: Cache<Arc<str>, Kept<Arc<VariantContent>>>,
    prices: Cache<ListAndSku, Kept<Arc<[PriceRow]>>>,
    stock: Cache<Arc<str>, Kept<Arc<[StockFigure]>>>,
    price_list: Arc<str>,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    fetched: Instant,
    fetched_at: Timestamp,
}

impl ByHand {
    /// Holds what the shop's caches hold.
    pub(crate) fn of(shop: &Shop) -> Self {
        let by_hand = Self {
            content: Cache::new(100_000),
            prices: Cache::new(100_000),
            stock: Cache::new(100_000),
            price_list: PRICE_LIST.into(),
        };
        let fetched_at = fetched_at(shop);
        for (sku, article) in &shop.assortment.articles {
            let sku: Arc<str> = sku.as_str().into();
            by_hand
                .content
                .insert(sku.clone(), kept(article.content.clone(), fetched_at));
            by_hand.prices.insert(
                (by_hand.price_list.clone(), sku.clone()),
                kept(article.prices.clone(), fetched_at),
            );
            by_hand.stock.insert(sku, kept(article.stock.clone(), fetched_at));
        }
        by_hand
    }

    pub(crate) fn knows(&self, page: Page) -> bool {
        matches!(page, Page::Variants(_))
    }

    /// The response body.
    #[inline(never)]
    pub(crate) fn answer(&self, _: Page, request: &GraphqlRequest) -> Vec<u8> {
        let skus = request.variables["skus"].as_array().expect("a list of SKUs");
        let found: Vec<_> = skus
            .iter()
            .map(|sku| {
                let sku: Arc<str> = sku.as_str().expect("a SKU").into();
                let content = self.content.get(&sku).filter(is_fresh);
                let prices = self.prices.get(&(self.price_list.clone(), sku.clone()));
                let stock = self.stock.get(&sku).filter(is_fresh);
                (sku, content, prices.filter(is_fresh), stock)
            })
            .collect();
        let variants = found
            .iter()
            .map(|(sku, content, prices, stock)| {
                let content = content.as_ref()?;
                Some(Variant {
                    sku,
                    name: content.value.name.as_deref(),
                    options: content
                        .value
                        .options
                        .iter()
                        .map(|option| SelectedOption {
                            code: &option.code,
                            value: &option.value,
                        })
                        .collect(),
                    attributes: content
                        .value
                        .attributes
                        .iter()
                        .map(|attribute| Attribute {
                            code: &attribute.code,
                            value: attribute.value.as_ref().map(value),
                        })
                        .collect(),
                    price: prices.as_ref().and_then(price),
                    availability: stock.as_ref().map(availability),
                })
            })
            .collect();
        let response = Response {
            data: VariantsPage { variants },
        };
        let mut body = Vec::with_capacity(1024 * skus.len());
        serde_json::to_writer(&mut body, &response).expect("writing to memory does not fail");
        body
    }
}

/// The shop's prices were fetched by one call, so all have one time.
fn fetched_at(shop: &Shop) -> Timestamp {
    let body = shop.answer(&Page::Variants(1).request());
    let answer: serde_json::Value = serde_json::from_slice(&body).expect("an answer in JSON");
    answer["data"]["variants"][0]["price"]["freshness"]["fetchedAt"]
        .as_str()
        .and_then(|time| time.parse().ok())
        .expect("a time")
}

fn kept<V>(value: V, fetched_at: Timestamp) -> Kept<V> {
    Kept {
        value,
        fetched: Instant::now(),
        fetched_at,
    }
}

fn is_fresh<V>(kept: &Kept<V>) -> bool {
    kept.fetched.elapsed() < FRESH
}

fn age_ms<V>(kept: &Kept<V>) -> u128 {
    kept.fetched.elapsed().as_millis()
}

fn value(value: &AttributeValue) -> Option<Value<'_>> {
    match value {
        AttributeValue::Text(text) => Some(Value::Text { text }),
        AttributeValue::Measure { amount, unit } => Some(Value::Measure {
            amount: *amount,
            unit,
        }),
        _ => None,
    }
}

fn price(kept: &Kept<Arc<[PriceRow]>>) -> Option<Price<'_>> {
    let rows = &kept.value;
    let best = lowest(rows, Decimal::ONE)?;
    Some(Price {
        unit_price: UnitPrice {
            net: best.net.map(|amount| money(amount, best)),
            gross: best.gross.map(|amount| money(amount, best)),
        },
        tiers: rows
            .iter()
            .filter_map(|row| {
                let net = lowest(rows, row.minimum_quantity)?.net;
                Some(Tier {
                    minimum_quantity: row.minimum_quantity,
                    unit_price: TierPrice {
                        net: net.map(|amount| Amount { amount }),
                    },
                })
            })
            .collect(),
        freshness: PriceFreshness {
            system: "erp",
            fetched_at: kept.fetched_at,
            age_ms: age_ms(kept),
            state: "CACHED",
        },
    })
}

fn lowest(rows: &[PriceRow], quantity: Decimal) -> Option<&PriceRow> {
    rows.iter()
        .filter(|row| row.minimum_quantity <= quantity && row.currency.as_str() == "SEK")
        .min_by_key(|row| row.net)
}

fn money(amount: Decimal, row: &PriceRow) -> Money<'_> {
    Money {
        amount,
        currency: row.currency.as_str(),
    }
}

fn availability(kept: &Kept<Arc<[StockFigure]>>) -> Availability<'_> {
    let sellable = |figure: &StockFigure| figure.available.max(Decimal::ZERO).normalize();
    let total: Decimal = kept.value.iter().map(sellable).sum();
    Availability {
        status: match total {
            total if total > LOW_STOCK => "IN_STOCK",
            total if total > Decimal::ZERO => "LOW_STOCK",
            _ => "OUT_OF_STOCK",
        },
        levels: kept
            .value
            .iter()
            .map(|figure| Level {
                location: Location {
                    code: figure.location.as_str(),
                },
                available: sellable(figure),
                freshness: LevelFreshness {
                    age_ms: age_ms(kept),
                    state: "CACHED",
                },
            })
            .collect(),
    }
}

// ---------------------------------------------------------------- the answer

#[derive(Serialize)]
struct Response<'a> {
    data: VariantsPage<'a>,
}

#[derive(Serialize)]
struct VariantsPage<'a> {
    variants: Vec<Option<Variant<'a>>>,
}

#[derive(Serialize)]
struct Variant<'a> {
    sku: &'a str,
    name: Option<&'a str>,
    options: Vec<SelectedOption<'a>>,
    attributes: Vec<Attribute<'a>>,
    price: Option<Price<'a>>,
    availability: Option<Availability<'a>>,
}

#[derive(Serialize)]
struct SelectedOption<'a> {
    code: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Attribute<'a> {
    code: &'a str,
    value: Option<Option<Value<'a>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text {
        text: &'a str,
    },
    Measure {
        #[serde(serialize_with = "decimal")]
        amount: Decimal,
        unit: &'a str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Price<'a> {
    unit_price: UnitPrice<'a>,
    tiers: Vec<Tier>,
    freshness: PriceFreshness<'a>,
}

#[derive(Serialize)]
struct UnitPrice<'a> {
    net: Option<Money<'a>>,
    gross: Option<Money<'a>>,
}

#[derive(Serialize)]
struct Money<'a> {
    #[serde(serialize_with = "decimal")]
    amount: Decimal,
    currency: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    #[serde(serialize_with = "decimal")]
    minimum_quantity: Decimal,
    unit_price: TierPrice,
}

#[derive(Serialize)]
struct TierPrice {
    net: Option<Amount>,
}

#[derive(Serialize)]
struct Amount {
    #[serde(serialize_with = "decimal")]
    amount: Decimal,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PriceFreshness<'a> {
    system: &'a str,
    fetched_at: Timestamp,
    age_ms: u128,
    state: &'a str,
}

#[derive(Serialize)]
struct Availability<'a> {
    status: &'a str,
    levels: Vec<Level<'a>>,
}

#[derive(Serialize)]
struct Level<'a> {
    location: Location<'a>,
    #[serde(serialize_with = "decimal")]
    available: Decimal,
    freshness: LevelFreshness<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LevelFreshness<'a> {
    age_ms: u128,
    state: &'a str,
}

fn decimal<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
