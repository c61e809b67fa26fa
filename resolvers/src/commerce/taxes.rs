//! The side of a price that the ERP does not give, from the tax rate that the merchant states for the country of delivery.

use rust_decimal::{Decimal, RoundingStrategy};
use skuery_schema::ids::Currency;
use skuery_schema::price::{Money, TaxDisplay, TaxedMoney};

use crate::commerce::channel::Tax;

/// An amount as the ERP gives it: without tax, with it, or both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Amounts {
    pub(crate) net: Option<Decimal>,
    pub(crate) gross: Option<Decimal>,
}

/// The taxes of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taxes {
    pub(crate) display: TaxDisplay,
    /// Percent; `None` where the merchant states none, and then nothing is computed.
    rate: Option<Decimal>,
}

impl Amounts {
    /// Both sides changed alike; `None` where one of them becomes too large.
    pub(crate) fn map(self, change: impl Fn(Decimal) -> Option<Decimal>) -> Option<Self> {
        let side = |amount: Option<Decimal>| match amount {
            None => Some(None),
            Some(amount) => change(amount).map(Some),
        };
        Some(Self {
            net: side(self.net)?,
            gross: side(self.gross)?,
        })
    }
}

impl Taxes {
    /// `country` is where goods are delivered.
    pub(crate) fn new(tax: &Tax, country: Option<&str>) -> Self {
        Self {
            display: tax.display,
            rate: country.and_then(|country| tax.rates.get(country)).copied(),
        }
    }

    /// What clients see: both sides with a rate, otherwise those that the ERP gives.
    pub(crate) fn money(self, amounts: Amounts, currency: Currency) -> TaxedMoney {
        let round = |amount: Decimal| {
            amount.round_dp_with_strategy(minor_digits(currency), RoundingStrategy::MidpointAwayFromZero)
        };
        let net = amounts
            .net
            .or_else(|| self.without_tax(amounts.gross?).map(round));
        let gross = amounts.gross.or_else(|| self.with_tax(amounts.net?).map(round));
        let computed = net.is_some() && gross.is_some() && (amounts.net.is_none() || amounts.gross.is_none());
        let money = |amount| Money { amount, currency };
        let tax = net
            .zip(gross)
            .and_then(|(net, gross)| gross.checked_sub(net))
            .map(money);
        TaxedMoney {
            net: net.map(money),
            gross: gross.map(money),
            tax,
            tax_rate: self.rate.filter(|_| computed),
        }
    }

    /// Without tax, as far as it is given or a rate is stated; unrounded.
    pub(crate) fn net(self, amounts: Amounts) -> Option<Decimal> {
        amounts.net.or_else(|| self.without_tax(amounts.gross?))
    }

    /// The amount to compare by. An ERP that gives now one side and now the other can only be compared with a rate.
    pub(crate) fn comparable(self, amounts: Amounts) -> Option<Decimal> {
        self.net(amounts).or(amounts.gross)
    }

    fn with_tax(self, net: Decimal) -> Option<Decimal> {
        net.checked_mul(self.factor()?)
    }

    fn without_tax(self, gross: Decimal) -> Option<Decimal> {
        gross.checked_div(self.factor()?)
    }

    fn factor(self) -> Option<Decimal> {
        Decimal::ONE.checked_add(self.rate?.checked_div(Decimal::ONE_HUNDRED)?)
    }
}

/// The digits of a currency's minor unit (ISO 4217); two unless it is one of these.
pub(crate) fn minor_digits(currency: Currency) -> u32 {
    match currency.as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shown(rate: Option<&str>, net: Option<&str>, gross: Option<&str>, currency: &str) -> String {
        let number = |text: &str| text.parse::<Decimal>().expect("a number");
        let tax = Tax {
            display: TaxDisplay::Gross,
            rates: rate.map(|rate| ("SE".into(), number(rate))).into_iter().collect(),
        };
        let amounts = Amounts {
            net: net.map(number),
            gross: gross.map(number),
        };
        let money = Taxes::new(&tax, Some("SE")).money(amounts, Currency::parse(currency).expect("a code"));
        let amount = |money: Option<Money>| money.map_or("-".to_owned(), |money| money.amount.to_string());
        let rate = money.tax_rate.map_or("-".to_owned(), |rate| rate.to_string());
        format!(
            "{} {} {} {rate}",
            amount(money.net),
            amount(money.gross),
            amount(money.tax)
        )
    }

    #[test]
    fn the_missing_side_is_computed_and_rounded_half_away_from_zero() {
        for (rate, net, gross, currency, expected) in [
            ("25", Some("79.96"), None, "SEK", "79.96 99.95 19.99 25"),
            ("19", None, Some("99.90"), "EUR", "83.95 99.90 15.95 19"),
            ("25", Some("0.10"), None, "EUR", "0.10 0.13 0.03 25"),
            ("25", Some("0.02"), None, "EUR", "0.02 0.03 0.01 25"),
            ("10", Some("995"), None, "JPY", "995 1095 100 10"),
            ("10", None, Some("1000"), "KRW", "909 1000 91 10"),
            ("10", Some("1.005"), None, "BHD", "1.005 1.106 0.101 10"),
            ("5.5", Some("10"), None, "KWD", "10 10.550 0.550 5.5"),
            ("0", Some("10.00"), None, "EUR", "10.00 10.00 0.00 0"),
        ] {
            assert_eq!(shown(Some(rate), net, gross, currency), expected);
        }
    }

    #[test]
    fn what_the_erp_gives_is_never_touched_and_nothing_is_computed_without_a_rate() {
        assert_eq!(
            shown(Some("25"), Some("10.001"), Some("11.2"), "EUR"),
            "10.001 11.2 1.199 -"
        );
        assert_eq!(shown(None, Some("10"), None, "EUR"), "10 - - -");
        assert_eq!(shown(None, None, Some("10"), "EUR"), "- 10 - -");
        assert_eq!(shown(None, Some("8"), Some("10"), "EUR"), "8 10 2 -");
    }

    #[test]
    fn the_rate_is_that_of_the_country_of_delivery() {
        let tax = Tax {
            display: TaxDisplay::Gross,
            rates: BTreeMap::from([("SE".into(), Decimal::from(25)), ("DE".into(), Decimal::from(19))]),
        };
        let ten = Amounts {
            net: Some(Decimal::TEN),
            gross: None,
        };
        let currency = Currency::parse("EUR").expect("a code");
        let rate = |country| Taxes::new(&tax, country).money(ten, currency).tax_rate;
        assert_eq!(rate(Some("DE")), Some(Decimal::from(19)));
        assert_eq!(rate(Some("SE")), Some(Decimal::from(25)));
        assert_eq!(rate(Some("NO")), None);
        assert_eq!(rate(None), None);
    }
}
