//! The whole gateway over HTTP: what clients get, and how many calls each system received for it.
//!
//! Every spec starts the demo systems and a gateway of its own on free ports of 127.0.0.1; nothing is timed.

#![expect(
    clippy::disallowed_types,
    reason = "the tests are clients of the gateway, not the gateway"
)]

mod archive;
mod audit_log;
mod direct;
mod issuer;
mod persisted;
mod portal;
mod raw;
mod script;
mod shop;
mod socket_client;
mod subscriber;

// What is asked how often, and how that is foretold and told.
mod explain;
mod forecast;
mod sharing;
mod traces;
mod waves;

// What a request may say.
mod context;
mod depot;
mod keys;
mod nodes;
mod paging;
mod search;
mod stock_display;

// What can be changed.
mod mutations;

// What can be watched.
mod streams;
mod subscriptions;

// What leaves beside GraphQL.
mod documents;
// Whose prices they are.
mod customer_prices;
mod customer_terms;
mod viewer;
// Who asks.
mod attacks;
mod demo_orders;
mod forged_tokens;
mod provider_keys;
mod sign_in;

// What happens when systems fail.
mod neighbours;
mod outage;
mod scripted_prices;
mod scripted_stock;
mod transport_faults;

// Connections, and how they are abused.
mod cors;
mod floods;
mod http2;
mod proxies;
mod shapes;
mod slow;
mod tls;

// The process.
mod command;
mod corpus;
mod drain;
mod hostile;
mod http;
mod http_batches;
mod http_codings;
mod http_get;
mod http_keeping;
mod http_named;
mod http_production;
mod misconfigured;
mod misconfigured_server;
mod operations;
mod reloading;
mod screened;
mod secrets;
mod signals;
mod socket;
mod socket_hostile;
mod socket_identity;
mod tidy;
