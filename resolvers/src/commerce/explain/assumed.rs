//! What one object brings where no argument says it, in one table. Told to users in `docs/EXPLAIN.md`.
//!
//! The numbers are of large assortments: a merchant whose data brings more is told less than what it costs, never refused
//! for it. Few parents may bring more than the average each, so that every list has a least number as well.

/// How many of something a number of parents bring together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought {
    /// On average of many parents.
    pub(super) each: u64,
    /// At least, for a single one that has many.
    pub(super) at_least: u64,
}

impl Brought {
    pub(super) fn by(self, parents: u64) -> u64 {
        match parents {
            0 => 0,
            _ => parents.saturating_mul(self.each).max(self.at_least),
        }
    }
}

/// Variants of products.
pub(super) const VARIANTS: Brought = brought(6, 24);
/// Categories that products are in.
pub(super) const CATEGORIES: Brought = brought(3, 6);
/// The roots of the assortment's tree.
pub(super) const ROOTS: u64 = 12;
/// Categories directly below others.
pub(super) const CHILDREN: Brought = brought(6, 12);
/// The levels of the assortment's tree: what is asked for one after the other for a path.
pub(super) const LEVELS: u32 = 6;
/// The numbers that one order is known by in all systems.
pub(super) const NUMBERS: u64 = 3;
/// Different attributes with labels in one answer.
pub(super) const ATTRIBUTES: u64 = 100;
/// Different categories among the facets of a search.
pub(super) const FACET_CATEGORIES: u64 = 100;
/// Lines of orders, and of a cart that only a token names.
pub(super) const LINES: Brought = brought(10, 50);
/// Items of any other list.
pub(super) const ITEMS: Brought = brought(5, 10);

const fn brought(each: u64, at_least: u64) -> Brought {
    Brought { each, at_least }
}

/// What a list field of an object brings, by type and field.
pub(super) fn list(object: &str, field: &str) -> Brought {
    match (object, field) {
        ("Product", "categories") => CATEGORIES,
        ("Order" | "CheckoutVerification" | "Fulfillment", "lines") => LINES,
        ("Product" | "ProductVariant", "attributes") => brought(30, ATTRIBUTES),
        _ => ITEMS,
    }
}
