//! The demo marketplace, in the manner of Mirakl's API for sellers: orders with commercial ids and words of its own.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answers::{answer, number};
use super::customers::{Address, CUSTOMERS};
use super::ledger::{Ledger, Line, MarketplaceOrder, totals, utc};
use super::logins;
use super::query::Query;
use super::system::System;

const MOST: usize = 100;
const PARAMETERS: [&str; 9] = [
    "customer_ref",
    "company_ref",
    "order_ids",
    "start_date",
    "end_date",
    "max",
    "offset",
    "sort",
    "order",
];

#[derive(Clone)]
struct Marketplace {
    system: Arc<System>,
    ledger: Arc<Ledger>,
}

/// The routes of the marketplace.
pub(super) fn router(system: Arc<System>, ledger: Arc<Ledger>) -> Router {
    Router::new()
        .route("/api/orders", get(orders))
        .with_state(Marketplace { system, ledger })
}

async fn orders(
    State(marketplace): State<Marketplace>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let key = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if key != Some(logins::MARKETPLACE_KEY.as_bytes()) {
        return Err(refuse(StatusCode::UNAUTHORIZED, "Unauthorized"));
    }
    let query = Query::parse(&query.unwrap_or_default());
    if let Some(unknown) = query.names().find(|name| !PARAMETERS.contains(name)) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            &format!("unknown parameter {unknown}"),
        ));
    }
    if query.get("sort").is_some_and(|sort| sort != "dateCreated") {
        return Err(refuse(StatusCode::BAD_REQUEST, "sort must be dateCreated"));
    }
    let (from, to) = (date(&query, "start_date")?, date(&query, "end_date")?);
    let (max, offset) = (
        whole(&query, "max")?.unwrap_or(10),
        whole(&query, "offset")?.unwrap_or(0),
    );
    let [customer, company] = ["customer_ref", "company_ref"].map(|name| query.get(name));
    let numbers: Option<Vec<&str>> = query.get("order_ids").map(|list| list.split(',').collect());
    let keys = numbers
        .as_ref()
        .map_or(usize::from(customer.or(company).is_some()), Vec::len);
    marketplace.system.count_keys(keys);
    let is_asked = |order: &&MarketplaceOrder| {
        let placed = utc(order.placed);
        let buyer = &CUSTOMERS[order.customer];
        customer.is_none_or(|number| number == buyer.number)
            && company.is_none_or(|number| number == buyer.bill_to().0)
            && numbers
                .as_ref()
                .is_none_or(|numbers| numbers.contains(&&*order.number))
            && from.is_none_or(|from| from <= placed)
            && to.is_none_or(|to| placed <= to)
    };
    let mut found: Vec<_> = marketplace.ledger.marketplace.iter().filter(is_asked).collect();
    if query.get("order") == Some("desc") {
        found.reverse();
    }
    let page: Vec<Value> = found
        .iter()
        .skip(offset)
        .take(max.clamp(1, MOST))
        .map(|order| shown(order))
        .collect();
    Ok(answer(
        StatusCode::OK,
        json!({"orders": page, "total_count": found.len()}),
    ))
}

fn shown(order: &MarketplaceOrder) -> Value {
    let customer = &CUSTOMERS[order.customer];
    let (_, gross) = totals(&order.lines);
    let (carrier, tracking) = order.parcel.as_ref().map_or((None, None), |(carrier, tracking)| {
        (Some(carrier), Some(tracking))
    });
    let refused = matches!(order.state, "REFUSED" | "CANCELED");
    let lines = order.lines.iter().enumerate();
    let lines: Vec<_> = lines
        .map(|(at, line)| order_line(order, at, line, refused))
        .collect();
    json!({
        "order_id": order.number,
        "commercial_id": order.purchase,
        "order_state": order.state,
        "order_tax_mode": "TAX_INCLUDED",
        "created_date": utc(order.placed).to_string(),
        "last_updated_date": utc(order.placed).to_string(),
        "currency_iso_code": customer.currency,
        "price": number(gross),
        "shipping_price": number(order.shipping),
        "total_price": number(gross + order.shipping),
        "customer": {
            "customer_id": customer.number,
            "organization_id": customer.bill_to().0,
            "billing_address": address(&customer.address),
            "shipping_address": address(customer.ship_to(order.lines.len())),
        },
        "shipping_company": carrier,
        "shipping_tracking": tracking,
        "shipping_tracking_url": tracking.map(|number| format!("https://track.example/{number}")),
        "order_lines": lines,
    })
}

fn order_line(order: &MarketplaceOrder, at: usize, line: &Line, refused: bool) -> Value {
    let (_, unit) = line.unit_prices(CUSTOMERS[order.customer].tax_percent());
    let cancelations = if refused {
        json!([{"quantity": line.quantity}])
    } else {
        json!([])
    };
    json!({
        "order_line_id": format!("{}-{}", order.number, at + 1),
        "order_line_index": at + 1,
        "offer_sku": line.sku,
        "product_title": line.name,
        "quantity": line.quantity,
        "shipped_quantity": line.shipped,
        "price_unit": number(unit),
        "price": number(line.gross),
        "taxes": [{"code": "VAT", "amount": number(line.gross - line.net)}],
        "cancelations": cancelations,
    })
}

fn address(address: &Address) -> Value {
    json!({
        "company": address.name,
        "street_1": address.lines[0],
        "street_2": address.lines[1],
        "zip_code": address.postal_code,
        "city": address.city,
        "country_iso_code": address.country,
    })
}

fn date(query: &Query, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let parsed = query.get(name).map(str::parse).transpose();
    parsed.map_err(|_| {
        refuse(
            StatusCode::BAD_REQUEST,
            &format!("{name} is not a date with time"),
        )
    })
}

fn whole(query: &Query, name: &str) -> Result<Option<usize>, Refusal> {
    let parsed = query.get(name).map(str::parse).transpose();
    parsed.map_err(|_| refuse(StatusCode::BAD_REQUEST, &format!("{name} is not a whole number")))
}

/// An error in the system's own words.
struct Refusal {
    status: StatusCode,
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(
            self.status,
            json!({"status": self.status.as_u16(), "message": self.message}),
        )
    }
}

fn refuse(status: StatusCode, message: &str) -> Refusal {
    Refusal {
        status,
        message: message.to_owned(),
    }
}
