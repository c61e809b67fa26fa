//! Prices as clients see them: for one quantity, with tiers, agreement, validity and freshness.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::UnitOfMeasure;
use crate::freshness::Freshness;
use crate::ids::{Currency, PriceListCode};
use crate::object;
use crate::table::Value;

/// What kind of agreement a price stems from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PriceKind {
    /// The article's own price.
    Base,
    /// A customer group's.
    Group,
    /// A price list's.
    PriceList,
    /// A contract's.
    Contract,
    /// A campaign's.
    Campaign,
}

/// Who chose a price among those that apply, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PriceChoice {
    /// The ERP, which calculates.
    System,
    /// The gateway: the lowest.
    Lowest,
    /// The gateway: the first, in the ERP's order.
    FirstMatch,
}

impl PriceChoice {
    /// The values with their descriptions.
    pub const VALUES: &[(&str, &str)] = &[
        ("SYSTEM", "The ERP calculated it."),
        (
            "LOWEST",
            "The lowest of the ERP's prices that apply to the quantity, the unit, the currency and the day.",
        ),
        (
            "FIRST_MATCH",
            "The first of the ERP's prices that applies, the customer's own agreements before the price list's.",
        ),
    ];

    /// The name in the schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "SYSTEM",
            Self::Lowest => "LOWEST",
            Self::FirstMatch => "FIRST_MATCH",
        }
    }
}

/// Which side of its prices a channel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TaxDisplay {
    /// Without tax.
    Net,
    /// With tax.
    Gross,
    /// The side that the ERP gives.
    #[default]
    AsGiven,
}

impl TaxDisplay {
    /// The values with their descriptions.
    pub const VALUES: &[(&str, &str)] = &[
        ("NET", "Without tax."),
        ("GROSS", "With tax."),
        ("AS_GIVEN", "The side that the ERP gives."),
    ];

    /// The name in the schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Net => "NET",
            Self::Gross => "GROSS",
            Self::AsGiven => "AS_GIVEN",
        }
    }
}

/// An exact amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// The amount.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

/// An amount with and without tax, as far as the ERP gives it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxedMoney {
    /// Without tax.
    pub net: Option<Money>,
    /// With tax.
    pub gross: Option<Money>,
    /// The tax.
    pub tax: Option<Money>,
    /// Tax rate in percent.
    pub tax_rate: Option<Decimal>,
}

/// A price for a quantity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Price {
    /// Per `price_quantity` units, after every agreement.
    pub unit_price: TaxedMoney,
    /// Before them.
    pub list_price: Option<TaxedMoney>,
    /// Percent off the list price.
    pub discount_percent: Option<Decimal>,
    /// The price is per this many units.
    pub price_quantity: Decimal,
    /// The unit.
    pub unit: UnitOfMeasure,
    /// Ascending by minimum quantity.
    pub tiers: Vec<PriceTier>,
    /// How many may be ordered.
    pub quantity_rule: QuantityRule,
    /// The list it is from.
    pub price_list: Option<Arc<PriceList>>,
    /// The kind of agreement.
    pub kind: PriceKind,
    /// Who chose it, and how.
    pub choice: PriceChoice,
    /// Which side to show.
    pub tax_display: TaxDisplay,
    /// Start of validity.
    pub valid_from: Option<Timestamp>,
    /// End of validity, exclusive.
    pub valid_until: Option<Timestamp>,
    /// Where it came from and how old it is.
    pub freshness: Freshness,
}

/// A price from a minimum quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceTier {
    /// Inclusive.
    pub minimum_quantity: Decimal,
    /// Per `priceQuantity` units.
    pub unit_price: TaxedMoney,
}

/// How many may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantityRule {
    /// At least.
    pub minimum: Decimal,
    /// At most.
    pub maximum: Option<Decimal>,
    /// In steps of.
    pub increment: Decimal,
}

/// A price list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceList {
    /// Code.
    pub code: PriceListCode,
    /// Name for people.
    pub name: Option<Arc<str>>,
    /// Currency of its prices.
    pub currency: Currency,
}

/// Lowest and highest price of a product's variants.
#[derive(Clone, Debug)]
pub struct PriceRange {
    /// Lowest.
    pub minimum: TaxedMoney,
    /// Highest.
    pub maximum: TaxedMoney,
    /// Both are per this many units.
    pub price_quantity: Decimal,
    /// Which side to show.
    pub tax_display: TaxDisplay,
    /// Of the oldest price among them.
    pub freshness: Freshness,
}

object! {
    /// An exact amount of one currency.
    Money, "Money";
    /// The amount as an exact decimal, such as `"129.9000"`.
    own amount: "Decimal!" => |money, _| Value::Decimal(money.amount);
    /// ISO 4217 code, such as `"SEK"`.
    own currency: "String!" => |money, _| Value::Str(money.currency.as_str());
}

