//! Turns criteria of a PIM search into conditions that can be asked of a product or variant.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{Criterion, Subject, texts};
use crate::demo::answers::decimal;
use crate::demo::assortment::{Product, Sku, Value, value_of};
use crate::demo::attributes::{self, Attribute, Type};
use crate::demo::categories;
use crate::demo::pim::Refusal;
use crate::demo::pim::values::{locale_position, thousandths};

/// A question to one item.
pub(super) type Condition = Box<dyn Fn(&Item<'_>) -> bool>;

/// A question to the text of one item, which may be missing.
type TextTest = Box<dyn Fn(Option<&str>) -> bool>;

/// A product model, or a variant with the model it belongs to.
pub(super) struct Item<'a> {
    pub(super) product: &'a Product,
    pub(super) sku: Option<&'a Sku>,
}

impl<'a> Item<'a> {
    /// A variant has its own values and those of its parent.
    fn value(&self, attribute: &str) -> Option<&'a Value> {
        let own = self.sku.and_then(|sku| value_of(&sku.values, attribute));
        own.or_else(|| value_of(&self.product.values, attribute))
    }
}

/// Builds the condition of one criterion, or says what is wrong with it.
pub(super) fn build(criterion: &Criterion, subject: Subject) -> Result<Condition, Refusal> {
    match (criterion.field.as_str(), subject) {
        ("identifier", Subject::Models) => {
            let (codes, wanted) = list(criterion)?;
            Ok(Box::new(move |item| codes.contains(&item.product.code) == wanted))
        }
        ("identifier", Subject::Variants) => of_attribute(criterion, "sku"),
        ("categories", _) => of_categories(criterion),
        ("family", _) => of_family(criterion),
        ("created", _) => of_moment(criterion, |product| &product.created),
        ("updated", _) => of_moment(criterion, |product| &product.updated),
        ("parent", _) => of_parent(criterion, subject),
        ("enabled", Subject::Variants) => {
            let wanted = flag(criterion)?;
            Ok(Box::new(move |item| {
                item.sku.is_some_and(|sku| sku.enabled == wanted)
            }))
        }
        ("uuid", Subject::Variants) => {
            let (uuids, wanted) = list(criterion)?;
            Ok(Box::new(move |item| {
                item.sku.is_some_and(|sku| uuids.contains(&sku.uuid) == wanted)
            }))
        }
        (code, _) => of_attribute(criterion, code),
    }
}

// Properties.

fn of_categories(criterion: &Criterion) -> Result<Condition, Refusal> {
    if criterion.operator == "UNCLASSIFIED" {
        return Ok(Box::new(|item| item.product.categories.is_empty()));
    }
    let codes = texts(criterion)?;
    if let Some(unknown) = codes.iter().find(|code| categories::find(code).is_none()) {
        return Err(Refusal::invalid(format!(
            "Object \"category\" with code \"{unknown}\" does not exist"
        )));
    }
    let is_in = {
        let codes = codes.clone();
        move |product: &Product| {
            product
                .categories
                .iter()
                .any(|category| codes.iter().any(|code| code == category))
        }
    };
    let is_below = move |product: &Product| {
        product
            .categories
            .iter()
            .any(|category| codes.iter().any(|code| categories::is_within(category, code)))
    };
    Ok(match criterion.operator.as_str() {
        "IN" => Box::new(move |item| is_in(item.product)),
        "NOT IN" => Box::new(move |item| !is_in(item.product)),
        "IN OR UNCLASSIFIED" => {
            Box::new(move |item| item.product.categories.is_empty() || is_in(item.product))
        }
        "IN CHILDREN" => Box::new(move |item| is_below(item.product)),
        "NOT IN CHILDREN" => Box::new(move |item| !is_below(item.product)),
        _ => return Err(criterion.unsupported()),
    })
}

fn of_family(criterion: &Criterion) -> Result<Condition, Refusal> {
    match criterion.operator.as_str() {
        "EMPTY" => Ok(Box::new(|_| false)),
        "NOT EMPTY" => Ok(Box::new(|_| true)),
        _ => {
            let (families, wanted) = list(criterion)?;
            Ok(Box::new(move |item| {
                families.iter().any(|family| family == item.product.kind.family) == wanted
            }))
        }
    }
}

