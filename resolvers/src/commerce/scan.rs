//! All matches of a search at once, for what a PIM's search does not do itself: other orders, and facets.
//!
//! Reading all matches costs one call per page of the PIM, so it is bounded, and kept like other catalogue data.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use skuery_schema::catalog::{AttributeValue, OptionValue};
use skuery_schema::ids::SystemName;
use skuery_schema::listing::{Facet, FacetValue};

use crate::commerce::catalog_sources::product_weight;
use crate::commerce::sources::is_same_port;
use crate::error::{ErrorKind, LookupError};
use crate::loader::Source;
use crate::port::{ByKey, Call, Catalog, CodedProduct, Locales, PortLookup, Search};

/// All matches, in the system's order.
pub(crate) type Matches = Arc<[CodedProduct]>;

/// Reads all matches of a search. The search's own offset and limit are not used.
pub(crate) struct Scans {
    pub(crate) catalog: Arc<dyn Catalog>,
    /// The most products that are read.
    pub(crate) limit: usize,
}

impl Source for Scans {
    type Group = Locales;
    type Key = Search;
    type Value = Matches;

    fn system(&self) -> &SystemName {
        self.catalog.system()
    }

    fn operation(&self) -> &'static str {
        "scan"
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.catalog, &other.catalog) && self.limit == other.limit
    }

    fn max_keys(&self) -> usize {
        1
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Search],
    ) -> Pin<Box<dyn Future<Output = Result<ByKey<Search, Matches>, LookupError>> + Send + 'a>> {
        Box::pin(async move {
            let mut answers = ByKey::default();
            for search in keys {
                answers.insert(search.clone(), Ok(self.read_all(call, locales, search).await?));
            }
            Ok(answers)
        })
    }

    fn has_large_answers(&self) -> bool {
        true
    }

    fn weight(&self, matches: &Matches) -> usize {
        matches.iter().map(|(_, content)| product_weight(content)).sum()
    }
}

impl Scans {
    async fn read_all(&self, call: Call, locales: &Locales, search: &Search) -> Result<Matches, LookupError> {
        let limit = self.catalog.max_keys(PortLookup::Search);
        let mut matches = Vec::new();
        loop {
            let page = Search {
                offset: matches.len(),
                limit,
                count: false,
                ..search.clone()
            };
            let page = self.catalog.search(call, locales, &page).await?;
            let empty = page.products.is_empty();
            matches.extend(page.products);
            if matches.len() > self.limit {
                let detail = format!("more than {} products match; narrow the filter", self.limit);
                return Err(LookupError::new(
                    ErrorKind::Unsupported,
                    self.system(),
                    self.operation(),
                    detail,
                ));
            }
            if !page.more || empty {
                break;
            }
        }
        Ok(matches.into())
    }
}

/// In which order a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Relevance,
    Name,
    Newest,
    Sku,
}

impl Order {
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "NAME" => Self::Name,
            "NEWEST" => Self::Newest,
            "SKU" => Self::Sku,
            _ => Self::Relevance,
        }
    }

    /// Sorts; equal products keep the system's order.
    pub(crate) fn sort(self, matches: &mut [CodedProduct]) {
        match self {
            Self::Relevance => {}
            Self::Name => matches.sort_by_cached_key(|(_, content)| content.name.to_lowercase()),
            Self::Newest => matches.sort_by_key(|(_, content)| std::cmp::Reverse(content.updated_at)),
            Self::Sku => matches.sort_by_cached_key(|(code, content)| {
                let first = content
                    .variants
                    .as_ref()
                    .and_then(|skus| skus.iter().min().cloned());
                first.map_or_else(|| code.to_string(), |sku| sku.to_string())
            }),
        }
    }
}

/// The most values one facet shows.
const FACET_VALUES: usize = 50;

/// What the matches have in common: categories, brands, and every attribute whose values come from a list.
pub(crate) fn facets(matches: &[CodedProduct], labels: &Labels<'_>) -> Vec<Facet> {
    let mut tally = Tally::default();
    for (_, content) in matches {
        for category in &content.categories {
            tally.add("category", category.as_str(), category.as_str());
        }
        let mut brand = content.brand.as_ref();
        for attribute in &content.attributes {
            for option in options(attribute.value.as_ref()) {
                // The PIM's brand attribute is told by its value: brands are filtered by its option's code.
                if brand.take_if(|brand| **brand == option.label).is_some() {
                    tally.add("brand", &option.code, &option.label);
                } else {
                    tally.add(&attribute.code, &option.code, &option.label);
                }
            }
        }
        if let Some(brand) = brand {
            tally.add("brand", brand, brand);
        }
    }
    tally.into_facets(labels)
}

/// Names that are not in the matches themselves.
pub(crate) struct Labels<'a> {
    /// By category code.
    pub(crate) categories: &'a HashMap<Arc<str>, Arc<str>>,
    /// By attribute code.
    pub(crate) attributes: &'a HashMap<Arc<str>, Arc<str>>,
}

fn options(value: Option<&AttributeValue>) -> &[OptionValue] {
    match value {
        Some(AttributeValue::Option(option)) => std::slice::from_ref(option),
        Some(AttributeValue::Options(options)) => options,
        _ => &[],
    }
}

/// Label and count by value.
type Values = HashMap<Arc<str>, (Arc<str>, i32)>;

#[derive(Default)]
struct Tally {
    order: Vec<Arc<str>>,
    counts: HashMap<Arc<str>, Values>,
}

impl Tally {
    fn add(&mut self, facet: &str, value: &str, label: &str) {
        if !self.counts.contains_key(facet) {
            self.order.push(facet.into());
            self.counts.insert(facet.into(), HashMap::new());
        }
        if let Some(values) = self.counts.get_mut(facet) {
            values.entry(value.into()).or_insert_with(|| (label.into(), 0)).1 += 1;
        }
    }

    fn into_facets(mut self, labels: &Labels<'_>) -> Vec<Facet> {
        let mut facets = Vec::with_capacity(self.order.len());
        for code in self.order {
            let counts = self.counts.remove(&code).unwrap_or_default();
            let mut values: Vec<FacetValue> = counts
                .into_iter()
                .map(|(value, (label, count))| {
                    let label = match &*code {
                        "category" => labels.categories.get(&value).cloned().unwrap_or(label),
                        _ => label,
                    };
                    FacetValue {
                        input: input(&code, &value),
                        value,
                        label,
                        count,
                    }
                })
                .collect();
            values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            values.truncate(FACET_VALUES);
            let label = match &*code {
                "category" => "Category".into(),
                "brand" => "Brand".into(),
                _ => labels
                    .attributes
                    .get(&code)
                    .cloned()
                    .unwrap_or_else(|| code.clone()),
            };
            facets.push(Facet { label, values, code });
        }
        facets
    }
}

/// What to add to a `ProductFilter`.
fn input(facet: &str, value: &str) -> serde_json::Value {
    match facet {
        "category" => serde_json::json!({ "categories": [value] }),
        "brand" => serde_json::json!({ "brands": [value] }),
        code => serde_json::json!({ "attributes": [{ "code": code, "in": [value] }] }),
    }
}
