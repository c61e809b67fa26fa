//! How a channel shows tax: the form of its section, and what is refused in it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use skuery_resolvers::commerce::channel::Tax;
use skuery_schema::price::TaxDisplay;

/// How a channel shows tax.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaxConfig {
    /// Which side of its prices it shows.
    pub display: TaxDisplayConfig,
    /// Percent by country of delivery. With one, the side that the ERP does not give is computed.
    pub rates: BTreeMap<String, PercentConfig>,
}

/// Which side of its prices a channel shows.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxDisplayConfig {
    /// Without tax.
    Net,
    /// With tax.
    Gross,
    /// The side that the ERP gives.
    #[default]
    AsGiven,
}

/// A percentage with the digits it is written with.
#[derive(Clone, Copy, Debug)]
pub struct PercentConfig(pub Decimal);

impl<'de> Deserialize<'de> for PercentConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read as text: a binary float would not keep the digits.
        let text = String::deserialize(deserializer)?;
        let percent = text.parse::<Decimal>().ok();
        percent
            .filter(|percent| !percent.is_sign_negative() && *percent <= Decimal::ONE_HUNDRED)
            .map(Self)
            .ok_or_else(|| {
                D::Error::custom(format!("`{text}` is not a percentage from 0 to 100 such as `25`"))
            })
    }
}

/// What is wrong is said with the key it is wrong at.
pub(super) fn tax(config: &TaxConfig, countries: &[String]) -> Result<Tax, (String, String)> {
    for country in config.rates.keys() {
        let refuse = |problem: String| Err((format!("tax.rates.{country}"), problem));
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return refuse(format!(
                "`{country}` is not a country: two capital letters (ISO 3166-1) such as `SE`"
            ));
        }
        if !countries.is_empty() && !countries.contains(country) {
            return refuse(format!(
                "`{country}` is not one of the channel's countries: {}",
                countries.join(", ")
            ));
        }
    }
    let rates = config.rates.iter();
    Ok(Tax {
        display: match config.display {
            TaxDisplayConfig::Net => TaxDisplay::Net,
            TaxDisplayConfig::Gross => TaxDisplay::Gross,
            TaxDisplayConfig::AsGiven => TaxDisplay::AsGiven,
        },
        rates: rates
            .map(|(country, percent)| (country.as_str().into(), percent.0))
            .collect(),
    })
}
