//! What the systems answer, as far as somebody reads it, and what is made of it.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Failure;

/// The attributes a product page shows, in the PIM's order.
pub(crate) const SHOWN: [&str; 4] = ["material", "season", "waterproof", "weight"];
/// The channel's languages, the first that has a text wins.
const LOCALES: [&str; 2] = ["sv_SE", "en_GB"];

// ---------------------------------------------------------------- what is kept

pub(super) struct Page {
    pub(super) products: Vec<Product>,
    pub(super) has_next: bool,
}

pub(super) struct Product {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) brand: Option<String>,
    pub(super) description: Option<String>,
    pub(super) media: Vec<String>,
    pub(super) attributes: Vec<(&'static str, Shown)>,
    pub(super) skus: Vec<String>,
}

/// The value of an attribute as a GraphQL client gets it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown {
    Boolean { boolean: bool },
    Measure { amount: String, unit: String },
    Option(Choice),
    Options { options: Vec<Choice> },
}

#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) code: String,
    pub(super) label: String,
}

pub(super) struct Variant {
    pub(super) name: Option<String>,
    pub(super) gtin: Option<String>,
    pub(super) media: Vec<String>,
    /// Attribute code and label of the value.
    pub(super) options: Vec<(&'static str, String)>,
}

/// A row of a price list.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    asset_no: Arc<str>,
    #[serde(deserialize_with = "exact")]
    pub(super) unit_price: Decimal,
    #[serde(deserialize_with = "exact")]
    pub(super) line_discount_percent: Decimal,
    #[serde(deserialize_with = "exact")]
    pub(super) minimum_quantity: Decimal,
    #[serde(rename = "sourceType", deserialize_with = "campaign")]
    pub(super) is_campaign: bool,
    pub(super) starting_date: Arc<str>,
    pub(super) ending_date: Arc<str>,
}

/// Sellable quantity at each location that the WMS lists.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Level {
    pub(super) warehouse_id: u32,
    #[serde(deserialize_with = "exact")]
    pub(super) sellable_number_of_items: Decimal,
}

// ---------------------------------------------------------------- how it is written

