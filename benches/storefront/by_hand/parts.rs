//! The parts that the pages' answers share.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use skuery_resolvers::port::{PriceRow, StockFigure};
use skuery_schema::catalog::AttributeValue;

use super::{Kept, age_ms};

const LOW_STOCK: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

#[derive(Serialize)]
pub(super) struct Money<'a> {
    #[serde(serialize_with = "decimal")]
    pub(super) amount: Decimal,
    pub(super) currency: &'a str,
}

#[derive(Serialize)]
pub(super) struct Amount {
    #[serde(serialize_with = "decimal")]
    pub(super) amount: Decimal,
}

#[derive(Serialize)]
pub(super) struct Taxed<'a> {
    pub(super) net: Option<Money<'a>>,
    pub(super) gross: Option<Money<'a>>,
}

/// A price of which only the unit price is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlainPrice<'a> {
    unit_price: Taxed<'a>,
}

/// Stock of which no locations are asked.
#[derive(Serialize)]
pub(super) struct PlainStock {
    status: &'static str,
    #[serde(serialize_with = "decimal")]
    quantity: Decimal,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Value<'a> {
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
pub(super) struct Age {
    age_ms: u128,
    state: &'static str,
}

pub(super) fn age<V>(kept: &Kept<V>) -> Age {
    Age {
        age_ms: age_ms(kept),
        state: "CACHED",
    }
}

pub(super) fn plain_price(kept: &Kept<Arc<[PriceRow]>>) -> Option<PlainPrice<'_>> {
    let best = lowest(&kept.value, Decimal::ONE)?;
    Some(PlainPrice {
        unit_price: taxed(best),
    })
}

pub(super) fn plain_stock(kept: &Kept<Arc<[StockFigure]>>) -> PlainStock {
    let quantity = sum(&kept.value);
    PlainStock {
        status: status(quantity),
        quantity,
    }
}

pub(super) fn lowest(rows: &[PriceRow], quantity: Decimal) -> Option<&PriceRow> {
    rows.iter()
        .filter(|row| row.minimum_quantity <= quantity && row.currency.as_str() == "SEK")
        .min_by_key(|row| row.net)
}

pub(super) fn taxed(row: &PriceRow) -> Taxed<'_> {
    Taxed {
        net: row.net.map(|amount| money(amount, row)),
        gross: row.gross.map(|amount| money(amount, row)),
    }
}

pub(super) fn money(amount: Decimal, row: &PriceRow) -> Money<'_> {
    Money {
        amount,
        currency: row.currency.as_str(),
    }
}

pub(super) fn sellable(figure: &StockFigure) -> Decimal {
    figure.available.max(Decimal::ZERO).normalize()
}

pub(super) fn sum(figures: &[StockFigure]) -> Decimal {
    figures.iter().map(sellable).sum()
}

pub(super) fn status(quantity: Decimal) -> &'static str {
    match quantity {
        quantity if quantity > LOW_STOCK => "IN_STOCK",
        quantity if quantity > Decimal::ZERO => "LOW_STOCK",
        _ => "OUT_OF_STOCK",
    }
}

pub(super) fn value(value: &AttributeValue) -> Option<Value<'_>> {
    match value {
        AttributeValue::Text(text) => Some(Value::Text { text }),
        AttributeValue::Measure { amount, unit } => Some(Value::Measure {
            amount: *amount,
            unit,
        }),
        _ => None,
    }
}

pub(super) fn decimal<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
