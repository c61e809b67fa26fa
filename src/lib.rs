//! The process: configuration, web server, command line, and the embedded demo systems.
//!
//! What is asked is `skuery-schema`; how it is answered is `skuery-resolvers`.

pub mod checks;
pub mod cli;
pub mod config;
pub mod demo;
pub mod front;
pub mod identity;
pub mod ledger;
pub mod persisted;
pub mod reload;
pub mod start;
pub mod upkeep;
