//! The demo WMS, in the wire format of Ongoing's REST API: warehouses, articles, stock per warehouse and reservations.

mod reservations;
mod shelves;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::answers::{answer, number};
use super::assortment::Assortment;
use super::languages::ENGLISH;
use super::query::Query;
use super::stock::{Level, PLACES, incoming};
use super::system::System;
use super::texts;
use super::{logins, tokens};

pub(super) use self::shelves::{Part, Shelves};

/// Article ids start here, so that nobody takes them for positions or warehouse ids.
const FIRST_ARTICLE_ID: usize = 5001;
const MOST_ARTICLES: usize = 20_000;

#[derive(Clone)]
struct Wms {
    system: Arc<System>,
    assortment: Arc<Assortment>,
    shelves: Arc<Shelves>,
}

/// What a request for articles asks for.
struct Ask {
    positions: Vec<usize>,
    places: Option<BTreeSet<i64>>,
    only_in_stock: bool,
    most: usize,
}

/// The routes of the WMS.
pub(super) fn router(system: Arc<System>, assortment: Arc<Assortment>, shelves: Arc<Shelves>) -> Router {
    Router::new()
        .route("/api/v1/warehouses", get(warehouses))
        .route("/api/v1/articles", get(articles))
        .route(
            "/api/v1/articles/inventoryPerWarehouse",
            get(inventory_per_warehouse),
        )
        .route(
            "/api/v1/reservations/{reference}",
            get(reservations::get)
                .put(reservations::put)
                .delete(reservations::delete),
        )
        .route(
            "/api/v1/reservations/{reference}/commit",
            post(reservations::commit),
        )
        .with_state(Wms {
            system,
            assortment,
            shelves,
        })
}

async fn warehouses(headers: HeaderMap) -> Response {
    if let Err(refusal) = authorise(&headers) {
        return *refusal;
    }
    let shown = PLACES.iter().map(|place| {
        json!({
            "id": place.id,
            "code": place.code,
            "name": place.name,
            "address": {"name": "Skuery Demo Wholesale", "address": "Lagergatan 1", "postCode": null, "city": place.city, "countryCode": place.country},
        })
    });
    answer(StatusCode::OK, shown.collect())
}

async fn inventory_per_warehouse(
    State(wms): State<Wms>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let ask = match wms.ask(&headers, query) {
        Ok(ask) => ask,
        Err(refusal) => return *refusal,
    };
    wms.answer_each(&ask, |position, levels| {
        let sku = &wms.assortment.skus[position];
        json!({
            "articleSystemId": FIRST_ARTICLE_ID + position,
            "articleNumber": sku.number,
            "inventoryPerWarehouse": levels.iter().map(level_json).collect::<Vec<_>>(),
        })
    })
}

async fn articles(State(wms): State<Wms>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let ask = match wms.ask(&headers, query) {
        Ok(ask) => ask,
        Err(refusal) => return *refusal,
    };
    wms.answer_each(&ask, |position, levels| wms.article_json(position, levels))
}

impl Wms {
    fn ask(&self, headers: &HeaderMap, query: Option<String>) -> Result<Ask, Box<Response>> {
        authorise(headers)?;
        let query = Query::parse(&query.unwrap_or_default());
        if whole(&query, "goodsOwnerId")? != Some(logins::WMS_GOODS_OWNER_ID) {
            return Err(refuse(StatusCode::BAD_REQUEST, "The goods owner was not found."));
        }
        let from = whole(&query, "articleSystemIdFrom")?
            .and_then(|from| usize::try_from(from).ok())
            .unwrap_or(0);
        let most = whole(&query, "maxArticlesToGet")?.and_then(|most| usize::try_from(most).ok());
        let mut places = BTreeSet::new();
        for text in query.all("warehouseIds") {
            places.insert(parse_whole("warehouseIds", text)?);
        }
        Ok(Ask {
            positions: self.positions(&query, from.saturating_sub(FIRST_ARTICLE_ID)),
            places: (!places.is_empty()).then_some(places),
            only_in_stock: query.get("onlyArticlesInStock") == Some("true"),
            most: most.unwrap_or(MOST_ARTICLES).min(MOST_ARTICLES),
        })
    }

