//! Akeneo's value list as a mapping primitive: `{code: [{locale, scope, data, …}]}`, one entry per language and channel.

use std::sync::Arc;

use skuery_schema::catalog::{Attribute, AttributeValue, OptionValue};

use crate::connector::convert;
use crate::connector::languages::Chain;
use crate::connector::node::{Node, View};

/// What one language's and channel's entry says; nulls are left out.
#[derive(Clone, Copy, Default)]
struct Entry<'a> {
    locale: Option<Node<'a>>,
    scope: Option<&'a str>,
    data: Option<Node<'a>>,
    kind: Option<&'a str>,
    linked: Option<Node<'a>>,
}

/// An entry, with our name of its language where it has one.
type Chosen<'a> = (Entry<'a>, Option<Arc<str>>);

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
        Some((entry.data?, language))
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
    fn entry(&self, entries: Node<'a>) -> Option<Chosen<'a>> {
        let mut chosen: Option<(usize, Chosen<'a>)> = None;
        for entry in entries.items()?.filter_map(Entry::of) {
            let (rank, language) = match entry.locale {
                None => (usize::MAX, None),
                Some(locale) => match self.chain.place(locale.as_str()) {
                    Some((rank, ours)) => (rank, Some(ours)),
                    None => continue,
                },
            };
            let is_better = chosen.as_ref().is_none_or(|(best, _)| rank < *best);
            let in_scope = entry.scope.is_none() || entry.scope == self.scope;
            if is_better && in_scope && (language.is_none() || entry.has_data()) {
                chosen = Some((rank, (entry, language.cloned())));
            }
        }
        chosen.map(|(_, entry)| entry)
    }

    fn typed(&self, entry: Entry<'_>) -> Option<AttributeValue> {
        let Entry {
            data, kind, linked, ..
        } = entry;
        let data = data?;
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

impl<'a> Entry<'a> {
    /// In one go over its members: there are five that count, and not many others.
    fn of(entry: Node<'a>) -> Option<Self> {
        let mut said = Self::default();
        for (name, value) in entry.members()?.filter(|(_, value)| !value.is_null()) {
            match name {
                "locale" => said.locale = Some(value),
                "scope" => said.scope = value.as_str(),
                "data" => said.data = Some(value),
                "attribute_type" => said.kind = value.as_str(),
                "linked_data" => said.linked = Some(value),
                _ => {}
            }
        }
        Some(said)
    }

    fn has_data(&self) -> bool {
        self.data.is_some_and(|data| data.as_str() != Some(""))
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
