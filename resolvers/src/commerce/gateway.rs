//! The gateway: systems, loaders, channels and the engine, put together once and shared by all requests.

mod answer;
mod batch;
mod events;
mod execute;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Map;
use skuery_schema::availability::Location;
use skuery_schema::ids::{LocationCode, Sku, SystemName};
use skuery_schema::query::{SystemHealth, SystemRole, SystemState};
use skuery_schema::system;

pub use crate::commerce::gateway::answer::Answer;
pub use crate::commerce::gateway::events::{Event, Events};
pub use crate::commerce::gateway::execute::NotExecuted;
pub use crate::commerce::live_sources::LowStockBypass;
pub use crate::commerce::watch::Pace;

use crate::checkout::desk::CheckoutDesk;
use crate::checkout::ledger::Ledger;
use crate::checkout::rules::CheckoutRules;
use crate::checkout::systems::CheckoutSystems;
use crate::commerce::channel::Channel;
use crate::commerce::cursor::Cursors;
use crate::commerce::delivery::Delivery;
use crate::commerce::documents::{DocumentLinks, Documents};
use crate::commerce::errands::Errands;
use crate::commerce::explain::Explain;
use crate::commerce::explain::access::ExplainAccess;
use crate::commerce::explain::sources::Sources;
use crate::commerce::identity::Identity;
use crate::commerce::leases::LeaseBoard;
use crate::commerce::orders::rules::OrderRules;
use crate::commerce::reuse::Reuse;
use crate::commerce::sources::Loaders;
use crate::commerce::till::Till;
use crate::connector::System;
use crate::connector::config::Role;
use crate::door::Health;
use crate::door::secret::Secret;
use crate::engine::Engine;
use crate::loader::{LoaderCounters, Policy, Source};
use crate::screen;

/// Everything that a gateway is made of.
pub struct Parts {
    /// The connected systems.
    pub systems: Vec<System>,
    /// The channels; the first is the default.
    pub channels: Vec<Arc<Channel>>,
    /// All locations of all channels.
    pub locations: Vec<Arc<Location>>,
    /// How those locations deliver that do.
    pub deliveries: BTreeMap<LocationCode, Delivery>,
    /// How documents are linked to.
    pub documents: Documents,
    /// How orders of several systems are put together.
    pub orders: OrderRules,
    /// How long answers are kept.
    pub policies: Policies,
    /// Bounds of one request.
    pub limits: Limits,
    /// Who may see plans and traces.
    pub explain: ExplainAccess,
    /// Whether the schema is kept from clients: introspection is refused.
    pub hides_schema: bool,
    /// The time zone in which days begin: of price validity and deliveries.
    pub time_zone: TimeZone,
    /// Signs cursors and seals links to documents.
    pub cursor_secret: Secret,
    /// How orders are verified, held and placed; `None` where they cannot be.
    pub checkout: Option<CheckoutPart>,
}

/// Who serves the mutations.
pub enum CheckoutPart {
    /// The gateway itself.
    Own(Box<CheckoutPlan>),
    /// Another desk, which keeps its own books.
    Desk(Arc<dyn CheckoutDesk>),
}

/// What a checkout is made of, but for the gateway's own part in it.
pub struct CheckoutPlan {
    /// The store that all replicas share.
    pub ledger: Arc<dyn Ledger>,
    /// The systems it reads and writes.
    pub systems: CheckoutSystems,
    /// Times and bounds.
    pub rules: CheckoutRules,
    /// How long keys, their answers, and ended holds are kept.
    pub retention: Duration,
}

/// Freshness policies by class of data.
#[derive(Clone, Debug)]
pub struct Policies {
    /// Products, categories, labels.
    pub catalog: Policy,
    /// All matches of a search.
    pub scan: Policy,
    /// Prices.
    pub prices: Policy,
    /// Stock.
    pub stock: Policy,
    /// Customers and their credit.
    pub customers: Policy,
    /// Orders, their shipments and documents.
    pub orders: Policy,
    /// How stock's freshness shrinks with the quantity.
    pub low_stock: LowStockBypass,
    /// How often what is subscribed to is asked for.
    pub pace: Pace,
}

