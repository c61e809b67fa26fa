//! The four answers, written by serde straight from what is kept.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::shop::Kept;
use super::wire::{Level, Row, Shown};

/// The channel's locations by the WMS's numbers, in the order in which they are shown.
const LOCATIONS: [(u32, &str, &str); 3] = [
    (1, "WH-STO", "Stockholm warehouse"),
    (2, "WH-CPH", "Copenhagen warehouse"),
    (4, "ST-MAL", "Malmö store"),
];
/// The last day of the ERP that means none.
const OPEN: &str = "0001-01-01";

#[derive(Serialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

#[derive(Serialize)]
pub(super) struct Listing<'a> {
    pub(super) products: Connection<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<'a> {
    pub(super) nodes: Vec<Tile<'a>>,
    pub(super) page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
}

#[derive(Serialize)]
pub(super) struct Tile<'a> {
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    pub(super) brand: Option<&'a str>,
    pub(super) media: Vec<Picture<'a>>,
    pub(super) variants: Vec<TileVariant<'a>>,
}

#[derive(Serialize)]
pub(super) struct TileVariant<'a> {
    pub(super) sku: &'a str,
    pub(super) price: Option<Price>,
    pub(super) availability: Availability<()>,
}

#[derive(Serialize)]
pub(super) struct Detail<'a> {
    pub(super) product: Option<ProductPage<'a>>,
}

#[derive(Serialize)]
pub(super) struct ProductPage<'a> {
    pub(super) name: &'a str,
    pub(super) brand: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) media: Vec<Picture<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) variants: Vec<PageVariant<'a>>,
}

#[derive(Serialize)]
pub(super) struct Attribute<'a> {
    pub(super) code: &'a str,
    pub(super) label: &'a str,
    pub(super) value: &'a Shown,
}

#[derive(Serialize)]
pub(super) struct PageVariant<'a> {
    pub(super) sku: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) gtin: Option<&'a str>,
    pub(super) options: Vec<Option_<'a>>,
    pub(super) price: Option<Price>,
    pub(super) availability: Availability<Vec<At<Place>>>,
}

#[derive(Serialize)]
pub(super) struct Variants<T> {
    pub(super) variants: Vec<Option<T>>,
}

#[derive(Serialize)]
pub(super) struct CartVariant<'a> {
    pub(super) sku: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) options: Vec<Option_<'a>>,
    pub(super) media: Vec<Picture<'a>>,
    pub(super) price: Option<FreshPrice>,
    pub(super) availability: Availability<()>,
}

#[derive(Serialize)]
pub(super) struct DealerVariant<'a> {
    pub(super) sku: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) price: Option<DealerPrice>,
    pub(super) availability: Availability<Vec<At<Code>>>,
}

#[derive(Serialize)]
pub(super) struct Option_<'a> {
    pub(super) code: &'a str,
    pub(super) value: &'a str,
}

#[derive(Serialize)]
pub(super) struct Picture<'a> {
    url: &'a str,
}

pub(super) fn pictures(media: &[String]) -> Vec<Picture<'_>> {
    media.iter().map(|url| Picture { url }).collect()
}

pub(super) fn options<'a>(options: &'a [(&'static str, String)]) -> Vec<Option_<'a>> {
    options
        .iter()
        .map(|(code, value)| Option_ { code, value })
        .collect()
}

// ---------------------------------------------------------------- prices

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    unit_price: Gross<Money>,
    list_price: Option<Gross<Amount>>,
}

#[derive(Serialize)]
pub(super) struct FreshPrice {
    #[serde(flatten)]
    price: Price,
    freshness: Freshness,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DealerPrice {
    unit_price: Net<Money>,
    tiers: Vec<Tier>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    #[serde(serialize_with = "plain")]
    minimum_quantity: Decimal,
    unit_price: Net<Amount>,
}

#[derive(Serialize)]
struct Gross<T> {
    gross: T,
}

#[derive(Serialize)]
struct Net<T> {
    net: T,
}

#[derive(Serialize)]
struct Money {
    #[serde(serialize_with = "plain")]
    amount: Decimal,
    currency: &'static str,
}

#[derive(Serialize)]
struct Amount {
    #[serde(serialize_with = "plain")]
    amount: Decimal,
}

/// As text, without zeros at the end.
fn plain<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&amount.normalize())
}

fn plain_if_known<S: Serializer>(quantity: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match quantity {
        Some(quantity) => plain(quantity, serializer),
        None => serializer.serialize_none(),
    }
}

fn now(row: &Row) -> Decimal {
    row.unit_price * (Decimal::ONE_HUNDRED - row.line_discount_percent) / Decimal::ONE_HUNDRED
}

/// Rows valid on a day (`2026-08-01`), which are compared as texts.
fn valid<'a>(rows: &'a [Row], day: &'a str) -> impl Iterator<Item = &'a Row> + Clone {
    rows.iter().filter(move |row| {
        (*row.starting_date == *OPEN || &*row.starting_date <= day)
            && (*row.ending_date == *OPEN || day <= &*row.ending_date)
    })
}

