//! Searches of the PIM: reads the JSON that travels in `search` and finds the products that meet it.

mod conditions;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use self::conditions::{Condition, Item};
use super::Refusal;
use crate::demo::assortment::{Assortment, Product, Sku};
use crate::demo::query::Query;

const MAX_CRITERIA: usize = 20;
const MAX_IDENTIFIERS: usize = 100;

/// What a search looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Models,
    Variants,
}

/// One condition as it stands on the wire.
pub(super) struct Criterion {
    pub(super) field: String,
    pub(super) operator: String,
    pub(super) value: Json,
    pub(super) locale: Option<String>,
}

/// A whole search, checked and ready to run.
pub(super) struct Criteria {
    conditions: Vec<Condition>,
    narrowed: Option<Narrowed>,
    keys: usize,
}

/// Lists that an index can look up, which spares walking through everything.
enum Narrowed {
    Identifiers(Vec<String>),
    Parents(Vec<String>),
}

impl Criteria {
    /// Reads and checks `search`.
    pub(super) fn read(query: &Query, subject: Subject) -> Result<Self, Refusal> {
        let criteria = criteria(query)?;
        let mut read = Self {
            conditions: Vec::with_capacity(criteria.len()),
            narrowed: None,
            keys: 0,
        };
        for criterion in &criteria {
            read.conditions.push(conditions::build(criterion, subject)?);
            read.keys += criterion.keys();
            match (criterion.field.as_str(), criterion.operator.as_str()) {
                ("identifier" | "sku", "IN") => {
                    read.narrowed = Some(Narrowed::Identifiers(identifiers(criterion)?))
                }
                ("parent", "IN") => read.narrowed = Some(Narrowed::Parents(texts(criterion)?)),
                ("identifier" | "sku", "NOT IN") => drop(identifiers(criterion)?),
                _ => {}
            }
        }
        Ok(read)
    }

    /// How many keys were asked for.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    fn meets(&self, item: &Item<'_>) -> bool {
        self.conditions.iter().all(|condition| condition(item))
    }
}

/// Product models that meet the criteria, in the order of their codes.
pub(super) fn models<'a>(assortment: &'a Assortment, criteria: &Criteria) -> Vec<&'a Product> {
    let positions: BTreeSet<usize> = match &criteria.narrowed {
        Some(Narrowed::Identifiers(codes)) => codes
            .iter()
            .filter_map(|code| assortment.product_position(code))
            .collect(),
        _ => (0..assortment.products.len()).collect(),
    };
    let products = positions
        .into_iter()
        .map(|position| &assortment.products[position]);
    products
        .filter(|product| criteria.meets(&Item { product, sku: None }))
        .collect()
}

/// Variants that meet the criteria, in the order of their uuids.
pub(super) fn variants<'a>(assortment: &'a Assortment, criteria: &Criteria) -> Vec<&'a Sku> {
    let positions: BTreeSet<usize> = match &criteria.narrowed {
        Some(Narrowed::Identifiers(numbers)) => numbers
            .iter()
            .filter_map(|number| assortment.sku_position(number))
            .collect(),
        Some(Narrowed::Parents(codes)) => {
            let products = codes.iter().filter_map(|code| assortment.product_position(code));
            products
                .flat_map(|position| assortment.products[position].skus.clone())
                .collect()
        }
        None => (0..assortment.skus.len()).collect(),
    };
    let skus = positions.into_iter().map(|position| &assortment.skus[position]);
    let meets = |sku: &&Sku| {
        criteria.meets(&Item {
            product: assortment.product_of(sku),
            sku: Some(*sku),
        })
    };
    skus.filter(meets).collect()
}

/// Reads `search` and `search_locale`.
pub(super) fn criteria(query: &Query) -> Result<Vec<Criterion>, Refusal> {
    let Some(text) = query.get("search").filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let search: Json = serde_json::from_str(text)
        .map_err(|_| Refusal::malformed("Search query parameter should be valid JSON."))?;
    let fields = search
        .as_object()
        .ok_or_else(|| Refusal::invalid("Search query parameter has to be an object."))?;
    let mut criteria = Vec::new();
    for (field, conditions) in fields {
        let shape = || {
            Refusal::invalid(format!(
                "Structure of filter \"{field}\" should respect this structure: {{\"{field}\":[{{\"operator\": \"my_operator\", \"value\": \"my_value\"}}]}}"
            ))
        };
        for condition in conditions.as_array().ok_or_else(shape)? {
            let operator = condition.get("operator").and_then(Json::as_str);
            let operator = operator.ok_or_else(|| {
                Refusal::invalid(format!("Operator is missing for the property \"{field}\"."))
            })?;
            let locale = condition
                .get("locale")
                .and_then(Json::as_str)
                .or_else(|| query.get("search_locale"));
            criteria.push(Criterion {
                field: field.clone(),
                operator: operator.to_owned(),
                value: condition.get("value").cloned().unwrap_or(Json::Null),
                locale: locale.map(str::to_owned),
            });
        }
    }
    if criteria.len() > MAX_CRITERIA {
        return Err(Refusal::invalid(format!(
            "The maximum number of search criteria is {MAX_CRITERIA}."
        )));
    }
    Ok(criteria)
}

/// The value of a criterion as a list of texts.
pub(super) fn texts(criterion: &Criterion) -> Result<Vec<String>, Refusal> {
    let list = criterion
        .value
        .as_array()
        .ok_or_else(|| criterion.wrong_value())?;
    let text = |value: &Json| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| criterion.wrong_value())
    };
    list.iter().map(text).collect()
}

fn identifiers(criterion: &Criterion) -> Result<Vec<String>, Refusal> {
    let identifiers = texts(criterion)?;
    if identifiers.len() > MAX_IDENTIFIERS {
        let message = format!(
            "Property \"{}\" accepts at most {MAX_IDENTIFIERS} values.",
            criterion.field
        );
        return Err(Refusal::invalid(message));
    }
    Ok(identifiers)
}

impl Criterion {
    /// How many keys this asks for; ranges and flags ask for none.
    fn keys(&self) -> usize {
        let names_keys = matches!(
            self.field.as_str(),
            "identifier" | "sku" | "uuid" | "parent" | "slug" | "ean"
        );
        match (self.operator.as_str(), &self.value) {
            ("IN", Json::Array(list)) if names_keys => list.len(),
            ("=", Json::String(_)) if names_keys => 1,
            _ => 0,
        }
    }

    /// The refusal of a property or of an operator it does not have.
    pub(super) fn unsupported(&self) -> Refusal {
        let (field, operator) = (&self.field, &self.operator);
        Refusal::invalid(format!(
            "Filter on property \"{field}\" is not supported or does not support operator \"{operator}\""
        ))
    }

    /// The refusal of a value of the wrong type.
    pub(super) fn wrong_value(&self) -> Refusal {
        Refusal::invalid(format!(
            "Property \"{}\" does not accept this value with operator \"{}\".",
            self.field, self.operator
        ))
    }
}
