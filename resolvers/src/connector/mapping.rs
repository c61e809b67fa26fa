//! The form of a mapping file: what a preset ships and what a merchant writes for a system of one's own.
//!
//! These are plain shapes. `connector::compile` checks every part of them before the gateway starts.

mod act;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use act::{AlsoSpec, CheckoutSpec, RefusalSpec, SignSpec, StepSpec};

/// A whole mapping file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What it connects to, in a few words.
    pub summary: String,
    /// How requests travel.
    pub protocol: Protocol,
    /// How to log in.
    #[serde(default)]
    pub auth: AuthSpec,
    /// The settings a system's configuration may or must give.
    #[serde(default)]
    pub settings: BTreeMap<String, SettingSpec>,
    /// JSON-RPC only: where calls are sent.
    #[serde(default)]
    pub rpc_path: Option<String>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Signs of failure inside a successful answer, of every lookup.
    #[serde(default)]
    pub failures: Vec<FailureSpec>,
    /// Statuses that mean something else than usual: an error kind, or `absent`.
    #[serde(default)]
    pub statuses: BTreeMap<u16, StatusMeaning>,
    /// Codes and the system's ids for them, loaded once and on a miss.
    #[serde(default)]
    pub tables: BTreeMap<String, TableSpec>,
    /// Some SKUs the system knows, for start-up checks.
    #[serde(default)]
    pub sample: Option<TableSpec>,
    /// Currencies whose minor unit the system counts otherwise than ISO 4217: how many decimals.
    #[serde(default)]
    pub minor_units: BTreeMap<String, u32>,
    /// What it promises of the orders it takes.
    #[serde(default)]
    pub checkout: CheckoutSpec,
    /// By lookup name.
    pub lookups: BTreeMap<String, LookupSpec>,
}

/// How requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP with JSON answers.
    Rest,
    /// `{id, method, params}` by POST; errors come inside a 200.
    Jsonrpc,
}

impl Protocol {
    /// The connector's name of a system that brings its own mapping.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Jsonrpc => "jsonrpc",
        }
    }
}

/// How to log in. Paths and scopes are templates over `settings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum AuthSpec {
    /// Anyone may ask.
    #[default]
    None,
    /// HTTP Basic from `auth.login` and `auth.password`.
    Basic,
    /// A header from `auth.token`.
    Header {
        /// Its name.
        name: String,
        /// What stands before the token, such as `Bearer `.
        #[serde(default)]
        prefix: String,
    },
    /// OAuth 2 client credentials.
    ClientCredentials {
        /// Where tokens are given out.
        token_path: String,
        /// The scope, where one is needed.
        #[serde(default)]
        scope: Option<String>,
    },
    /// OAuth 2 password grant with refresh, as JSON (Akeneo).
    Password {
        /// Where tokens are given out.
        token_path: String,
    },
    /// A Tryton session.
    TrytonSession,
}

/// One setting.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingSpec {
    /// What it is for.
    pub description: String,
    /// Refused when missing.
    pub required: bool,
    /// Used when missing.
    pub default: Option<Value>,
    /// The only values allowed, where there are few.
    pub one_of: Vec<Value>,
}

/// A sign of failure: the value at `path` is there and not null (and equals `is`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureSpec {
    /// Where to look.
    pub path: String,
    /// Only this value means failure.
    #[serde(default)]
    pub is: Option<Value>,
    /// What it means.
    #[serde(default)]
    pub kind: FailureKind,
}

/// The error kinds a mapping may name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The system refused.
    #[default]
    Rejected,
    /// It is overloaded.
    Overloaded,
    /// It is down.
    Unavailable,
}

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusMeaning {
    /// None of the asked keys is known.
    Absent,
    /// The system refused.
    Rejected,
    /// It is overloaded.
    Overloaded,
    /// It is down.
    Unavailable,
}

/// A list of codes and ids.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// How to ask for it.
    pub request: RequestSpec,
    /// Where the rows are in the answer.
    #[serde(default)]
    pub items: String,
    /// The code in a row.
    pub code: String,
    /// The id in a row; the code itself when left out.
    #[serde(default)]
    pub id: Option<String>,
}

