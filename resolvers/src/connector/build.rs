//! From a system's configuration and its mapping to a `System`: every reference resolved, every template compiled.

mod login;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};
use skuery_schema::ids::{LocationCode, SystemName};
use url::Url;

use crate::connector::System;
use crate::connector::catalog::MappedCatalog;
use crate::connector::compile::{Compiler, served};
use crate::connector::config::{ConfigError, MappingSource, Role, SystemConfig};
use crate::connector::customers::MappedCustomers;
use crate::connector::machine::Machine;
use crate::connector::made_of::MadeOf;
use crate::connector::mapping::{Mapping, Protocol, SettingSpec};
use crate::connector::order_entry::MappedOrderEntry;
use crate::connector::orders::MappedOrders;
use crate::connector::payments::MappedPayments;
use crate::connector::presets;
use crate::connector::prices::MappedPrices;
use crate::connector::promise::{minor_units, promise};
use crate::connector::reservations::MappedReservations;
use crate::connector::stock::MappedStock;
use crate::connector::template::{Target, Template};
use crate::connector::vars::Vars;
use crate::door::Upstream;
use crate::port::customers::Customers;
use crate::port::order_entry::{OrderEntry, OrderPromise};
use crate::port::orders::Orders;
use crate::port::payments::Payments;
use crate::port::reservations::Reservations;
use crate::port::{Catalog, PortLookup, Prices, Stock};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(crate) fn system(name: SystemName, config: &SystemConfig, env: Env<'_>) -> Result<System, ConfigError> {
    build(name.clone(), config, env).map_err(|error| error.within(&format!("systems.{name}")))
}

fn build(name: SystemName, config: &SystemConfig, env: Env<'_>) -> Result<System, ConfigError> {
    let mapping = mapping(config)?;
    let base = base(&config.url)?;
    config
        .upstream
        .validate()
        .map_err(|problem| ConfigError::new("upstream", problem))?;
    let settings = settings(&mapping.settings, &config.settings)?;
    let auth = login::auth(&mapping, &config.auth, &settings, env)?;
    let upstream = Upstream::new(name.clone(), base, config.upstream.clone(), auth.clone())
        .map_err(|error| ConfigError::new("url", error.to_string()))?;
    let compiler = Compiler {
        mapping: &mapping,
        settings: &settings,
    };
    let within_mapping = |error: ConfigError| error.within(&format!("mapping({})", config.connector));
    let lookups = compiler.lookups().map_err(within_mapping)?;
    let acts = compiler.acts().map_err(within_mapping)?;
    if config.identity.sku.is_some() && acts.contains_key(&PortLookup::Reservation) {
        let problem = "reservations are read back by SKU, which a rule in one direction cannot";
        return Err(ConfigError::new("identity.sku", problem));
    }
    let promise = promise(&mapping.checkout, &config.checkout, &acts)?;
    let roles = roles(&served(&lookups, &acts), config.roles.as_deref())?;
    let sample = match &mapping.sample {
        Some(sample) => Some(compiler.table("sample", sample).map_err(within_mapping)?),
        None => None,
    };
    let minor_units = minor_units(&mapping).map_err(within_mapping)?;
    let machine = Machine {
        system: name,
        upstream,
        is_rpc: mapping.protocol == Protocol::Jsonrpc,
        languages: config.languages.clone(),
        locations: config
            .locations
            .keys()
            .map(|code| LocationCode::new(code.as_str()))
            .collect(),
        location_keys: location_keys(config)?,
        price_lists: config.price_lists.clone(),
        sku: identity(config)?,
        failures: compiler.failures().map_err(within_mapping)?,
        statuses: compiler.statuses(),
        tables: compiler.tables().map_err(within_mapping)?,
        sample,
        lookups,
        acts,
        constants: constants(&settings, &minor_units),
        minor_units,
        settings,
    };
    let made_of = MadeOf::new(config, &mapping, auth);
    let connector = config.connector.clone();
    Ok(assemble(Arc::new(machine), made_of, connector, roles, promise))
}

