//! Prices as the ERP states them.

/// What kind of agreement a price stems from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