/// One lookup.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupSpec {
    /// Settings without which this lookup is not served.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How many keys travel together.
    #[serde(default)]
    pub keys: KeysSpec,
    /// `prices` only: `calculated` or `rows`.
    #[serde(default)]
    pub mode: Option<ModeSpec>,
    /// `prices` with `mode: rows` only: `lowest` or `first_match`.
    #[serde(default)]
    pub choice: Option<ChoiceSpec>,
    /// `stock` only: each location is a call of its own.
    #[serde(default)]
    pub per_location: bool,
    /// Stock: whether a location that an answer does not list holds none of the article; otherwise it is UNKNOWN.
    #[serde(default)]
    pub unlisted_is_none: bool,
    /// `search`, `orders` and `past_orders` only: what the request makes use of.
    #[serde(default)]
    pub abilities: Vec<Ability>,
    /// Settings without which an ability is missing.
    #[serde(default)]
    pub ability_needs: BTreeMap<Ability, String>,
    /// Variables to look up in a table before asking: the result is `ids.<name>`.
    #[serde(default)]
    pub resolve: BTreeMap<String, ResolveSpec>,
    /// Other requests for special cases; the first whose `when` holds is asked.
    #[serde(default)]
    pub alternatives: Vec<AlternativeSpec>,
    /// The request.
    #[serde(default)]
    pub request: RequestSpec,
    /// `place_order` and `finish_order`: several requests in place of `request`, in order.
    #[serde(default)]
    pub steps: Vec<StepSpec>,
    /// `place_order`: signs that the order is refused for good.
    #[serde(default)]
    pub refusals: Vec<RefusalSpec>,
    /// `place_order`: signs that an order has this number already.
    #[serde(default)]
    pub duplicate: Vec<SignSpec>,
    /// `reserve`: signs that there is not enough and nothing is set aside.
    #[serde(default)]
    pub short: Vec<SignSpec>,
    /// `reservation`, `release_reservation`, `authorization`: signs that there is nothing of this name.
    #[serde(default)]
    pub absent: Vec<SignSpec>,
    /// `capture`, `void`: signs that the authorisation's state does not allow it, so that it is looked up.
    #[serde(default)]
    pub settled: Vec<SignSpec>,
    /// `placed_orders`: further places where an order may be.
    #[serde(default)]
    pub also: Vec<AlsoSpec>,
    /// What its answer means; left out for `document`, whose answer is handed on as it is.
    #[serde(default)]
    pub answer: AnswerSpec,
    /// `search` only: a request of its own for the number of all matches.
    #[serde(default)]
    pub count: Option<CountSpec>,
}

/// A request for the number of all matches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountSpec {
    /// The request.
    pub request: RequestSpec,
    /// Where the number is; the whole answer when empty.
    #[serde(default)]
    pub path: String,
}

/// How many keys travel together.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeysSpec {
    /// The most keys one call of the port may bring.
    pub max: usize,
    /// Each key is a request of its own (`key` instead of `keys`).
    pub one_by_one: bool,
    /// The longest URL; longer ones are split into several requests.
    pub url_bytes: usize,
}

impl Default for KeysSpec {
    fn default() -> Self {
        Self {
            max: 50,
            one_by_one: false,
            url_bytes: 2_000,
        }
    }
}

/// How a system states prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeSpec {
    /// The price of one quantity.
    Calculated,
    /// Price-list rows.
    Rows,
}

/// How the price is chosen among the rows that apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceSpec {
    /// The lowest.
    #[default]
    Lowest,
    /// The first in the system's order, the customer's own before the price list's.
    FirstMatch,
}

/// What a search or a list of orders understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// Free text.
    Text,
    /// Categories with their descendants.
    Categories,
    /// Brands.
    Brands,
    /// Conditions on attributes.
    Attributes,
    /// Changed since.
    UpdatedSince,
    /// The number of all matches.
    Count,
    /// `orders`: a company's orders, not only one customer's.
    Company,
    /// `orders`: the orders another system knows by a number.
    Reference,
}

/// A variable to look up in a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveSpec {
    /// The table.
    pub table: String,
    /// The code, as a template; an undefined one is not looked up.
    pub code: String,
}

/// A request for a special case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlternativeSpec {
    /// A template expression, such as `price_list is undefined`.
    pub when: String,
    /// The request.
    pub request: RequestSpec,
    /// What its answer means; as the lookup's own when left out.
    #[serde(default)]
    pub answer: Option<AnswerSpec>,
}

/// One request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestSpec {
    /// REST: `GET` unless there is a body, else `POST`; what writes may also `PUT`, `PATCH` and `DELETE`.
    pub method: Option<String>,
    /// REST: the path below the system's address; each inserted value is one piece of a segment.
    pub path: Option<String>,
    /// REST: query parameters in order; an undefined one is left out.
    pub query: Vec<(String, QueryValue)>,
    /// REST: a JSON body.
    pub body: Option<Value>,
    /// REST: a form in place of a body, in order; an undefined value is left out.
    pub form: Vec<(String, QueryValue)>,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// JSON-RPC: the method.
    pub call: Option<String>,
    /// JSON-RPC: the parameters.
    pub params: Option<Value>,
}