fn assemble(
    machine: Arc<Machine>,
    made_of: MadeOf,
    connector: String,
    roles: Vec<Role>,
    promise: Option<OrderPromise>,
) -> System {
    let has = |role| roles.contains(&role);
    let catalog = has(Role::Catalog).then(|| -> Arc<dyn Catalog> {
        Arc::new(MappedCatalog {
            machine: Arc::clone(&machine),
        })
    });
    let prices = machine
        .lookups
        .get(&PortLookup::Prices)
        .filter(|_| has(Role::Prices))
        .map(|lookup| -> Arc<dyn Prices> {
            Arc::new(MappedPrices {
                machine: Arc::clone(&machine),
                mode: lookup.mode,
                choice: lookup.choice,
                per_customer: lookup.uses("customer"),
            })
        });
    let stock = machine
        .lookups
        .get(&PortLookup::Stock)
        .filter(|_| has(Role::Stock))
        .map(|lookup| -> Arc<dyn Stock> {
            Arc::new(MappedStock {
                machine: Arc::clone(&machine),
                per_location: lookup.per_location,
                unlisted_is_none: lookup.unlisted_is_none,
            })
        });
    let customers = has(Role::Customers).then(|| -> Arc<dyn Customers> {
        Arc::new(MappedCustomers {
            machine: Arc::clone(&machine),
        })
    });
    let lists_orders = machine.lookups.contains_key(&PortLookup::Orders);
    let orders = (has(Role::Orders) && lists_orders).then(|| -> Arc<dyn Orders> {
        Arc::new(MappedOrders {
            machine: Arc::clone(&machine),
        })
    });
    let order_entry = promise
        .filter(|_| has(Role::Orders))
        .map(|promise| -> Arc<dyn OrderEntry> {
            Arc::new(MappedOrderEntry {
                machine: Arc::clone(&machine),
                promise,
            })
        });
    let does = |lookup| machine.acts.contains_key(&lookup);
    let reservations = (has(Role::Stock) && does(PortLookup::Reserve)).then(|| -> Arc<dyn Reservations> {
        Arc::new(MappedReservations {
            machine: Arc::clone(&machine),
        })
    });
    let payments = (has(Role::Payments) && does(PortLookup::Capture)).then(|| -> Arc<dyn Payments> {
        Arc::new(MappedPayments {
            machine: Arc::clone(&machine),
        })
    });
    System {
        name: machine.system.clone(),
        connector,
        roles,
        catalog,
        prices,
        stock,
        customers,
        orders,
        order_entry,
        reservations,
        payments,
        upstream: machine.upstream.clone(),
        machine,
        made_of: Arc::new(made_of),
    }
}

fn roles(served: &[Role], wanted: Option<&[Role]>) -> Result<Vec<Role>, ConfigError> {
    let Some(wanted) = wanted else {
        return Ok(served.to_vec());
    };
    for role in wanted {
        if !served.contains(role) {
            let served: Vec<&str> = served.iter().map(|role| role.as_str()).collect();
            return Err(ConfigError::new(
                "roles",
                format!(
                    "`{}` is not served by this connector, use {}",
                    role.as_str(),
                    served.join(", ")
                ),
            ));
        }
    }
    Ok(wanted.to_vec())
}

fn location_keys(config: &SystemConfig) -> Result<HashMap<LocationCode, Value>, ConfigError> {
    for (code, key) in &config.locations {
        let twin = config
            .locations
            .iter()
            .find(|(other, value)| *other < code && *value == key);
        if let Some((twin, _)) = twin {
            let problem = format!("{key} is the key of `{twin}` already; each location needs one of its own");
            return Err(ConfigError::new(format!("locations.{code}"), problem));
        }
    }
    config
        .locations
        .iter()
        .map(|(code, key)| match key {
            Value::String(_) | Value::Number(_) => Ok((LocationCode::new(code.as_str()), key.clone())),
            other => Err(ConfigError::new(
                format!("locations.{code}"),
                format!("{other} is not allowed, use the system's key as text or whole number"),
            )),
        })
        .collect()
}

fn identity(config: &SystemConfig) -> Result<Option<Template>, ConfigError> {
    config
        .identity
        .sku
        .as_deref()
        .map(|source| Template::new(source, Target::Text, &["key"]))
        .transpose()
        .map_err(|problem| ConfigError::new("identity.sku", problem))
}

