//! What a presenter or a test compares: what each demo system has written down of a checkout, past its own wire format.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::answers::{answer, number};
use super::erp::Desk;
use super::payments::Intents;
use super::query::Query;
use super::wms::Shelves;

/// The books of the systems that a checkout writes to.
#[derive(Clone)]
pub(super) struct Records {
    pub(super) desk: Arc<Desk>,
    pub(super) shelves: Arc<Shelves>,
    pub(super) intents: Arc<Intents>,
}

impl Records {
    /// Orders that the ERP has taken, oldest first, whether its lists show them yet or not.
    pub(super) fn orders(&self) -> Value {
        let orders = self.desk.all();
        let shown = orders.iter().map(|taken| {
            let order = &taken.order;
            let lines = order.lines.iter().map(|line| {
                json!({
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "unitPrice": number(line.unit_price),
                })
            });
            json!({
                "number": order.number,
                "externalDocumentNumber": order.external,
                "customerNumber": order.customer().number,
                "takenAt": taken.at.to_string(),
                "lines": lines.collect::<Vec<_>>(),
            })
        });
        shown.collect()
    }

    /// What the WMS has set aside, by reference.
    pub(super) fn reservations(&self) -> Value {
        self.shelves.shown()
    }

    /// Intents of the payment provider, with how often each was captured.
    pub(super) fn payments(&self) -> Value {
        self.intents.all()
    }
}

/// `GET /demo/systems/erp/orders`, `…/wms/reservations`, `…/payments/intents`, and `GET /demo/payment?amount=…&currency=…`.
pub(super) fn router(records: Records) -> Router {
    Router::new()
        .route("/demo/systems/erp/orders", get(orders))
        .route("/demo/systems/wms/reservations", get(reservations))
        .route("/demo/systems/payments/intents", get(payments))
        .route("/demo/payment", get(payment))
        .with_state(records)
}

async fn orders(State(records): State<Records>) -> Response {
    answer(StatusCode::OK, records.orders())
}

async fn reservations(State(records): State<Records>) -> Response {
    answer(StatusCode::OK, records.reservations())
}

async fn payments(State(records): State<Records>) -> Response {
    answer(StatusCode::OK, records.payments())
}

/// A payment that is authorised already, as a shop would have it from its checkout page.
async fn payment(State(records): State<Records>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(&query.unwrap_or_default());
    let amount = query.get("amount").unwrap_or_default();
    let currency = query.get("currency").unwrap_or_default();
    match records.intents.authorised(amount, currency) {
        Some(intent) => answer(StatusCode::OK, intent),
        None => {
            let message = "amount must be like 1709.00 and currency like SEK";
            answer(StatusCode::BAD_REQUEST, json!({ "error": message }))
        }
    }
}
