//! Checkout: what is promised exists, what is sold is sold once, and whatever fails ends in a known state.
//!
//! ```text
//! verify:  key ─▶ live reading (no cache) ─▶ judge each line ─▶ hold (system's or ours) ─▶ signed token
//! place:   key ─▶ token ─▶ live reading + payment ─▶ intent written and synced ─▶ sent ─▶ placed | pending | rejected
//! worker:  pending orders looked up, unfinished steps repeated, ended holds given back
//! ```
//!
//! Everything that must survive a crash is in the ledger before anything is sent. Nothing here knows a cache: readings go
//! straight to the ports.

pub mod book;
pub mod desk;
pub mod input;
pub mod ledger;
pub mod record;
pub mod rules;
pub mod systems;

mod agree;
mod allocate;
mod alternatives;
mod answer;
mod draft;
mod extend;
pub mod fault;
mod hold;
mod intake;
mod judge;
mod outcome;
mod payment;
mod place;
mod reader;
mod run;
mod settle;
#[cfg(test)]
mod simulation;
mod sum;
#[cfg(test)]
pub(crate) mod tests;
mod token;
mod trouble;
mod verify;
mod work;
mod worker;

use std::sync::Arc;

use skuery_schema::ids::Sku;

use crate::checkout::ledger::Ledger;
use crate::checkout::record::Buyer;
use crate::checkout::rules::CheckoutRules;
use crate::checkout::systems::CheckoutSystems;

pub use worker::Worked;

/// What checkout is made of.
pub struct CheckoutParts {
    /// The store that all replicas share.
    pub ledger: Arc<dyn Ledger>,
    /// The systems it reads and writes.
    pub systems: CheckoutSystems,
    /// Times and bounds.
    pub rules: CheckoutRules,
    /// Told of what has changed in the systems because of a checkout.
    pub changes: Arc<dyn Changes>,
}

/// Told of what has changed in the systems because of a checkout, so that nobody is shown what was before.
pub trait Changes: Send + Sync {
    /// Stock of these articles has changed: it is held, given back or sold.
    fn stock_changed(&self, skus: &[Sku]);

    /// A buyer's orders and credit have changed.
    fn orders_changed(&self, buyer: &Buyer);
}

/// The checkout service.
pub struct Checkout {
    pub(crate) parts: CheckoutParts,
}

impl Checkout {
    /// Puts the parts together.
    pub fn new(parts: CheckoutParts) -> Self {
        Self { parts }
    }
}
