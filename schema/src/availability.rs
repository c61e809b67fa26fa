//! Stock as clients see it, under the channel's display policy.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::UnitOfMeasure;
use crate::freshness::Freshness;
use crate::ids::LocationCode;
use crate::node_id::NodeId;
use crate::object;
use crate::table::Value;

/// What can be had of a variant, over the locations that serve the channel.
#[derive(Clone, Debug)]
pub struct Availability {
    /// The whole in a word.
    pub status: AvailabilityStatus,
    /// Whether it can be ordered now.
    pub orderable: bool,
    /// As the display policy allows.
    pub quantity: Option<Decimal>,
    /// What to print.
    pub quantity_display: Option<Arc<str>>,
    /// How to read `quantity`.
    pub exactness: QuantityExactness,
    /// The unit of the quantities; pieces unless the system tells.
    pub unit: Option<UnitOfMeasure>,
    /// Per location.
    pub levels: Vec<StockLevel>,
    /// The next delivery.
    pub next_restock: Option<Restock>,
    /// When an order would arrive.
    pub estimated_delivery: Option<DateRange>,
    /// Whether it can be ordered beyond stock.
    pub backorder_allowed: bool,
    /// Of the oldest figure.
    pub freshness: Freshness,
}

/// The whole in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvailabilityStatus {
    /// Enough.
    InStock,
    /// Few left.
    LowStock,
    /// None, but can be ordered.
    Backorder,
    /// None.
    OutOfStock,
    /// No figure can be had.
    Unknown,
}

impl AvailabilityStatus {
    fn name(self) -> &'static str {
        match self {
            Self::InStock => "IN_STOCK",
            Self::LowStock => "LOW_STOCK",
            Self::Backorder => "BACKORDER",
            Self::OutOfStock => "OUT_OF_STOCK",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How to read a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityExactness {
    /// The system's own figure.
    Exact,
    /// Never more than the channel's cap.
    Capped,
    /// Only a word or a symbol is shown.
    Banded,
    /// Nothing is shown.
    Hidden,
}

/// Stock at one location.
#[derive(Clone, Debug)]
pub struct StockLevel {
    /// Where.
    pub location: Arc<Location>,
    /// In a word.
    pub status: AvailabilityStatus,
    /// As the display policy allows.
    pub available: Option<Decimal>,
    /// Physically there; for staff.
    pub on_hand: Option<Decimal>,
    /// Reserved for others; for staff.
    pub reserved: Option<Decimal>,
    /// Held by the gateway for others and no longer in `available`; for staff.
    pub held: Option<Decimal>,
    /// Announced deliveries.
    pub incoming: Vec<Restock>,
    /// Of this figure.
    pub freshness: Freshness,
}

/// An announced delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Restock {
    /// The day.
    pub date: Date,
    /// How many, when the system tells and the channel shows quantities.
    pub quantity: Option<Decimal>,
}

/// A span of days.
#[derive(Clone, Debug, PartialEq)]
pub struct DateRange {
    /// First day.
    pub earliest: Date,
    /// Last day.
    pub latest: Date,
}

/// Collection in a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Pickup {
    /// Whether it is offered.
    pub offered: bool,
    /// From when.
    pub ready_from: Option<Timestamp>,
}

/// A warehouse, store or supplier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Code, as configured.
    pub code: LocationCode,
    /// Name for people.
    pub name: Arc<str>,
    /// What it is.
    pub kind: LocationKind,
    /// Where it is.
    pub address: Option<Address>,
}

/// What a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LocationKind {
    /// A warehouse.
    Warehouse,
    /// A store.
    Store,
    /// A supplier's own stock.
    Supplier,
}

impl LocationKind {
    /// The enum value's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warehouse => "WAREHOUSE",
            Self::Store => "STORE",
            Self::Supplier => "SUPPLIER",
        }
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// Person.
    pub name: Option<Arc<str>>,
    /// Company.
    pub company: Option<Arc<str>>,
    /// Street and the like.
    pub lines: Vec<Arc<str>>,
    /// Postal code.
    pub postal_code: Option<Arc<str>>,
    /// City.
    pub city: Option<Arc<str>>,
    /// State or province.
    pub region: Option<Arc<str>>,
    /// ISO 3166-1 alpha-2.
    pub country: Arc<str>,
}

/// The unit of a system that counts without telling in what (UN/ECE Recommendation 20).
static PIECES: LazyLock<UnitOfMeasure> = LazyLock::new(|| UnitOfMeasure {
    code: "C62".into(),
    name: "C62".into(),
    decimals: 0,
});

