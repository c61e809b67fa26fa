//! Categories, attributes and options of the PIM.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::pages::Page;
use super::search::{Criterion, criteria, texts};
use super::{Pim, Refusal};
use crate::demo::answers::answer;
use crate::demo::attributes::{self, ATTRIBUTES, Attribute, Choice, Type};
use crate::demo::categories::{CATEGORIES, Category};
use crate::demo::languages::labels_json;
use crate::demo::query::Query;

/// `GET /api/rest/v1/categories`, in tree order.
pub(super) async fn categories(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    pim.authorise(&headers)?;
    let query = Query::parse(&query.unwrap_or_default());
    let page = Page::read(&query, false)?;
    let mut found: Vec<&Category> = CATEGORIES.iter().collect();
    for criterion in criteria(&query)? {
        keep_categories(&pim, &mut found, &criterion)?;
    }
    let address = format!("{}/api/rest/v1/categories", pim.url);
    let shown = |category: &&Category| {
        json!({
            "_links": {"self": {"href": format!("{address}/{}", category.code)}},
            "code": category.code,
            "parent": category.parent,
            "updated": "2026-01-12T10:00:00+00:00",
            "labels": labels_json(&category.labels),
        })
    };
    Ok(answer(
        StatusCode::OK,
        page.answer(&address, &query, &found, |category| category.code, shown),
    ))
}

fn keep_categories(pim: &Pim, found: &mut Vec<&Category>, criterion: &Criterion) -> Result<(), Refusal> {
    match (criterion.field.as_str(), criterion.operator.as_str()) {
        ("code", "IN") => {
            let codes = texts(criterion)?;
            pim.system.count_keys(codes.len());
            found.retain(|category| codes.iter().any(|code| code == category.code));
        }
        ("parent", "=") => {
            let parent = criterion.value.as_str().ok_or_else(|| criterion.wrong_value())?;
            pim.system.count_keys(1);
            found.retain(|category| category.parent == Some(parent));
        }
        ("is_root", "=") => {
            let is_root = criterion.value.as_bool().ok_or_else(|| criterion.wrong_value())?;
            found.retain(|category| category.parent.is_none() == is_root);
        }
        _ => return Err(criterion.unsupported()),
    }
    Ok(())
}

/// `GET /api/rest/v1/attributes`.
pub(super) async fn attributes(
    State(pim): State<Pim>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    pim.authorise(&headers)?;
    let query = Query::parse(&query.unwrap_or_default());
    let page = Page::read(&query, false)?;
    let mut found: Vec<&Attribute> = ATTRIBUTES.iter().collect();
    for criterion in criteria(&query)? {
        if (criterion.field.as_str(), criterion.operator.as_str()) != ("code", "IN") {
            return Err(criterion.unsupported());
        }
        let codes = texts(&criterion)?;
        pim.system.count_keys(codes.len());
        found.retain(|attribute| codes.iter().any(|code| code == attribute.code));
    }
    let address = format!("{}/api/rest/v1/attributes", pim.url);
    let shown = |attribute: &&Attribute| attribute_json(&address, attribute);
    Ok(answer(
        StatusCode::OK,
        page.answer(&address, &query, &found, |attribute| attribute.code, shown),
    ))
}

fn attribute_json(address: &str, attribute: &Attribute) -> Json {
    json!({
        "_links": {"self": {"href": format!("{address}/{}", attribute.code)}},
        "code": attribute.code,
        "type": attribute.kind.name(),
        "group": "general",
        "unique": attribute.kind == Type::Identifier,
        "useable_as_grid_filter": true,
        "metric_family": attribute.metric.map(|(family, _)| family),
        "default_metric_unit": attribute.metric.map(|(_, unit)| unit),
        "localizable": attribute.localisable,
        "scopable": false,
        "labels": labels_json(&attribute.labels),
    })
}

/// `GET /api/rest/v1/attributes/{code}/options`.
pub(super) async fn options(
    State(pim): State<Pim>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    pim.authorise(&headers)?;
    let query = Query::parse(&query.unwrap_or_default());
    let page = Page::read(&query, false)?;
    let Some(attribute) = attributes::find(&code) else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            format!("Attribute \"{code}\" does not exist or you do not have permission to access it."),
        ));
    };
    if !matches!(attribute.kind, Type::Select | Type::MultiSelect) {
        let message = format!(
            "Attribute \"{code}\" does not support options. Only attributes of type \"pim_catalog_simpleselect\", \"pim_catalog_multiselect\" support options."
        );
        return Err(Refusal::new(StatusCode::NOT_FOUND, message));
    }
    let choices: Vec<(usize, Choice)> = attributes::choices(attribute.code)
        .into_iter()
        .enumerate()
        .collect();
    let address = format!("{}/api/rest/v1/attributes/{code}/options", pim.url);
    let shown = |(at, choice): &(usize, Choice)| {
        json!({
            "_links": {"self": {"href": format!("{address}/{}", choice.code)}},
            "code": choice.code,
            "attribute": attribute.code,
            "sort_order": at + 1,
            "labels": labels_json(&choice.labels),
        })
    };
    Ok(answer(
        StatusCode::OK,
        page.answer(&address, &query, &choices, |(_, choice)| choice.code, shown),
    ))
}