    /// Positions asked for from `first` on, in the order of the article ids.
    fn positions(&self, query: &Query, first: usize) -> Vec<usize> {
        let numbers: Vec<_> = query.all("articleNumbers").collect();
        if numbers.is_empty() {
            return (first..self.assortment.skus.len()).collect();
        }
        self.system.count_keys(numbers.len());
        let known: BTreeSet<_> = numbers
            .iter()
            .filter_map(|number| self.assortment.sku_position(number))
            .collect();
        known.range(first..).copied().collect()
    }

    fn answer_each(&self, ask: &Ask, row: impl Fn(usize, &[Level]) -> Value) -> Response {
        let mut rows = Vec::new();
        for (position, levels) in ask.positions.iter().zip(self.shelves.levels(&ask.positions)) {
            if rows.len() == ask.most {
                break;
            }
            let Some(mut levels) = levels else {
                continue;
            };
            if let Some(places) = &ask.places {
                levels.retain(|level| places.contains(&level.place));
            }
            let is_in_stock = levels.iter().any(|level| level.on_hand > 0);
            if is_in_stock || !ask.only_in_stock {
                rows.push(row(*position, &levels));
            }
        }
        answer(StatusCode::OK, rows.into())
    }

    fn article_json(&self, position: usize, levels: &[Level]) -> Value {
        let sku = &self.assortment.skus[position];
        let product = self.assortment.product_of(sku);
        let total = |part: fn(&Level) -> i64| quantity(levels.iter().map(part).sum());
        json!({
            "goodsOwner": {"id": logins::WMS_GOODS_OWNER_ID, "name": "Skuery Demo Wholesale"},
            "articleSystemId": FIRST_ARTICLE_ID + position,
            "articleNumber": sku.number,
            "articleName": texts::name(&product.title, product.kind, sku.product, ENGLISH),
            "barCodeInfo": {"barCode": sku.gtin},
            "inventoryInfo": {
                "numberOfItems": total(|level| level.on_hand),
                "numberOfBookedItems": total(|level| level.booked),
                "numberOfLockedItems": quantity(0),
                "toReceiveNumberOfItems": quantity(incoming(position)),
                "sellableNumberOfItems": total(Level::sellable),
            },
        })
    }
}

fn level_json(level: &Level) -> Value {
    json!({
        "warehouseId": level.place,
        "numberOfItems": quantity(level.on_hand),
        "numberOfLockedItems": quantity(0),
        "sellableNumberOfItems": quantity(level.sellable()),
        "availableForSaleNumberOfItems": quantity(level.sellable()),
        "reported": {
            "pickedToBeReportedNumberOfItems": quantity(0),
            "returnedToBeReportedNumberOfItems": quantity(0),
            "receivedToBeReportedNumberOfItems": quantity(0),
        },
    })
}

/// Quantities are decimals on this wire, so that half metres of hose can be sold.
fn quantity(pieces: i64) -> Value {
    number(Decimal::new(pieces * 10, 1))
}

fn authorise(headers: &HeaderMap) -> Result<(), Box<Response>> {
    let is_known = tokens::basic(headers)
        .is_some_and(|(user, password)| user == logins::WMS_USERNAME && password == logins::WMS_PASSWORD);
    if is_known {
        return Ok(());
    }
    Err(refuse(
        StatusCode::UNAUTHORIZED,
        "Authorization has been denied for this request.",
    ))
}

fn whole(query: &Query, name: &str) -> Result<Option<i64>, Box<Response>> {
    query.get(name).map(|text| parse_whole(name, text)).transpose()
}

fn parse_whole(name: &str, text: &str) -> Result<i64, Box<Response>> {
    text.parse().map_err(|_| {
        refuse(
            StatusCode::BAD_REQUEST,
            &format!("The value '{text}' is not valid for {name}."),
        )
    })
}

fn refuse(status: StatusCode, message: &str) -> Box<Response> {
    Box::new(answer(status, json!({"message": message, "modelState": {}})))
}