/// Bounds of one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most entries of one page of a list.
    pub page: usize,
    /// The most products that are read to sort or to count facets.
    pub scan: usize,
    /// The most orders that are read of one list of one system.
    pub scan_orders: usize,
    /// What prepared operations may weigh together, in bytes.
    pub operation_bytes: u64,
    /// How long one request may take.
    pub deadline: Duration,
    /// The most calls of all systems that one operation may need.
    pub cost_calls: u64,
    /// The most keys in these calls.
    pub cost_keys: u64,
    /// What documents and variables may hold.
    pub screen: screen::Limits,
}

/// One request, as a transport has read it.
#[derive(Clone, Debug, Default)]
pub struct GraphqlRequest {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Variables.
    pub variables: Map<String, serde_json::Value>,
    /// The default channel of this request, from the transport.
    pub channel: Option<String>,
    /// Who asks; `None` is anonymous.
    pub identity: Option<Arc<Identity>>,
    /// What is to be told beside the answer.
    pub explain: Explain,
    /// The transport may not change anything: a mutation is refused.
    pub only_reads: bool,
    /// Filled with how long the answer holds, for a transport that tells it.
    pub reuse: Option<Arc<Reuse>>,
    /// The SHA-256 of the document, by which its sender will name it from now on. For the transport, which may remember it
    /// once the document has proved to be valid.
    pub sha256: Option<[u8; 32]>,
}

/// The gateway.
pub struct Gateway {
    engine: Engine,
    systems: Vec<System>,
    loaders: Arc<Loaders>,
    till: Option<Arc<Till>>,
    channels: Vec<Arc<Channel>>,
    locations: Vec<Arc<Location>>,
    deliveries: BTreeMap<LocationCode, Delivery>,
    limits: Limits,
    explain_access: ExplainAccess,
    sources: Sources,
    time_zone: TimeZone,
    cursors: Cursors,
    document_links: DocumentLinks,
    errands: Option<Errands>,
}

impl Gateway {
    /// Puts the parts together. There is at most one system for the catalogue and one for prices; the configuration
    /// has checked that, and that every channel and location exists.
    pub fn new(parts: Parts) -> Self {
        Self::following(parts, None)
    }

    /// The same in the place of an earlier one: what that keeps of systems that are among the parts themselves, and not only
    /// like them, is used on.
    pub fn following(parts: Parts, earlier: Option<&Self>) -> Self {
        let earlier = earlier.map(|earlier| &*earlier.loaders);
        let loaders = Arc::new(Loaders::new(&parts, earlier));
        let Parts {
            systems,
            channels,
            locations,
            deliveries,
            documents,
            orders: _,
            policies: _,
            limits,
            explain,
            hides_schema,
            time_zone,
            cursor_secret,
            checkout,
        } = parts;
        let (till, desk) = match checkout {
            Some(CheckoutPart::Own(plan)) => {
                let till = Arc::new(Till::new(*plan, &loaders));
                let desk = till.desk();
                (Some(till), Some(desk))
            }
            Some(CheckoutPart::Desk(desk)) => (None, Some(desk)),
            None => (None, None),
        };
        let desk_systems = till.as_ref().map(|till| &till.checkout().parts.systems);
        let sources = Sources::new(&systems, &loaders, desk_systems, &limits);
        let engine = Engine::new::<system::Commerce>(limits.operation_bytes)
            .with_limits(limits.screen)
            .with_schema_hidden(hides_schema);
        let cursors = Cursors::new(cursor_secret.reveal().as_bytes());
        let document_links = DocumentLinks::new(cursor_secret.reveal().as_bytes(), documents, &systems);
        Self {
            engine,
            systems,
            loaders,
            till,
            channels,
            locations,
            deliveries,
            limits,
            explain_access: explain,
            sources,
            time_zone,
            cursors,
            document_links,
            errands: desk.map(Errands::new),
        }
    }