object! {
    /// An amount with and without tax. A side the ERP does not give is computed from the tax rate that the merchant has
    /// configured for the country of delivery, rounded to the currency's minor unit. Without a rate it is null, never
    /// invented.
    TaxedMoney, "TaxedMoney";
    /// Without tax.
    own net: "Money" => |money, _| Value::object(money.net.as_ref());
    /// With tax.
    own gross: "Money" => |money, _| Value::object(money.gross.as_ref());
    /// The tax.
    own tax: "Money" => |money, _| Value::object(money.tax.as_ref());
    /// Tax rate in percent, such as `"25"`, where one side was computed from it.
    own taxRate: "Decimal" => |money, _| Value::decimal(money.tax_rate);
}

object! {
    /// The price of a variant for the asked quantity, in the price context of the request.
    Price, "Price";
    /// For the asked quantity, after every agreement and campaign, per `priceQuantity` units.
    own unitPrice: "TaxedMoney!" => |price, _| Value::Object(&price.unit_price);
    /// Before agreements and campaigns: what to strike through. Null when there is no difference to show.
    own listPrice: "TaxedMoney" => |price, _| Value::object(price.list_price.as_ref());
    /// Percent off the list price.
    own discountPercent: "Decimal" => |price, _| Value::decimal(price.discount_percent);
    /// The price is per this many units: `"100"` in "12.40 per 100".
    own priceQuantity: "Decimal!" => |price, _| Value::Decimal(price.price_quantity);
    /// The unit of measure the price is for.
    own unit: "UnitOfMeasure!" => |price, _| Value::Object(&price.unit);
    /// Prices by minimum quantity, ascending. Empty where the ERP calculates one quantity at a time and lists no tiers.
    own tiers: "[PriceTier!]!" => |price, _| Value::List(&price.tiers);
    /// How many may be ordered.
    own quantityRule: "QuantityRule!" => |price, _| Value::Object(&price.quantity_rule);
    /// The price list it is from; null for the article's own price and for a customer's own agreement.
    own priceList: "PriceList" => |price, _| match &price.price_list {
        Some(list) => Value::Object(&**list),
        None => Value::Null,
    };
    /// The kind of agreement it stems from.
    own kind: "PriceKind!" => |price, _| Value::Name(match price.kind {
        PriceKind::Base => "BASE",
        PriceKind::Group => "GROUP",
        PriceKind::PriceList => "PRICE_LIST",
        PriceKind::Contract => "CONTRACT",
        PriceKind::Campaign => "CAMPAIGN",
    });
    /// Who chose it among the prices that apply, and how.
    own choice: "PriceChoice!" => |price, _| Value::Name(price.choice.as_str());
    /// Which side of every amount the channel shows.
    own taxDisplay: "TaxDisplay!" => |price, _| Value::Name(price.tax_display.as_str());
    /// Start of its validity.
    own validFrom: "DateTime" => |price, _| price.valid_from.map_or(Value::Null, Value::DateTime);
    /// End of its validity: from then on another price holds.
    own validUntil: "DateTime" => |price, _| price.valid_until.map_or(Value::Null, Value::DateTime);
    /// Where it came from and how old it is.
    own freshness: "Freshness!" => |price, _| Value::Object(&price.freshness);
}

object! {
    /// A price from a minimum quantity on.
    PriceTier, "PriceTier";
    /// From this quantity on, inclusive.
    own minimumQuantity: "Decimal!" => |tier, _| Value::Decimal(tier.minimum_quantity);
    /// Per `priceQuantity` units.
    own unitPrice: "TaxedMoney!" => |tier, _| Value::Object(&tier.unit_price);
}

object! {
    /// How many may be ordered.
    QuantityRule, "QuantityRule";
    /// At least this many.
    own minimum: "Decimal!" => |rule, _| Value::Decimal(rule.minimum);
    /// At most this many; null without a limit.
    own maximum: "Decimal" => |rule, _| Value::decimal(rule.maximum);
    /// In steps of this many.
    own increment: "Decimal!" => |rule, _| Value::Decimal(rule.increment);
}

object! {
    /// A price list of the ERP.
    PriceList, "PriceList";
    /// Code.
    own code: "String!" => |list, _| Value::Str(list.code.as_str());
    /// Name for people.
    own name: "String" => |list, _| Value::text(list.name.as_ref());
    /// Currency of its prices, ISO 4217.
    own currency: "String!" => |list, _| Value::Str(list.currency.as_str());
}

object! {
    /// Lowest and highest price of a product's variants. There is none where they are sold by different units.
    PriceRange, "PriceRange";
    /// Lowest.
    own minimum: "TaxedMoney!" => |range, _| Value::Object(&range.minimum);
    /// Highest.
    own maximum: "TaxedMoney!" => |range, _| Value::Object(&range.maximum);
    /// Both are per this many units.
    own priceQuantity: "Decimal!" => |range, _| Value::Decimal(range.price_quantity);
    /// Which side of both amounts the channel shows.
    own taxDisplay: "TaxDisplay!" => |range, _| Value::Name(range.tax_display.as_str());
    /// Of the oldest price among them.
    own freshness: "Freshness!" => |range, _| Value::Object(&range.freshness);
}
