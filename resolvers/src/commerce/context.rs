//! The context of one request: its channel, and the shopper's choices within what the channel allows.

use std::sync::Arc;

use jiff::Timestamp;
use skuery_schema::error::ErrorCode;
use skuery_schema::ids::{Currency, Language, PriceListCode};
use skuery_schema::input::Args;
use tokio::time::Instant;

use crate::commerce::channel::{Access, Channel};
use crate::commerce::identity::Identity;
use crate::commerce::leases::Looker;
use crate::commerce::taxes::Taxes;
use crate::engine::RequestError;
use crate::port::Locales;

/// What every answer of one request depends on.
#[derive(Clone)]
pub struct Context {
    pub(crate) channel: Arc<Channel>,
    pub(crate) language: Language,
    pub(crate) locales: Locales,
    pub(crate) currency: Currency,
    /// The channel's for the currency; a customer may have another one.
    pub(crate) price_list: Option<PriceListCode>,
    pub(crate) taxes: Taxes,
    /// Where it is delivered to: as asked, or the channel's first.
    pub(crate) country: Option<Arc<str>>,
    pub(crate) identity: Option<Arc<Identity>>,
    pub(crate) now: Timestamp,
    pub(crate) deadline: Instant,
}

impl Context {
    /// Applies `@inContext` (channel, language, currency, country) to a channel's defaults, as far as the identity may use
    /// the channel.
    pub(crate) fn new(
        channels: &[Arc<Channel>],
        default: &Arc<Channel>,
        chosen: Option<&Args>,
        identity: Option<Arc<Identity>>,
        deadline: Instant,
    ) -> Result<Self, RequestError> {
        let choice = |index| chosen.and_then(|args| args.text(index)).map(|text| &**text);
        let channel = match choice(0) {
            Some(name) => named_channel(channels, name)?,
            None => default.clone(),
        };
        admit(&channel, identity.as_deref())?;
        let language = language(&channel, choice(1))?;
        let (currency, price_list) = currency(&channel, choice(2))?;
        let country = country(&channel, choice(3))?;
        let taxes = Taxes::new(&channel.tax, country.as_deref());
        let locales = locales(&channel, &language);
        Ok(Self {
            channel,
            language,
            locales,
            currency,
            price_list,
            taxes,
            country,
            identity,
            now: Timestamp::now(),
            deadline,
        })
    }

    /// Whether who asks works for the merchant.
    pub(crate) fn is_staff(&self) -> bool {
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.permissions.staff)
    }

    /// Whose own holds are not subtracted from what is shown.
    pub(crate) fn looker(&self) -> Looker<'_> {
        Looker {
            channel: &self.channel.name,
            customer: self
                .identity
                .as_ref()
                .and_then(|identity| identity.customer.as_ref()),
        }
    }
}

/// Whether who asks may use the channel: everything in a channel's context follows from this one answer.
fn admit(channel: &Channel, identity: Option<&Identity>) -> Result<(), RequestError> {
    let name = &channel.name;
    let Some(identity) = identity else {
        return match channel.access {
            Access::Anyone => Ok(()),
            Access::SignedIn | Access::Listed => {
                let message = format!("channel `{name}` is only for those who have signed in");
                Err(RequestError::new(ErrorCode::Unauthenticated, message))
            }
        };
    };
    let is_named = identity.channels.contains(name);
    let may = identity.permissions.staff
        || match channel.access {
            Access::Anyone => true,
            Access::SignedIn => is_named || identity.channels.is_empty(),
            Access::Listed => is_named,
        };
    if may {
        return Ok(());
    }
    let message = format!("this identity may not use channel `{name}`");
    Err(RequestError::new(ErrorCode::Forbidden, message))
}

/// Finds a channel by name, or says which there are.
pub(crate) fn named_channel(channels: &[Arc<Channel>], name: &str) -> Result<Arc<Channel>, RequestError> {
    channels
        .iter()
        .find(|channel| channel.name.as_str() == name)
        .cloned()
        .ok_or_else(|| {
            // Those that are not open to anyone are not told to anyone.
            let open = channels.iter().filter(|channel| channel.access == Access::Anyone);
            let names = open.map(|channel| channel.name.as_str());
            unknown("channel", name, names)
        })
}

fn language(channel: &Channel, asked: Option<&str>) -> Result<Language, RequestError> {
    match asked {
        None => Ok(channel.languages[0].clone()),
        Some(tag) => channel
            .languages
            .iter()
            .find(|language| language.as_str().eq_ignore_ascii_case(tag))
            .cloned()
            .ok_or_else(|| unknown("language", tag, channel.languages.iter().map(Language::as_str))),
    }
}

fn currency(
    channel: &Channel,
    asked: Option<&str>,
) -> Result<(Currency, Option<PriceListCode>), RequestError> {
    let currency = match asked {
        None => Some(channel.currency),
        Some(code) => Currency::parse(code),
    };
    let found = currency.and_then(|currency| Some((currency, channel.price_lists.get(&currency)?.clone())));
    found.ok_or_else(|| {
        unknown(
            "currency",
            asked.unwrap_or_default(),
            channel.price_lists.keys().map(Currency::as_str),
        )
    })
}

fn country(channel: &Channel, asked: Option<&str>) -> Result<Option<Arc<str>>, RequestError> {
    let Some(code) = asked else {
        return Ok(channel.countries.first().cloned());
    };
    if channel.countries.is_empty() {
        return Ok(Some(code.into()));
    }
    let known = channel.countries.iter().find(|country| ***country == *code);
    known.cloned().map(Some).ok_or_else(|| {
        unknown(
            "country",
            code,
            channel.countries.iter().map(|country| &**country),
        )
    })
}

/// The asked language first, then the channel's fallback.
fn locales(channel: &Channel, language: &Language) -> Locales {
    let mut chain: Vec<Arc<str>> = vec![language.as_str().into()];
    for fallback in &channel.fallback {
        if !chain.iter().any(|locale| **locale == *fallback.as_str()) {
            chain.push(fallback.as_str().into());
        }
    }
    Locales(chain.into())
}

fn unknown<'a>(what: &str, seen: &str, allowed: impl Iterator<Item = &'a str>) -> RequestError {
    let allowed: Vec<&str> = allowed.collect();
    RequestError::bad_input(format!(
        "unknown {what} `{seen}`; allowed here: {}",
        allowed.join(", ")
    ))
}
