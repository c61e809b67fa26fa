//! The variables a request may use: the settings, and what this call asks.

use serde_json::{Map, Value as Json};

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

/// One call's variables, in the two forms they are needed in.
#[derive(Clone, Debug)]
pub(crate) struct Vars {
    json: Json,
    template: minijinja::Value,
}

impl Vars {
    pub(crate) fn new(members: Map<String, Json>) -> Self {
        let json = Json::Object(members);
        let template = template::value(&json);
        Self { json, template }
    }

    /// The same with further members.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        let mut members = self.json.as_object().cloned().unwrap_or_default();
        for (name, member) in more {
            members.insert(name.to_owned(), member);
        }
        Self::new(members)
    }

    pub(crate) fn json(&self) -> &Json {
        &self.json
    }

    pub(crate) fn template(&self) -> &minijinja::Value {
        &self.template
    }
}
