//! The engine against the specification, and against async-graphql's own executor on the same tables and data.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as it says"
)]

#[path = "engine/changes.rs"]
mod changes;
#[path = "engine/differential.rs"]
mod differential;
#[path = "engine/documents.rs"]
mod documents;
#[path = "engine/errors.rs"]
mod errors;
#[path = "engine/inputs.rs"]
mod inputs;
#[path = "engine/limits.rs"]
mod limits;
#[path = "engine/notation.rs"]
mod notation;
#[path = "engine/operations.rs"]
mod operations;
#[path = "engine/reference.rs"]
mod reference;
#[path = "engine/reference_input.rs"]
mod reference_input;
#[path = "engine/reference_schema.rs"]
mod reference_schema;
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
