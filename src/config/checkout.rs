//! The `checkout` section: where its ledger is, who takes orders, and the times and bounds that hold.

mod ledger;
mod systems;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;
use skuery_resolvers::checkout::rules::{Capture, CheckoutRules};
use skuery_resolvers::checkout::systems::CheckoutSystems;
use skuery_resolvers::commerce::gateway::Parts;
use skuery_resolvers::connector::config::{Secret, SecretRef};
use skuery_schema::ids::{CustomerNumber, SystemName};

use super::{Config, ConfigError};

pub use ledger::{LedgerConfig, LedgerUrl};

/// How orders are verified, held and placed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckoutConfig {
    /// The store that all replicas share: `sqlite:PATH` or `postgres://…`.
    pub ledger: LedgerConfig,
    /// The system that takes orders.
    pub orders: SystemName,
    /// What the gateway's numbers of orders begin with.
    #[serde(default = "defaults::order_prefix")]
    pub order_prefix: String,
    /// The first signs tokens, all are accepted. Without any, one is made at start, and tokens end with the process.
    #[serde(default)]
    pub token_keys: Vec<SecretRef>,
    /// How long stock is held unless the caller says.
    #[serde(default = "defaults::hold_seconds")]
    pub hold_seconds: u32,
    /// The longest that a hold lasts, extended or not.
    #[serde(default = "defaults::longest_hold_seconds")]
    pub longest_hold_seconds: u32,
    /// How long one verification or placement may take, all systems together.
    #[serde(default = "defaults::deadline_ms")]
    pub deadline_ms: u64,
    /// The customer that guests' orders are placed for; without one, guests cannot order.
    #[serde(default)]
    pub guest_customer: Option<String>,
    /// What stands behind an order.
    #[serde(default)]
    pub payment: PaymentConfig,
    /// How long keys, their answers, and ended holds are kept. Orders stay.
    #[serde(default = "defaults::retention_days")]
    pub retention_days: u32,
    /// By stock system: how long after an order's acceptance its figures may not yet contain it.
    #[serde(default)]
    pub reflects_after_ms: BTreeMap<SystemName, u64>,
    /// Takes an order system that cannot find an order by our number: an order whose answer is lost then needs a person.
    #[serde(default)]
    pub accept_unsearchable_orders: bool,
}

/// What stands behind an order.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentConfig {
    /// Whether an order needs an authorised payment.
    pub required: bool,
    /// When money is taken.
    pub capture: CaptureConfig,
}

/// When money is taken.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureConfig {
    /// As soon as the order is placed.
    OnPlacement,
    /// By somebody else, such as the ERP at shipment.
    #[default]
    Never,
}

mod defaults {
    pub(super) fn order_prefix() -> String {
        "SK-".to_owned()
    }

    pub(super) fn hold_seconds() -> u32 {
        900
    }

    pub(super) fn longest_hold_seconds() -> u32 {
        3_600
    }

    pub(super) fn deadline_ms() -> u64 {
        10_000
    }

    pub(super) fn retention_days() -> u32 {
        90
    }
}

/// A checkout whose ledger is not opened yet.
pub struct CheckoutSetup {
    /// Where the ledger is.
    pub ledger: LedgerUrl,
    /// The systems it reads and writes.
    pub systems: CheckoutSystems,
    /// Times and bounds.
    pub rules: CheckoutRules,
    /// How long keys, their answers, and ended holds are kept.
    pub retention: Duration,
}

/// The most lines of a cart: each is priced, counted and held within one deadline.
const MOST_LINES: usize = 250;
/// The shortest key: with one that can be guessed anybody could sign a price of their own.
const KEY_CHARACTERS: usize = 32;
/// With the 26 characters that follow, the number fits the shortest field that a preset writes it to.
const PREFIX_CHARACTERS: usize = 8;
const LONGEST_HOLD_SECONDS: RangeInclusive<u32> = 60..=86_400;
const DEADLINE_MS: RangeInclusive<u64> = 1_000..=60_000;
const RETENTION_DAYS: RangeInclusive<u32> = 1..=3_650;
/// When an order in doubt is looked up again; the last wait repeats.
const RETRY_SECONDS: [u64; 7] = [1, 2, 5, 15, 60, 300, 900];
const GIVE_UP: Duration = Duration::from_hours(24);

/// The key within the section, and what is wrong with it.
type Problem = (String, String);

fn problem<T>(key: impl Into<String>, problem: impl Into<String>) -> Result<T, Problem> {
    Err((key.into(), problem.into()))
}

