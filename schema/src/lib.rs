//! The unified commerce schema: every type as plain data with its field table.
//!
//! This crate is the nouns. It knows value types and async-graphql's type system, and nothing of how a field is
//! answered: no runtime, no HTTP, no cache, no system.

mod macros;

pub mod commerce;
pub mod mutation;
pub mod query;

pub mod availability;
pub mod catalog;
pub mod catalog_tables;
pub mod checkout;
pub mod checkout_tables;
pub mod customer;
pub mod description;
pub mod freshness;
pub mod listing;
pub mod order;
pub mod order_words;
pub mod price;

pub mod error;
pub mod ids;
pub mod lookup;
pub mod node_id;

pub mod input;
pub mod scalar;
pub mod subscription;
pub mod system;
pub mod table;