fn mapping(config: &SystemConfig) -> Result<Mapping, ConfigError> {
    let generic = [Protocol::Rest, Protocol::Jsonrpc]
        .into_iter()
        .find(|protocol| protocol.as_str() == config.connector);
    let Some(protocol) = generic else {
        let preset = presets::mapping(&config.connector)?;
        if config.mapping.is_some() {
            return Err(ConfigError::new(
                "mapping",
                "only the connectors `rest` and `jsonrpc` take a mapping of one's own",
            ));
        }
        return Ok(preset);
    };
    let mapping = match &config.mapping {
        Some(MappingSource {
            file: Some(path),
            inline: None,
        }) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::new("mapping.file", format!("`{}`: {error}", path.display()))
            })?;
            presets::parse(&path.display().to_string(), &text)?
        }
        Some(MappingSource {
            file: None,
            inline: Some(mapping),
        }) => (**mapping).clone(),
        _ => {
            return Err(ConfigError::new(
                "mapping",
                format!(
                    "connector `{}` needs one of `file` and `inline`",
                    config.connector
                ),
            ));
        }
    };
    if mapping.protocol != protocol {
        return Err(ConfigError::new(
            "mapping.protocol",
            format!(
                "`{}` does not fit connector `{}`",
                mapping.protocol.as_str(),
                config.connector
            ),
        ));
    }
    Ok(mapping)
}

/// The address, always ending in a slash so that paths are joined below it.
fn base(text: &str) -> Result<Url, ConfigError> {
    let refuse = |problem: &str| Err(ConfigError::new("url", problem.to_owned()));
    let Ok(mut url) = Url::parse(text) else {
        return refuse("not an address, use `https://host` or `https://host/path`");
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return refuse("only addresses with `http` or `https` and a host are allowed");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("credentials must not stand in the address, use `auth`");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("an address with `?` or `#` is not allowed");
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The settings with defaults, checked against what the mapping declares.
fn settings(
    declared: &BTreeMap<String, SettingSpec>,
    given: &BTreeMap<String, Value>,
) -> Result<Map<String, Value>, ConfigError> {
    for name in given.keys() {
        if !declared.contains_key(name) {
            let known: Vec<&str> = declared.keys().map(String::as_str).collect();
            return Err(ConfigError::new(
                format!("settings.{name}"),
                format!("unknown setting, use {}", known.join(", ")),
            ));
        }
    }
    let mut settings = Map::new();
    for (name, spec) in declared {
        let value = given.get(name).filter(|value| !value.is_null());
        let Some(value) = value.or(spec.default.as_ref()) else {
            if spec.required {
                return Err(ConfigError::new(
                    format!("settings.{name}"),
                    format!("missing: {}", spec.description),
                ));
            }
            continue;
        };
        if !spec.one_of.is_empty() && !spec.one_of.contains(value) {
            let allowed: Vec<String> = spec.one_of.iter().map(Value::to_string).collect();
            return Err(ConfigError::new(
                format!("settings.{name}"),
                format!("{value} is not allowed, use {}", allowed.join(", ")),
            ));
        }
        settings.insert(name.clone(), value.clone());
    }
    Ok(settings)
}

/// A template over the settings, rendered once.
pub(crate) fn constant(
    source: &str,
    target: Target,
    settings: &Map<String, Value>,
) -> Result<String, ConfigError> {
    let fail = |problem: String| ConfigError::new("mapping", format!("`{source}`: {problem}"));
    Template::new(source, target, &["settings"])
        .map_err(&fail)?
        .text(settings_only(settings).template())
        .ok()
        .flatten()
        .ok_or_else(|| fail("a setting it needs is missing".to_owned()))
}

/// A template over the settings as a value; `None` where the setting is not given.
pub(crate) fn constant_value(source: &str, settings: &Map<String, Value>) -> Result<Option<Value>, String> {
    if !source.contains("{{") {
        return Ok(Some(Value::String(source.to_owned())));
    }
    Template::new(source, Target::Json, &["settings"])?
        .json(settings_only(settings).template())
        .map_err(|_| format!("`{source}` cannot be worked out"))
}

fn settings_only(settings: &Map<String, Value>) -> Vars {
    Vars::new([("settings", Value::Object(settings.clone()))])
}

/// The variables that are the same in every request.
fn constants(settings: &Map<String, Value>, minor_units: &Map<String, Value>) -> Vars {
    let own = (!minor_units.is_empty()).then(|| {
        (
            crate::connector::minor_units::VARIABLE,
            Value::Object(minor_units.clone()),
        )
    });
    settings_only(settings).with(own)
}
