//! The variables a request may use: the settings, and what this call asks.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::connector::template;

/// Names that exist in every request. Those that do not apply to a lookup are undefined there.
pub(crate) const NAMES: [&str; 48] = [
    "settings",
    "key",
    "keys",
    "ids",
    "locale",
    "locales",
    "location",
    "locations",
    "price_list",
    "price_lists",
    "currency",
    "quantity",
    "unit",
    "date",
    "today",
    "customer",
    "company",
    "since",
    "until",
    "since_day",
    "until_day",
    "number",
    "reference",
    "kind",
    "search",
    "roots",
    "paging",
    "lines",
    "item",
    "external_number",
    "channel",
    "customer_reference",
    "note",
    "placed_at",
    "shipping_address",
    "billing_address",
    "pickup_location",
    "payment",
    "reservation",
    "placed",
    "order_number",
    "authorization",
    "amount",
    "idempotency_key",
    "answers",
    // Names the template engine itself provides.
    "loop",
    "range",
    "dict",
];

/// One call's variables. Those made from others share what these hold: among them are hundreds of keys, and a list may
/// be filled in element by element.
#[derive(Clone, Debug)]
pub(crate) struct Vars {
    members: Vec<Member>,
    template: minijinja::Value,
}

/// One variable, in the two forms it is needed in.
#[derive(Clone, Debug)]
struct Member {
    name: &'static str,
    json: Arc<Json>,
    value: minijinja::Value,
}

impl Vars {
    pub(crate) fn new(members: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        let nothing = Self {
            members: Vec::new(),
            template: minijinja::Value::UNDEFINED,
        };
        nothing.with(members)
    }

    /// The same with further members.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        let mut members = self.members.clone();
        for (name, json) in more {
            let member = Member {
                name,
                value: template::value(&json),
                json: Arc::new(json),
            };
            match members.iter_mut().find(|member| member.name == name) {
                Some(earlier) => *earlier = member,
                None => members.push(member),
            }
        }
        let values = members.iter().map(|member| (member.name, member.value.clone()));
        Self {
            template: minijinja::Value::from_pairs(values),
            members,
        }
    }

    pub(crate) fn json(&self) -> Json {
        let members = self.members.iter();
        members
            .map(|member| (member.name.to_owned(), (*member.json).clone()))
            .collect()
    }

    pub(crate) fn template(&self) -> &minijinja::Value {
        &self.template
    }
}
