//! The demo ERP, in the wire format of Business Central: articles, price lists, customers and sales, and taking orders.

mod ask;
mod customers;
mod desk;
mod documents;
mod entry;
mod filter;
mod locations;
mod refusal;
mod rows;
mod sales;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use self::ask::Ask;
pub(super) use self::desk::Desk;
use self::filter::Filter;
use self::refusal::Refusal;
use self::rows::{Content, Row, Table};
use super::answers::answer;
use super::assortment::Assortment;
use super::ledger::{Ledger, Order};
use super::logins;
use super::query::Query;
use super::system::System;

#[derive(Clone)]
struct Erp {
    system: Arc<System>,
    url: Arc<str>,
    assortment: Arc<Assortment>,
    ledger: Arc<Ledger>,
    desk: Arc<Desk>,
}

/// The standard API's tables, and those of the custom API page.
static STANDARD: [&Table; 5] = [
    &rows::ITEMS,
    &sales::ORDERS,
    &sales::INVOICES,
    &sales::SHIPMENTS,
    &locations::LOCATIONS,
];
static CUSTOM: [&Table; 2] = [&rows::PRICE_LIST_LINES, &customers::CUSTOMERS];

/// The routes of the ERP.
pub(super) fn router(
    system: Arc<System>,
    url: String,
    assortment: Arc<Assortment>,
    (ledger, desk): (Arc<Ledger>, Arc<Desk>),
) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route(
            "/v2.0/{tenant}/{environment}/api/v2.0/{company}/{table}",
            get(standard).post(entry::create),
        )
        .route(
            "/v2.0/{tenant}/{environment}/api/v2.0/{company}/{invoice}/pdfDocument/pdfDocumentContent",
            get(documents::invoice),
        )
        .route(
            "/v2.0/{tenant}/{environment}/api/skuery/pricing/v1.0/{company}/{table}",
            get(custom),
        )
        .with_state(Erp {
            system,
            url: url.into(),
            assortment,
            ledger,
            desk,
        })
}

async fn token(State(erp): State<Erp>, Path(tenant): Path<String>, body: Bytes) -> Response {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    if form.get("grant_type") != Some("client_credentials") {
        return oauth_refusal(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "AADSTS70003",
            70_003,
        );
    }
    let is_client = tenant == logins::ERP_TENANT
        && form.get("client_id") == Some(logins::ERP_CLIENT_ID)
        && form.get("client_secret") == Some(logins::ERP_CLIENT_SECRET);
    if !is_client {
        return oauth_refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "AADSTS7000215",
            7_000_215,
        );
    }
    let (access, _) = erp.system.tokens.issue();
    let body =
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": access});
    answer(StatusCode::OK, body)
}

fn oauth_refusal(status: StatusCode, error: &str, code: &str, number: u32) -> Response {
    let description = format!("{code}: the demo refuses this request.");
    answer(
        status,
        json!({"error": error, "error_description": description, "error_codes": [number]}),
    )
}

/// Tenant, environment, company and table of an address.
type Place = (String, String, String, String);

async fn standard(
    State(erp): State<Erp>,
    Path((tenant, environment, company, table)): Path<Place>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let base = format!("{}/v2.0/{tenant}/{environment}/api/v2.0", erp.url);
    erp.list(
        &base,
        named(&STANDARD, &table)?,
        &query.unwrap_or_default(),
        &headers,
    )
}

async fn custom(
    State(erp): State<Erp>,
    Path((tenant, environment, company, table)): Path<Place>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let base = format!("{}/v2.0/{tenant}/{environment}/api/skuery/pricing/v1.0", erp.url);
    erp.list(
        &base,
        named(&CUSTOM, &table)?,
        &query.unwrap_or_default(),
        &headers,
    )
}

