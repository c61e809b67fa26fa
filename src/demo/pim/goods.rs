//! Product models and products of the PIM: lists, searches, and how one item is written.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::pages::Page;
use super::search::{self, Criteria, Subject};
use super::values::Selection;
use super::{Pim, Refusal, expect_json};
use crate::demo::answers::answer;
use crate::demo::assortment::{Product, Sku};
use crate::demo::kinds::Axis;
use crate::demo::query::Query;

/// `GET /api/rest/v1/product-models`.
pub(super) async fn product_models(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    pim.authorise(&headers)?;
    let query = Query::parse(&query.unwrap_or_default());
    let (page, selection) = (Page::read(&query, true)?, Selection::read(&query)?);
    let criteria = Criteria::read(&query, Subject::Models)?;
    pim.system.count_keys(criteria.keys());
    let products: Vec<&Product> = search::models(&pim.assortment, &criteria);
    let address = format!("{}/api/rest/v1/product-models", pim.url);
    let shown = |product: &&Product| model_json(&address, product, &selection);
    Ok(answer(
        StatusCode::OK,
        page.answer(&address, &query, &products, |product| &product.code, shown),
    ))
}

/// `GET /api/rest/v1/products`, whose items carry the SKU as `identifier`.
pub(super) async fn products(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = Query::parse(&query.unwrap_or_default());
    variants(&pim, &headers, "products", &query, &query)
}

/// `GET /api/rest/v1/products-uuid`.
pub(super) async fn products_uuid(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = Query::parse(&query.unwrap_or_default());
    variants(&pim, &headers, "products-uuid", &query, &query)
}

/// The body of a search; paging stays in the address.
#[derive(Deserialize)]
struct SearchBody {
    search: Option<String>,
    locales: Option<String>,
    attributes: Option<String>,
    with_attribute_options: Option<bool>,
}

/// `POST /api/rest/v1/products-uuid/search`: the same list with the filters in the body.
pub(super) async fn search_products_uuid(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    pim.authorise(&headers)?;
    expect_json(&headers)?;
    let body: SearchBody =
        serde_json::from_slice(&body).map_err(|_| Refusal::malformed("Invalid json message received"))?;
    let paging = Query::parse(&query.unwrap_or_default());
    let with_options = body.with_attribute_options.map(|with| with.to_string());
    let filters = paging.with(&[
        ("search", body.search.as_deref()),
        ("locales", body.locales.as_deref()),
        ("attributes", body.attributes.as_deref()),
        ("with_attribute_options", with_options.as_deref()),
    ]);
    variants(
        &pim,
        &headers,
        "products-uuid/search",
        &paging,
        &Query::parse(&filters),
    )
}

fn variants(
    pim: &Pim,
    headers: &HeaderMap,
    path: &str,
    paging: &Query,
    query: &Query,
) -> Result<Response, Refusal> {
    pim.authorise(headers)?;
    let (page, selection) = (Page::read(paging, true)?, Selection::read(query)?);
    let criteria = Criteria::read(query, Subject::Variants)?;
    pim.system.count_keys(criteria.keys());
    let skus: Vec<&Sku> = search::variants(&pim.assortment, &criteria);
    let address = format!("{}/api/rest/v1/{path}", pim.url);
    let has_identifier = path == "products";
    let shown = |sku: &&Sku| variant_json(pim, sku, has_identifier, &selection);
    Ok(answer(
        StatusCode::OK,
        page.answer(&address, paging, &skus, |sku| &sku.uuid, shown),
    ))
}

fn model_json(address: &str, product: &Product, selection: &Selection) -> Json {
    let mut values = Map::new();
    selection.append(&mut values, &product.values);
    let by = match product.kind.axis {
        Axis::Letters | Axis::Shoes => "colour_and_size",
        Axis::Tyre | Axis::Bottle => "size",
        Axis::Colour => "colour",
    };
    json!({
        "_links": {"self": {"href": format!("{address}/{}", product.code)}},
        "code": product.code,
        "family": product.kind.family,
        "family_variant": format!("{}_by_{by}", product.kind.family),
        "parent": null,
        "categories": product.categories,
        "values": values,
        "associations": {},
        "created": format!("{}+00:00", product.created),
        "updated": format!("{}+00:00", product.updated),
    })
}

fn variant_json(pim: &Pim, sku: &Sku, has_identifier: bool, selection: &Selection) -> Json {
    let product = pim.assortment.product_of(sku);
    let mut values = Map::new();
    selection.append(&mut values, &sku.values);
    selection.append(&mut values, &product.values);
    let mut shown = json!({
        "_links": {"self": {"href": format!("{}/api/rest/v1/products-uuid/{}", pim.url, sku.uuid)}},
        "uuid": sku.uuid,
    });
    if has_identifier {
        shown["identifier"] = json!(sku.number);
    }
    shown["family"] = json!(product.kind.family);
    shown["parent"] = json!(product.code);
    shown["categories"] = json!(product.categories);
    shown["groups"] = json!([]);
    shown["enabled"] = json!(sku.enabled);
    shown["values"] = values.into();
    shown["associations"] = json!({});
    shown["created"] = json!(format!("{}+00:00", product.created));
    shown["updated"] = json!(format!("{}+00:00", product.updated));
    shown
}
