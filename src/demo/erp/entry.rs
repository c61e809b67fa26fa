//! How the demo ERP takes an order: `POST salesOrders` with its lines inside, and what it refuses.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::ask::Ask;
use super::desk::{Draft, Goods};
use super::{Erp, Place, Refusal, locations, named, sales};
use crate::demo::answers::{answer, decimal};
use crate::demo::customers::{CUSTOMERS, Customer};
use crate::demo::ledger::{self, Entered, Line, Order, Progress, Route};
use crate::demo::prices;
use crate::demo::query::Query;

/// What may be written of an order. `pricesIncludeTax` is read-only in the real one, where the customer's card decides it.
const HEADER: [&str; 23] = [
    "externalDocumentNumber",
    "orderDate",
    "requestedDeliveryDate",
    "customerPurchaseOrderReference",
    "customerNumber",
    "shipToName",
    "shipToContact",
    "shipToAddressLine1",
    "shipToAddressLine2",
    "shipToCity",
    "shipToCountry",
    "shipToState",
    "shipToPostCode",
    "billToCustomerNumber",
    "currencyCode",
    "pricesIncludeTax",
    "salesperson",
    "partialShipping",
    "phoneNumber",
    "email",
    "shortcutDimension1Code",
    "shortcutDimension2Code",
    "salesOrderLines",
];
/// What may be written of a line.
const LINE: [&str; 9] = [
    "sequence",
    "lineType",
    "lineObjectNumber",
    "description",
    "unitOfMeasureCode",
    "quantity",
    "unitPrice",
    "locationId",
    "shipmentDate",
];
const SHIP_TO: [&str; 7] = [
    "shipToName",
    "shipToAddressLine1",
    "shipToAddressLine2",
    "shipToCity",
    "shipToCountry",
    "shipToState",
    "shipToPostCode",
];
const CURRENCIES: [&str; 4] = ["SEK", "DKK", "PLN", "EUR"];
/// The longest number of another system.
const LONGEST_NUMBER: usize = 35;
const MOST_PIECES: i64 = 1_000_000;

/// `POST salesOrders`.
pub(super) async fn create(
    State(erp): State<Erp>,
    Path((tenant, environment, company, table)): Path<Place>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let table = named(&[&sales::ORDERS], &table)?;
    let ask = Ask::read(&Query::parse(&query.unwrap_or_default()), table, &headers)?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| Refusal::bad("The request body is not JSON."))?;
    let taken = erp.desk.take(erp.draft(&body)?)?;
    erp.system.count_keys(1);
    Ok(answer(
        StatusCode::CREATED,
        ask.shown(&sales::order(&taken.order), table),
    ))
}

