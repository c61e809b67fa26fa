//! Templates whose inserted values are escaped for the place they go to: a value can never change a request's shape.
//!
//! The text around `{{ … }}` is the mapping author's and stays as it is; what the braces yield is data.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, Value};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json};

use crate::connector::minor_units;
use crate::door::fault::Fault;
use crate::error::ErrorKind as Kind;

/// Where the text goes, and so how inserted values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// As it is: a query value before encoding, a header, a text inside JSON.
    Text,
    /// A piece of one URL path segment.
    Segment,
    /// A piece of an address for people, where `/` separates.
    Link,
    /// A literal of an OData expression.
    Odata,
    /// The JSON form of the one value there is.
    Json,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Segment => "segment",
            Self::Link => "link",
            Self::Odata => "odata",
            Self::Json => "json",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Text, Self::Segment, Self::Link, Self::Odata, Self::Json]
            .into_iter()
            .find(|target| target.name() == name)
    }
}

/// A checked template.
pub(crate) struct Template {
    environment: Environment<'static>,
    single: bool,
    /// The text of one without braces, which needs no rendering.
    fixed: Option<String>,
    target: Target,
    /// What stands before and after the one variable, where there is nothing else.
    around: Option<(String, String)>,
}

impl Template {
    /// Compiles; `known` are the variables it may use.
    pub(crate) fn new(source: &str, target: Target, known: &[&str]) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(move |_| AutoEscape::Custom(target.name().into()));
        environment.set_formatter(write_value);
        environment.add_filter("number", number);
        environment.add_filter("date", date);
        environment.add_filter("timestamp", timestamp);
        environment.add_filter("unix", unix);
        environment.add_filter("minor_units", minor_units);
        environment
            .add_template_owned("template", source.to_owned())
            .map_err(|error| problem(&error))?;
        let template = environment
            .get_template("template")
            .map_err(|error| problem(&error))?;
        let unknown: HashSet<String> = template.undeclared_variables(false);
        let mut unknown: Vec<&String> = unknown
            .iter()
            .filter(|name| !known.contains(&name.as_str()))
            .collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            return Err(format!("unknown variable `{name}`, use {}", known.join(", ")));
        }
        let fixed = match source.contains('{') {
            true => None,
            false => Some(template.render(()).map_err(|error| problem(&error))?),
        };
        Ok(Self {
            environment,
            single: is_single(source),
            fixed,
            target,
            around: match known {
                [name] => around(source, name),
                _ => None,
            },
        })
    }

    /// Whether it names this variable; `a.b` is a part of one, which counts where the whole is named too.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let Ok(template) = self.environment.get_template("template") else {
            return false;
        };
        let named = template.undeclared_variables(true);
        let whole = name.split('.').next().unwrap_or(name);
        named.contains(name)
            || named.contains(whole)
            || (whole == name && named.iter().any(|it| it.split('.').next() == Some(name)))
    }

    /// The text. `None` where the template is one expression and that is undefined.
    pub(crate) fn text(&self, vars: &Value) -> Result<Option<String>, Fault> {
        if let Some(fixed) = &self.fixed {
            return Ok(Some(fixed.clone()));
        }
        let rendered = self
            .environment
            .get_template("template")
            .and_then(|template| template.render(vars));
        match rendered {
            Ok(text) => Ok(Some(text)),
            Err(error) if self.single && is_undefined(&error) => Ok(None),
            Err(error) => Err(Fault::new(
                Kind::Rejected,
                format!("the request cannot be written: {}", problem(&error)),
            )),
        }
    }

    /// The text of a template that knows one variable, a text.
    pub(crate) fn filled(&self, name: &str, text: &str) -> Result<Option<String>, Fault> {
        let escaped = match self.target {
            Target::Text => Some(Cow::Borrowed(text)),
            Target::Segment => Some(Cow::Owned(percent(text, b""))),
            Target::Link => Some(Cow::Owned(percent(text, b"/"))),
            Target::Odata | Target::Json => None,
        };
        match (&self.around, escaped) {
            (Some((before, after)), Some(text)) => Ok(Some(format!("{before}{text}{after}"))),
            _ => self.text(&Value::from_pairs([(name, text)])),
        }
    }

    /// The value of a template made for `Target::Json`; `None` where it is undefined.
    pub(crate) fn json(&self, vars: &Value) -> Result<Option<Json>, Fault> {
        let Some(text) = self.text(vars)? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|_| Fault::new(Kind::Rejected, "the request cannot be written as JSON"))
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template")
    }
}

/// Whether the whole source is one `{{ … }}`.
pub(crate) fn is_single(source: &str) -> bool {
    let source = source.trim();
    source
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .is_some_and(|inside| !["{{", "}}", "{%", "{#"].iter().any(|mark| inside.contains(mark)))
}

/// What stands before and after `{{ name }}` in a source that has nothing else to work out.
fn around(source: &str, name: &str) -> Option<(String, String)> {
    let (before, rest) = source.split_once("{{")?;
    let (inside, after) = rest.split_once("}}")?;
    let is_plain = |text: &str| !text.contains(['{', '}', '\n', '\r', '#', '%']);
    let is_it = inside.trim() == name && is_plain(before) && is_plain(after);
    is_it.then(|| (before.to_owned(), after.to_owned()))
}

