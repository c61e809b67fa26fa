//! The demo POS: what customers bought in the stores, in the manner of Sitoo's REST API.
//!
//! Decimals are texts, moments are Unix times, lists are `{totalcount, items}`.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::answers::answer;
use super::customers::CUSTOMERS;
use super::ledger::{Ledger, Line, Receipt, totals, utc};
use super::query::Query;
use super::system::System;
use super::{logins, tokens};

const MOST: usize = 100;
const PARAMETERS: [&str; 7] = [
    "customernumber",
    "companynumber",
    "receiptid",
    "orderdatefrom",
    "orderdateto",
    "num",
    "start",
];

#[derive(Clone)]
struct Pos {
    system: Arc<System>,
    ledger: Arc<Ledger>,
}

/// The routes of the POS.
pub(super) fn router(system: Arc<System>, ledger: Arc<Ledger>) -> Router {
    Router::new()
        .route("/v2/accounts/{account}/sites/{site}/orders.json", get(orders))
        .route(
            "/v2/accounts/{account}/sites/{site}/receipts/{receipt}/receipt.txt",
            get(receipt_text),
        )
        .with_state(Pos { system, ledger })
}

async fn orders(
    State(pos): State<Pos>,
    Path((account, site)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorise(&headers, &account, &site)?;
    let query = Query::parse(&query.unwrap_or_default());
    if let Some(unknown) = query.names().find(|name| !PARAMETERS.contains(name)) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            &format!("Unknown parameter: {unknown}"),
        ));
    }
    let (from, to) = (whole(&query, "orderdatefrom")?, whole(&query, "orderdateto")?);
    let (num, start) = (
        whole(&query, "num")?.unwrap_or(10),
        whole(&query, "start")?.unwrap_or(0),
    );
    let asked = ["customernumber", "companynumber", "receiptid"].map(|name| query.get(name));
    pos.system.count_keys(asked.iter().flatten().count().min(1));
    let is_asked = |receipt: &&Receipt| {
        let placed = utc(receipt.placed).as_second();
        let customer = &CUSTOMERS[receipt.customer];
        asked[0].is_none_or(|number| number == customer.number)
            && asked[1].is_none_or(|number| number == customer.bill_to().0)
            && asked[2].is_none_or(|number| number == receipt.number)
            && from.is_none_or(|from| from <= placed)
            && to.is_none_or(|to| placed <= to)
    };
    // Newest first.
    let found: Vec<_> = pos.ledger.receipts.iter().rev().filter(is_asked).collect();
    let page = found
        .iter()
        .skip(usize::try_from(start).unwrap_or(0))
        .take(usize::try_from(num).unwrap_or(0).clamp(1, MOST));
    let items: Vec<Value> = page.map(|receipt| order(receipt)).collect();
    Ok(answer(
        StatusCode::OK,
        json!({"totalcount": found.len(), "items": items}),
    ))
}

fn order(receipt: &Receipt) -> Value {
    let customer = &CUSTOMERS[receipt.customer];
    let tax = customer.tax_percent();
    let (net, gross) = totals(&receipt.lines);
    let is_whole = receipt.lines.iter().all(|line| line.returned == line.quantity);
    let state = match &receipt.returned {
        None => 40,
        Some(_) if is_whole => 60,
        Some(_) => 50,
    };
    let changed = receipt.returned.as_ref().map_or(receipt.placed, |(at, _)| *at);
    let mut receipts = vec![slip(&receipt.number, "sale", receipt.placed)];
    receipts.extend(
        receipt
            .returned
            .iter()
            .map(|(at, number)| slip(number, "return", *at)),
    );
    json!({
        "orderid": receipt.id,
        "receiptid": receipt.number,
        "ordertypeid": 10,
        "orderstateid": state,
        "orderdate": utc(receipt.placed).as_second(),
        "datemodified": utc(changed).as_second(),
        "customernumber": customer.number,
        "companynumber": customer.bill_to().0,
        "email": customer.email,
        "warehouseid": receipt.store,
        "currencycode": customer.currency,
        "moneytotalnet": text(net),
        "moneytotalvat": text(gross - net),
        "moneytotal": text(gross),
        "orderitems": receipt.lines.iter().enumerate().map(|(at, line)| item(at, line, tax)).collect::<Vec<_>>(),
        "payments": [{"name": "Card", "moneyamount": text(gross)}],
        "receipts": receipts,
    })
}

