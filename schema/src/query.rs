//! The entry points, and what is told of the connected systems.

use jiff::Timestamp;

use crate::ids::SystemName;
use crate::lookup;
use crate::object;
use crate::table::Value;

/// The query root.
pub struct Query;

object! {
    /// Everything that can be asked. Every field is answered live by the systems that own the data.
    Query, "Query";
    /// Any object by its global ID; null when it does not exist.
    live node(id: "ID!", "A global ID."): "Node" => lookup::NODE;
    /// Objects by their global IDs, in the given order, null for a miss.
    live nodes(ids: "[ID!]!", "Global IDs."): "[Node]!" => lookup::NODES;
    /// One product by ID, slug, or the SKU of one of its variants.
    live product(by: "ProductBy!", "Exactly one of the keys."): "Product" => lookup::PRODUCT_BY;
    /// Products that match, a page at a time.
    live products(
        query: "String", "Free text.";
        filter: "ProductFilter", "All conditions must hold.";
        sort: "ProductSort" = "RELEVANCE", "Order.";
        first: "Int", "At most this many from the start; at most 100.";
        after: "String", "Only those after this cursor.";
        last: "Int", "At most this many from the end; at most 100.";
        before: "String", "Only those before this cursor."
    ): "ProductConnection" => lookup::PRODUCTS;
    /// One variant by SKU; null when no such SKU exists.
    live variant(sku: "String!", "Stock keeping unit."): "ProductVariant" => lookup::VARIANT_BY_SKU;
    /// Variants by SKU, in the given order, null for a miss. At most 250 keys unless configured otherwise. Catalogue, prices and stock are asked at the same time.
    live variants(skus: "[String!]!", "Stock keeping units."): "[ProductVariant]!" => lookup::VARIANTS;
    /// One category.
    live category(by: "CategoryBy!", "Exactly one of the keys."): "Category" => lookup::CATEGORY_BY;
    /// The roots of the assortment's tree.
    live categories: "[Category!]" => lookup::CATEGORY_ROOTS;
    /// One location by code; null when it is not configured.
    live location(code: "String!", "Location code."): "Location" => lookup::LOCATION;
    /// The configured locations; with `kinds`, only those.
    live locations(kinds: "[LocationKind!]", "Only these kinds."): "[Location!]!" => lookup::LOCATIONS;
    /// The signed-in customer; null when the request carries no identity.
    live viewer: "Customer" => lookup::VIEWER;
    /// One order, only the viewer's own or, with the permission, the viewer's company's; null for any other.
    live order(by: "OrderBy!", "Exactly one of the keys."): "Order" => lookup::ORDER_BY;
    /// The viewer's orders, newest first, of all systems that keep orders; with the permission, those of the whole company.
    live orders(
        filter: "OrderFilter", "All conditions must hold.";
        first: "Int", "At most this many from the start; at most 100, and 20 without `first` and `last`.";
        after: "String", "Only those after this cursor.";
        last: "Int", "At most this many from the end; at most 100.";
        before: "String", "Only those before this cursor."
    ): "OrderConnection" => lookup::ORDERS;
    /// What is connected and how it is doing.
    live systems: "[SystemHealth!]!" => lookup::SYSTEMS;
}

/// How one connected system is doing.
#[derive(Clone, Debug)]
pub struct SystemHealth {
    /// Configured name.
    pub name: SystemName,
    /// Connector's name.
    pub connector: String,
    /// What it is asked.
    pub roles: Vec<SystemRole>,
    /// How it is doing.
    pub state: SystemState,
    /// Since when.
    pub since: Timestamp,
}

/// What a system is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemRole {
    /// Products, variants, categories.
    Catalog,
    /// Prices.
    Prices,
    /// Stock.
    Stock,
    /// Orders.
    Orders,
    /// Payment authorisations.
    Payments,
    /// Customers.
    Customers,
}

/// How a system is doing, judged by its latest answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemState {
    /// It answers.
    Up,
    /// Some of its latest answers failed.
    Degraded,
    /// Its latest answers all failed.
    Down,
    /// It has not been asked yet.
    Unknown,
}

object! {
    /// How one connected system is doing. Names only, no addresses.
    SystemHealth, "SystemHealth";
    /// As configured: `"pim"`, `"erp"`, `"wms-north"`.
    own name: "String!" => |system, _| Value::Str(system.name.as_str());
    /// The connector: `"akeneo"`, `"business-central"`, `"rest"`.
    own connector: "String!" => |system, _| Value::Str(&system.connector);
    /// What it is asked.
    own roles: "[SystemRole!]!" => |system, _| Value::Items(system.roles.iter().map(|role| Value::Name(match role {
        SystemRole::Catalog => "CATALOG",
        SystemRole::Prices => "PRICES",
        SystemRole::Stock => "STOCK",
        SystemRole::Orders => "ORDERS",
        SystemRole::Payments => "PAYMENTS",
        SystemRole::Customers => "CUSTOMERS",
    })).collect());
    /// How it is doing, judged by its latest answers.
    own state: "SystemState!" => |system, _| Value::Name(match system.state {
        SystemState::Up => "UP",
        SystemState::Degraded => "DEGRADED",
        SystemState::Down => "DOWN",
        SystemState::Unknown => "UNKNOWN",
    });
    /// Since when it is in this state.
    own since: "DateTime!" => |system, _| Value::DateTime(system.since);
}
