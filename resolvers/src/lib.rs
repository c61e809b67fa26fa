//! How the unified schema is answered: engine, loader, ports, door and connectors.

pub mod engine;
pub mod error;
pub mod loader;
pub mod port;
