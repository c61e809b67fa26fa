//! The commerce resolvers: what each live field of the schema asks, of which loader, and how the answers are put together.

pub mod channel;
pub mod gateway;
pub mod identity;
pub mod orders;

mod availability;
mod catalog_sources;
mod context;
mod cursor;
mod customer_sources;
mod errors;
mod html;
mod listing;
mod live_sources;
mod order_sources;
mod pricing;
mod questions;
mod request;
mod scan;
mod sources;
mod written;