    /// The first channel that the token names, or the configured default.
    fn default_channel(&self, identity: Option<&Identity>) -> Arc<Channel> {
        let own = identity.and_then(|identity| identity.channels.first());
        let own = own.and_then(|name| self.channels.iter().find(|channel| channel.name == *name));
        own.unwrap_or(&self.channels[0]).clone()
    }

    /// What executes requests.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The connected systems.
    pub fn systems(&self) -> &[System] {
        &self.systems
    }

    /// The channels, the default first.
    pub fn channels(&self) -> &[Arc<Channel>] {
        &self.channels
    }

    /// The counters of every loader, with its system and operation.
    pub fn loader_counters(&self) -> Vec<(&SystemName, &'static str, &LoaderCounters)> {
        self.loaders.counters()
    }

    /// How many keys of each system are polled for, for those who watch them.
    pub fn watched(&self) -> Vec<(&SystemName, &'static str, usize)> {
        let prices = self.loaders.prices.iter();
        let prices = prices.map(|prices| {
            let source = prices.loader.source();
            (source.system(), source.operation(), prices.watch.keys())
        });
        let stock = self.loaders.stock.iter().map(|stock| {
            let source = stock.loader.source();
            (source.system(), source.operation(), stock.watch.keys())
        });
        prices.chain(stock).collect()
    }

    /// What is known of every source before it is asked.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn loaders(&self) -> &Arc<Loaders> {
        &self.loaders
    }

    /// The way to the checkout desk.
    pub(crate) fn errands(&self) -> Option<&Errands> {
        self.errands.as_ref()
    }

    /// The gateway's own checkout, where it is configured.
    pub fn till(&self) -> Option<&Arc<Till>> {
        self.till.as_ref()
    }

    /// What the gateway itself holds; `None` without checkout.
    pub(crate) fn lease_board(&self) -> Option<&LeaseBoard> {
        self.till.as_deref().map(Till::board)
    }

    /// The bounds of a request.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        &self.cursors
    }

    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The day on which an instant falls.
    pub(crate) fn day(&self, at: Timestamp) -> Date {
        self.time_zone.to_datetime(at).date()
    }

    pub(crate) fn locations(&self) -> &[Arc<Location>] {
        &self.locations
    }

    pub(crate) fn location(&self, code: &str) -> Option<&Arc<Location>> {
        self.locations
            .iter()
            .find(|location| location.code.as_str() == code)
    }

    /// How a location delivers; `None` where it does not, or that is not configured.
    pub(crate) fn delivery(&self, code: &LocationCode) -> Option<&Delivery> {
        self.deliveries.get(code)
    }

    pub(crate) fn document_links(&self) -> &DocumentLinks {
        &self.document_links
    }

    /// The key of a SKU in every system.
    pub(crate) fn external_skus(&self, sku: &Sku) -> impl Iterator<Item = (&SystemName, String)> {
        self.systems
            .iter()
            .filter_map(|system| Some((&system.name, system.external_sku(sku)?)))
    }

    pub(crate) fn health(&self) -> Vec<SystemHealth> {
        self.systems.iter().map(health).collect()
    }
}

fn health(system: &System) -> SystemHealth {
    let snapshot = system.upstream.snapshot();
    SystemHealth {
        name: system.name.clone(),
        connector: system.connector.clone(),
        roles: system
            .roles
            .iter()
            .map(|role| match role {
                Role::Catalog => SystemRole::Catalog,
                Role::Prices => SystemRole::Prices,
                Role::Stock => SystemRole::Stock,
                Role::Customers => SystemRole::Customers,
                Role::Orders => SystemRole::Orders,
                Role::Payments => SystemRole::Payments,
            })
            .collect(),
        state: match snapshot.health {
            Health::Up => SystemState::Up,
            Health::Degraded => SystemState::Degraded,
            Health::Down => SystemState::Down,
            Health::Unknown => SystemState::Unknown,
        },
        since: snapshot.since,
    }
}
