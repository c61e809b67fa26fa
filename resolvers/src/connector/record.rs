//! The records a mapping fills: which values each lookup has, how they are read, which must be there.

mod checkout;
mod order;

use crate::connector::mapping::ReadAs;
use crate::port::PortLookup;

/// The values and the inner records of a record. Parts come together, since records share some.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) parts: &'static [&'static [Rule]],
    pub(crate) lists: &'static [(&'static str, &'static Record)],
}

impl Record {
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.parts.iter().copied().flatten()
    }
}

/// One value of a record.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
}

/// What a value is, and so how it may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Decimal,
    /// Money whose currency is another value of the record.
    Amount,
    Bool,
    Date,
    Timestamp,
    /// A point in time; of a day, its beginning in UTC.
    Moment,
    List,
    /// An address of the web, perhaps made with `link`.
    Link,
    /// Attributes of a value list, or addresses.
    Media,
    /// Attributes of a value list.
    Attributes,
}

impl Shape {
    /// The reading when the mapping does not choose one.
    pub(crate) fn usual(self) -> ReadAs {
        match self {
            Self::Text | Self::Link => ReadAs::Text,
            Self::Decimal | Self::Amount => ReadAs::Decimal,
            Self::Bool => ReadAs::Bool,
            Self::Date => ReadAs::Date,
            Self::Timestamp | Self::Moment => ReadAs::Timestamp,
            Self::List | Self::Media | Self::Attributes => ReadAs::List,
        }
    }

    pub(crate) fn allows(self, read_as: ReadAs) -> bool {
        match self {
            Self::Text => matches!(read_as, ReadAs::Text | ReadAs::Localized),
            Self::Decimal => matches!(read_as, ReadAs::Decimal | ReadAs::DecimalText),
            Self::Amount => matches!(
                read_as,
                ReadAs::Decimal | ReadAs::DecimalText | ReadAs::MinorUnits
            ),
            Self::Moment => matches!(read_as, ReadAs::Timestamp | ReadAs::Date | ReadAs::Unix),
            other => other.usual() == read_as,
        }
    }
}

const fn rule(name: &'static str, shape: Shape) -> Rule {
    Rule {
        name,
        shape,
        required: false,
    }
}

const fn required(name: &'static str, shape: Shape) -> Rule {
    Rule {
        name,
        shape,
        required: true,
    }
}

const PRODUCT: [Rule; 10] = [
    required("name", Shape::Text),
    rule("slug", Shape::Text),
    rule("description_html", Shape::Text),
    rule("brand", Shape::Text),
    rule("categories", Shape::List),
    rule("variants", Shape::List),
    rule("media", Shape::Media),
    rule("attributes", Shape::Attributes),
    rule("options", Shape::Attributes),
    rule("updated_at", Shape::Timestamp),
];

const CODE: [Rule; 1] = [required("code", Shape::Text)];

const VARIANT: [Rule; 10] = [
    rule("product", Shape::Text),
    rule("name", Shape::Text),
    rule("gtin", Shape::Text),
    rule("manufacturer_number", Shape::Text),
    rule("unit", Shape::Text),
    rule("unit_name", Shape::Text),
    rule("unit_decimals", Shape::Decimal),
    rule("media", Shape::Media),
    rule("attributes", Shape::Attributes),
    rule("options", Shape::Attributes),
];

const SKU: [Rule; 1] = [required("sku", Shape::Text)];

const CATEGORY: [Rule; 3] = [
    required("name", Shape::Text),
    rule("slug", Shape::Text),
    rule("parent", Shape::Text),
];

const LABEL: [Rule; 1] = [required("label", Shape::Text)];

/// `price` with `includes_tax` is written to net or gross; `list_price` with `discount_percent` gives the price.
const PRICE: [Rule; 17] = [
    rule("price", Shape::Decimal),
    rule("list_price", Shape::Decimal),
    rule("includes_tax", Shape::Bool),
    rule("net", Shape::Decimal),
    rule("gross", Shape::Decimal),
    rule("before_discount", Shape::Decimal),
    rule("discount_percent", Shape::Decimal),
    rule("minimum_quantity", Shape::Decimal),
    rule("price_quantity", Shape::Decimal),
    required("currency", Shape::Text),
    rule("price_list", Shape::Text),
    rule("customer", Shape::Text),
    rule("unit", Shape::Text),
    rule("kind", Shape::Text),
    rule("valid_from", Shape::Date),
    rule("valid_until", Shape::Date),
    rule("skip", Shape::Bool),
];

const STOCK: [Rule; 6] = [
    required("available", Shape::Decimal),
    rule("location", Shape::Text),
    rule("on_hand", Shape::Decimal),
    rule("reserved", Shape::Decimal),
    rule("incoming_date", Shape::Date),
    rule("incoming_quantity", Shape::Decimal),
];

/// The record of a lookup.
pub(crate) fn record(lookup: PortLookup) -> &'static Record {
    macro_rules! flat {
        ($($part:expr),*) => {
            &Record { parts: &[$(&$part),*], lists: &[] }
        };
    }
    match lookup {
        PortLookup::Products | PortLookup::Search => flat!(PRODUCT),
        PortLookup::ProductsBySlug => flat!(CODE, PRODUCT),
        PortLookup::Variants => flat!(VARIANT),
        PortLookup::VariantsOf => flat!(SKU, VARIANT),
        PortLookup::Categories => flat!(CATEGORY),
        PortLookup::CategoryChildren => flat!(CODE, CATEGORY),
        PortLookup::AttributeLabels => flat!(LABEL),
        PortLookup::Prices => flat!(PRICE),
        PortLookup::Stock => flat!(STOCK),
        PortLookup::Customers => &order::CUSTOMER,
        PortLookup::Credit => flat!(order::CREDIT),
        PortLookup::Orders | PortLookup::PastOrders => &order::ORDER,
        PortLookup::OrderFulfillments => &order::FULFILLMENTS_OF,
        PortLookup::OrderDocuments => &order::DOCUMENTS_OF,
        // Its content is handed on, not read.
        PortLookup::Document => flat!(),
        PortLookup::Reserve => flat!(checkout::RESERVED),
        PortLookup::Reservation => &checkout::RESERVATION,
        PortLookup::ReleaseReservation | PortLookup::CommitReservation => flat!(),
        PortLookup::PlaceOrder | PortLookup::FinishOrder => flat!(checkout::PLACED),
        PortLookup::PlacedOrders => &checkout::FOUND,
        PortLookup::Authorization | PortLookup::Capture | PortLookup::Void => {
            flat!(checkout::AUTHORIZATION)
        }
    }
}

/// All lookups a mapping may declare.
pub(crate) const LOOKUPS: [PortLookup; 27] = [
    PortLookup::Products,
    PortLookup::ProductsBySlug,
    PortLookup::Variants,
    PortLookup::VariantsOf,
    PortLookup::Categories,
    PortLookup::CategoryChildren,
    PortLookup::Search,
    PortLookup::AttributeLabels,
    PortLookup::Prices,
    PortLookup::Stock,
    PortLookup::Customers,
    PortLookup::Credit,
    PortLookup::Orders,
    PortLookup::PastOrders,
    PortLookup::OrderFulfillments,
    PortLookup::OrderDocuments,
    PortLookup::Document,
    PortLookup::Reserve,
    PortLookup::Reservation,
    PortLookup::ReleaseReservation,
    PortLookup::CommitReservation,
    PortLookup::PlaceOrder,
    PortLookup::PlacedOrders,
    PortLookup::FinishOrder,
    PortLookup::Authorization,
    PortLookup::Capture,
    PortLookup::Void,
];
