//! Writes attribute values as the PIM does: per locale, with the type and, on request, the labels of options.

use serde_json::{Map, Value as Json, json};

use super::Refusal;
use crate::demo::assortment::{Value, Values};
use crate::demo::attributes::{self, Attribute};
use crate::demo::languages::{LOCALES, labels_json};
use crate::demo::query::Query;

/// Which values a request wants to see.
pub(super) struct Selection {
    /// Positions in `LOCALES`.
    locales: Vec<usize>,
    attributes: Option<Vec<String>>,
    with_options: bool,
}

impl Selection {
    /// Reads `locales`, `attributes` and `with_attribute_options`.
    pub(super) fn read(query: &Query) -> Result<Self, Refusal> {
        let locales = match query.get("locales") {
            None => (0..LOCALES.len()).collect(),
            Some(list) => list.split(',').map(locale_position).collect::<Result<_, _>>()?,
        };
        let attributes = match query.get("attributes") {
            None => None,
            Some(list) => Some(list.split(',').map(known_attribute).collect::<Result<_, _>>()?),
        };
        Ok(Self {
            locales,
            attributes,
            with_options: query.get("with_attribute_options") == Some("true"),
        })
    }

    /// Adds the chosen ones of some values to the object under `values`.
    pub(super) fn append(&self, shown: &mut Map<String, Json>, values: &Values) {
        for (code, value) in values {
            let is_chosen = self
                .attributes
                .as_ref()
                .is_none_or(|chosen| chosen.iter().any(|wanted| wanted == code));
            let Some(attribute) = attributes::find(code).filter(|_| is_chosen) else {
                continue;
            };
            let entries = self.entries(attribute, value);
            if !entries.is_empty() {
                shown.insert((*code).to_owned(), entries.into());
            }
        }
    }

    fn entries(&self, attribute: &Attribute, value: &Value) -> Vec<Json> {
        let entry = |locale: Option<&str>, data: Json| json!({"locale": locale, "scope": null, "data": data, "attribute_type": attribute.kind.name()});
        let Value::Localised(texts) = value else {
            let mut only = entry(None, data(attribute, value));
            if let Some(linked) = self.linked_data(attribute, value) {
                only["linked_data"] = linked;
            }
            return vec![only];
        };
        let mut entries = Vec::new();
        for (position, text) in texts.iter().enumerate() {
            if let Some(text) = text.as_ref().filter(|_| self.locales.contains(&position)) {
                entries.push(entry(Some(LOCALES[position]), json!(text)));
            }
        }
        entries
    }

    fn linked_data(&self, attribute: &Attribute, value: &Value) -> Option<Json> {
        if !self.with_options {
            return None;
        }
        let choices = attributes::choices(attribute.code);
        let link = |code: &str| {
            let labels = choices
                .iter()
                .find(|choice| choice.code == code)
                .map(|choice| labels_json(&choice.labels));
            json!({"attribute": attribute.code, "code": code, "labels": labels})
        };
        match value {
            Value::Choice(code) => Some(link(code)),
            Value::Choices(codes) => Some(
                codes
                    .iter()
                    .map(|code| ((*code).to_owned(), link(code)))
                    .collect::<Map<_, _>>()
                    .into(),
            ),
            _ => None,
        }
    }
}

/// The position of an activated locale.
pub(super) fn locale_position(code: &str) -> Result<usize, Refusal> {
    let position = LOCALES.iter().position(|locale| *locale == code);
    position.ok_or_else(|| Refusal::invalid(format!("Locale \"{code}\" does not exist or is not activated.")))
}

fn known_attribute(code: &str) -> Result<String, Refusal> {
    let attribute = attributes::find(code);
    attribute
        .map(|_| code.to_owned())
        .ok_or_else(|| Refusal::invalid(format!("Attribute \"{code}\" does not exist.")))
}

fn data(attribute: &Attribute, value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Localised(_) => Json::Null,
        Value::Number(whole) => json!(whole),
        Value::Boolean(truth) => json!(truth),
        Value::Metric(thousandths) => {
            let amount = rust_decimal::Decimal::new(thousandths * 10, 4);
            json!({"amount": amount.to_string(), "unit": attribute.metric.map(|(_, unit)| unit)})
        }
        Value::Choice(code) => json!(code),
        Value::Choices(codes) => json!(codes),
        Value::Date(day) => json!(format!("{day}T00:00:00+00:00")),
        Value::Texts(texts) => json!(texts),
    }
}

/// A metric in thousandths as a decimal, for comparisons.
pub(super) fn thousandths(value: i64) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(value, 3)
}
