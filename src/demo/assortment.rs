//! The assortment all demo systems share: 2 000 products and about 5 000 SKUs, the same on every start.
//!
//! Everything follows from the position of a product by integer arithmetic, so there is no seed to lose.

mod build;

use std::collections::HashMap;

use super::kinds::Kind;

/// The value of one attribute.
pub(super) enum Value {
    Text(String),
    /// One text per position in `LOCALES`; `None` where it is not translated.
    Localised(Vec<Option<String>>),
    Number(i64),
    Boolean(bool),
    /// Thousandths of the attribute's default unit.
    Metric(i64),
    /// Code of the chosen option.
    Choice(&'static str),
    Choices(Vec<&'static str>),
    /// `YYYY-MM-DD`.
    Date(String),
    Texts(Vec<String>),
}

/// Values by attribute code, in the order in which they are shown.
pub(super) type Values = Vec<(&'static str, Value)>;

/// One product page.
pub(super) struct Product {
    pub(super) code: String,
    pub(super) kind: &'static Kind,
    /// Brand and series, the part of the name that is the same in every language.
    pub(super) title: String,
    pub(super) categories: Vec<&'static str>,
    pub(super) values: Values,
    /// UTC, `YYYY-MM-DDThh:mm:ss`.
    pub(super) created: String,
    pub(super) updated: String,
    /// Consumer price in euro cents with VAT, before the steps between variants.
    pub(super) price_cents: i64,
    /// Positions of its variants in `Assortment::skus`.
    pub(super) skus: std::ops::Range<usize>,
}

/// One thing that can be bought.
pub(super) struct Sku {
    pub(super) number: String,
    /// Position in `Assortment::products`.
    pub(super) product: usize,
    /// Position among the variants of its product, used for price steps.
    pub(super) step: i64,
    pub(super) uuid: String,
    pub(super) gtin: String,
    pub(super) enabled: bool,
    /// Part of the odd numbers for escaping tests, which always have price and stock.
    pub(super) is_odd: bool,
    pub(super) values: Values,
}

/// Products and SKUs with their indexes.
pub(super) struct Assortment {
    pub(super) products: Vec<Product>,
    pub(super) skus: Vec<Sku>,
    product_positions: HashMap<String, usize>,
    sku_positions: HashMap<String, usize>,
}

impl Assortment {
    /// Builds the one assortment there is.
    pub(super) fn build() -> Self {
        let (products, skus) = build::products_and_skus();
        let product_positions = products
            .iter()
            .enumerate()
            .map(|(at, product)| (product.code.clone(), at))
            .collect();
        let sku_positions = skus
            .iter()
            .enumerate()
            .map(|(at, sku)| (sku.number.clone(), at))
            .collect();
        Self {
            products,
            skus,
            product_positions,
            sku_positions,
        }
    }

    /// Position of a product by its code.
    pub(super) fn product_position(&self, code: &str) -> Option<usize> {
        self.product_positions.get(code).copied()
    }

    /// Position of a SKU by its number.
    pub(super) fn sku_position(&self, number: &str) -> Option<usize> {
        self.sku_positions.get(number).copied()
    }

    /// The product a SKU belongs to.
    pub(super) fn product_of(&self, sku: &Sku) -> &Product {
        &self.products[sku.product]
    }
}

/// The value of an attribute, if there is one.
pub(super) fn value_of<'a>(values: &'a Values, attribute: &str) -> Option<&'a Value> {
    values
        .iter()
        .find(|(code, _)| *code == attribute)
        .map(|(_, value)| value)
}

/// A well-mixed number from a position and a purpose: the demo's replacement for chance.
pub(super) fn mixed(position: usize, purpose: u64) -> u64 {
    let mut state = (position as u64).wrapping_add(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// A mixed number below `limit`.
pub(super) fn below(position: usize, purpose: u64, limit: u32) -> u32 {
    u32::try_from(mixed(position, purpose) % u64::from(limit)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_size_every_time_and_has_no_duplicate_numbers() {
        let assortment = Assortment::build();
        assert_eq!(assortment.products.len(), 2000);
        assert_eq!(assortment.skus.len(), assortment.sku_positions.len());
        assert!(
            (4500..=5200).contains(&assortment.skus.len()),
            "{}",
            assortment.skus.len()
        );
        let again = Assortment::build();
        assert_eq!(again.skus[1234].number, assortment.skus[1234].number);
    }

    #[test]
    fn gives_every_sku_a_valid_gtin() {
        for sku in &Assortment::build().skus {
            let digits = sku
                .gtin
                .bytes()
                .rev()
                .map(|digit| u32::from(digit - b'0'))
                .enumerate();
            let sum: u32 = digits
                .map(|(at, digit)| if at % 2 == 0 { digit } else { 3 * digit })
                .sum();
            assert!(sku.gtin.len() == 13 && sum.is_multiple_of(10), "{}", sku.gtin);
        }
    }
}
