//! How the unified schema is answered: engine, loader, ports, door and connectors.
//!
//! This crate is the verbs. It knows the schema, and nothing of the web server or the command line.

pub mod checkout;
pub mod commerce;
pub mod connector;
pub mod door;
pub mod engine;
pub mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod loader;
pub mod port;
pub mod screen;
