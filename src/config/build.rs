//! From the configuration to the parts of a gateway; everything that does not fit together is refused here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use skuery_resolvers::commerce::channel::{Access, Channel};
use skuery_resolvers::commerce::delivery::Delivery;
use skuery_resolvers::commerce::gateway::{LowStockBypass, Parts, Policies};
use skuery_resolvers::connector::System;
use skuery_resolvers::connector::config::{Role, Secret, SecretRef};
use skuery_resolvers::loader::Policy;
use skuery_resolvers::port::customers::CustomerAbilities;
use skuery_schema::availability::{Address, Location, LocationKind as Kind};
use skuery_schema::ids::{ChannelName, LocationCode};

use super::delivery::delivery;
use super::documents::documents;
use super::stock_display::stock_display;
use super::tax::tax;
use super::{
    AccessConfig, BatchingConfig, ChannelConfig, Config, ConfigError, FreshnessConfig, LocationConfig,
    LocationKind,
};

/// Unknown keys of one kind of question that are remembered.
const NEGATIVE_ENTRIES: u64 = 20_000;
/// How long one call may take at least before the loader gives it up.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Reading all matches of a search takes many calls.
const SCAN_TIMEOUT: Duration = Duration::from_secs(60);
/// How long keys wait for company while other calls of their source are under way.
const BATCH_WINDOW: Duration = Duration::from_millis(2);
/// The most that entries' freshness is shortened so that they do not expire together.
const JITTER_PERCENT: u32 = 10;

/// The shortest secret: whoever has a cursor or a link could find a shorter one by trying, and make links of their own.
const SECRET_CHARACTERS: usize = 16;

