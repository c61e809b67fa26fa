//! Akeneo's value list as a mapping primitive: `{code: [{locale, scope, data, …}]}`, one entry per language and channel.

use std::sync::Arc;

use skuery_schema::catalog::{Attribute, AttributeValue, OptionValue};

use crate::connector::convert;
use crate::connector::languages::Chain;
use crate::connector::node::{Node, View};

/// One language's and channel's entry, with our name of the language where it has one.
type Entry<'a> = (Node<'a>, Option<Arc<str>>);

/// A value list seen in the wanted languages.
#[derive(Clone, Copy)]
pub(crate) struct ValueList<'a> {
    values: Node<'a>,
    scope: Option<&'a str>,
    chain: &'a Chain,
}

impl<'a> ValueList<'a> {
    pub(crate) fn new(values: Node<'a>, scope: Option<&'a str>, chain: &'a Chain) -> Option<Self> {
        values.members()?;
        Some(Self { values, scope, chain })
    }

    /// The entries of all attributes by their codes, in the system's order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        self.values.members().into_iter().flatten()
    }

    /// The entries of one attribute.
    pub(crate) fn of(&self, code: &str) -> Option<Node<'a>> {
        self.values.get(code)
    }

    /// The data of one attribute's entries in the first wanted language that has it, with our name of that language.
    pub(crate) fn data(&self, entries: Node<'a>) -> Option<(Node<'a>, Option<Arc<str>>)> {
        let (entry, language) = self.entry(entries)?;
        let data = entry.get("data").filter(|data| !data.is_null())?;
        Some((data, language))
    }

    /// One attribute with its type; without a value where none of the wanted languages has one.
    pub(crate) fn attribute(&self, code: &str, entries: Node<'a>) -> Attribute {
        let label: Arc<str> = Arc::from(code);
        let (value, locale_used) = match self.entry(entries) {
            Some((entry, language)) => (self.typed(entry), language),
            None => (None, None),
        };
        Attribute {
            code: Arc::clone(&label),
            label,
            value,
            locale_used,
        }
    }

    /// One attribute's value for people: an option's label, a measure with its unit.
    pub(crate) fn text(&self, entries: Node<'a>) -> Option<(Arc<str>, Option<Arc<str>>)> {
        let (entry, language) = self.entry(entries)?;
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

    /// That of the first wanted language with data, or else the first that is of no language.
    fn entry(&self, entries: Node<'a>) -> Option<Entry<'a>> {
        let mut chosen: Option<(usize, Entry<'a>)> = None;
        for entry in entries.items()? {
            let locale = match entry.get("locale") {
                None if entry.members().is_none() => continue,
                None => None,
                Some(locale) if locale.is_null() => None,
                Some(locale) => Some(locale),
            };
            let (rank, language) = match locale {
                None => (usize::MAX, None),
                Some(locale) => match self.chain.place(locale.as_str()) {
                    Some((rank, ours)) => (rank, Some(ours)),
                    None => continue,
                },
            };
            let is_better = chosen.as_ref().is_none_or(|(best, _)| rank < *best);
            let has_data = || entry.get("data").is_some_and(|data| !is_blank(data));
            if is_better && self.in_scope(entry) && (language.is_none() || has_data()) {
                chosen = Some((rank, (entry, language.cloned())));
            }
        }
        chosen.map(|(_, entry)| entry)
    }

    fn in_scope(&self, entry: Node<'_>) -> bool {
        match entry.get("scope").and_then(Node::as_str) {
            None => true,
            Some(scope) => self.scope == Some(scope),
        }
    }

    fn typed(&self, entry: Node<'_>) -> Option<AttributeValue> {
        let data = entry.get("data").filter(|data| !data.is_null())?;
        let kind = entry.get("attribute_type").and_then(Node::as_str);
        let linked = entry.get("linked_data");
        let typed = match (kind.unwrap_or(""), data.view()) {
            ("pim_catalog_simpleselect", View::Text(code)) => {
                Some(AttributeValue::Option(self.option(code, linked)))
            }
            ("pim_catalog_multiselect", View::List(codes)) => Some(AttributeValue::Options(
                codes
                    .filter_map(Node::as_str)
                    .map(|code| self.option(code, linked.and_then(|it| it.get(code))))
                    .collect(),
            )),
            ("pim_catalog_metric", _) => measure(data),
            ("pim_catalog_number", _) => convert::decimal_text(data).ok().map(AttributeValue::Number),
            ("pim_catalog_date", _) => convert::date(data).ok().map(AttributeValue::Date),
            // Without a type, the shape of the data says what it is.
            (_, View::Bool(switch)) => Some(AttributeValue::Boolean(switch)),
            (_, View::Number(_)) => convert::decimal(data).ok().map(AttributeValue::Number),
            (_, View::Text(text)) => Some(AttributeValue::Text(Arc::from(text))),
            (_, View::Object(_)) if data.get("amount").is_some() => measure(data),
            _ => None,
        };
        Some(typed.unwrap_or_else(|| AttributeValue::Json(data.to_json())))
    }

    fn option(&self, code: &str, linked: Option<Node<'_>>) -> OptionValue {
        let code: Arc<str> = Arc::from(code);
        let label = linked
            .and_then(|linked| linked.get("labels"))
            .and_then(|labels| self.chain.pick(labels))
            .map_or_else(|| Arc::clone(&code), |(label, _)| label);
        OptionValue { code, label }
    }
}

fn measure(data: Node<'_>) -> Option<AttributeValue> {
    let amount = convert::decimal_text(data.get("amount")?).ok()?;
    let unit = data.get("unit")?.as_str()?;
    Some(AttributeValue::Measure {
        amount,
        unit: Arc::from(unit),
    })
}

fn is_blank(data: Node<'_>) -> bool {
    data.is_null() || data.as_str() == Some("")
}
