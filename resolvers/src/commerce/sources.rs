//! All loaders of a gateway: one per question and system.

use std::sync::Arc;

use jiff::tz::TimeZone;
use skuery_schema::ids::{LocationCode, SystemName};
use skuery_schema::price::PriceChoice;

use crate::commerce::catalog_sources::{
    AttributeLabels, Categories, CategoryChildren, Products, ProductsBySlug, Searches, Variants, VariantsOf,
};
use crate::commerce::customer_sources::{CreditSource, CustomerSource};
use crate::commerce::gateway::Policies;
use crate::commerce::live_sources::{PriceSource, StockSource};
use crate::commerce::order_sources::OrderLoaders;
use crate::commerce::scan::Scans;
use crate::commerce::watch::Watch;
use crate::loader::{Loader, LoaderCounters, Source};
use crate::port::customers::Customers;
use crate::port::{Catalog, PriceMode, Prices, SearchAbilities, Stock};

/// The loaders before the systems.
pub(crate) struct Loaders {
    pub(crate) catalog: Option<CatalogLoaders>,
    pub(crate) prices: Option<PriceLoader>,
    pub(crate) stock: Vec<StockLoader>,
    pub(crate) customers: CustomerLoaders,
    pub(crate) orders: OrderLoaders,
}

pub(crate) struct CatalogLoaders {
    pub(crate) products: Loader<Products>,
    pub(crate) by_slug: Loader<ProductsBySlug>,
    pub(crate) variants: Loader<Variants>,
    pub(crate) variants_of: Loader<VariantsOf>,
    pub(crate) categories: Loader<Categories>,
    pub(crate) children: Loader<CategoryChildren>,
    pub(crate) labels: Loader<AttributeLabels>,
    pub(crate) searches: Loader<Searches>,
    pub(crate) scans: Loader<Scans>,
    pub(crate) abilities: SearchAbilities,
}

/// The first system that answers each of the questions about customers; the configuration allows no second.
pub(crate) struct CustomerLoaders {
    pub(crate) customers: Option<Loader<CustomerSource>>,
    pub(crate) credit: Option<Loader<CreditSource>>,
}

pub(crate) struct PriceLoader {
    pub(crate) loader: Loader<PriceSource>,
    pub(crate) watch: Watch<PriceSource>,
    pub(crate) mode: PriceMode,
    pub(crate) choice: PriceChoice,
    pub(crate) per_customer: bool,
}

pub(crate) struct StockLoader {
    pub(crate) loader: Loader<StockSource>,
    pub(crate) watch: Watch<StockSource>,
    pub(crate) locations: Vec<LocationCode>,
    pub(crate) per_location: bool,
    pub(crate) unlisted_is_none: bool,
}

impl CatalogLoaders {
    pub(crate) fn new(port: &Arc<dyn Catalog>, policies: &Policies, scan_limit: usize) -> Self {
        let policy = || policies.catalog.clone();
        Self {
            products: Loader::new(Products(port.clone()), policy()),
            by_slug: Loader::new(ProductsBySlug(port.clone()), policy()),
            variants: Loader::new(Variants(port.clone()), policy()),
            variants_of: Loader::new(VariantsOf(port.clone()), policy()),
            categories: Loader::new(Categories(port.clone()), policy()),
            children: Loader::new(CategoryChildren(port.clone()), policy()),
            labels: Loader::new(AttributeLabels(port.clone()), policy()),
            searches: Loader::new(Searches(port.clone()), policy()),
            scans: Loader::new(
                Scans {
                    catalog: port.clone(),
                    limit: scan_limit,
                },
                policies.scan.clone(),
            ),
            abilities: port.search_abilities(),
        }
    }
}

impl PriceLoader {
    pub(crate) fn new(port: &Arc<dyn Prices>, policies: &Policies, time_zone: &TimeZone) -> Self {
        let source = PriceSource {
            port: port.clone(),
            time_zone: time_zone.clone(),
        };
        let loader = Loader::new(source, policies.prices.clone());
        Self {
            mode: port.price_mode(),
            choice: port.price_choice(),
            per_customer: port.per_customer(),
            watch: Watch::new(loader.clone(), policies.pace),
            loader,
        }
    }
}

impl StockLoader {
    pub(crate) fn new(port: &Arc<dyn Stock>, policies: &Policies) -> Self {
        let source = StockSource {
            port: port.clone(),
            bypass: policies.low_stock,
        };
        let loader = Loader::new(source, policies.stock.clone());
        Self {
            locations: port.locations().to_vec(),
            per_location: port.per_location(),
            unlisted_is_none: port.unlisted_is_none(),
            watch: Watch::new(loader.clone(), policies.pace),
            loader,
        }
    }
}

impl CustomerLoaders {
    pub(crate) fn new<'a>(
        ports: impl Iterator<Item = &'a Arc<dyn Customers>> + Clone,
        policies: &Policies,
    ) -> Self {
        let customers = ports.clone().find(|port| port.customer_abilities().customers);
        let credit = ports.clone().find(|port| port.customer_abilities().credit);
        Self {
            customers: customers
                .map(|port| Loader::new(CustomerSource(port.clone()), policies.customers.clone())),
            credit: credit.map(|port| Loader::new(CreditSource(port.clone()), policies.customers.clone())),
        }
    }
}

impl Loaders {
    /// Every loader's counters, with its system and operation.
    pub(crate) fn counters(&self) -> Vec<(&SystemName, &'static str, &LoaderCounters)> {
        let mut all = Vec::new();
        if let Some(catalog) = &self.catalog {
            all.push(of(&catalog.products));
            all.push(of(&catalog.by_slug));
            all.push(of(&catalog.variants));
            all.push(of(&catalog.variants_of));
            all.push(of(&catalog.categories));
            all.push(of(&catalog.children));
            all.push(of(&catalog.labels));
            all.push(of(&catalog.searches));
            all.push(of(&catalog.scans));
        }
        all.extend(self.prices.iter().map(|prices| of(&prices.loader)));
        all.extend(self.customers.customers.iter().map(of));
        all.extend(self.customers.credit.iter().map(of));
        all.extend(self.stock.iter().map(|stock| of(&stock.loader)));
        all.extend(self.orders.counters());
        all
    }
}

fn of<S: Source>(loader: &Loader<S>) -> (&SystemName, &'static str, &LoaderCounters) {
    (
        loader.source().system(),
        loader.source().operation(),
        loader.counters(),
    )
}