fn of_parent(criterion: &Criterion, subject: Subject) -> Result<Condition, Refusal> {
    let has_parent = subject == Subject::Variants;
    match criterion.operator.as_str() {
        "EMPTY" => Ok(Box::new(move |_| !has_parent)),
        "NOT EMPTY" => Ok(Box::new(move |_| has_parent)),
        "IN" => {
            let codes = texts(criterion)?;
            Ok(Box::new(move |item| {
                has_parent && codes.contains(&item.product.code)
            }))
        }
        "=" if has_parent => {
            let code = text(criterion)?;
            Ok(Box::new(move |item| item.product.code == code))
        }
        _ => Err(criterion.unsupported()),
    }
}

/// Moments are compared as text, which is right for one fixed format in one time zone.
fn of_moment(criterion: &Criterion, moment: fn(&Product) -> &str) -> Result<Condition, Refusal> {
    let iso = |text: &str| text.replace(' ', "T");
    if criterion.operator == "BETWEEN" {
        let bounds = texts(criterion)?;
        let [from, until] = bounds.as_slice() else {
            return Err(criterion.wrong_value());
        };
        let (from, until) = (iso(from), iso(until));
        return Ok(Box::new(move |item| {
            (from.as_str()..=until.as_str()).contains(&moment(item.product))
        }));
    }
    let bound = iso(&text(criterion)?);
    if bound.len() != "2026-01-01T00:00:00".len() {
        return Err(criterion.wrong_value());
    }
    match criterion.operator.as_str() {
        ">" => Ok(Box::new(move |item| moment(item.product) > bound.as_str())),
        "<" => Ok(Box::new(move |item| moment(item.product) < bound.as_str())),
        _ => Err(criterion.unsupported()),
    }
}

// Attributes. An item without the value meets no condition but EMPTY.

fn of_attribute(criterion: &Criterion, code: &str) -> Result<Condition, Refusal> {
    let attribute = attributes::find(code).ok_or_else(|| criterion.unsupported())?;
    if matches!(criterion.operator.as_str(), "EMPTY" | "NOT EMPTY") && !attribute.localisable {
        let wanted = criterion.operator == "NOT EMPTY";
        return Ok(Box::new(move |item| {
            item.value(attribute.code).is_some() == wanted
        }));
    }
    match attribute.kind {
        Type::Identifier | Type::Text | Type::Textarea | Type::Image => of_text(criterion, attribute),
        Type::Number | Type::Metric => of_number(criterion, attribute),
        Type::Select | Type::MultiSelect => of_choice(criterion, attribute),
        Type::Boolean => {
            let wanted = flag(criterion)?;
            Ok(Box::new(
                move |item| matches!(item.value(attribute.code), Some(Value::Boolean(truth)) if *truth == wanted),
            ))
        }
        Type::Date => of_date(criterion, attribute),
        Type::TextCollection => Err(criterion.unsupported()),
    }
}

fn of_text(criterion: &Criterion, attribute: &'static Attribute) -> Result<Condition, Refusal> {
    let locale = match (&criterion.locale, attribute.localisable) {
        (Some(locale), true) => Some(locale_position(locale)?),
        (None, true) => {
            return Err(Refusal::invalid(format!(
                "Attribute \"{}\" expects a locale, none given.",
                attribute.code
            )));
        }
        _ => None,
    };
    let test = text_test(criterion)?;
    Ok(Box::new(move |item| {
        let text = match (item.value(attribute.code), locale) {
            (Some(Value::Text(text)), _) => Some(text.as_str()),
            (Some(Value::Localised(texts)), Some(locale)) => texts[locale].as_deref(),
            _ => None,
        };
        test(text)
    }))
}

/// Comparisons of text ignore case, as the search engine behind the PIM does; lists do not.
fn text_test(criterion: &Criterion) -> Result<TextTest, Refusal> {
    match criterion.operator.as_str() {
        "EMPTY" => return Ok(Box::new(|text| text.is_none())),
        "NOT EMPTY" => return Ok(Box::new(|text| text.is_some())),
        "IN" | "NOT IN" => {
            let (texts, wanted) = list(criterion)?;
            return Ok(Box::new(move |text| {
                text.is_some_and(|text| texts.iter().any(|other| other == text) == wanted)
            }));
        }
        _ => {}
    }
    let sought = text(criterion)?.to_lowercase();
    let compare: fn(&str, &str) -> bool = match criterion.operator.as_str() {
        "=" => |text, sought| text == sought,
        "!=" => |text, sought| text != sought,
        "CONTAINS" => |text, sought| text.contains(sought),
        "DOES NOT CONTAIN" => |text, sought| !text.contains(sought),
        "STARTS WITH" => |text, sought| text.starts_with(sought),
        _ => return Err(criterion.unsupported()),
    };
    Ok(Box::new(move |text| {
        text.is_some_and(|text| compare(&text.to_lowercase(), &sought))
    }))
}

