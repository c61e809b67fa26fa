//! The screen against async-graphql's parser: whatever the parser reads has been counted right before.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as it says"
)]

#[path = "screen/counts.rs"]
mod counts;
#[path = "screen/documents.rs"]
mod documents;
#[path = "screen/parser.rs"]
mod parser;
