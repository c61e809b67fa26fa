//! The configuration file: its form, its defaults, and how it is read.
//!
//! This is the only place that reads the environment.

mod batching;
mod build;
mod checkout;
mod cors;
mod delivery;
mod documents;
mod error;
mod explain;
mod identity;
mod limits;
mod orders;
mod persisted;
mod running;
mod server;
mod stock_display;
mod subscriptions;
mod tax;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use skuery_resolvers::connector::config::{SecretRef, SystemConfig};
use skuery_schema::ids::{Currency, Language, LocationCode, PriceListCode, SystemName};

pub use batching::BatchingConfig;
pub use build::build;
pub use checkout::{
    CaptureConfig, CheckoutConfig, CheckoutSetup, LedgerConfig, LedgerUrl, PaymentConfig, checkout,
};
pub use cors::CorsConfig;
pub use delivery::{Day, DeliveryConfig};
pub use documents::DocumentsConfig;
pub use error::ConfigError;
pub use explain::{AudienceConfig, ExplainConfig};
pub use identity::{ClaimsConfig, IdentityConfig, PermissionsConfig, identity};
pub use limits::LimitsConfig;
pub use orders::OrdersConfig;
pub use persisted::{PersistedDocumentsConfig, persisted_documents};
pub use running::Running;
pub use server::{Http2Config, ServerConfig, ServerSetup, TlsConfig, TlsFiles, server};
pub use stock_display::{BandConfig, StockDisplayConfig, StockWordsConfig, SymbolsConfig};
pub use subscriptions::SubscriptionsConfig;
pub use tax::{PercentConfig, TaxConfig, TaxDisplayConfig};
pub use whole::{Environment, Whole};

/// The whole file. Unknown keys are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    #[serde(default = "defaults::listen")]
    pub listen: String,
    /// IANA time zone in which days begin, for price validity and deliveries.
    #[serde(default = "defaults::time_zone")]
    pub time_zone: String,
    /// The address that clients reach the gateway by, for links to documents; `http://` and where it listens otherwise.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Signs cursors and seals links to documents. Without it a secret is made at start, and both end with the process.
    #[serde(default)]
    pub cursor_secret: Option<SecretRef>,
    /// The connected systems by name.
    pub systems: BTreeMap<SystemName, SystemConfig>,
    /// Warehouses, stores and suppliers by code.
    #[serde(default)]
    pub locations: BTreeMap<LocationCode, LocationConfig>,
    /// Sales channels by name.
    pub channels: BTreeMap<String, ChannelConfig>,
    /// The channel of requests that name none; may be left out when there is only one.
    #[serde(default)]
    pub default_channel: Option<String>,
    /// Whose tokens are accepted; without it nobody can sign in.
    #[serde(default)]
    pub identity: Option<IdentityConfig>,
    /// How orders of several systems are put together.
    #[serde(default)]
    pub orders: OrdersConfig,
    /// How orders are verified, held and placed; without it they cannot be.
    #[serde(default)]
    pub checkout: Option<CheckoutConfig>,
    /// How long answers are kept.
    #[serde(default)]
    pub cache: CacheConfig,
    /// Links to documents.
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// Documents that can be named instead of sent.
    #[serde(default)]
    pub persisted_documents: PersistedDocumentsConfig,
    /// Several requests in one body; without it there are none.
    #[serde(default)]
    pub batching: Option<BatchingConfig>,
    /// Whether clients are strangers: then the schema, the playground and explanations are not for them.
    #[serde(default = "defaults::production")]
    pub production: bool,
    /// Bounds of requests.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// How often the systems are asked for those who watch.
    #[serde(default)]
    pub subscriptions: SubscriptionsConfig,
    /// Who may see what of a request's inside.
    #[serde(default)]
    pub explain: ExplainConfig,
    /// How connections are served, and how the process ends.
    #[serde(default)]
    pub server: ServerConfig,
    /// Which pages of other sites may ask; without it none.
    #[serde(default)]
    pub cors: Option<CorsConfig>,
}

/// A warehouse, store or supplier.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocationConfig {
    /// Name for people.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: LocationKind,
    /// Where it is.
    #[serde(default)]
    pub address: Option<AddressConfig>,
    /// IANA time zone of its cut-off and its days of delivery; the gateway's otherwise.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How it delivers; left out where that is not known, or it does not.
    #[serde(default)]
    pub delivery: Option<DeliveryConfig>,
}