/// The value of a query parameter.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum QueryValue {
    /// A template for plain text.
    Text(String),
    /// Something else.
    Special(SpecialValue),
}

/// Values of another language inside a query.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SpecialValue {
    /// The parameter repeated for each element of a list.
    Each(String),
    /// An OData expression: inserted texts become quoted literals.
    Odata(String),
    /// JSON as text.
    Json(Value),
}

/// What an answer means.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerSpec {
    /// Where the items are; the whole answer when empty.
    pub items: String,
    /// The key of an item, as it was asked.
    pub key: Option<FieldSpec>,
    /// Rows inside an item; the item itself when left out.
    pub rows: Option<String>,
    /// Where an item has its Akeneo value list, for fields that say `attribute`.
    pub value_list: Option<String>,
    /// The channel whose values count, as a template over `settings`.
    pub scope: Option<String>,
    /// Values of the record, by name.
    pub fields: BTreeMap<String, FieldSpec>,
    /// Records inside the record, such as an order's lines, by name.
    pub lists: BTreeMap<String, ListSpec>,
    /// Further pages.
    pub paging: Option<PagingSpec>,
    /// `search` only: the number of all matches.
    pub total: Option<String>,
}

/// Records inside a record. One of `path` and `jq` leads to a list, or to one object, which is a list of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListSpec {
    /// Where it is; the record itself when empty.
    pub path: Option<String>,
    /// A jq filter where a path is not enough.
    pub jq: Option<String>,
    /// Values of each record, by name.
    pub fields: BTreeMap<String, FieldSpec>,
    /// Records inside these, by name.
    pub lists: BTreeMap<String, ListSpec>,
}

/// Further pages. A page that is missing fails the lookup: half an answer would look like absent keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PagingSpec {
    /// Where the address of the next page is; must be the system's own origin.
    pub next: Option<String>,
    /// With `paging.offset` and `paging.page` in the request: ask on until a page is not full.
    pub page_size: Option<usize>,
    /// `search`, `orders` and `past_orders` only: the system counts pages, so an offset between two of them needs both.
    pub whole_pages: bool,
    /// The most pages of one answer.
    pub max_pages: Option<usize>,
}

/// Where one value comes from and how it is read. One of `path`, `jq`, `attribute`, `value`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldSpec {
    /// Names and list positions with dots between: `_links.next.href`, `prices.0.amount`.
    pub path: Option<String>,
    /// A jq filter where a path is not enough.
    pub jq: Option<String>,
    /// An attribute of the value list, as a template over `settings`.
    pub attribute: Option<String>,
    /// Several attributes of the value list, as a template for a list over `settings`; `*` is all.
    pub attributes: Option<String>,
    /// A template over the call's variables, or a fixed value.
    pub value: Option<Value>,
    /// How it is read; fits the field when left out.
    #[serde(rename = "as")]
    pub read_as: Option<ReadAs>,
    /// Values that mean "nothing here".
    pub absent: Vec<Value>,
    /// Nothing is here unless the row says so elsewhere.
    #[serde(rename = "where")]
    pub only_where: Option<WhereSpec>,
    /// The system's words → ours; `*` is any other word.
    pub words: BTreeMap<String, String>,
    /// The same, used when nothing is there.
    pub default: Option<Value>,
    /// For addresses: a template over `value`, or `{{ settings.… }}` where a setting holds that template.
    pub link: Option<String>,
}

/// A condition on a row: the value at `path` equals `is`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhereSpec {
    /// Where to look, from the row on.
    pub path: String,
    /// What must stand there.
    pub is: Value,
}

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// Text, or a whole number as text.
    Text,
    /// A number with all its digits, or Tryton's `Decimal` object.
    Decimal,
    /// A number written as text with a decimal point.
    DecimalText,
    /// A whole number of the currency's smallest unit.
    MinorUnits,
    /// Yes or no.
    Bool,
    /// `YYYY-MM-DD…`, or Tryton's `date` object.
    Date,
    /// RFC 3339.
    Timestamp,
    /// Seconds since 1970 in UTC, as a whole number.
    Unix,
    /// A list of texts.
    List,
    /// An object of locale → text.
    Localized,
}
