//! The parts of a mapping that say how something is done in a system, not only asked: steps, and the signs in answers.

use serde::Deserialize;
use serde_json::Value;

use super::{AnswerSpec, RequestSpec};
use crate::port::order_entry::{ExternalNumber, RefusalReason};

/// What a system that takes orders promises. In a system's configuration it replaces what the mapping says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckoutSpec {
    /// What it does with the number we give an order: `unique`, `searchable` or `none`.
    pub external_number: Option<ExternalNumber>,
    /// It refuses an order for which there is not enough stock.
    pub rejects_oversell: Option<bool>,
    /// How long a new order may stay invisible to `placed_orders`.
    pub visibility_delay_ms: Option<u64>,
}

/// One of several requests. Its answer is `answers.<name>` for those after it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepSpec {
    /// Its name.
    pub name: String,
    /// A template expression without which it is left out.
    pub when: Option<String>,
    /// After it nothing of an order is there yet; a `GET` always is such a step.
    pub prepares: bool,
    /// The request.
    pub request: RequestSpec,
}

/// A sign in an answer. All that is given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignSpec {
    /// The answer's status; any success when left out.
    pub status: Option<u16>,
    /// The value there is not null.
    pub path: Option<String>,
    /// It is this one.
    pub is: Option<Value>,
    /// It is a text with this in it.
    pub contains: Option<String>,
    /// A template expression over the variables and `answers`.
    pub when: Option<String>,
}

/// A sign that an order is refused for good, so that nothing of it is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalSpec {
    /// As in a sign.
    #[serde(default)]
    pub status: Option<u16>,
    /// As in a sign.
    #[serde(default)]
    pub path: Option<String>,
    /// As in a sign.
    #[serde(default)]
    pub is: Option<Value>,
    /// As in a sign.
    #[serde(default)]
    pub contains: Option<String>,
    /// As in a sign.
    #[serde(default)]
    pub when: Option<String>,
    /// Why.
    pub reason: RefusalReason,
    /// What the client is told.
    #[serde(default)]
    pub message: Option<String>,
    /// Where the answer has a text that clients may see.
    #[serde(default)]
    pub message_path: Option<String>,
}

impl RefusalSpec {
    /// Its sign alone.
    pub fn sign(&self) -> SignSpec {
        SignSpec {
            status: self.status,
            path: self.path.clone(),
            is: self.is.clone(),
            contains: self.contains.clone(),
            when: self.when.clone(),
        }
    }
}

/// A further place where an order may be found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoSpec {
    /// The request.
    pub request: RequestSpec,
    /// What its answer means.
    pub answer: AnswerSpec,
}
