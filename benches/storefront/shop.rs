//! A gateway over systems in memory.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use skuery::config::{self, Config};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::engine::Response;
use skuery_schema::ids::LocationCode;
use tokio::runtime::Runtime;

use crate::assortment::{self, Assortment, PLACES};
use crate::memory::Memory;
use crate::pages::PAGES;

pub(crate) const PRICE_LIST: &str = "RETAIL-SEK";
const CONFIGURATION: &str = include_str!("gateway.yaml");

/// The gateway, and what its systems hold.
pub(crate) struct Shop {
    pub(crate) runtime: Runtime,
    gateway: Gateway,
    pub(crate) assortment: Arc<Assortment>,
}

/// What may differ between shops.
pub(crate) struct Setup {
    /// How many SKUs the systems hold; as many as the largest page shows.
    pub(crate) skus: usize,
    /// How long the systems take for every call.
    pub(crate) latency: Duration,
    /// Whether answers are kept at all.
    pub(crate) keeps: bool,
    /// The bound of prices, and of stock; enough for everything.
    pub(crate) cache_mib: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            skus: 500,
            latency: Duration::ZERO,
            keeps: true,
            cache_mib: 4096,
        }
    }
}

impl Shop {
    /// A gateway with empty caches.
    pub(crate) fn open(setup: &Setup) -> Self {
        let assortment = Arc::new(Assortment::of(setup.skus));
        let mut config = Config::parse("gateway.yaml", CONFIGURATION).expect("the configuration is valid");
        let cache = &mut config.cache;
        cache.prices.max_mib = setup.cache_mib;
        cache.stock.max_mib = setup.cache_mib;
        for class in [&mut cache.catalog, &mut cache.prices, &mut cache.stock] {
            if !setup.keeps {
                class.fresh_secs = 0;
                class.stale_while_revalidate_secs = 0;
            }
        }
        let secret = |_: &str| Some("unused".to_owned());
        let mut parts = config::build(&config, "gateway.yaml", CONFIGURATION, &secret)
            .expect("the configuration is valid");
        for system in &mut parts.systems {
            let memory = Arc::new(Memory {
                system: system.name.clone(),
                assortment: assortment.clone(),
                locations: PLACES.map(|place| LocationCode::from(place.code)).to_vec(),
                latency: setup.latency,
            });
            system.catalog = system.catalog.take().map(|_| memory.clone() as _);
            system.prices = system.prices.take().map(|_| memory.clone() as _);
            system.stock = system.stock.take().map(|_| memory as _);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        Self {
            runtime,
            gateway: Gateway::new(parts),
            assortment,
        }
    }

    /// A gateway that has everything of every page in its caches.
    pub(crate) fn warm() -> Self {
        let shop = Self::open(&Setup::default());
        // The largest first: then all prices stem from one call, and have one time.
        for page in PAGES.into_iter().rev() {
            shop.ask(&page.request());
        }
        shop
    }

    /// The response body, out of the caches.
    #[inline(never)]
    pub(crate) fn answer(&self, request: &GraphqlRequest) -> Vec<u8> {
        let response = self.gateway.execute(request).now_or_never();
        let response = response.expect("everything is in the caches");
        response.expect("the request is valid").body
    }

    /// The response, whatever must be waited for.
    pub(crate) fn ask(&self, request: &GraphqlRequest) -> Response {
        let response = self.runtime.block_on(self.gateway.execute(request));
        let response = response.expect("the request is valid");
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response
    }

    /// Asks a document with `$skus` for every SKU there is.
    pub(crate) fn ask_all(&self, document: &str) {
        let skus: Vec<_> = (0..self.assortment.articles.len()).map(assortment::sku).collect();
        for some in skus.chunks(500) {
            self.ask(&GraphqlRequest {
                query: document.to_owned(),
                variables: [("skus".to_owned(), json!(some))].into_iter().collect(),
                ..GraphqlRequest::default()
            });
        }
    }
}
