//! Akeneo's value list as a mapping primitive: `{code: [{locale, scope, data, …}]}`, one entry per language and channel.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use skuery_schema::catalog::{Attribute, AttributeValue, OptionValue};

use crate::connector::convert;
use crate::connector::languages::Chain;

/// One language's and channel's entry, with our name of the language where it has one.
type Entry<'a> = (&'a Map<String, Json>, Option<Arc<str>>);

/// A value list seen in the wanted languages.
#[derive(Clone, Copy)]
pub(crate) struct ValueList<'a> {
    values: &'a Map<String, Json>,
    scope: Option<&'a str>,
    chain: &'a Chain,
}

impl<'a> ValueList<'a> {
    pub(crate) fn new(values: &'a Json, scope: Option<&'a str>, chain: &'a Chain) -> Option<Self> {
        Some(Self {
            values: values.as_object()?,
            scope,
            chain,
        })
    }

    /// The codes of all attributes, in the system's order.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str)
    }

    /// The data of one attribute in the first wanted language that has it, with our name of that language.
    pub(crate) fn data(&self, code: &str) -> Option<(&'a Json, Option<Arc<str>>)> {
        let (entry, language) = self.entry(code)?;
        let data = entry.get("data").filter(|data| !data.is_null())?;
        Some((data, language))
    }

    /// One attribute with its type; without a value where none of the wanted languages has one.
    pub(crate) fn attribute(&self, code: &str) -> Option<Attribute> {
        if !self.values.contains_key(code) {
            return None;
        }
        let label: Arc<str> = Arc::from(code);
        let (value, locale_used) = match self.entry(code) {
            Some((entry, language)) => (self.typed(entry), language),
            None => (None, None),
        };
        Some(Attribute {
            code: Arc::clone(&label),
            label,
            value,
            locale_used,
        })
    }

    /// One attribute's value for people: an option's label, a measure with its unit.
    pub(crate) fn text(&self, code: &str) -> Option<(Arc<str>, Option<Arc<str>>)> {
        let (entry, language) = self.entry(code)?;
        let text: Arc<str> = match self.typed(entry)? {
            AttributeValue::Text(text) => text,
            AttributeValue::Number(number) => Arc::from(number.to_string()),
            AttributeValue::Option(option) => option.label,
            AttributeValue::Options(options) => {
                let labels: Vec<&str> = options.iter().map(|option| &*option.label).collect();
                Arc::from(labels.join(", "))
            }
            AttributeValue::Measure { amount, unit } => Arc::from(format!("{amount} {unit}")),
            AttributeValue::Date(date) => Arc::from(date.to_string()),
            AttributeValue::Boolean(switch) => Arc::from(switch.to_string()),
            AttributeValue::Json(_) => return None,
        };
        Some((text, language))
    }

    fn entry(&self, code: &str) -> Option<Entry<'a>> {
        let entries: Vec<&Map<String, Json>> = self
            .values
            .get(code)?
            .as_array()?
            .iter()
            .filter_map(Json::as_object)
            .filter(|entry| self.in_scope(entry))
            .collect();
        for (ours, theirs) in self.chain.pairs() {
            let found = entries.iter().find(|entry| {
                entry.get("locale").and_then(Json::as_str) == Some(theirs)
                    && entry.get("data").is_some_and(|data| !is_blank(data))
            });
            if let Some(entry) = found {
                return Some((entry, Some(Arc::clone(ours))));
            }
        }
        let plain = entries
            .into_iter()
            .find(|entry| entry.get("locale").is_none_or(Json::is_null))?;
        Some((plain, None))
    }

    fn in_scope(&self, entry: &Map<String, Json>) -> bool {
        match entry.get("scope").and_then(Json::as_str) {
            None => true,
            Some(scope) => self.scope == Some(scope),
        }
    }

    fn typed(&self, entry: &Map<String, Json>) -> Option<AttributeValue> {
        let data = entry.get("data").filter(|data| !data.is_null())?;
        let kind = entry.get("attribute_type").and_then(Json::as_str);
        let linked = entry.get("linked_data");
        let typed = match (kind.unwrap_or(""), data) {
            ("pim_catalog_simpleselect", Json::String(code)) => {
                Some(AttributeValue::Option(self.option(code, linked)))
            }
            ("pim_catalog_multiselect", Json::Array(codes)) => Some(AttributeValue::Options(
                codes
                    .iter()
                    .filter_map(Json::as_str)
                    .map(|code| self.option(code, linked.and_then(|it| it.get(code))))
                    .collect(),
            )),
            ("pim_catalog_metric", _) => measure(data),
            ("pim_catalog_number", _) => convert::decimal_text(data).ok().map(AttributeValue::Number),
            ("pim_catalog_date", _) => convert::date(data).ok().map(AttributeValue::Date),
            // Without a type, the shape of the data says what it is.
            (_, Json::Bool(switch)) => Some(AttributeValue::Boolean(*switch)),
            (_, Json::Number(_)) => convert::decimal(data).ok().map(AttributeValue::Number),
            (_, Json::String(text)) => Some(AttributeValue::Text(Arc::from(text.as_str()))),
            (_, Json::Object(members)) if members.contains_key("amount") => measure(data),
            _ => None,
        };
        Some(typed.unwrap_or_else(|| AttributeValue::Json(data.clone())))
    }

    fn option(&self, code: &str, linked: Option<&Json>) -> OptionValue {
        let code: Arc<str> = Arc::from(code);
        let label = linked
            .and_then(|linked| linked.get("labels"))
            .and_then(|labels| self.chain.pick(labels))
            .map_or_else(|| Arc::clone(&code), |(label, _)| label);
        OptionValue { code, label }
    }
}

fn measure(data: &Json) -> Option<AttributeValue> {
    let amount = convert::decimal_text(data.get("amount")?).ok()?;
    let unit = data.get("unit")?.as_str()?;
    Some(AttributeValue::Measure {
        amount,
        unit: Arc::from(unit),
    })
}

fn is_blank(data: &Json) -> bool {
    data.is_null() || data.as_str() == Some("")
}
