//! Reservations of the demo WMS: all or nothing, for a limited time, and bound to an order in the end.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::shelves::{Part, Refused, Unbound};
use super::{Wms, authorise, refuse};
use crate::demo::answers::{answer, decimal};
use crate::demo::logins;
use crate::demo::stock::PLACES;

/// The longest time for which something is set aside.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
const MOST_LINES: usize = 1000;
const MOST_PIECES: i64 = 1_000_000;

type Refusal = Box<Response>;

/// `PUT`: sets the lines aside, or none of them.
pub(super) async fn put(
    State(wms): State<Wms>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = authorise(&headers).and_then(|()| wms.wish(&body));
    let (parts, until) = match asked {
        Ok(wish) => wish,
        Err(refusal) => return *refusal,
    };
    wms.system.count_keys(parts.len());
    match wms.shelves.reserve(&reference, parts, until) {
        Ok(held) => answer(StatusCode::OK, held.json(&reference, &wms.assortment)),
        Err(Refused::Short(short)) => {
            let shortages = short.iter().map(|part| part.json("sellable", &wms.assortment));
            let shortages: Vec<_> = shortages.collect();
            let message = "There is not enough stock; nothing is reserved.";
            answer(
                StatusCode::CONFLICT,
                json!({"message": message, "shortages": shortages}),
            )
        }
        Err(Refused::Bound(order)) => *bound_to(&reference, &order),
    }
}

/// `GET`: what is held, until it ends.
pub(super) async fn get(
    State(wms): State<Wms>,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authorise(&headers) {
        return *refusal;
    }
    wms.system.count_keys(1);
    match wms.shelves.reservation(&reference) {
        Some(held) => answer(StatusCode::OK, held.json(&reference, &wms.assortment)),
        None => *absent(&reference),
    }
}

/// `DELETE`: gives everything back; what holds nothing is a success.
pub(super) async fn delete(
    State(wms): State<Wms>,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authorise(&headers) {
        return *refusal;
    }
    wms.system.count_keys(1);
    match wms.shelves.release(&reference) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(order) => *bound_to(&reference, &order),
    }
}

/// `POST …/commit`: binds it to an order, so that it ends by time no more.
pub(super) async fn commit(
    State(wms): State<Wms>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let order = authorise(&headers).and_then(|()| order_number(&body));
    let order = match order {
        Ok(order) => order,
        Err(refusal) => return *refusal,
    };
    wms.system.count_keys(1);
    match wms.shelves.commit(&reference, &order) {
        Ok(held) => answer(StatusCode::OK, held.json(&reference, &wms.assortment)),
        Err(Unbound::Absent) => *absent(&reference),
        Err(Unbound::Other) => *refuse(
            StatusCode::CONFLICT,
            &format!("The reservation '{reference}' is committed to another order."),
        ),
    }
}

impl Wms {
    /// The lines of a wish, one for each article and place, and until when.
    fn wish(&self, body: &[u8]) -> Result<(Vec<Part>, Timestamp), Refusal> {
        let wish = json_body(body)?;
        if wish["goodsOwnerId"].as_i64() != Some(logins::WMS_GOODS_OWNER_ID) {
            return Err(bad("The goods owner was not found."));
        }
        let until = wish["expiresAt"]
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok());
        let until = until.ok_or_else(|| bad("expiresAt must be a moment."))?;
        let seconds = until.as_second() - Timestamp::now().as_second();
        if !(0..=LONGEST_SECONDS).contains(&seconds) {
            return Err(bad("expiresAt must be in the next 24 hours."));
        }
        let lines = wish["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !(1..=MOST_LINES).contains(&lines.len()) {
            return Err(bad("There must be 1 to 1000 lines."));
        }
        let mut sums = BTreeMap::new();
        for line in lines {
            let part = self.part(line)?;
            *sums.entry((part.position, part.place)).or_insert(0) += part.quantity;
        }
        let parts = sums.into_iter().map(|((position, place), quantity)| Part {
            position,
            place,
            quantity,
        });
        Ok((parts.collect(), until))
    }

    fn part(&self, line: &Value) -> Result<Part, Refusal> {
        let number = line["articleNumber"].as_str().unwrap_or_default();
        let position = self.assortment.sku_position(number);
        let position = position.filter(|position| self.shelves.knows(*position));
        let place = line["warehouseId"].as_i64();
        let place = place.filter(|place| PLACES.iter().any(|known| known.id == *place));
        let pieces = line["quantity"]
            .as_number()
            .and_then(decimal)
            .filter(|pieces| pieces.is_integer());
        let pieces = pieces.and_then(|pieces| i64::try_from(pieces).ok());
        Ok(Part {
            position: position.ok_or_else(|| bad(&format!("The article '{number}' was not found.")))?,
            place: place.ok_or_else(|| bad("The warehouse was not found."))?,
            quantity: pieces
                .filter(|pieces| (1..=MOST_PIECES).contains(pieces))
                .ok_or_else(|| bad("The quantity must be a whole number above zero."))?,
        })
    }
}

fn order_number(body: &[u8]) -> Result<String, Refusal> {
    let body = json_body(body)?;
    let number = body["orderNumber"].as_str().filter(|number| !number.is_empty());
    let number = number.ok_or_else(|| bad("orderNumber must be given."))?;
    Ok(number.to_owned())
}

fn json_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| bad(&format!("The body is not JSON: {error}.")))
}

fn bad(message: &str) -> Refusal {
    refuse(StatusCode::BAD_REQUEST, message)
}

fn absent(reference: &str) -> Refusal {
    refuse(
        StatusCode::NOT_FOUND,
        &format!("The reservation '{reference}' was not found."),
    )
}

fn bound_to(reference: &str, order: &str) -> Refusal {
    bad(&format!(
        "The reservation '{reference}' is committed to the order '{order}'."
    ))
}
