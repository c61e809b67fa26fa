//! Pages of SKUs: the large one of variants, the cart, and prices with stock alone.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use skuery_resolvers::port::{PriceRow, StockFigure};

use super::parts::{self, Age, Amount, Money, PlainPrice, PlainStock, Taxed, decimal};
use super::{Article, ByHand, Kept, age_ms, written};

impl ByHand {
    pub(super) fn page_of_variants(&self, skus: &[serde_json::Value]) -> Vec<u8> {
        let articles: Vec<_> = skus.iter().map(|sku| self.article(sku)).collect();
        let variants = articles.iter().map(variant).collect();
        written(Variants { variants }, 1024 * skus.len())
    }

    pub(super) fn cart(&self, skus: &[serde_json::Value]) -> Vec<u8> {
        let articles: Vec<_> = skus.iter().map(|sku| self.article(sku)).collect();
        let variants = articles.iter().map(line).collect();
        written(Variants { variants }, 256 * skus.len())
    }

    pub(super) fn skus(&self, skus: &[serde_json::Value]) -> Vec<u8> {
        let articles: Vec<_> = skus.iter().map(|sku| self.article(sku)).collect();
        let variants = articles.iter().map(figures).collect();
        written(Variants { variants }, 256 * skus.len())
    }
}

fn variant(article: &Article) -> Option<Variant<'_>> {
    let content = article.content.as_ref()?;
    let options = content.options.iter().map(|option| SelectedOption {
        code: &option.code,
        value: &option.value,
    });
    let attributes = content.attributes.iter().map(|attribute| Attribute {
        code: &attribute.code,
        value: attribute.value.as_ref().map(parts::value),
    });
    Some(Variant {
        sku: &article.sku,
        name: content.name.as_deref(),
        options: options.collect(),
        attributes: attributes.collect(),
        price: article.prices.as_ref().and_then(price),
        availability: article.stock.as_ref().map(availability),
    })
}

fn line(article: &Article) -> Option<Line<'_>> {
    Some(Line {
        sku: &article.sku,
        name: article.content.as_ref()?.name.as_deref(),
        price: article.prices.as_ref().and_then(parts::plain_price),
        availability: article.stock.as_ref().map(parts::plain_stock),
    })
}

/// The catalogue says which SKUs there are.
fn figures(article: &Article) -> Option<Figures<'_>> {
    article.content.as_ref()?;
    let price = article.prices.as_ref().and_then(|kept| {
        let best = parts::lowest(&kept.value, Decimal::ONE)?;
        Some(NetPrice {
            unit_price: Net {
                net: best.net.map(|amount| parts::money(amount, best)),
            },
            freshness: parts::age(kept),
        })
    });
    let availability = article.stock.as_ref().map(|kept| Quantity {
        quantity: parts::sum(&kept.value),
        freshness: parts::age(kept),
    });
    Some(Figures {
        sku: &article.sku,
        price,
        availability,
    })
}

fn price(kept: &Kept<Arc<[PriceRow]>>) -> Option<Price<'_>> {
    let rows = &kept.value;
    let tiers = rows.iter().filter_map(|row| {
        let net = parts::lowest(rows, row.minimum_quantity)?.net;
        Some(Tier {
            minimum_quantity: row.minimum_quantity,
            unit_price: Net {
                net: net.map(|amount| Amount { amount }),
            },
        })
    });
    Some(Price {
        unit_price: parts::taxed(parts::lowest(rows, Decimal::ONE)?),
        tiers: tiers.collect(),
        freshness: PriceFreshness {
            system: "erp",
            fetched_at: kept.fetched_at,
            age_ms: age_ms(kept),
            state: "CACHED",
        },
    })
}

fn availability(kept: &Kept<Arc<[StockFigure]>>) -> Availability<'_> {
    let levels = kept.value.iter().map(|figure| Level {
        location: Location {
            code: figure.location.as_str(),
        },
        available: parts::sellable(figure),
        freshness: parts::age(kept),
    });
    Availability {
        status: parts::status(parts::sum(&kept.value)),
        levels: levels.collect(),
    }
}

#[derive(Serialize)]
struct Variants<V> {
    variants: Vec<Option<V>>,
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
struct Line<'a> {
    sku: &'a str,
    name: Option<&'a str>,
    price: Option<PlainPrice<'a>>,
    availability: Option<PlainStock>,
}

#[derive(Serialize)]
struct Figures<'a> {
    sku: &'a str,
    price: Option<NetPrice<'a>>,
    availability: Option<Quantity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetPrice<'a> {
    unit_price: Net<Money<'a>>,
    freshness: Age,
}

#[derive(Serialize)]
struct Net<M> {
    net: Option<M>,
}

#[derive(Serialize)]
struct Quantity {
    #[serde(serialize_with = "decimal")]
    quantity: Decimal,
    freshness: Age,
}

#[derive(Serialize)]
struct SelectedOption<'a> {
    code: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Attribute<'a> {
    code: &'a str,
    value: Option<Option<parts::Value<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Price<'a> {
    unit_price: Taxed<'a>,
    tiers: Vec<Tier>,
    freshness: PriceFreshness,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    #[serde(serialize_with = "decimal")]
    minimum_quantity: Decimal,
    unit_price: Net<Amount>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PriceFreshness {
    pub(super) system: &'static str,
    pub(super) fetched_at: Timestamp,
    pub(super) age_ms: u128,
    pub(super) state: &'static str,
}

#[derive(Serialize)]
struct Availability<'a> {
    status: &'static str,
    levels: Vec<Level<'a>>,
}

#[derive(Serialize)]
struct Level<'a> {
    location: Location<'a>,
    #[serde(serialize_with = "decimal")]
    available: Decimal,
    freshness: Age,
}

#[derive(Serialize)]
struct Location<'a> {
    code: &'a str,
}