/// The lowest price of those that hold for a quantity.
fn lowest<'a>(rows: impl Iterator<Item = &'a Row>, quantity: Decimal) -> Option<&'a Row> {
    rows.filter(|row| row.minimum_quantity <= quantity)
        .min_by_key(|row| now(row))
}

/// The lowest row for one, and what is struck through.
pub(super) fn price(rows: &[Row], day: &str) -> Option<Price> {
    let valid = valid(rows, day);
    let best = lowest(valid.clone(), Decimal::ONE)?;
    let amount = now(best);
    let before = match best.is_campaign {
        _ if best.unit_price != amount => Some(best.unit_price),
        true => lowest(valid.filter(|row| !row.is_campaign), Decimal::ONE).map(now),
        false => None,
    };
    Some(Price {
        unit_price: Gross { gross: money(amount) },
        list_price: before.filter(|before| *before > amount).map(|amount| Gross {
            gross: Amount { amount },
        }),
    })
}

pub(super) fn fresh_price(kept: &Kept<Arc<Vec<Row>>>, day: &str) -> Option<FreshPrice> {
    Some(FreshPrice {
        price: price(kept.value.as_ref()?, day)?,
        freshness: freshness("erp", kept),
    })
}

pub(super) fn dealer_price(rows: &[Row], day: &str) -> Option<DealerPrice> {
    let valid = valid(rows, day);
    let best = lowest(valid.clone(), Decimal::ONE)?;
    let mut minimums: Vec<Decimal> = valid.clone().map(|row| row.minimum_quantity).collect();
    minimums.sort_unstable();
    minimums.dedup();
    let tier = |minimum_quantity| {
        let amount = now(lowest(valid.clone(), minimum_quantity)?);
        let unit_price = Net {
            net: Amount { amount },
        };
        Some(Tier {
            minimum_quantity,
            unit_price,
        })
    };
    Some(DealerPrice {
        unit_price: Net {
            net: money(now(best)),
        },
        tiers: minimums.into_iter().filter_map(tier).collect(),
    })
}

fn money(amount: Decimal) -> Money {
    Money {
        amount,
        currency: "SEK",
    }
}

/// The day in the ERP's time zone, as the ERP writes it.
pub(super) fn today() -> Result<String, jiff::Error> {
    let now = jiff::Timestamp::now().in_tz("Europe/Stockholm")?;
    Ok(now.date().to_string())
}

// ---------------------------------------------------------------- stock

#[derive(Serialize)]
pub(super) struct Availability<L> {
    status: &'static str,
    #[serde(serialize_with = "plain_if_known")]
    quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<L>,
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<Freshness>,
}

#[derive(Serialize)]
pub(super) struct At<L> {
    location: L,
    #[serde(serialize_with = "plain_if_known")]
    available: Option<Decimal>,
}

#[derive(Serialize)]
pub(super) struct Place {
    code: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
pub(super) struct Code {
    code: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Freshness {
    system: &'static str,
    state: &'static str,
    age_ms: u128,
}

fn freshness<V>(system: &'static str, kept: &Kept<V>) -> Freshness {
    Freshness {
        system,
        state: if kept.cached { "CACHED" } else { "LIVE" },
        age_ms: kept.at.elapsed().as_millis(),
    }
}

type Stock = Kept<Arc<Vec<Level>>>;

/// Oversold is none, and so is a location that the WMS does not list. Of an article that it does not know nothing is known.
fn sellable(stock: &Stock, location: u32) -> Option<Decimal> {
    let levels = stock.value.as_ref()?;
    let level = levels.iter().find(|level| level.warehouse_id == location);
    Some(level.map_or(Decimal::ZERO, |level| {
        level.sellable_number_of_items.max(Decimal::ZERO)
    }))
}

pub(super) fn stock<L>(stock: &Stock) -> Availability<L> {
    let quantity: Option<Decimal> = LOCATIONS.iter().map(|(id, ..)| sellable(stock, *id)).sum();
    Availability {
        status: match quantity {
            None => "UNKNOWN",
            Some(quantity) if quantity > Decimal::from(5) => "IN_STOCK",
            Some(quantity) if quantity > Decimal::ZERO => "LOW_STOCK",
            Some(_) => "OUT_OF_STOCK",
        },
        quantity,
        levels: None,
        freshness: None,
    }
}

pub(super) fn fresh_stock(kept: &Stock) -> Availability<()> {
    Availability {
        freshness: Some(freshness("wms", kept)),
        ..stock(kept)
    }
}

pub(super) fn levels<L>(
    kept: &Stock,
    location: fn(&'static str, &'static str) -> L,
) -> Availability<Vec<At<L>>> {
    let levels = LOCATIONS.iter().map(|(id, code, name)| At {
        location: location(code, name),
        available: sellable(kept, *id),
    });
    Availability {
        levels: Some(levels.collect()),
        ..stock(kept)
    }
}

pub(super) fn place(code: &'static str, name: &'static str) -> Place {
    Place { code, name }
}

pub(super) fn code(code: &'static str, _: &'static str) -> Code {
    Code { code }
}
