//! How the unified schema is answered: engine, loader, ports, door and connectors.

pub mod error;
pub mod port;
