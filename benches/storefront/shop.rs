//! A gateway over systems in memory.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use skuery::config::{self, Config};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_schema::ids::LocationCode;
use tokio::runtime::Runtime;

use crate::assortment::{Assortment, PLACES};
use crate::memory::Memory;
use crate::pages::{PAGES, Page};

/// As many SKUs as the largest page shows.
const ASSORTMENT: usize = 500;
pub(crate) const PRICE_LIST: &str = "RETAIL-SEK";
const CONFIGURATION: &str = include_str!("gateway.yaml");

/// The gateway, and what its systems hold.
pub(crate) struct Shop {
    runtime: Runtime,
    gateway: Gateway,
    pub(crate) assortment: Arc<Assortment>,
}

impl Shop {
    /// A gateway with empty caches, over systems that take so long for every call.
    pub(crate) fn cold(assortment: Arc<Assortment>, latency: Duration) -> Self {
        let config = Config::parse("gateway.yaml", CONFIGURATION).expect("the configuration is valid");
        let mut parts = config::build(&config, "gateway.yaml", CONFIGURATION, &|_| {
            Some("unused".to_owned())
        })
        .expect("the configuration is valid");
        for system in &mut parts.systems {
            let memory = Arc::new(Memory {
                system: system.name.clone(),
                assortment: assortment.clone(),
                locations: PLACES.map(|place| LocationCode::from(place.code)).to_vec(),
                latency,
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
        let shop = Self::cold(Arc::new(Assortment::of(ASSORTMENT)), Duration::ZERO);
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

    /// The response body, whatever must be waited for.
    pub(crate) fn ask(&self, request: &GraphqlRequest) -> Vec<u8> {
        let response = self.runtime.block_on(self.gateway.execute(request));
        let response = response.expect("the request is valid");
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.body
    }

    /// A document that nobody has sent before, asking for next to nothing: what is left is making it ready.
    pub(crate) fn unprepared(&self, number: usize) -> GraphqlRequest {
        let document = Page::Variants(0).document();
        GraphqlRequest {
            query: document.replace("query Page", &format!("query Page{number:04}")),
            ..Page::Variants(0).request()
        }
    }
}
