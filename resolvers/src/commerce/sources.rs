//! All loaders of a gateway: one per question and system.

use std::sync::Arc;

use jiff::tz::TimeZone;
use skuery_schema::ids::{LocationCode, SystemName};
use skuery_schema::price::PriceChoice;

use crate::commerce::catalog_sources::{
    AttributeLabels, Categories, CategoryChildren, Products, ProductsBySlug, Searches, Variants, VariantsOf,
};
use crate::commerce::customer_sources::{CreditSource, CustomerSource};
use crate::commerce::gateway::{Parts, Policies};
use crate::commerce::live_sources::{PriceSource, StockSource};
use crate::commerce::order_sources::OrderLoaders;
use crate::commerce::scan::Scans;
use crate::commerce::watch::Watch;
use crate::loader::{Loader, LoaderCounters, Source};
use crate::port::customers::Customers;
use crate::port::{Catalog, PriceMode, Prices, SearchAbilities, Stock};

/// Whether two sources stand before the very same port, and so the same system as it was made once.
pub(crate) fn is_same_port<P: ?Sized>(one: &Arc<P>, other: &Arc<P>) -> bool {
    // Without the tables of a trait object, of which the compiler may make several.
    std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other))
}

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
    fn new(
        port: &Arc<dyn Catalog>,
        policies: &Policies,
        scan_limit: usize,
        earlier: Option<&CatalogLoaders>,
    ) -> Self {
        /// The loader of one question of the catalogue.
        macro_rules! loader {
            ($field:ident, $source:expr, $policy:ident) => {
                Loader::following(
                    $source,
                    policies.$policy.clone(),
                    earlier.map(|earlier| &earlier.$field),
                )
            };
        }
        let scans = Scans {
            catalog: port.clone(),
            limit: scan_limit,
        };
        Self {
            products: loader!(products, Products(port.clone()), catalog),
            by_slug: loader!(by_slug, ProductsBySlug(port.clone()), catalog),
            variants: loader!(variants, Variants(port.clone()), catalog),
            variants_of: loader!(variants_of, VariantsOf(port.clone()), catalog),
            categories: loader!(categories, Categories(port.clone()), catalog),
            children: loader!(children, CategoryChildren(port.clone()), catalog),
            labels: loader!(labels, AttributeLabels(port.clone()), catalog),
            searches: loader!(searches, Searches(port.clone()), catalog),
            scans: loader!(scans, scans, scan),
            abilities: port.search_abilities(),
        }
    }
}

impl PriceLoader {
    fn new(
        port: &Arc<dyn Prices>,
        policies: &Policies,
        time_zone: &TimeZone,
        earlier: Option<&PriceLoader>,
    ) -> Self {
        let source = PriceSource {
            port: port.clone(),
            time_zone: time_zone.clone(),
        };
        let earlier = earlier.map(|earlier| &earlier.loader);
        let loader = Loader::following(source, policies.prices.clone(), earlier);
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
    fn new(port: &Arc<dyn Stock>, policies: &Policies, earlier: &[StockLoader]) -> Self {
        let source = StockSource {
            port: port.clone(),
            bypass: policies.low_stock,
        };
        let mut earlier = earlier.iter().map(|earlier| &earlier.loader);
        let earlier = earlier.find(|earlier| earlier.source().system() == port.system());
        let loader = Loader::following(source, policies.stock.clone(), earlier);
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
    fn new<'a>(
        ports: impl Iterator<Item = &'a Arc<dyn Customers>> + Clone,
        policies: &Policies,
        earlier: Option<&CustomerLoaders>,
    ) -> Self {
        let customers = ports.clone().find(|port| port.customer_abilities().customers);
        let credit = ports.clone().find(|port| port.customer_abilities().credit);
        let policy = || policies.customers.clone();
        Self {
            customers: customers.map(|port| {
                let earlier = earlier.and_then(|earlier| earlier.customers.as_ref());
                Loader::following(CustomerSource(port.clone()), policy(), earlier)
            }),
            credit: credit.map(|port| {
                let earlier = earlier.and_then(|earlier| earlier.credit.as_ref());
                Loader::following(CreditSource(port.clone()), policy(), earlier)
            }),
        }
    }
}

impl Loaders {
    /// The loaders before the systems of these parts. Those of an earlier gateway are used on, with what they keep, where
    /// the system is the very same and so is the policy.
    pub(crate) fn new(parts: &Parts, earlier: Option<&Self>) -> Self {
        let Parts {
            systems,
            policies,
            orders,
            limits,
            time_zone,
            ..
        } = parts;
        let catalog = systems.iter().find_map(|system| system.catalog.as_ref());
        let prices = systems.iter().find_map(|system| system.prices.as_ref());
        let stock = systems.iter().filter_map(|system| system.stock.as_ref());
        let customers = systems.iter().filter_map(|system| system.customers.as_ref());
        let order_ports = systems.iter().filter_map(|system| system.orders.as_ref());
        let earlier_catalog = earlier.and_then(|earlier| earlier.catalog.as_ref());
        let earlier_prices = earlier.and_then(|earlier| earlier.prices.as_ref());
        let earlier_stock = earlier.map_or(&[][..], |earlier| &earlier.stock);
        Self {
            catalog: catalog.map(|port| CatalogLoaders::new(port, policies, limits.scan, earlier_catalog)),
            prices: prices.map(|port| PriceLoader::new(port, policies, time_zone, earlier_prices)),
            stock: stock
                .map(|port| StockLoader::new(port, policies, earlier_stock))
                .collect(),
            customers: CustomerLoaders::new(customers, policies, earlier.map(|earlier| &earlier.customers)),
            orders: OrderLoaders::new(
                order_ports,
                policies,
                orders,
                earlier.map(|earlier| &earlier.orders),
            ),
        }
    }

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
