//! The binary against systems that nobody here wrote. `scripts/test` starts them and names them in the environment;
//! without the feature `real-systems` this target does not exist, so nothing is skipped in silence.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a test is a client of the gateway and is told of the real systems by the environment"
)]

mod customers;
mod dataset;
mod direct;
mod gateway;
mod history;
mod orders;
mod placing;
mod tryton;