object! {
    /// What can be had of a variant over the locations that serve the channel, shown as the channel shows stock.
    Availability, "Availability";
    /// The whole in a word. UNKNOWN: no figure can be had; never read it as zero.
    own status: "AvailabilityStatus!" => |stock, _| Value::Name(stock.status.name());
    /// Whether it can be ordered now, from stock or as a backorder.
    own orderable: "Boolean!" => |stock, _| Value::Boolean(stock.orderable);
    /// How many; null where the channel hides it or any location's figure is missing; never more than the channel's cap.
    own quantity: "Decimal" => |stock, _| Value::decimal(stock.quantity);
    /// What to print: `"20+"`, `"3"`, `"Few left"`, `"●●●"`; null where there is nothing to print.
    own quantityDisplay: "String" => |stock, _| Value::text(stock.quantity_display.as_ref());
    /// How to read `quantity`.
    own exactness: "QuantityExactness!" => |stock, _| Value::Name(match stock.exactness {
        QuantityExactness::Exact => "EXACT",
        QuantityExactness::Capped => "CAPPED",
        QuantityExactness::Banded => "BANDED",
        QuantityExactness::Hidden => "HIDDEN",
    });
    /// The unit of the quantities; pieces (`C62`) where the system does not tell.
    own unit: "UnitOfMeasure!" => |stock, _| Value::Object(stock.unit.as_ref().unwrap_or(&PIECES));
    /// Per location that serves the channel.
    own levels: "[StockLevel!]!" => |stock, _| Value::List(&stock.levels);
    /// The next announced delivery.
    own nextRestock: "Restock" => |stock, _| Value::object(stock.next_restock.as_ref());
    /// When an order would arrive in the context's country, from the location that would deliver first; of a backorder,
    /// from the next announced delivery on. Null where that is not known.
    own estimatedDelivery: "DateRange" => |stock, _| Value::object(stock.estimated_delivery.as_ref());
    /// Whether it can be ordered beyond stock.
    own backorderAllowed: "Boolean!" => |stock, _| Value::Boolean(stock.backorder_allowed);
    /// Of the oldest figure.
    own freshness: "Freshness!" => |stock, _| Value::Object(&stock.freshness);
}

object! {
    /// Stock at one location.
    StockLevel, "StockLevel";
    /// Where.
    own location: "Location!" => |level, _| Value::Object(&*level.location);
    /// In a word. UNKNOWN: there is no figure of this location; never read it as zero.
    own status: "AvailabilityStatus!" => |level, _| Value::Name(level.status.name());
    /// Under the channel's display policy, like `Availability.quantity`.
    own available: "Decimal" => |level, _| Value::decimal(level.available);
    /// Physically there; for staff only, so null for everybody else.
    own onHand: "Decimal" => |level, _| Value::decimal(level.on_hand);
    /// Reserved for others; for staff only, so null for everybody else.
    own reserved: "Decimal" => |level, _| Value::decimal(level.reserved);
    /// Held by the gateway itself for carts and orders, and not in `available`; for staff only, so null for everybody else.
    own held: "Decimal" => |level, _| Value::decimal(level.held);
    /// Announced deliveries, earliest first.
    own incoming: "[Restock!]!" => |level, _| Value::List(&level.incoming);
    /// Collection here; null where it is not configured.
    own pickup: "Pickup" => |_, _| Value::Null;
    /// Of this figure. STALE on an UNKNOWN one: its system was asked in vain.
    own freshness: "Freshness!" => |level, _| Value::Object(&level.freshness);
}

object! {
    /// An announced delivery.
    Restock, "Restock";
    /// The day.
    own date: "Date!" => |restock, _| Value::Date(restock.date);
    /// How many; null where the system does not tell or the channel hides quantities.
    own quantity: "Decimal" => |restock, _| Value::decimal(restock.quantity);
}

object! {
    /// A span of days.
    DateRange, "DateRange";
    /// First day.
    own earliest: "Date!" => |range, _| Value::Date(range.earliest);
    /// Last day.
    own latest: "Date!" => |range, _| Value::Date(range.latest);
}

object! {
    /// Collection in a store.
    Pickup, "Pickup";
    /// Whether it is offered.
    own offered: "Boolean!" => |pickup, _| Value::Boolean(pickup.offered);
    /// From when.
    own readyFrom: "DateTime" => |pickup, _| pickup.ready_from.map_or(Value::Null, Value::DateTime);
}

object! {
    /// A warehouse, store or supplier.
    Location, "Location" implements "Node";
    /// Opaque global ID; stable.
    own id: "ID!" => |location, _| Value::Text(NodeId::encode("Location", location.code.as_str()));
    /// Code, as configured, such as `"WH-STO"`.
    own code: "String!" => |location, _| Value::Str(location.code.as_str());
    /// Name for people.
    own name: "String!" => |location, _| Value::Str(&location.name);
    /// What it is.
    own kind: "LocationKind!" => |location, _| Value::Name(location.kind.name());
    /// Where it is.
    own address: "Address" => |location, _| Value::object(location.address.as_ref());
}

object! {
    /// A postal address.
    Address, "Address";
    /// Person.
    own name: "String" => |address, _| Value::text(address.name.as_ref());
    /// Company.
    own company: "String" => |address, _| Value::text(address.company.as_ref());
    /// Street and the like.
    own lines: "[String!]!" => |address, _| Value::texts(&address.lines);
    /// Postal code.
    own postalCode: "String" => |address, _| Value::text(address.postal_code.as_ref());
    /// City.
    own city: "String" => |address, _| Value::text(address.city.as_ref());
    /// State or province.
    own region: "String" => |address, _| Value::text(address.region.as_ref());
    /// ISO 3166-1 alpha-2 code, such as `"SE"`.
    own country: "String!" => |address, _| Value::Str(&address.country);
}
