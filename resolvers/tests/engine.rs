//! The engine against the specification, and against async-graphql's own executor on the same tables and data.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as it says"
)]
#![allow(
    clippy::print_stdout,
    reason = "a random run says what it covered, and its seed"
)]

#[path = "engine/changes.rs"]
mod changes;
#[path = "engine/differential.rs"]
mod differential;
#[path = "engine/errors.rs"]
mod errors;
#[path = "engine/inputs.rs"]
mod inputs;
#[path = "engine/limits.rs"]
mod limits;
#[path = "engine/operations.rs"]
mod operations;
#[path = "engine/run.rs"]
mod run;
#[path = "engine/selection.rs"]
mod selection;
#[path = "engine/tables.rs"]
mod tables;
#[path = "engine/waves.rs"]
mod waves;
#[path = "engine/world.rs"]
mod world;