/// Checks the section, if there is one. `file` and `text` are for messages; `env` is asked for secrets.
///
/// # Errors
///
/// When the section does not make sense, or does not fit the systems.
pub fn checkout(
    config: &Config,
    parts: &Parts,
    file: &str,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<CheckoutSetup>, ConfigError> {
    let Some(section) = &config.checkout else {
        return Ok(None);
    };
    let refuse = |(key, problem): Problem| ConfigError::at(file, text, &format!("checkout.{key}"), problem);
    let build = || {
        let ledger = ledger::url(&section.ledger, env)?;
        Ok(CheckoutSetup {
            systems: systems::systems(section, &parts.systems, &parts.locations)?,
            rules: rules(section, &ledger, &parts.time_zone, env)?,
            retention: retention(section)?,
            ledger,
        })
    };
    build().map(Some).map_err(refuse)
}

fn rules(
    config: &CheckoutConfig,
    ledger: &LedgerUrl,
    time_zone: &TimeZone,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<CheckoutRules, Problem> {
    let (hold, longest_hold) = holds(config)?;
    within("deadline_ms", config.deadline_ms, &DEADLINE_MS)?;
    Ok(CheckoutRules {
        lines: MOST_LINES,
        hold,
        longest_hold,
        deadline: Duration::from_millis(config.deadline_ms),
        order_prefix: order_prefix(&config.order_prefix)?.into(),
        guest_customer: config.guest_customer.as_deref().map(guest).transpose()?,
        payment_required: config.payment.required,
        capture: match config.payment.capture {
            CaptureConfig::OnPlacement => Capture::OnPlacement,
            CaptureConfig::Never => Capture::Never,
        },
        time_zone: time_zone.clone(),
        token_keys: token_keys(config, ledger, env)?,
        retry: RETRY_SECONDS.map(Duration::from_secs).to_vec(),
        give_up: GIVE_UP,
    })
}

fn within<N: PartialOrd + std::fmt::Display>(
    key: &str,
    value: N,
    allowed: &RangeInclusive<N>,
) -> Result<(), Problem> {
    match allowed.contains(&value) {
        true => Ok(()),
        false => problem(
            key,
            format!(
                "{value} is not allowed, use {} to {}",
                allowed.start(),
                allowed.end()
            ),
        ),
    }
}

fn holds(config: &CheckoutConfig) -> Result<(Duration, Duration), Problem> {
    let longest = config.longest_hold_seconds;
    within("longest_hold_seconds", longest, &LONGEST_HOLD_SECONDS)?;
    let hold = config.hold_seconds;
    if !(1..=longest).contains(&hold) {
        let allowed = format!("{hold} is not allowed, use 1 to {longest} (`longest_hold_seconds`)");
        return problem("hold_seconds", allowed);
    }
    Ok((
        Duration::from_secs(hold.into()),
        Duration::from_secs(longest.into()),
    ))
}

fn retention(config: &CheckoutConfig) -> Result<Duration, Problem> {
    within("retention_days", config.retention_days, &RETENTION_DAYS)?;
    Ok(Duration::from_hours(24 * u64::from(config.retention_days)))
}

fn order_prefix(prefix: &str) -> Result<&str, Problem> {
    let fits = (1..=PREFIX_CHARACTERS).contains(&prefix.len())
        && prefix
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    match fits {
        true => Ok(prefix),
        false => problem(
            "order_prefix",
            format!("`{prefix}` is not allowed, use 1 to {PREFIX_CHARACTERS} of A–Z, a–z, 0–9, `-` and `_`"),
        ),
    }
}

fn guest(number: &str) -> Result<CustomerNumber, Problem> {
    let is_plain = !number.is_empty() && number.trim() == number && !number.chars().any(char::is_control);
    match is_plain {
        true => Ok(CustomerNumber::from(number)),
        false => problem(
            "guest_customer",
            "use the number of a customer in the order system, without space around it; `null` lets no guest order",
        ),
    }
}

fn token_keys(
    config: &CheckoutConfig,
    ledger: &LedgerUrl,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Secret>, Problem> {
    if config.token_keys.is_empty() {
        if ledger.is_shared() {
            let needed = "needed with PostgreSQL, whose replicas must accept each other's tokens: write `[{ env: NAME }]`";
            return problem("token_keys", needed);
        }
        return Ok(vec![Secret::random()]);
    }
    let key = |reference: &SecretRef| {
        let key = reference
            .resolve(env)
            .map_err(|problem| ("token_keys".to_owned(), problem))?;
        match key.is_shorter_than(KEY_CHARACTERS) {
            true => problem(
                "token_keys",
                format!("a key is too short: use {KEY_CHARACTERS} random characters or more"),
            ),
            false => Ok(key),
        }
    };
    config.token_keys.iter().map(key).collect()
}
