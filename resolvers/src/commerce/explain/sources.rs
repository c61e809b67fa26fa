//! What is known of every source before anything is asked: its system, its batches, its calls. Put together once.

use skuery_schema::ids::{LocationCode, SystemName};

use crate::checkout::systems::CheckoutSystems;
use crate::commerce::explain::assumed;
use crate::commerce::explain::checkout::KnownCheckout;
use crate::commerce::gateway::Limits;
use crate::commerce::order_sources::OrderSystem;
use crate::commerce::sources::{CatalogLoaders, Loaders};
use crate::connector::System;
use crate::loader::{Loader, Policy, Source};
use crate::port::orders::OrderAbilities;
use crate::port::{Effort, Port, PortLookup, PriceMode, SearchAbilities};

/// The number of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SourceId(pub(super) usize);

/// All sources of a gateway.
pub(crate) struct Sources {
    pub(super) systems: Vec<KnownSystem>,
    pub(super) all: Vec<KnownSource>,
    pub(super) catalog: Option<KnownCatalog>,
    pub(super) prices: Option<KnownPrices>,
    pub(super) stock: Vec<KnownStock>,
    pub(super) customers: Option<SourceId>,
    pub(super) credit: Option<SourceId>,
    pub(super) orders: Vec<KnownOrders>,
    /// `None` where nothing can be ordered, or another desk takes the orders.
    pub(super) checkout: Option<KnownCheckout>,
}

/// A system, and what one operation may need of it.
pub(super) struct KnownSystem {
    pub(super) name: SystemName,
    pub(super) max_calls: Option<u64>,
}

/// A source.
pub(super) struct KnownSource {
    pub(super) lookup: &'static str,
    /// Its number among the systems.
    pub(super) system: usize,
    /// The most keys of one call.
    pub(super) batch: u64,
    pub(super) effort: Effort,
    /// Whether a key brings several rows, which are counted against the system's pages.
    pub(super) has_rows: bool,
    /// How long answers are kept; `None` for what passes every cache.
    pub(super) policy: Option<Policy>,
}

pub(super) struct KnownCatalog {
    pub(super) products: SourceId,
    pub(super) by_slug: SourceId,
    pub(super) variants: SourceId,
    pub(super) variants_of: SourceId,
    pub(super) categories: SourceId,
    pub(super) children: SourceId,
    pub(super) labels: SourceId,
    pub(super) searches: SourceId,
    pub(super) scans: SourceId,
    /// The most calls of one scan.
    pub(super) scan_calls: u64,
    pub(super) abilities: SearchAbilities,
    pub(super) names_variants: bool,
}

pub(super) struct KnownPrices {
    pub(super) source: SourceId,
    pub(super) mode: PriceMode,
    pub(super) per_customer: bool,
}

pub(super) struct KnownStock {
    pub(super) source: SourceId,
    pub(super) per_location: bool,
    pub(super) locations: Vec<LocationCode>,
}

pub(super) struct KnownOrders {
    /// One source a list, each with the most orders of one call.
    pub(super) lists: Vec<(SourceId, u64)>,
    pub(super) fulfillments: Option<SourceId>,
    pub(super) documents: Option<SourceId>,
    pub(super) abilities: OrderAbilities,
}

impl KnownSource {
    /// The most calls for so many keys of one scope and group.
    pub(super) fn calls(&self, keys: u64) -> u64 {
        let (full, rest) = (keys / self.batch, keys % self.batch);
        full.saturating_mul(self.pages(self.batch)) + self.pages(rest)
    }

    /// The calls of one batch.
    fn pages(&self, keys: u64) -> u64 {
        match self.effort.page.filter(|_| self.has_rows) {
            _ if keys == 0 => 0,
            Some(page) => assumed::VARIANTS.by(keys).div_ceil(whole(page)),
            None => 1,
        }
    }

    /// Whether an answer of this request's first wave still stands in its later ones.
    pub(super) fn keeps(&self) -> bool {
        self.policy.as_ref().is_some_and(|policy| !policy.fresh.is_zero())
    }
}

impl Sources {
    pub(crate) fn new(
        systems: &[System],
        loaders: &Loaders,
        checkout: Option<&CheckoutSystems>,
        limits: &Limits,
    ) -> Self {
        let mut list = List {
            systems: systems.iter().map(known_system).collect(),
            all: Vec::new(),
        };
        let catalog = loaders.catalog.as_ref();
        let port = systems.iter().find_map(|system| system.catalog.as_ref());
        let catalog = catalog
            .zip(port)
            .map(|(loaders, port)| list.catalog(loaders, &**port, port.names_variants(), limits.scan));
        let port = systems.iter().find_map(|system| system.prices.as_ref());
        let prices = loaders.prices.as_ref().zip(port);
        let prices = prices.map(|(prices, port)| KnownPrices {
            source: list.add(&prices.loader, &**port, PortLookup::Prices),
            mode: prices.mode,
            per_customer: prices.per_customer,
        });
        let ports = systems.iter().filter_map(|system| system.stock.as_ref());
        let stock = loaders.stock.iter().zip(ports).map(|(stock, port)| KnownStock {
            source: list.add(&stock.loader, &**port, PortLookup::Stock),
            per_location: stock.per_location,
            locations: stock.locations.clone(),
        });
        let stock = stock.collect();
        let customers = loaders.customers.customers.as_ref();
        let customers = customers.map(|loader| list.add_plain(loader));
        let credit = loaders.customers.credit.as_ref();
        let credit = credit.map(|loader| list.add_plain(loader));
        let orders = loaders.orders.systems.iter().map(|orders| {
            let system = systems.iter().find(|system| system.name == orders.name);
            list.orders(orders, system)
        });
        let orders = orders.collect();
        let mut sources = Self {
            catalog,
            prices,
            stock,
            customers,
            credit,
            orders,
            checkout: None,
            systems: list.systems,
            all: list.all,
        };
        sources.checkout = checkout.map(|systems| KnownCheckout::new(systems, &mut sources));
        sources
    }

