//! A system in memory that is PIM, ERP and WMS at once, and answers every call after the same time.

use std::sync::Arc;
use std::time::Duration;

use skuery_resolvers::port::{
    Answer, Answers, ByKey, Call, Catalog, CodedCategory, CodedProduct, CodedVariant, Locales, Port,
    PortLookup, PriceGroup, PriceMode, PriceRow, Prices, Search, SearchAbilities, SearchPage, Stock,
    StockFigure, StockGroup,
};
use skuery_schema::catalog::{CategoryContent, ProductContent, VariantContent};
use skuery_schema::ids::{CategoryCode, LocationCode, ProductCode, Sku, SystemName};

use crate::assortment::{self, Article, Assortment};

/// More than any page asks for.
const MOST_KEYS: usize = 100_000;

pub(crate) struct Memory {
    pub(crate) system: SystemName,
    pub(crate) assortment: Arc<Assortment>,
    pub(crate) locations: Vec<LocationCode>,
    /// How long each call takes; none at all where it is zero.
    pub(crate) latency: Duration,
}

impl Memory {
    fn after_its_time<'a, T: Send + 'a>(&'a self, answer: T) -> Answer<'a, T> {
        Box::pin(async move {
            if !self.latency.is_zero() {
                tokio::time::sleep(self.latency).await;
            }
            Ok(answer)
        })
    }

    /// One answer for each key that `find` knows.
    fn each<'a, K: Clone + Eq + std::hash::Hash + Send + 'a, V: Send + 'a>(
        &'a self,
        keys: &'a [K],
        find: impl Fn(&K) -> Option<V>,
    ) -> Answers<'a, K, V> {
        let known = keys.iter().filter_map(|key| Some((key.clone(), Ok(find(key)?))));
        self.after_its_time(known.collect())
    }

    fn articles<'a, V: Send + 'a>(&'a self, keys: &'a [Sku], part: fn(&Article) -> V) -> Answers<'a, Sku, V> {
        self.each(keys, |sku| self.assortment.articles.get(sku).map(part))
    }
}

/// A row takes as much memory as one that a connector has read: its texts are its own.
fn as_read(row: &PriceRow) -> PriceRow {
    PriceRow {
        unit: row.unit.as_deref().map(Arc::from),
        ..row.clone()
    }
}

impl Port for Memory {
    fn system(&self) -> &SystemName {
        &self.system
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        MOST_KEYS
    }
}

impl Prices for Memory {
    fn price_mode(&self) -> PriceMode {
        PriceMode::Rows
    }

    fn prices<'a>(
        &'a self,
        _: Call,
        _: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[PriceRow]>> {
        self.articles(keys, |article| article.prices.iter().map(as_read).collect())
    }
}

impl Stock for Memory {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        _: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>> {
        self.articles(keys, |article| article.stock.iter().cloned().collect())
    }
}

impl Catalog for Memory {
    fn products<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Arc<ProductContent>> {
        self.each(keys, |code| {
            self.assortment.product(code).map(|(_, content)| content.clone())
        })
    }

    fn products_by_slug<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, CodedProduct> {
        self.each(keys, |slug| self.assortment.by_slug(slug).cloned())
    }

    fn variants<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<VariantContent>> {
        self.articles(keys, |article| article.content.clone())
    }

    fn variants_of<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Vec<CodedVariant>> {
        self.each(keys, |code| Some(self.assortment.variants_of(code)))
    }

    fn categories<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [CategoryCode],
    ) -> Answers<'a, CategoryCode, Arc<CategoryContent>> {
        self.each(keys, |_| Some(Arc::new(assortment::category())))
    }

    fn category_children<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Option<CategoryCode>],
    ) -> Answers<'a, Option<CategoryCode>, Vec<CodedCategory>> {
        self.after_its_time(ByKey::default())
    }

    fn attribute_labels<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<str>> {
        self.each(keys, |code| Some(assortment::label(code)))
    }

    fn search<'a>(&'a self, _: Call, _: &'a Locales, search: &'a Search) -> Answer<'a, SearchPage> {
        let all = &self.assortment.products;
        let products: Vec<_> = all
            .iter()
            .skip(search.offset)
            .take(search.limit)
            .cloned()
            .collect();
        self.after_its_time(SearchPage {
            more: search.offset + products.len() < all.len(),
            total: search.count.then_some(all.len() as u64),
            products,
        })
    }

    fn search_abilities(&self) -> SearchAbilities {
        SearchAbilities {
            search: true,
            categories: true,
            count: true,
            ..SearchAbilities::default()
        }
    }
}
