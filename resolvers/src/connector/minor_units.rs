//! Amounts as whole numbers of a currency's smallest unit, by ISO 4217 and by what a system counts otherwise.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use skuery_schema::ids::Currency;

/// The variable that holds a mapping's own decimals.
pub(crate) const VARIABLE: &str = "minor_units";

const NONE: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
const THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
const FOUR: [&str; 2] = ["CLF", "UYW"];

/// How many decimals the currency's smallest unit has; `own` are the system's exceptions.
fn decimals(currency: &str, own: &Map<String, Json>) -> u32 {
    if let Some(own) = own.get(currency).and_then(Json::as_u64) {
        return u32::try_from(own).unwrap_or(u32::MAX);
    }
    match currency {
        code if NONE.contains(&code) => 0,
        code if THREE.contains(&code) => 3,
        code if FOUR.contains(&code) => 4,
        _ => 2,
    }
}

/// An amount in smallest units; `None` where it is not a whole number of them, which rounding would hide.
pub(crate) fn to_minor(amount: Decimal, currency: &str, own: &Map<String, Json>) -> Option<i64> {
    Currency::parse(currency)?;
    let scale = 10_i64.checked_pow(decimals(currency, own))?;
    let minor = amount.checked_mul(Decimal::from(scale))?;
    minor.is_integer().then(|| i64::try_from(minor).ok()).flatten()
}

/// A whole number of smallest units as an amount.
pub(crate) fn from_minor(minor: Decimal, currency: Currency, own: &Map<String, Json>) -> Option<Decimal> {
    if !minor.is_integer() {
        return None;
    }
    let minor = i64::try_from(minor).ok()?;
    Decimal::try_from_i128_with_scale(i128::from(minor), decimals(currency.as_str(), own)).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(amount: &str, currency: &str, own: &Json, expected: Option<i64>) {
        let own = own.as_object().expect("an object");
        let amount: Decimal = amount.parse().expect("an amount");
        let minor = to_minor(amount, currency, own);
        assert_eq!(minor, expected, "{amount} {currency}");
        if let Some(minor) = minor {
            let code = Currency::parse(currency).expect("a currency");
            assert_eq!(from_minor(minor.into(), code, own), Some(amount), "back again");
        }
    }

    #[test]
    fn amounts_become_smallest_units_and_back_without_rounding() {
        let none = json!({});
        check("12.50", "EUR", &none, Some(1_250));
        check("0", "SEK", &none, Some(0));
        check("500", "JPY", &none, Some(500));
        check("5.120", "KWD", &none, Some(5_120));
        check("5", "ISK", &none, Some(5));
        check("5", "ISK", &json!({"ISK": 2}), Some(500));
        check("12.505", "EUR", &none, None);
        check("0.5", "JPY", &none, None);
        check("99999999999999999999", "EUR", &none, None);
        check("1", "euro", &none, None);
        check("1", "EUR", &json!({"EUR": 40}), None);
    }

    #[test]
    fn a_fraction_of_the_smallest_unit_is_no_amount() {
        let euro = Currency::parse("EUR").expect("a currency");
        let half: Decimal = "10.5".parse().expect("a number");
        assert_eq!(from_minor(half, euro, &Map::new()), None);
    }
}