    pub(super) fn of(&self, source: SourceId) -> &KnownSource {
        &self.all[source.0]
    }

    /// A port that is asked past every loader.
    pub(super) fn add_live<P: Port + ?Sized>(&mut self, port: &P, lookup: PortLookup) -> SourceId {
        let mut list = List {
            systems: std::mem::take(&mut self.systems),
            all: std::mem::take(&mut self.all),
        };
        let source = KnownSource {
            lookup: lookup.as_str(),
            system: list.system(port.system()),
            batch: batch(port.max_keys(lookup), port.effort(lookup)),
            effort: port.effort(lookup),
            has_rows: false,
            policy: None,
        };
        let id = list.push(source);
        (self.systems, self.all) = (list.systems, list.all);
        id
    }
}

fn known_system(system: &System) -> KnownSystem {
    KnownSystem {
        name: system.name.clone(),
        max_calls: system.upstream.cost_calls(),
    }
}

/// The list while it grows.
struct List {
    systems: Vec<KnownSystem>,
    all: Vec<KnownSource>,
}

impl List {
    fn push(&mut self, source: KnownSource) -> SourceId {
        self.all.push(source);
        SourceId(self.all.len() - 1)
    }

    fn system(&mut self, name: &SystemName) -> usize {
        let known = self.systems.iter().position(|system| system.name == *name);
        known.unwrap_or_else(|| {
            self.systems.push(KnownSystem {
                name: name.clone(),
                max_calls: None,
            });
            self.systems.len() - 1
        })
    }

    fn source<S: Source>(&mut self, loader: &Loader<S>, effort: Effort) -> KnownSource {
        let source = loader.source();
        KnownSource {
            lookup: source.operation(),
            system: self.system(source.system()),
            batch: batch(source.max_keys(), effort),
            effort,
            has_rows: source.operation() == PortLookup::VariantsOf.as_str(),
            policy: Some(loader.policy().clone()),
        }
    }

    fn add<S: Source, P: Port + ?Sized>(
        &mut self,
        loader: &Loader<S>,
        port: &P,
        lookup: PortLookup,
    ) -> SourceId {
        let source = self.source(loader, port.effort(lookup));
        self.push(source)
    }

    fn add_plain<S: Source>(&mut self, loader: &Loader<S>) -> SourceId {
        let source = self.source(loader, Effort::default());
        self.push(source)
    }

    fn catalog<P: Port + ?Sized>(
        &mut self,
        loaders: &CatalogLoaders,
        port: &P,
        names_variants: bool,
        scan: usize,
    ) -> KnownCatalog {
        let page = whole(port.max_keys(PortLookup::Search));
        KnownCatalog {
            products: self.add(&loaders.products, port, PortLookup::Products),
            by_slug: self.add(&loaders.by_slug, port, PortLookup::ProductsBySlug),
            variants: self.add(&loaders.variants, port, PortLookup::Variants),
            variants_of: self.add(&loaders.variants_of, port, PortLookup::VariantsOf),
            categories: self.add(&loaders.categories, port, PortLookup::Categories),
            children: self.add(&loaders.children, port, PortLookup::CategoryChildren),
            labels: self.add(&loaders.labels, port, PortLookup::AttributeLabels),
            searches: self.add(&loaders.searches, port, PortLookup::Search),
            scans: self.add(&loaders.scans, port, PortLookup::Search),
            // The page that shows that there are too many is read as well.
            scan_calls: whole(scan) / page + 1,
            abilities: loaders.abilities,
            names_variants,
        }
    }

    fn orders(&mut self, orders: &OrderSystem, system: Option<&System>) -> KnownOrders {
        let port = system.and_then(|system| system.orders.as_ref());
        let effort = |lookup| port.map_or_else(Effort::default, |port| port.effort(lookup));
        let lists = orders
            .lists
            .iter()
            .zip([PortLookup::Orders, PortLookup::PastOrders]);
        let lists = lists.map(|(list, lookup)| {
            let source = self.source(&list.loader, effort(lookup));
            let page = port.map_or(1, |port| port.max_keys(lookup));
            (self.push(source), whole(page))
        });
        let lists = lists.collect();
        let fulfillments = orders.fulfillments.as_ref().map(|loader| {
            let source = self.source(loader, effort(PortLookup::OrderFulfillments));
            self.push(source)
        });
        let documents = orders.documents.as_ref().map(|loader| {
            let source = self.source(loader, effort(PortLookup::OrderDocuments));
            self.push(source)
        });
        KnownOrders {
            lists,
            fulfillments,
            documents,
            abilities: orders.abilities,
        }
    }
}

/// The most keys of one call.
fn batch(max_keys: usize, effort: Effort) -> u64 {
    match effort.one_by_one {
        true => 1,
        false => whole(max_keys),
    }
}

/// A number to divide by.
fn whole(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX).max(1)
}
