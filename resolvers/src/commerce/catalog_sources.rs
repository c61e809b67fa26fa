//! The catalogue port's questions as sources of loaders.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use skuery_schema::catalog::{CategoryContent, ProductContent, VariantContent};
use skuery_schema::ids::{CategoryCode, ProductCode, Sku, SystemName};

use crate::commerce::sources::is_same_port;
use crate::commerce::written::Written;
use crate::error::LookupError;
use crate::loader::Source;
use crate::port::{ByKey, Call, Catalog, Locales, PortLookup, Search, SearchPage};
use skuery_schema::description::Description;

type Fetching<'a, K, V> = Pin<Box<dyn Future<Output = Result<ByKey<K, V>, LookupError>> + Send + 'a>>;

/// Declares a source over one lookup of the catalogue port.
macro_rules! catalog_source {
    ($(#[doc = $doc:literal])+ $name:ident, $lookup:ident, $key:ty => $value:ty, $fetch:expr, $weight:expr) => {
        $(#[doc = $doc])+
        pub(crate) struct $name(pub(crate) Arc<dyn Catalog>);

        impl Source for $name {
            type Group = Locales;
            type Key = $key;
            type Value = $value;

            fn system(&self) -> &SystemName {
                self.0.system()
            }

            fn operation(&self) -> &'static str {
                PortLookup::$lookup.as_str()
            }

            fn max_keys(&self) -> usize {
                self.0.max_keys(PortLookup::$lookup)
            }

            fn is_same(&self, other: &Self) -> bool {
                is_same_port(&self.0, &other.0)
            }

            fn can_exist(&self, key: &$key) -> bool {
                key.is_writable()
            }

            fn fetch<'a>(&'a self, call: Call, locales: &'a Locales, keys: &'a [$key]) -> Fetching<'a, $key, $value> {
                type Fetch = for<'b> fn(&'b dyn Catalog, Call, &'b Locales, &'b [$key]) -> Fetching<'b, $key, $value>;
                const FETCH: Fetch = $fetch;
                FETCH(&*self.0, call, locales, keys)
            }

            fn weight(&self, value: &$value) -> usize {
                type Weigh = fn(&$value) -> usize;
                const WEIGH: Weigh = $weight;
                WEIGH(value)
            }
        }
    };
}

catalog_source! {
    /// Products by code.
    Products, Products, ProductCode => Arc<ProductContent>,
    |catalog, call, locales, keys| catalog.products(call, locales, keys),
    |content| product_weight(content)
}

catalog_source! {
    /// Products by slug.
    ProductsBySlug, ProductsBySlug, Arc<str> => (ProductCode, Arc<ProductContent>),
    |catalog, call, locales, keys| catalog.products_by_slug(call, locales, keys),
    |(_, content)| product_weight(content)
}

catalog_source! {
    /// Variants by SKU.
    Variants, Variants, Sku => Arc<VariantContent>,
    |catalog, call, locales, keys| catalog.variants(call, locales, keys),
    |content| variant_weight(content)
}

catalog_source! {
    /// The variants of products.
    VariantsOf, VariantsOf, ProductCode => Arc<[(Sku, Arc<VariantContent>)]>,
    |catalog, call, locales, keys| Box::pin(async move {
        let answers = catalog.variants_of(call, locales, keys).await?;
        Ok(answers.into_iter().map(|(key, answer)| (key, answer.map(Into::into))).collect())
    }),
    |variants| variants.iter().map(|(_, content)| variant_weight(content)).sum()
}

catalog_source! {
    /// Categories by code.
    Categories, Categories, CategoryCode => Arc<CategoryContent>,
    |catalog, call, locales, keys| catalog.categories(call, locales, keys),
    |content| content.name.len() + 64
}

catalog_source! {
    /// Categories below others.
    CategoryChildren, CategoryChildren, Option<CategoryCode> => Arc<[(CategoryCode, Arc<CategoryContent>)]>,
    |catalog, call, locales, keys| Box::pin(async move {
        let answers = catalog.category_children(call, locales, keys).await?;
        Ok(answers.into_iter().map(|(key, answer)| (key, answer.map(Into::into))).collect())
    }),
    |children| children.len() * 128
}

catalog_source! {
    /// Labels of attributes.
    AttributeLabels, AttributeLabels, Arc<str> => Arc<str>,
    |catalog, call, locales, keys| catalog.attribute_labels(call, locales, keys),
    |label| label.len()
}

/// Pages of products that match. The question itself is the key, so one call answers one key.
pub(crate) struct Searches(pub(crate) Arc<dyn Catalog>);

impl Source for Searches {
    type Group = Locales;
    type Key = Search;
    type Value = Arc<SearchPage>;

    fn system(&self) -> &SystemName {
        self.0.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::Search.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.0, &other.0)
    }

    fn max_keys(&self) -> usize {
        1
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Search],
    ) -> Fetching<'a, Search, Arc<SearchPage>> {
        Box::pin(async move {
            let mut answers = ByKey::default();
            for search in keys {
                let page = self.0.search(call, locales, search).await?;
                answers.insert(search.clone(), Ok(Arc::new(page)));
            }
            Ok(answers)
        })
    }

    fn has_large_answers(&self) -> bool {
        true
    }

    fn weight(&self, page: &Arc<SearchPage>) -> usize {
        page.products
            .iter()
            .map(|(_, content)| product_weight(content))
            .sum()
    }
}

/// A rough count: texts and attributes dominate.
pub(crate) fn product_weight(content: &Arc<ProductContent>) -> usize {
    let texts = content.description.as_ref().map_or(0, Description::weight);
    512 + texts + content.attributes.len() * 160 + content.media.len() * 160
}

fn variant_weight(content: &Arc<VariantContent>) -> usize {
    384 + content.attributes.len() * 160 + content.media.len() * 160
}
