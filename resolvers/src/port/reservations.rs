//! The port of systems that set stock aside for a checkout.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::ids::{LocationCode, Sku};

use crate::port::{Answer, Call, Port};

/// A stock system that sets stock aside by itself, all or nothing, for a limited time.
pub trait Reservations: Port {
    /// Sets the lines aside under `reference`, or none of them. What the reference held before is replaced in the same
    /// step, so asking twice is the same as asking once.
    fn reserve<'a>(&'a self, call: Call, wish: &'a ReservationWish) -> Answer<'a, Reserved>;

    /// What a reference holds now; `None` when nothing (never reserved, released, or ended).
    fn reservation<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, Option<Reservation>>;

    /// Gives everything under the reference back. A reference that holds nothing is a success.
    fn release<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, ()>;

    /// Binds the reservation to an order, so that it no longer ends by time. Asking twice is the same as asking once.
    fn commit<'a>(&'a self, call: Call, reference: &'a str, order_number: &'a str) -> Answer<'a, ()>;
}

/// What is to be set aside.
#[derive(Clone, Debug, PartialEq)]
pub struct ReservationWish {
    /// Ours, and the same for the whole life of the hold.
    pub reference: Arc<str>,
    /// One entry per SKU and location.
    pub lines: Vec<ReservationLine>,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// So much of an article in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct ReservationLine {
    /// Article.
    pub sku: Sku,
    /// One of the system's own locations.
    pub location: LocationCode,
    /// Above zero.
    pub quantity: Decimal,
}

/// How a wish went.
#[derive(Clone, Debug, PartialEq)]
pub enum Reserved {
    /// All of it is set aside, until the system's own end of it.
    Held {
        /// When it ends, as the system says; the wish's end where it does not say.
        until: Timestamp,
    },
    /// There is not enough; nothing is set aside, and what the reference held before is as it was.
    Short,
}

/// What a reference holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservation {
    /// One entry per SKU and location.
    pub lines: Vec<ReservationLine>,
    /// When it ends; `None` once it is bound to an order.
    pub until: Option<Timestamp>,
}