#[derive(Deserialize)]
struct Embedded<T> {
    _links: Links,
    _embedded: Items<T>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Item {
    values: Values,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Values {
    sku: Vec<Entry<String>>,
    slug: Vec<Entry<String>>,
    name: Vec<Entry<String>>,
    description: Vec<Entry<String>>,
    brand: Vec<Entry<String, Linked>>,
    image: Vec<Entry<String>>,
    image_2: Vec<Entry<String>>,
    ean: Vec<Entry<String>>,
    variant_skus: Vec<Entry<Vec<String>>>,
    colour: Vec<Entry<String, Linked>>,
    size: Vec<Entry<String, Linked>>,
    material: Vec<Entry<String, Linked>>,
    season: Vec<Entry<Vec<String>, HashMap<String, Linked>>>,
    waterproof: Vec<Entry<bool>>,
    weight: Vec<Entry<Metric>>,
}

/// One value; what is linked is only read where it is wanted.
#[derive(Deserialize)]
struct Entry<T, L = IgnoredAny> {
    locale: Option<String>,
    data: T,
    linked_data: Option<L>,
}

#[derive(Deserialize)]
struct Linked {
    labels: Labels,
}

#[derive(Deserialize)]
struct Labels {
    #[serde(rename = "sv_SE")]
    swedish: Option<String>,
    #[serde(rename = "en_GB")]
    english: Option<String>,
}

#[derive(Deserialize)]
struct Metric {
    amount: String,
    unit: String,
}

#[derive(Deserialize)]
struct Named {
    code: String,
    labels: Labels,
}

#[derive(Deserialize)]
struct Rows {
    value: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Article {
    article_number: String,
    inventory_per_warehouse: Vec<Level>,
}

/// A number without the detour over a float.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    raw.get().parse().map_err(D::Error::custom)
}

fn campaign<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(<&str>::deserialize(deserializer)? == "Campaign")
}

// ---------------------------------------------------------------- how it is read

pub(super) fn page(answer: &[u8]) -> Result<Page, Failure> {
    let read: Embedded<Item> = serde_json::from_slice(answer)?;
    Ok(Page {
        has_next: read._links.next.is_some(),
        products: read._embedded.items.into_iter().filter_map(product).collect(),
    })
}

/// Variants by SKU.
pub(super) fn variants(answer: &[u8]) -> Result<HashMap<String, Variant>, Failure> {
    let read: Embedded<Item> = serde_json::from_slice(answer)?;
    Ok(read._embedded.items.into_iter().filter_map(variant).collect())
}

/// Labels by attribute code.
pub(super) fn labels(answer: &[u8]) -> Result<HashMap<String, String>, Failure> {
    let read: Embedded<Named> = serde_json::from_slice(answer)?;
    let labels = read._embedded.items.into_iter();
    Ok(labels
        .filter_map(|named| Some((named.code, named.labels.chosen()?)))
        .collect())
}

/// Rows by SKU.
pub(super) fn rows(answer: &[u8]) -> Result<HashMap<String, Vec<Row>>, Failure> {
    let read: Rows = serde_json::from_slice(answer)?;
    let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
    for row in read.value {
        rows.entry(row.asset_no.to_string()).or_default().push(row);
    }
    Ok(rows)
}

/// Levels by SKU.
pub(super) fn levels(answer: &[u8]) -> Result<HashMap<String, Vec<Level>>, Failure> {
    let read: Vec<Article> = serde_json::from_slice(answer)?;
    Ok(read
        .into_iter()
        .map(|article| (article.article_number, article.inventory_per_warehouse))
        .collect())
}

fn product(item: Item) -> Option<Product> {
    let values = item.values;
    let mut attributes = Vec::new();
    if let Some(choice) = chosen(values.material) {
        attributes.push((SHOWN[0], Shown::Option(choice)));
    }
    if let Some(entry) = first(values.season) {
        let mut labels = entry.linked_data.unwrap_or_default();
        let options = entry.data.into_iter().map(|code| Choice {
            label: labels
                .remove(&code)
                .and_then(|linked| linked.labels.chosen())
                .unwrap_or_else(|| code.clone()),
            code,
        });
        attributes.push((
            SHOWN[1],
            Shown::Options {
                options: options.collect(),
            },
        ));
    }
    if let Some(entry) = first(values.waterproof) {
        attributes.push((SHOWN[2], Shown::Boolean { boolean: entry.data }));
    }
    if let Some(entry) = first(values.weight) {
        let Metric { amount, unit } = entry.data;
        attributes.push((SHOWN[3], Shown::Measure { amount, unit }));
    }
    Some(Product {
        slug: first(values.slug)?.data,
        name: localised(values.name)?,
        brand: chosen(values.brand).map(|brand| brand.label),
        description: localised(values.description).map(|html| without_markup(&html)),
        media: media(values.image, values.image_2),
        attributes,
        skus: first(values.variant_skus)
            .map(|entry| entry.data)
            .unwrap_or_default(),
    })
}

fn variant(item: Item) -> Option<(String, Variant)> {
    let values = item.values;
    let options = [("colour", values.colour), ("size", values.size)];
    let variant = Variant {
        name: localised(values.name),
        gtin: first(values.ean).map(|entry| entry.data),
        media: media(values.image, values.image_2),
        options: options
            .into_iter()
            .filter_map(|(code, entries)| Some((code, chosen(entries)?.label)))
            .collect(),
    };
    Some((first(values.sku)?.data, variant))
}

fn first<T, L>(entries: Vec<Entry<T, L>>) -> Option<Entry<T, L>> {
    entries.into_iter().next()
}

fn localised(entries: Vec<Entry<String>>) -> Option<String> {
    let mut entries = entries;
    let at = LOCALES.iter().find_map(|locale| {
        entries
            .iter()
            .position(|entry| entry.locale.as_deref() == Some(locale))
    })?;
    Some(entries.swap_remove(at).data)
}

fn chosen(entries: Vec<Entry<String, Linked>>) -> Option<Choice> {
    let entry = first(entries)?;
    let label = entry.linked_data.and_then(|linked| linked.labels.chosen());
    Some(Choice {
        label: label.unwrap_or_else(|| entry.data.clone()),
        code: entry.data,
    })
}

fn media(image: Vec<Entry<String>>, image_2: Vec<Entry<String>>) -> Vec<String> {
    let entries = image.into_iter().chain(image_2);
    entries
        .map(|entry| format!("https://media.example/{}", entry.data))
        .collect()
}

impl Labels {
    fn chosen(self) -> Option<String> {
        self.swedish.or(self.english)
    }
}

/// Tags become spaces, the few entities that a PIM's editor writes become characters.
fn without_markup(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            character if !inside => text.push(character),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
