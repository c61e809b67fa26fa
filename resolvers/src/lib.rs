//! How the unified schema is answered: engine, loader, ports, door and connectors.

pub mod connector;
pub mod door;
pub mod error;
pub mod port;