/// Turns JSON into a template value; numbers keep their digits.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::UNDEFINED,
        Json::Bool(switch) => Value::from(*switch),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from_object(Bare::Number(number.to_string())),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(members) => {
            Value::from_pairs(members.iter().map(|(name, member)| (name.clone(), value(member))))
        }
    }
}

/// A number, day or point in time that stands in a request without quotes. Only made from text that is one.
#[derive(Debug)]
enum Bare {
    Number(String),
    Time(String),
}

impl Object for Bare {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Self::Number(text) | Self::Time(text) => f.write_str(text),
        }
    }
}

/// Filter: a text that is a number, as a number.
fn number(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() || value.is_number() {
        return Ok(value.clone());
    }
    let text = value.to_string();
    match serde_json::from_str::<Number>(&text) {
        Ok(_) => Ok(Value::from_object(Bare::Number(text))),
        Err(_) => Err(refuse("a value is not a number")),
    }
}

/// Filter: a text that is a day, without quotes in OData.
fn date(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    let day: jiff::civil::Date = value
        .to_string()
        .parse()
        .map_err(|_| refuse("a value is not a date"))?;
    Ok(Value::from_object(Bare::Time(day.to_string())))
}

/// Filter: a text that is a point in time, without quotes in OData.
fn timestamp(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    Ok(Value::from_object(Bare::Time(moment(value)?.to_string())))
}

/// Filter: a text that is a point in time, as seconds since 1970 in UTC.
fn unix(value: &Value) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    Ok(Value::from(moment(value)?.as_second()))
}

/// Filter: an amount as a whole number of its currency's smallest unit. One that is none is refused, never rounded.
fn minor_units(state: &State<'_, '_>, amount: &Value, currency: &str) -> Result<Value, Error> {
    if amount.is_undefined() || amount.is_none() {
        return Ok(amount.clone());
    }
    let own = match state.lookup(minor_units::VARIABLE) {
        Some(own) if own.kind() == ValueKind::Map => to_json(&own)?,
        _ => Json::Null,
    };
    let none = Map::new();
    let number: Option<Decimal> = amount.to_string().parse().ok();
    number
        .and_then(|number| minor_units::to_minor(number, currency, own.as_object().unwrap_or(&none)))
        .map(Value::from)
        .ok_or_else(|| refuse("an amount is no whole number of the currency's smallest unit"))
}

fn moment(value: &Value) -> Result<jiff::Timestamp, Error> {
    let moment = value.to_string().parse();
    moment.map_err(|_| refuse("a value is not a point in time"))
}

fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let target = match state.auto_escape() {
        AutoEscape::Custom(name) => Target::named(name),
        _ => None,
    };
    let Some(target) = target else {
        return Err(refuse("escaping cannot be switched off"));
    };
    if value.is_undefined() || value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value is undefined"));
    }
    let text = match target {
        Target::Text => plain(value)?,
        Target::Segment => percent(&plain(value)?, b""),
        Target::Link => percent(&plain(value)?, b"/"),
        Target::Odata => odata(value)?,
        Target::Json => to_json(value)?.to_string(),
    };
    out.write_str(&text).map_err(Error::from)
}

/// One scalar as text. Lists and objects have no plain form.
fn plain(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::String | ValueKind::Number | ValueKind::Plain => Ok(value.to_string()),
        _ => Err(refuse("a list or object was inserted as text")),
    }
}

/// Percent-encodes all but unreserved characters and those of `keep`.
fn percent(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if unreserved || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn odata(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String => odata_text(&value.to_string()),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::Number => Ok(value.to_string()),
        ValueKind::Plain if value.downcast_object_ref::<Bare>().is_some() => Ok(value.to_string()),
        ValueKind::Seq => {
            let literals: Result<Vec<String>, Error> = value.try_iter()?.map(|item| odata(&item)).collect();
            Ok(literals?.join(","))
        }
        _ => Err(refuse("a value has no OData literal")),
    }
}

fn odata_text(text: &str) -> Result<String, Error> {
    if text.chars().any(char::is_control) {
        return Err(refuse("a control character has no place in an OData literal"));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

fn to_json(value: &Value) -> Result<Json, Error> {
    Ok(match value.kind() {
        ValueKind::String => Json::String(value.to_string()),
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number_to_json(&value.to_string())?,
        ValueKind::Plain => match value.downcast_object_ref::<Bare>() {
            Some(Bare::Number(text)) => number_to_json(text)?,
            Some(Bare::Time(text)) => Json::String(text.clone()),
            None => return Err(refuse("a value has no JSON form")),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Result<Vec<Json>, Error> = value.try_iter()?.map(|item| to_json(&item)).collect();
            Json::Array(items?)
        }
        ValueKind::Map => {
            let mut members = Map::new();
            for key in value.try_iter()? {
                members.insert(key.to_string(), to_json(&value.get_item(&key)?)?);
            }
            Json::Object(members)
        }
        ValueKind::Undefined | ValueKind::None => Json::Null,
        _ => return Err(refuse("a value has no JSON form")),
    })
}

fn number_to_json(text: &str) -> Result<Json, Error> {
    serde_json::from_str::<Number>(text)
        .map(Json::Number)
        .map_err(|_| refuse("a value is not a number"))
}

fn refuse(words: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, words)
}

fn is_undefined(error: &Error) -> bool {
    error.kind() == ErrorKind::UndefinedError
}

/// The engine's words without the source around them, which may show values.
fn problem(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
