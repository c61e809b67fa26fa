//! The same pages as somebody would write them for these queries alone: structs, `serde_json`, a cache of the same kind for each answer
//! of a system.

mod articles;
mod detail;
mod listing;
mod parts;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use quick_cache::sync::Cache;
use serde::Serialize;
use skuery_resolvers::commerce::gateway::GraphqlRequest;
use skuery_resolvers::port::{CodedProduct, CodedVariant, PriceRow, StockFigure};
use skuery_schema::catalog::{CategoryContent, VariantContent};
use skuery_schema::ids::Sku;
use tokio::time::Instant;

use crate::assortment;
use crate::pages::{PAGES, Page};
use crate::shop::{PRICE_LIST, Shop};

const FRESH: Duration = Duration::from_secs(86_400);

/// What a price is found by.
type ListAndSku = (Arc<str>, Arc<str>);

/// Caches of the systems' answers.
pub(crate) struct ByHand {
    content: Cache<Arc<str>, Kept<Arc<VariantContent>>>,
    prices: Cache<ListAndSku, Kept<Arc<[PriceRow]>>>,
    stock: Cache<Arc<str>, Kept<Arc<[StockFigure]>>>,
    products: Cache<Arc<str>, Kept<CodedProduct>>,
    variants: Cache<Arc<str>, Kept<Arc<[CodedVariant]>>>,
    categories: Cache<Arc<str>, Kept<Arc<CategoryContent>>>,
    labels: Cache<Arc<str>, Kept<Arc<str>>>,
    listings: Cache<Arc<str>, Kept<Arc<Listed>>>,
    price_list: Arc<str>,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    fetched: Instant,
    fetched_at: Timestamp,
}

/// One page of a category.
struct Listed {
    products: Vec<CodedProduct>,
    total: usize,
    /// A handler of its own would sign nothing: it gets the cursor that the gateway made.
    end_cursor: String,
}

/// What is known of one SKU.
struct Article {
    sku: Arc<str>,
    content: Option<Arc<VariantContent>>,
    prices: Option<Kept<Arc<[PriceRow]>>>,
    stock: Option<Kept<Arc<[StockFigure]>>>,
}

impl ByHand {
    /// Holds what the shop's caches hold.
    pub(crate) fn of(shop: &Shop) -> Self {
        let by_hand = Self {
            content: Cache::new(100_000),
            prices: Cache::new(100_000),
            stock: Cache::new(100_000),
            products: Cache::new(100_000),
            variants: Cache::new(100_000),
            categories: Cache::new(1_000),
            labels: Cache::new(1_000),
            listings: Cache::new(1_000),
            price_list: PRICE_LIST.into(),
        };
        by_hand.fill(shop);
        for page in PAGES {
            let request = page.request();
            let (ours, theirs) = (by_hand.answer(page, &request), shop.answer(&request));
            assert_eq!(
                without_age(&ours),
                without_age(&theirs),
                "both sides must write the same bytes"
            );
        }
        by_hand
    }

    fn fill(&self, shop: &Shop) {
        let fetched_at = fetched_at(shop);
        for (sku, article) in &shop.assortment.articles {
            let sku: Arc<str> = sku.as_str().into();
            let list_and_sku = (self.price_list.clone(), sku.clone());
            self.content
                .insert(sku.clone(), kept(article.content.clone(), fetched_at));
            self.prices
                .insert(list_and_sku, kept(article.prices.clone(), fetched_at));
            self.stock.insert(sku, kept(article.stock.clone(), fetched_at));
        }
        for product in &shop.assortment.products {
            let slug = product.1.slug.clone().expect("a slug");
            let variants = shop.assortment.variants_of(&product.0);
            self.products.insert(slug, kept(product.clone(), fetched_at));
            self.variants
                .insert(product.0.as_str().into(), kept(variants.into(), fetched_at));
        }
        let category = Arc::new(assortment::category());
        self.categories
            .insert(assortment::CATEGORY.into(), kept(category, fetched_at));
        for code in ["colour", "size", "material", "weight"] {
            self.labels
                .insert(code.into(), kept(assortment::label(code), fetched_at));
        }
        let answer = answer(shop, Page::Listing);
        let listed = Listed {
            products: shop.assortment.products[..24].to_vec(),
            total: shop.assortment.products.len(),
            end_cursor: answer["data"]["products"]["pageInfo"]["endCursor"]
                .as_str()
                .expect("a cursor")
                .to_owned(),
        };
        self.listings
            .insert(assortment::CATEGORY.into(), kept(Arc::new(listed), fetched_at));
    }

    /// The response body.
    #[inline(never)]
    pub(crate) fn answer(&self, page: Page, request: &GraphqlRequest) -> Vec<u8> {
        let variable = |name| request.variables[name].as_str().expect("a text");
        let skus = || request.variables["skus"].as_array().expect("a list of SKUs");
        match page {
            Page::Listing => self.listing(variable("category")),
            Page::Detail => self.detail(variable("slug")),
            Page::Cart => self.cart(skus()),
            Page::Skus => self.skus(skus()),
            Page::Variants(_) => self.page_of_variants(skus()),
        }
    }

    fn article(&self, sku: &serde_json::Value) -> Article {
        let sku: Arc<str> = sku.as_str().expect("a SKU").into();
        let content = self.content.get(&sku).filter(is_fresh);
        Article {
            content: content.map(|kept| kept.value),
            ..self.price_and_stock(sku)
        }
    }

    fn price_and_stock(&self, sku: Arc<str>) -> Article {
        let prices = self.prices.get(&(self.price_list.clone(), sku.clone()));
        let stock = self.stock.get(&sku).filter(is_fresh);
        Article {
            content: None,
            prices: prices.filter(is_fresh),
            stock,
            sku,
        }
    }

    /// Each variant of a product with its price and stock.
    fn articles_of(&self, product: &str) -> Vec<Article> {
        let Some(variants) = self.variants.get(product).filter(is_fresh) else {
            return Vec::new();
        };
        let article = |(sku, content): &(Sku, Arc<VariantContent>)| Article {
            content: Some(content.clone()),
            ..self.price_and_stock(sku.as_str().into())
        };
        variants.value.iter().map(article).collect()
    }
}

/// The shop's prices were fetched by one call, so all have one time.
fn fetched_at(shop: &Shop) -> Timestamp {
    answer(shop, Page::Variants(1))["data"]["variants"][0]["price"]["freshness"]["fetchedAt"]
        .as_str()
        .and_then(|time| time.parse().ok())
        .expect("a time")
}

fn answer(shop: &Shop, page: Page) -> serde_json::Value {
    serde_json::from_slice(&shop.answer(&page.request())).expect("an answer in JSON")
}

fn kept<V>(value: V, fetched_at: Timestamp) -> Kept<V> {
    Kept {
        value,
        fetched: Instant::now(),
        fetched_at,
    }
}

fn is_fresh<V>(kept: &Kept<V>) -> bool {
    kept.fetched.elapsed() < FRESH
}

fn age_ms<V>(kept: &Kept<V>) -> u128 {
    kept.fetched.elapsed().as_millis()
}

fn written(data: impl Serialize, usual_bytes: usize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Response<D> {
        data: D,
    }
    let mut body = Vec::with_capacity(usual_bytes);
    serde_json::to_writer(&mut body, &Response { data }).expect("writing to memory does not fail");
    body
}

/// The age of an answer is the only thing that changes from call to call.
fn without_age(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut parts = text.split("\"ageMs\":");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        without.push_str("\"ageMs\":0");
        without.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    without
}