/// What a location is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationKind {
    /// A warehouse.
    #[default]
    Warehouse,
    /// A store.
    Store,
    /// A supplier's own stock.
    Supplier,
}

/// A postal address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressConfig {
    /// Street and the like.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// A sales channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Languages that may be asked for; the first is the default.
    pub languages: Vec<Language>,
    /// Where a text is taken from when the asked language has none, in order.
    #[serde(default)]
    pub fallback: Vec<Language>,
    /// The currency when none is asked for.
    pub currency: Currency,
    /// Default price list per currency; a currency with `null` takes the ERP's base prices. Without this, only
    /// `currency` may be asked for, at base prices.
    #[serde(default)]
    pub price_lists: BTreeMap<Currency, Option<PriceListCode>>,
    /// Countries that may be asked for, the first unless another is; empty allows all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Codes of the locations that serve it, in order of preference.
    #[serde(default)]
    pub locations: Vec<LocationCode>,
    /// How stock is shown.
    #[serde(default)]
    pub stock_display: StockDisplayConfig,
    /// From this quantity down, stock is called low.
    #[serde(default = "defaults::low_stock")]
    pub low_stock: u32,
    /// Whether more may be ordered than there is.
    #[serde(default)]
    pub backorders: bool,
    /// Who may use it.
    #[serde(default)]
    pub access: AccessConfig,
    /// How tax is shown.
    #[serde(default)]
    pub tax: TaxConfig,
}

/// Who may use a channel.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessConfig {
    /// Anyone, without signing in.
    #[default]
    Anyone,
    /// Anyone who has signed in, and whose token names no channels or this one.
    SignedIn,
    /// Only who has a token that names this channel, and staff.
    Listed,
}

/// Freshness by class of data.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Products, categories, labels.
    pub catalog: FreshnessConfig,
    /// Prices.
    pub prices: FreshnessConfig,
    /// Stock.
    pub stock: FreshnessConfig,
    /// Customers and their credit.
    pub customers: FreshnessConfig,
    /// Orders, their shipments and documents.
    pub orders: FreshnessConfig,
    /// From this quantity up, stock is kept for its usual time; below, freshness shrinks with it.
    pub stock_plenty: u32,
    /// From this quantity down (but not at zero), stock is asked every time.
    pub stock_always_ask: u32,
}

/// How long one class of data is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessConfig {
    /// Served from the cache without asking.
    pub fresh_secs: u32,
    /// After that: served at once while the system is asked again.
    #[serde(default)]
    pub stale_while_revalidate_secs: u32,
    /// After `fresh_secs`: served when the system does not answer.
    #[serde(default)]
    pub stale_if_error_secs: u32,
    /// How long an unknown key is remembered.
    #[serde(default = "defaults::negative_secs")]
    pub negative_secs: u32,
    /// The most memory for it, in MiB, per kind of question.
    #[serde(default = "defaults::max_mib")]
    pub max_mib: u32,
}

impl Default for CacheConfig {
    fn default() -> Self {
        let class = |fresh_secs, stale_while_revalidate_secs, stale_if_error_secs| FreshnessConfig {
            fresh_secs,
            stale_while_revalidate_secs,
            stale_if_error_secs,
            negative_secs: defaults::negative_secs(),
            max_mib: defaults::max_mib(),
        };
        Self {
            catalog: class(300, 300, 86_400),
            prices: class(60, 0, 900),
            stock: class(10, 0, 60),
            customers: class(60, 0, 900),
            orders: class(10, 0, 0),
            stock_plenty: 20,
            stock_always_ask: 3,
        }
    }
}

mod defaults {
    pub(super) fn listen() -> String {
        "127.0.0.1:8080".to_owned()
    }

    pub(super) fn time_zone() -> String {
        "UTC".to_owned()
    }

    pub(super) fn production() -> bool {
        true
    }

    pub(super) fn low_stock() -> u32 {
        5
    }

    pub(super) fn negative_secs() -> u32 {
        10
    }

    pub(super) fn max_mib() -> u32 {
        64
    }
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<(Self, String), ConfigError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::plain(&file, format!("cannot be read: {error}")))?;
        Ok((Self::parse(&file, &text)?, text))
    }

    /// Reads a text; `file` is for messages. They quote no line of it: a neighbouring line may hold a secret that should
    /// not be there.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let line = error.location().map(|location| location.line());
            ConfigError::on_line(
                file,
                line.and_then(|line| usize::try_from(line).ok()),
                error.to_string(),
            )
        })
    }
}

/// The process's environment.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