/// Builds the parts. `file` and `text` are for messages; `env` is asked for secrets.
pub fn build(
    config: &Config,
    file: &str,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Parts, ConfigError> {
    let refuse = |path: &str, problem: String| ConfigError::at(file, text, path, problem);
    let limits = config.limits.check();
    limits.map_err(|(path, problem)| refuse(&path, problem))?;
    let subscriptions = config.subscriptions.check();
    subscriptions.map_err(|(path, problem)| refuse(&path, problem))?;
    let persisted = config.persisted_documents.check();
    persisted.map_err(|(path, problem)| refuse(&path, problem))?;
    let batching = config.batching.map_or(Ok(()), BatchingConfig::check);
    batching.map_err(|(path, problem)| refuse(&path, problem))?;
    let mut systems = Vec::with_capacity(config.systems.len());
    for (name, system) in &config.systems {
        let built = System::build(name.clone(), system, env);
        systems.push(built.map_err(|error| refuse(error.path(), without_path(&error)))?);
    }
    one_system_per_role(&systems).map_err(|problem| refuse("systems", problem))?;
    let orders = config
        .orders
        .rules(&config.systems)
        .map_err(|(path, problem)| refuse(&path, problem))?;
    let served = systems
        .iter()
        .filter_map(|system| system.stock.as_ref())
        .flat_map(|stock| stock.locations());
    let served: Vec<LocationCode> = served.cloned().collect();
    check_locations(config, &served).map_err(|(path, problem)| refuse(&path, problem))?;
    let channels = channels(config).map_err(|(path, problem)| refuse(&path, problem))?;
    let time_zone = time_zone(&config.time_zone).map_err(|problem| refuse("time_zone", problem))?;
    let deliveries = deliveries(config, &time_zone).map_err(|(path, problem)| refuse(&path, problem))?;
    let documents = documents(config).map_err(|(key, problem)| refuse(key, problem))?;
    let cursor_secret = match &config.cursor_secret {
        Some(secret) => cursor_secret(secret, env).map_err(|problem| refuse("cursor_secret", problem))?,
        None => Secret::random(),
    };
    Ok(Parts {
        systems,
        channels,
        locations: config
            .locations
            .iter()
            .map(|(code, location)| Arc::new(self::location(code, location)))
            .collect(),
        deliveries,
        documents,
        orders,
        checkout: None,
        policies: policies(config),
        limits: config.limits.limits(),
        explain: config.explain.access(config.production),
        hides_schema: config.production,
        time_zone,
        cursor_secret,
    })
}

fn cursor_secret(secret: &SecretRef, env: &dyn Fn(&str) -> Option<String>) -> Result<Secret, String> {
    let secret = secret.resolve(env)?;
    match secret.is_shorter_than(SECRET_CHARACTERS) {
        true => Err(format!(
            "the secret is too short: use {SECRET_CHARACTERS} random characters or more"
        )),
        false => Ok(secret),
    }
}

/// The error names its path already.
fn without_path(error: &skuery_resolvers::connector::config::ConfigError) -> String {
    let whole = error.to_string();
    whole
        .strip_prefix(&format!("{}: ", error.path()))
        .unwrap_or(&whole)
        .to_owned()
}

fn one_system_per_role(systems: &[System]) -> Result<(), String> {
    for role in [Role::Catalog, Role::Prices] {
        let names = names(systems, |system| system.roles.contains(&role));
        if names.len() > 1 {
            let role = role.as_str();
            return Err(format!(
                "{} all have the role {role}; only one may: set `roles` of the others",
                names.join(", ")
            ));
        }
    }
    // One system may know the customers and another one their credit, but each is known to one only.
    let abilities = |system: &System| match &system.customers {
        Some(customers) => customers.customer_abilities(),
        None => CustomerAbilities::default(),
    };
    let twice = [
        ("customers", names(systems, |system| abilities(system).customers)),
        ("credit", names(systems, |system| abilities(system).credit)),
    ];
    match twice.iter().find(|(_, names)| names.len() > 1) {
        Some((lookup, names)) => Err(format!(
            "{} all serve {lookup}; only one may: leave the role customers out of the `roles` of the others",
            names.join(", ")
        )),
        None => Ok(()),
    }
}

fn names(systems: &[System], is_one: impl Fn(&System) -> bool) -> Vec<&str> {
    let which = systems.iter().filter(|system| is_one(system));
    which.map(|system| system.name.as_str()).collect()
}

type Problem = (String, String);

fn check_locations(config: &Config, served: &[LocationCode]) -> Result<(), Problem> {
    for (index, code) in served.iter().enumerate() {
        if !config.locations.contains_key(code) {
            return Err((
                "systems".to_owned(),
                format!("location `{code}` is not described under `locations`"),
            ));
        }
        if served[..index].contains(code) {
            return Err((
                "systems".to_owned(),
                format!("location `{code}` is kept by two systems; only one may"),
            ));
        }
    }
    for (name, channel) in &config.channels {
        let unknown = channel
            .locations
            .iter()
            .find(|code| !config.locations.contains_key(code));
        if let Some(code) = unknown {
            let known: Vec<&str> = config.locations.keys().map(LocationCode::as_str).collect();
            let problem = format!(
                "`{code}` is not described under `locations`; these are: {}",
                known.join(", ")
            );
            return Err((format!("channels.{name}.locations"), problem));
        }
        if let Some(code) = channel.locations.iter().find(|code| !served.contains(code)) {
            let problem =
                format!("no system keeps `{code}`: name it under `locations` of the system that does");
            return Err((format!("channels.{name}.locations"), problem));
        }
    }
    Ok(())
}

fn location(code: &LocationCode, config: &LocationConfig) -> Location {
    Location {
        code: code.clone(),
        name: config.name.as_str().into(),
        kind: match config.kind {
            LocationKind::Warehouse => Kind::Warehouse,
            LocationKind::Store => Kind::Store,
            LocationKind::Supplier => Kind::Supplier,
        },
        address: config.address.as_ref().map(|address| Address {
            name: None,
            company: None,
            lines: address.lines.iter().map(|line| line.as_str().into()).collect(),
            postal_code: address.postal_code.as_deref().map(Into::into),
            city: address.city.as_deref().map(Into::into),
            region: None,
            country: address.country.as_str().into(),
        }),
    }
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("`{name}` is not an IANA time zone such as `Europe/Stockholm`"))
}

fn deliveries(config: &Config, usual: &TimeZone) -> Result<BTreeMap<LocationCode, Delivery>, Problem> {
    let mut deliveries = BTreeMap::new();
    for (code, location) in &config.locations {
        let own = location.time_zone.as_deref().map(time_zone).transpose();
        let own = own.map_err(|problem| (format!("locations.{code}.time_zone"), problem))?;
        let Some(config) = &location.delivery else {
            continue;
        };
        let built = delivery(config, own.unwrap_or_else(|| usual.clone()))
            .map_err(|(key, problem)| (format!("locations.{code}.delivery.{key}"), problem))?;
        deliveries.insert(code.clone(), built);
    }
    Ok(deliveries)
}