fn of_number(criterion: &Criterion, attribute: &'static Attribute) -> Result<Condition, Refusal> {
    let bound = bound(criterion, attribute)?;
    let compare = comparison(criterion)?;
    Ok(Box::new(move |item| match item.value(attribute.code) {
        Some(Value::Number(whole)) => compare(Decimal::from(*whole).cmp(&bound)),
        Some(Value::Metric(amount)) => compare(thousandths(*amount).cmp(&bound)),
        _ => false,
    }))
}

/// A number, a number in quotes, or amount and unit; only the default unit is known here.
fn bound(criterion: &Criterion, attribute: &Attribute) -> Result<Decimal, Refusal> {
    let amount = match criterion.value.get("unit") {
        Some(unit) if unit.as_str() != attribute.metric.map(|(_, unit)| unit) => {
            return Err(criterion.wrong_value());
        }
        Some(_) => criterion.value.get("amount").unwrap_or(&Json::Null),
        None => &criterion.value,
    };
    let number = match amount {
        Json::Number(number) => decimal(number),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| criterion.wrong_value())
}

fn of_choice(criterion: &Criterion, attribute: &'static Attribute) -> Result<Condition, Refusal> {
    let (codes, wanted) = list(criterion)?;
    let known = attributes::choices(attribute.code);
    if let Some(unknown) = codes
        .iter()
        .find(|code| !known.iter().any(|choice| choice.code == **code))
    {
        return Err(Refusal::invalid(format!(
            "Object \"options\" with code \"{unknown}\" does not exist"
        )));
    }
    let is_listed = move |code: &str| codes.iter().any(|other| other == code);
    Ok(Box::new(move |item| match item.value(attribute.code) {
        Some(Value::Choice(code)) => is_listed(code) == wanted,
        Some(Value::Choices(chosen)) => chosen.iter().any(|code| is_listed(code)) == wanted,
        _ => false,
    }))
}

fn of_date(criterion: &Criterion, attribute: &'static Attribute) -> Result<Condition, Refusal> {
    let day = |item: &Item<'_>| match item.value(attribute.code) {
        Some(Value::Date(day)) => day.clone(),
        _ => String::new(),
    };
    if criterion.operator == "BETWEEN" {
        let bounds = texts(criterion)?;
        let [from, until] = <[String; 2]>::try_from(bounds).map_err(|_| criterion.wrong_value())?;
        return Ok(Box::new(move |item| (&from..=&until).contains(&&day(item))));
    }
    let bound: String = text(criterion)?.chars().take("2026-01-01".len()).collect();
    let compare = comparison(criterion)?;
    Ok(Box::new(move |item| {
        let day = day(item);
        !day.is_empty() && compare(day.cmp(&bound))
    }))
}

// Values of criteria.

fn comparison(criterion: &Criterion) -> Result<fn(Ordering) -> bool, Refusal> {
    Ok(match criterion.operator.as_str() {
        "=" => Ordering::is_eq,
        "!=" => Ordering::is_ne,
        "<" => Ordering::is_lt,
        "<=" => Ordering::is_le,
        ">" => Ordering::is_gt,
        ">=" => Ordering::is_ge,
        _ => return Err(criterion.unsupported()),
    })
}

/// The texts of `IN` or `NOT IN`, and whether being among them is wanted.
fn list(criterion: &Criterion) -> Result<(Vec<String>, bool), Refusal> {
    match criterion.operator.as_str() {
        "IN" => Ok((texts(criterion)?, true)),
        "NOT IN" => Ok((texts(criterion)?, false)),
        _ => Err(criterion.unsupported()),
    }
}

fn text(criterion: &Criterion) -> Result<String, Refusal> {
    criterion
        .value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| criterion.wrong_value())
}

fn flag(criterion: &Criterion) -> Result<bool, Refusal> {
    let wanted = criterion.value.as_bool().ok_or_else(|| criterion.wrong_value())?;
    match criterion.operator.as_str() {
        "=" => Ok(wanted),
        "!=" => Ok(!wanted),
        _ => Err(criterion.unsupported()),
    }
}
