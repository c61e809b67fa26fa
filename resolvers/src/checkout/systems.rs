//! The systems behind checkout, by their ports and never by a loader.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use skuery_schema::availability::Location;
use skuery_schema::checkout::StockPromise;
use skuery_schema::ids::SystemName;

use crate::port::customers::Customers;
use crate::port::order_entry::OrderEntry;
use crate::port::payments::Payments;
use crate::port::reservations::Reservations;
use crate::port::{Catalog, Prices, Stock};

/// The systems behind checkout.
pub struct CheckoutSystems {
    /// Knows which articles there are, and their units; `None` leaves that to prices and stock.
    pub catalog: Option<Arc<dyn Catalog>>,
    /// Knows prices.
    pub prices: Arc<dyn Prices>,
    /// Know stock.
    pub stock: Vec<StockSystem>,
    /// Knows the customer's price list and discount.
    pub customers: Option<Arc<dyn Customers>>,
    /// Knows the customer's credit.
    pub credit: Option<Arc<dyn Customers>>,
    /// Takes orders.
    pub orders: Arc<dyn OrderEntry>,
    /// Hold authorisations, by configured name.
    pub payments: BTreeMap<SystemName, Arc<dyn Payments>>,
    /// All locations of all channels.
    pub locations: Vec<Arc<Location>>,
}

/// A system that knows stock, and what it can promise.
pub struct StockSystem {
    /// Its figures.
    pub port: Arc<dyn Stock>,
    /// Where it sets stock aside by itself.
    pub reservations: Option<Arc<dyn Reservations>>,
    /// What a hold on its locations is worth.
    pub promise: StockPromise,
    /// How long after an order's acceptance its figures may not yet contain it.
    pub reflects_after: Duration,
}
