//! Reads price and stock for a checkout from the systems themselves, all at once.
//!
//! It is made of ports; a loader, and with it a cache, cannot be given to it. All questions leave together; only where the
//! customer's record decides what is asked for prices, the prices wait for it.

pub(crate) mod ask;
mod credit;
mod prices;
mod stock;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::availability::Location;
use skuery_schema::checkout::{HoldKind, StockPromise};
use skuery_schema::ids::{LocationCode, Sku, SystemName};
use skuery_schema::price::Price;
use tokio::time::Instant;

use crate::checkout::Checkout;
use crate::checkout::input::LineInput;
use crate::checkout::reader::ask::{distinct, in_calls};
use crate::commerce::context::Context;
use crate::commerce::written::Written;
use crate::error::LookupError;
use crate::port::{PortLookup, StockFigure};

/// What is to be read for one line.
#[derive(Clone, Debug)]
pub(crate) struct LineWish {
    pub(crate) sku: Sku,
    pub(crate) quantity: Decimal,
    pub(crate) unit: Option<Arc<str>>,
}

/// How much is to be read.
#[derive(Clone, Copy)]
pub(crate) struct ReadWish<'a> {
    pub(crate) lines: &'a [LineWish],
    /// Where it is picked up instead of being delivered.
    pub(crate) pickup: Option<&'a LocationCode>,
    /// Whether the channel's other locations are read, too, to say where else there is some.
    pub(crate) elsewhere: bool,
    /// Whether the customer's credit is read.
    pub(crate) credit: bool,
    /// When the asker stops waiting.
    pub(crate) deadline: Instant,
}

/// What the systems say, in the order of the wishes.
pub(crate) struct Reading {
    pub(crate) lines: Vec<LineReading>,
    /// Whether the customer's credit is blocked; `None` where no system knows credit, it was not asked for, or the buyer is
    /// a guest.
    pub(crate) credit_blocked: Option<Result<bool, LookupError>>,
}

/// What the systems say of one line.
pub(crate) struct LineReading {
    /// Whether the catalogue has the article; `None` without a catalogue.
    pub(crate) known: Option<Result<bool, LookupError>>,
    /// How many decimals a quantity may have, where the catalogue tells.
    pub(crate) decimals: Option<u8>,
    /// The unit in which the article is sold and counted, where that can be told.
    pub(crate) sales_unit: Option<Arc<str>>,
    /// The price of the wished quantity; `None` when this customer has none.
    pub(crate) price: Result<Option<Price>, LookupError>,
    /// The channel's locations in its order of preference, or the pick-up location alone.
    pub(crate) places: Vec<PlaceReading>,
    /// The channel's other locations, where they were asked for.
    pub(crate) elsewhere: Vec<PlaceReading>,
}

/// What one location has of a line's article.
#[derive(Clone)]
pub(crate) struct PlaceReading {
    pub(crate) location: Arc<Location>,
    /// The system that keeps it.
    pub(crate) system: SystemName,
    /// `None` when nothing can be known of it: never read as zero.
    pub(crate) figure: Result<Option<StockFigure>, LookupError>,
    /// When the call began, or earlier: the request's own time.
    pub(crate) read_at: Timestamp,
    /// Who would hold stock here: the system, or the gateway.
    pub(crate) kind: HoldKind,
    /// What that is worth.
    pub(crate) promise: StockPromise,
    /// How long after an order's acceptance the figure may not yet contain it.
    pub(crate) reflects_after: Duration,
}

/// What the catalogue says of an article.
struct Article {
    decimals: Option<u8>,
    unit: Option<Arc<str>>,
}

impl Checkout {
    /// Asks every system once for all lines, at the same time.
    pub(crate) async fn read(&self, context: &Context, wish: ReadWish<'_>) -> Reading {
        let skus = distinct(wish.lines.iter().map(|line| &line.sku));
        let (articles, prices, stock, credit_blocked) = tokio::join!(
            self.articles(context, &skus, wish.deadline),
            self.prices(context, wish.lines, wish.deadline),
            self.stock(context, &skus, wish),
            self.credit_blocked(context, wish),
        );
        let lines = wish.lines.iter().zip(prices).map(|(line, price)| {
            let article = articles.as_ref().map(|articles| articles.get(&line.sku));
            let content = article.flatten().and_then(|article| article.as_ref().ok());
            let (places, elsewhere) = stock.of(&line.sku, wish.pickup);
            LineReading {
                known: article.map(|article| match article {
                    None => Ok(false),
                    Some(Ok(_)) => Ok(true),
                    Some(Err(error)) => Err(error.clone()),
                }),
                decimals: content.and_then(|article| article.decimals),
                sales_unit: price
                    .sales_unit
                    .or_else(|| content.and_then(|article| article.unit.clone())),
                price: price.price,
                places,
                elsewhere,
            }
        });
        Reading {
            lines: lines.collect(),
            credit_blocked,
        }
    }

    /// Only the stock of the lines, in their order: where they may be allocated from, and elsewhere.
    pub(crate) async fn places(
        &self,
        context: &Context,
        wish: ReadWish<'_>,
    ) -> Vec<(Vec<PlaceReading>, Vec<PlaceReading>)> {
        let skus = distinct(wish.lines.iter().map(|line| &line.sku));
        let stock = self.stock(context, &skus, wish).await;
        let lines = wish.lines.iter();
        lines.map(|line| stock.of(&line.sku, wish.pickup)).collect()
    }

    /// Which of the articles there are; `None` without a catalogue.
    async fn articles(
        &self,
        context: &Context,
        skus: &[Sku],
        deadline: Instant,
    ) -> Option<HashMap<Sku, Result<Article, LookupError>>> {
        let catalog = self.parts.systems.catalog.as_ref()?;
        let lookup = PortLookup::Variants;
        let answers = in_calls(&**catalog, lookup, deadline, skus, |call, keys| {
            catalog.variants(call, &context.locales, keys)
        });
        let articles = answers.await.into_iter().map(|(sku, content)| {
            let article = content.map(|content| Article {
                decimals: content.unit.as_ref().map(|unit| unit.decimals),
                unit: content.unit.as_ref().map(|unit| unit.code.clone()),
            });
            (sku, article)
        });
        Some(articles.collect())
    }
}

impl From<&LineInput> for LineWish {
    fn from(line: &LineInput) -> Self {
        Self {
            sku: line.sku.clone(),
            quantity: line.quantity,
            unit: line.unit.clone(),
        }
    }
}

/// The articles that some system could know; the others are absent without being asked.
fn askable(skus: &[Sku]) -> Vec<Sku> {
    skus.iter().filter(|sku| sku.is_writable()).cloned().collect()
}
