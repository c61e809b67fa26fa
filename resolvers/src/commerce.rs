//! The commerce resolvers: what each live field of the schema asks, of which loader, and how the answers are put together.

pub mod channel;
pub mod delivery;
pub mod documents;
pub mod explain;
pub mod gateway;
pub mod identity;
pub mod orders;
pub mod reuse;
pub mod stock_display;
pub mod till;

pub(crate) mod availability;
pub(crate) mod context;
pub(crate) mod cursor;
pub(crate) mod errands;
pub(crate) mod errors;
pub(crate) mod leases;
pub(crate) mod price_question;
pub(crate) mod price_terms;
pub(crate) mod pricing;
pub(crate) mod taxes;
pub(crate) mod watch;
pub(crate) mod written;

mod catalog_sources;
mod changes;
mod customer_sources;
mod listing;
mod live_sources;
mod order_sources;
mod price_key;
mod questions;
mod request;
mod scan;
mod sources;
mod tally;