fn item(at: usize, line: &Line, tax: i64) -> Value {
    let (net, gross) = line.unit_prices(tax);
    json!({
        "orderitemid": at + 1,
        "sku": line.sku,
        "productname": line.name,
        "decimalquantity": quantity(line.quantity),
        "decimalquantityreturned": quantity(line.returned),
        "vatvalue": tax.to_string(),
        "moneypricenet": text(net),
        "moneyprice": text(gross),
        "moneyitemtotalnet": text(line.net),
        "moneyitemtotal": text(line.gross),
    })
}

fn slip(number: &str, kind: &str, at: jiff::civil::DateTime) -> Value {
    json!({"receiptid": number, "type": kind, "dateadded": utc(at).as_second()})
}

fn text(amount: Decimal) -> String {
    amount.to_string()
}

fn quantity(pieces: i64) -> String {
    format!("{pieces}.000")
}

/// What the till printed.
async fn receipt_text(
    State(pos): State<Pos>,
    Path((account, site, number)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorise(&headers, &account, &site)?;
    let printed = pos.ledger.receipts.iter().find_map(|receipt| {
        if receipt.number == number {
            return Some(printed(receipt, &number, receipt.placed, false));
        }
        let (at, of_return) = receipt.returned.as_ref()?;
        (*of_return == number).then(|| printed(receipt, &number, *at, true))
    });
    let printed = printed.ok_or_else(|| refuse(StatusCode::NOT_FOUND, "Receipt not found"))?;
    pos.system.count_keys(1);
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], printed).into_response())
}

fn printed(receipt: &Receipt, number: &str, at: jiff::civil::DateTime, is_return: bool) -> String {
    let customer = &CUSTOMERS[receipt.customer];
    let title = if is_return {
        "RETUR / RETURN"
    } else {
        "KVITTO / RECEIPT"
    };
    let mut text = format!(
        "SKUERY DEMO WHOLESALE\n{title} {number}\n{at}\n{}\n\n",
        customer.name
    );
    let mut total = Decimal::ZERO;
    for line in &receipt.lines {
        let (_, price) = line.unit_prices(customer.tax_percent());
        let (pieces, amount) = match is_return {
            false => (line.quantity, line.gross),
            true if line.returned == line.quantity => (-line.returned, -line.gross),
            true => (-line.returned, -price * Decimal::from(line.returned)),
        };
        if pieces != 0 {
            total += amount;
            // A string takes whatever is written to it.
            let _ = writeln!(text, "{pieces} x {} {} {price} = {amount}", line.sku, line.name);
        }
    }
    text + &format!("\nTOTAL {total} {}\n", customer.currency)
}

fn authorise(headers: &HeaderMap, account: &str, site: &str) -> Result<(), Refusal> {
    let is_known = tokens::basic(headers)
        .is_some_and(|(user, password)| user == logins::POS_USERNAME && password == logins::POS_PASSWORD);
    if !is_known {
        return Err(refuse(StatusCode::UNAUTHORIZED, "Unauthorized"));
    }
    if account != logins::POS_ACCOUNT || site != "1" {
        return Err(refuse(StatusCode::NOT_FOUND, "Site not found"));
    }
    Ok(())
}

fn whole(query: &Query, name: &str) -> Result<Option<i64>, Refusal> {
    let number = query
        .get(name)
        .map(|text| text.parse().ok().filter(|number| *number >= 0));
    match number {
        None => Ok(None),
        Some(Some(number)) => Ok(Some(number)),
        Some(None) => Err(refuse(
            StatusCode::BAD_REQUEST,
            &format!("Invalid value for {name}"),
        )),
    }
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
            json!({"statuscode": self.status.as_u16(), "errortext": self.message}),
        )
    }
}

fn refuse(status: StatusCode, message: &str) -> Refusal {
    Refusal {
        status,
        message: message.to_owned(),
    }
}
