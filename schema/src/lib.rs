//! The unified commerce schema: every type as plain data with its field table.

pub mod catalog;
pub mod ids;
pub mod price;