impl Erp {
    fn draft(&self, body: &Value) -> Result<Draft, Refusal> {
        let header = object(body, &HEADER, "salesOrder")?;
        let (at, customer) = customer(header)?;
        let currency = match text(header, "currencyCode")? {
            None => customer.currency,
            Some("") => "SEK",
            Some(code) => known_currency(code)?,
        };
        let includes_tax = match header.get("pricesIncludeTax") {
            None => customer.company.is_none(),
            Some(value) => value.as_bool().ok_or_else(|| wrong("pricesIncludeTax"))?,
        };
        let external = text(header, "externalDocumentNumber")?.unwrap_or_default();
        if external.chars().count() > LONGEST_NUMBER {
            return Err(wrong("externalDocumentNumber"));
        }
        let now = Timestamp::now().to_zoned(TimeZone::UTC).datetime();
        let day = text(header, "orderDate")?.map(|day| day.parse::<Date>().map_err(|_| wrong("orderDate")));
        let placed = day.transpose()?.map_or(now, |day| day.to_datetime(now.time()));
        let (mut lines, mut goods) = (Vec::new(), Vec::new());
        for line in header
            .get("salesOrderLines")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let today = placed.date().to_string();
            if let Some((line, what)) = self.line(line, customer, (currency, includes_tax), &today)? {
                lines.push(line);
                goods.push(what);
            }
        }
        let order = Order {
            place: 0,
            number: String::new(),
            customer: at,
            placed,
            route: Route::Portal,
            progress: Progress::Draft,
            reference: text(header, "customerPurchaseOrderReference")?
                .unwrap_or_default()
                .to_owned(),
            external: external.to_owned(),
            lines,
            shipments: Vec::new(),
            invoice: None,
            entered: Some(Entered {
                currency,
                ship_to: ship_to(header)?,
            }),
        };
        Ok(Draft { order, goods })
    }

    /// A line and its goods; `None` for a comment.
    fn line(
        &self,
        line: &Value,
        customer: &'static Customer,
        (currency, includes_tax): (&str, bool),
        day: &str,
    ) -> Result<Option<(Line, Goods)>, Refusal> {
        let line = object(line, &LINE, "salesOrderLine")?;
        match text(line, "lineType")? {
            None | Some("Item") => {}
            Some("Comment") => return Ok(None),
            Some(_) => return Err(wrong("lineType")),
        }
        let number = text(line, "lineObjectNumber")?.unwrap_or_default();
        let position = self
            .assortment
            .sku_position(number)
            .ok_or_else(|| Refusal::no_item(number))?;
        let quantity = amount(line, "quantity")?.filter(|quantity| quantity.is_integer());
        let quantity = quantity.and_then(|quantity| i64::try_from(quantity).ok());
        let quantity = quantity.filter(|quantity| (1..=MOST_PIECES).contains(quantity));
        let quantity = quantity.ok_or_else(|| wrong("quantity"))?;
        let own_price = || {
            let own = prices::price_of(&self.assortment, position, customer, quantity, day);
            // The ERP's own price counts in the customer's own currency only.
            own.filter(|_| customer.currency == currency)
                .unwrap_or((Decimal::ZERO, includes_tax))
        };
        let price = amount(line, "unitPrice")?.map_or_else(own_price, |price| (price, includes_tax));
        let location = match text(line, "locationId")? {
            None => None,
            Some(id) => Some(locations::code_of(id).ok_or_else(|| wrong("locationId"))?),
        };
        let name = ledger::name(&self.assortment, position);
        let goods = Goods {
            position,
            quantity,
            location,
        };
        let line = Line::new(number, &name, quantity, price, customer.tax_percent());
        Ok(Some((line, goods)))
    }
}

fn customer(header: &Map<String, Value>) -> Result<(usize, &'static Customer), Refusal> {
    let number = text(header, "customerNumber")?.unwrap_or_default();
    let mut known = CUSTOMERS.iter().enumerate();
    let found = known.find(|(_, customer)| customer.number == number);
    let (at, customer) = found.ok_or_else(|| Refusal::no_customer(number))?;
    if customer.blocked != " " {
        return Err(Refusal::blocked(customer.number, customer.blocked));
    }
    Ok((at, customer))
}

/// Where the goods go, if the order says so.
fn ship_to(header: &Map<String, Value>) -> Result<Option<[String; 7]>, Refusal> {
    let mut parts = [const { String::new() }; 7];
    let mut is_given = false;
    for (part, name) in parts.iter_mut().zip(SHIP_TO) {
        if let Some(given) = text(header, name)? {
            is_given = true;
            given.clone_into(part);
        }
    }
    Ok(is_given.then_some(parts))
}

fn known_currency(code: &str) -> Result<&'static str, Refusal> {
    let known = CURRENCIES.into_iter().find(|known| *known == code);
    known.ok_or_else(|| wrong("currencyCode"))
}

/// An object without members that the type lacks.
fn object<'a>(value: &'a Value, members: &[&str], kind: &str) -> Result<&'a Map<String, Value>, Refusal> {
    let object = value
        .as_object()
        .ok_or_else(|| Refusal::bad(format!("A {kind} must be an object.")))?;
    let strange = object.keys().find(|name| !members.contains(&name.as_str()));
    match strange {
        None => Ok(object),
        Some(name) => Err(Refusal::bad(format!(
            "The property '{name}' does not exist on type 'Microsoft.NAV.{kind}'. \
             Make sure to only use property names that are defined by the type."
        ))),
    }
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name)),
    }
}

fn amount(object: &Map<String, Value>, name: &str) -> Result<Option<Decimal>, Refusal> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let amount = value
                .as_number()
                .and_then(decimal)
                .filter(|amount| !amount.is_sign_negative());
            amount.map(Some).ok_or_else(|| wrong(name))
        }
    }
}

fn wrong(name: &str) -> Refusal {
    Refusal::bad(format!("The value of the property '{name}' cannot be used."))
}