fn named(tables: &[&'static Table], name: &str) -> Result<&'static Table, Refusal> {
    let table = tables.iter().find(|table| table.name == name);
    table.copied().ok_or_else(|| {
        let message = format!("Resource not found for the segment '{name}'.");
        Refusal::new(StatusCode::NOT_FOUND, "BadRequest_NotFound", message)
    })
}

impl Erp {
    fn authorise(
        &self,
        headers: &HeaderMap,
        [tenant, environment, company]: [&str; 3],
    ) -> Result<(), Refusal> {
        if self.system.tokens.check(headers).is_err() {
            let message = "The server has rejected the client credentials.";
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "Authentication_InvalidCredentials",
                message,
            ));
        }
        if tenant != logins::ERP_TENANT || environment != logins::ERP_ENVIRONMENT {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "BadRequest_ResourceNotFound",
                "The environment does not exist.",
            ));
        }
        if company != format!("companies({})", logins::ERP_COMPANY) {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "Internal_CompanyNotFound",
                "The company does not exist.",
            ));
        }
        Ok(())
    }

    fn list(
        &self,
        base: &str,
        table: &'static Table,
        query: &str,
        headers: &HeaderMap,
    ) -> Result<Response, Refusal> {
        let query = Query::parse(query);
        let ask = Ask::read(&query, table, headers)?;
        let filter = query.get("$filter");
        let filter = filter.map(|text| filter::parse(text, table.fields)).transpose()?;
        let page = ask.page.min(ask.top);
        // One row more than the page tells whether there is another page.
        let rows = self.rows(table, filter.as_ref(), &ask, page.saturating_add(1))?;
        let values = rows.iter().take(page).map(|row| ask.shown(row, table)).collect();
        let resource = format!("companies({})/{}", logins::ERP_COMPANY, table.name);
        let mut body = json!({"@odata.context": format!("{base}/$metadata#{resource}")});
        body["value"] = values;
        if rows.len() > page && ask.top > page {
            let next = ask.next_page(&query, page);
            body["@odata.nextLink"] = json!(format!("{base}/{resource}?{next}"));
        }
        let mut response = answer(StatusCode::OK, body);
        if headers.contains_key("prefer") {
            let applied = format!("odata.maxpagesize={}", ask.page);
            if let Ok(applied) = applied.parse() {
                response.headers_mut().insert("preference-applied", applied);
            }
        }
        Ok(response)
    }

    /// Rows that meet the filter, in order, at most `most` after skipping some.
    fn rows(
        &self,
        table: &Table,
        filter: Option<&Filter>,
        ask: &Ask,
        most: usize,
    ) -> Result<Vec<Row>, Refusal> {
        let mut keys = None;
        for name in table.keys {
            let column = table.column(name)?;
            keys = keys.or_else(|| filter.and_then(|filter| filter.texts_of(column)));
        }
        if let Some(keys) = &keys {
            self.system.count_keys(keys.len());
        }
        let all: Box<dyn Iterator<Item = Row>> = match table.content {
            Content::Book(rows) => {
                let taken = self.desk.visible();
                let orders: Vec<&Order> = self
                    .ledger
                    .orders
                    .iter()
                    .chain(taken.iter().map(|taken| &taken.order))
                    .collect();
                Box::new(rows(&orders).into_iter())
            }
            Content::Articles(rows) => {
                let positions: BTreeSet<usize> = match &keys {
                    Some(numbers) => numbers
                        .iter()
                        .filter_map(|number| self.assortment.sku_position(number))
                        .collect(),
                    None => (0..self.assortment.skus.len()).collect(),
                };
                Box::new(
                    positions
                        .into_iter()
                        .flat_map(move |at| rows(&self.assortment, at)),
                )
            }
        };
        let met = all.filter(|row| filter.is_none_or(|filter| filter.meets(row)));
        if ask.order.is_empty() {
            return Ok(met.skip(ask.skip).take(most).collect());
        }
        let mut rows: Vec<Row> = met.collect();
        rows.sort_by(|row, other| ask.compare(row, other));
        Ok(rows.into_iter().skip(ask.skip).take(most).collect())
    }
}
