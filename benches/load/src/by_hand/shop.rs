//! What the handler knows: asked of the systems in as few calls as can be, and kept by key for a while, if at all.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

use super::calls::Systems;
use super::wire::{self, Level, Page, Product, Row, SHOWN, Variant};
use crate::Failure;

/// Keys of one kind that are kept.
const ENTRIES: usize = 20_000;

/// Data with the time at which they came; `None` where the system does not know the key.
#[derive(Clone)]
pub(super) struct Kept<V> {
    pub(super) value: Option<V>,
    pub(super) at: Instant,
    /// Whether this request found them in the cache.
    pub(super) cached: bool,
}

/// A cache, and how long what it keeps is fresh.
type Keep<V> = Option<(Cache<String, Kept<Arc<V>>>, Duration)>;
type Found<V> = HashMap<String, Kept<Arc<V>>>;

/// Whose prices are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Terms {
    Retail,
    Dealer,
}

impl Terms {
    fn lists(self) -> &'static [&'static str] {
        match self {
            Self::Retail => &[
                "RETAIL-SEK",
                "CAMP-SEASON-26-SEK",
                "CAMP-AUTUMN-25-SEK",
                "CAMP-SPRING-29-SEK",
            ],
            Self::Dealer => &["DEALER-SEK"],
        }
    }
}

pub(super) struct Shop {
    systems: Systems,
    pages: Keep<Page>,
    products: Keep<Product>,
    labels: Keep<String>,
    variants: Keep<Variant>,
    retail: Keep<Vec<Row>>,
    dealer: Keep<Vec<Row>>,
    stock: Keep<Vec<Level>>,
}

impl Shop {
    /// `fresh` is how long answers are kept; zero keeps none.
    pub(super) fn new(systems: Systems, fresh: Duration) -> Self {
        Self {
            systems,
            pages: keep(fresh),
            products: keep(fresh),
            labels: keep(fresh),
            variants: keep(fresh),
            retail: keep(fresh),
            dealer: keep(fresh),
            stock: keep(fresh),
        }
    }

    /// The first page of a category.
    pub(super) async fn listing(&self, category: &str) -> Result<Arc<Page>, Failure> {
        let mut pages = Search::new(&self.pages, &[category]);
        if pages.is_open() {
            let page = wire::page(&self.systems.send(self.systems.listing(category)?).await?)?;
            pages.keep(HashMap::from([(category.to_owned(), page)]));
        }
        let page = pages.found.remove(category).and_then(|kept| kept.value);
        page.ok_or_else(|| "no page".into())
    }

    /// The product that an address names.
    pub(super) async fn product(&self, slug: &str) -> Result<Option<Arc<Product>>, Failure> {
        let mut products = Search::new(&self.products, &[slug]);
        if products.is_open() {
            let call = self.systems.products(&products.missing)?;
            let page = wire::page(&self.systems.send(call).await?)?;
            let by_slug = page
                .products
                .into_iter()
                .map(|product| (product.slug.clone(), product));
            products.keep(by_slug.collect());
        }
        Ok(products.found.remove(slug).and_then(|kept| kept.value))
    }

    /// What the shown attributes are called.
    pub(super) async fn labels(&self) -> Result<Found<String>, Failure> {
        let mut labels = Search::new(&self.labels, &SHOWN);
        if labels.is_open() {
            let call = self.systems.attributes(&labels.missing)?;
            labels.keep(wire::labels(&self.systems.send(call).await?)?);
        }
        Ok(labels.found)
    }

    pub(super) async fn variants(&self, skus: &[&str]) -> Result<Found<Variant>, Failure> {
        let mut variants = Search::new(&self.variants, skus);
        if variants.is_open() {
            let call = self.systems.variants(&variants.missing)?;
            variants.keep(wire::variants(&self.systems.send(call).await?)?);
        }
        Ok(variants.found)
    }

    pub(super) async fn prices(&self, terms: Terms, skus: &[&str]) -> Result<Found<Vec<Row>>, Failure> {
        let cache = match terms {
            Terms::Retail => &self.retail,
            Terms::Dealer => &self.dealer,
        };
        let mut prices = Search::new(cache, skus);
        if prices.is_open() {
            let call = self.systems.prices(terms.lists(), &prices.missing)?;
            prices.keep(wire::rows(&self.systems.send(call).await?)?);
        }
        Ok(prices.found)
    }

    pub(super) async fn stock(&self, skus: &[&str]) -> Result<Found<Vec<Level>>, Failure> {
        let mut stock = Search::new(&self.stock, skus);
        if stock.is_open() {
            let call = self.systems.stock(&stock.missing)?;
            stock.keep(wire::levels(&self.systems.send(call).await?)?);
        }
        Ok(stock.found)
    }
}

fn keep<V>(fresh: Duration) -> Keep<V> {
    (fresh > Duration::ZERO).then(|| (Cache::new(ENTRIES), fresh))
}

/// What the cache has of some keys, and what it has not. No list is longer than a call to a system may be.
struct Search<'a, V> {
    cache: &'a Keep<V>,
    found: Found<V>,
    missing: Vec<&'a str>,
}

impl<'a, V> Search<'a, V> {
    fn new(cache: &'a Keep<V>, keys: &[&'a str]) -> Self {
        let mut search = Self {
            cache,
            found: HashMap::with_capacity(keys.len()),
            missing: Vec::new(),
        };
        for key in keys {
            let kept = |(cache, fresh): &(Cache<_, Kept<_>>, Duration)| {
                cache.get(*key).filter(|kept| kept.at.elapsed() < *fresh)
            };
            match cache.as_ref().and_then(kept) {
                Some(kept) => {
                    let kept = Kept { cached: true, ..kept };
                    search.found.insert((*key).to_owned(), kept);
                }
                None => search.missing.push(key),
            }
        }
        search
    }

    fn is_open(&self) -> bool {
        !self.missing.is_empty()
    }

    fn keep(&mut self, mut answer: HashMap<String, V>) {
        for key in &self.missing {
            let kept = Kept {
                value: answer.remove(*key).map(Arc::new),
                at: Instant::now(),
                cached: false,
            };
            if let Some((cache, _)) = self.cache {
                cache.insert((*key).to_owned(), kept.clone());
            }
            self.found.insert((*key).to_owned(), kept);
        }
    }
}