/// The default channel comes first.
fn channels(config: &Config) -> Result<Vec<Arc<Channel>>, Problem> {
    let names: Vec<&str> = config.channels.keys().map(String::as_str).collect();
    let default = match (&config.default_channel, names.as_slice()) {
        (_, []) => return Err(("channels".to_owned(), "at least one channel is needed".to_owned())),
        (Some(name), names) if names.contains(&name.as_str()) => name.as_str(),
        (Some(name), names) => {
            let problem = format!("`{name}` is not one of the channels: {}", names.join(", "));
            return Err(("default_channel".to_owned(), problem));
        }
        (None, [only]) => only,
        (None, names) => {
            let problem = format!("`default_channel` must name one of: {}", names.join(", "));
            return Err(("channels".to_owned(), problem));
        }
    };
    let mut channels = Vec::with_capacity(config.channels.len());
    for (name, channel) in &config.channels {
        let built = self::channel(name, channel)
            .map_err(|(key, problem)| (format!("channels.{name}.{key}"), problem))?;
        if built.access != Access::Anyone && config.identity.is_none() {
            let problem = "nobody can sign in without an `identity` section".to_owned();
            return Err((format!("channels.{name}.access"), problem));
        }
        channels.push(Arc::new(built));
    }
    channels.sort_by_key(|channel| channel.name.as_str() != default);
    Ok(channels)
}

fn channel(name: &str, config: &ChannelConfig) -> Result<Channel, Problem> {
    if config.languages.is_empty() {
        return Err((
            "languages".to_owned(),
            "at least one language is needed".to_owned(),
        ));
    }
    let mut price_lists = config.price_lists.clone();
    if price_lists.is_empty() {
        price_lists.insert(config.currency, None);
    }
    if !price_lists.contains_key(&config.currency) {
        let problem = format!("`{}` has no entry under `price_lists`", config.currency);
        return Err(("currency".to_owned(), problem));
    }
    Ok(Channel {
        name: ChannelName::from(name),
        languages: config.languages.clone(),
        fallback: config.fallback.clone(),
        price_lists,
        currency: config.currency,
        countries: config
            .countries
            .iter()
            .map(|country| country.as_str().into())
            .collect(),
        locations: config.locations.clone(),
        stock_display: stock_display(&config.stock_display)
            .map_err(|(key, problem)| (format!("stock_display.{key}"), problem))?,
        low_stock: config.low_stock.into(),
        backorders: config.backorders,
        access: match config.access {
            AccessConfig::Anyone => Access::Anyone,
            AccessConfig::SignedIn => Access::SignedIn,
            AccessConfig::Listed => Access::Listed,
        },
        tax: tax(&config.tax, &config.countries)?,
    })
}

fn policies(config: &Config) -> Policies {
    // Longer than any request waits: an answer that comes late still serves the next one. The door bounds it.
    let timeout = Duration::from_millis(config.limits.deadline_ms).max(CALL_TIMEOUT);
    let cache = &config.cache;
    Policies {
        catalog: policy(&cache.catalog, timeout),
        scan: policy(&cache.catalog, SCAN_TIMEOUT),
        prices: policy(&cache.prices, timeout),
        stock: policy(&cache.stock, timeout),
        customers: policy(&cache.customers, timeout),
        orders: policy(&cache.orders, timeout),
        pace: config.subscriptions.pace(),
        low_stock: LowStockBypass {
            plenty: cache.stock_plenty.into(),
            always_ask: cache.stock_always_ask.into(),
        },
    }
}

fn policy(config: &FreshnessConfig, call_timeout: Duration) -> Policy {
    let secs = |secs: u32| Duration::from_secs(secs.into());
    Policy {
        fresh: secs(config.fresh_secs),
        stale_while_revalidate: secs(config.stale_while_revalidate_secs),
        stale_if_error: secs(config.stale_if_error_secs),
        negative: secs(config.negative_secs),
        jitter_percent: JITTER_PERCENT,
        max_bytes: u64::from(config.max_mib) * 1024 * 1024,
        max_negative: NEGATIVE_ENTRIES,
        call_timeout,
        batch_window: BATCH_WINDOW,
    }
}
