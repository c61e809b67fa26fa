//! The demo ERP, in the wire format of Business Central: items and the rows of price lists.

mod filter;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use self::filter::Filter;
use self::rows::{Row, Table};
use super::answers::answer;
use super::assortment::Assortment;
use super::logins;
use super::query::Query;
use super::system::System;

/// The most rows in one page, asked for or not.
const MAX_PAGE: usize = 20_000;

#[derive(Clone)]
struct Erp {
    system: Arc<System>,
    url: Arc<str>,
    assortment: Arc<Assortment>,
}

/// The routes of the ERP.
pub(super) fn router(system: Arc<System>, url: String, assortment: Arc<Assortment>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route(
            "/v2.0/{tenant}/{environment}/api/v2.0/{company}/items",
            get(items),
        )
        .route(
            "/v2.0/{tenant}/{environment}/api/skuery/pricing/v1.0/{company}/priceListLines",
            get(price_list_lines),
        )
        .with_state(Erp {
            system,
            url: url.into(),
            assortment,
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

async fn items(
    State(erp): State<Erp>,
    Path((tenant, environment, company)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let base = format!("{}/v2.0/{tenant}/{environment}/api/v2.0", erp.url);
    erp.list(&base, Table::Items, &query.unwrap_or_default(), &headers)
}

async fn price_list_lines(
    State(erp): State<Erp>,
    Path((tenant, environment, company)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let base = format!("{}/v2.0/{tenant}/{environment}/api/skuery/pricing/v1.0", erp.url);
    erp.list(&base, Table::PriceLines, &query.unwrap_or_default(), &headers)
}

/// What a list request asks for beside its filter.
struct Ask {
    selected: Option<Vec<&'static str>>,
    skip: usize,
    top: usize,
    page: usize,
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

    fn list(&self, base: &str, table: Table, query: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
        let query = Query::parse(query);
        let ask = Ask::read(&query, table, headers)?;
        let filter = query.get("$filter");
        let filter = filter
            .map(|text| filter::parse(text, table.fields()))
            .transpose()?;
        let page = ask.page.min(ask.top);
        // One row more than the page tells whether there is another page.
        let rows = self.rows(table, filter.as_ref(), ask.skip, page.saturating_add(1));
        let shown = |row: &Row| row.json(table.fields(), ask.selected.as_deref());
        let values: Vec<Value> = rows.iter().take(page).map(shown).collect();
        let resource = format!("companies({})/{}", logins::ERP_COMPANY, table.name());
        let mut body = json!({"@odata.context": format!("{base}/$metadata#{resource}")});
        body["value"] = values.into();
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

    /// Rows that meet the filter, at most `most` after skipping some.
    fn rows(&self, table: Table, filter: Option<&Filter>, skip: usize, most: usize) -> Vec<Row> {
        let numbers = filter.and_then(|filter| filter.texts_of(table.key()));
        let positions: BTreeSet<usize> = match &numbers {
            Some(numbers) => {
                self.system.count_keys(numbers.len());
                numbers
                    .iter()
                    .filter_map(|number| self.assortment.sku_position(number))
                    .collect()
            }
            None => (0..self.assortment.skus.len()).collect(),
        };
        let all = positions
            .into_iter()
            .flat_map(|position| table.rows(&self.assortment, position));
        let met = all.filter(|row| filter.is_none_or(|filter| filter.meets(row)));
        met.skip(skip).take(most).collect()
    }
}

impl Ask {
    fn read(query: &Query, table: Table, headers: &HeaderMap) -> Result<Self, Refusal> {
        let known = ["$filter", "$select", "$top", "$skip", "$skiptoken"];
        if let Some(unknown) = query
            .names()
            .find(|name| name.starts_with('$') && !known.contains(name))
        {
            return Err(Refusal::bad(format!(
                "The query option '{unknown}' is not supported here."
            )));
        }
        let selected = match query.get("$select") {
            None => None,
            Some(list) => Some(
                list.split(',')
                    .map(|name| table.field(name.trim()))
                    .collect::<Result<_, _>>()?,
            ),
        };
        let skip = whole(query, "$skiptoken")?.or(whole(query, "$skip")?);
        Ok(Self {
            selected,
            skip: skip.unwrap_or(0),
            top: whole(query, "$top")?.unwrap_or(usize::MAX),
            page: preferred_page(headers).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE),
        })
    }

    /// Parameters of the next page; `$top` shrinks by what has been given.
    fn next_page(&self, query: &Query, given: usize) -> String {
        let left = (self.top < usize::MAX).then(|| (self.top - given).to_string());
        let token = self.skip.saturating_add(given).to_string();
        query.with(&[
            ("$skip", None),
            ("$top", left.as_deref()),
            ("$skiptoken", Some(&token)),
        ])
    }
}

fn preferred_page(headers: &HeaderMap) -> Option<usize> {
    let preferences = headers.get("prefer")?.to_str().ok()?;
    let mut sizes = preferences
        .split([',', ';'])
        .filter_map(|preference| preference.trim().strip_prefix("odata.maxpagesize="));
    sizes.next()?.parse().ok()
}

fn whole(query: &Query, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    let number = text
        .parse()
        .map_err(|_| Refusal::bad(format!("Invalid value '{text}' for {name} query option found.")))?;
    Ok(Some(number))
}

/// An error as Business Central words it.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = format!(
            "{}  CorrelationId:  00000000-0000-4000-8000-000000000000.",
            self.message
        );
        answer(
            self.status,
            json!({"error": {"code": self.code, "message": message}}),
        )
    }
}
