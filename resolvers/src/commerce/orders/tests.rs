//! Tests of the merge: random histories against a plain reference, and single rules.

mod cursors;
mod driver;
pub(crate) mod fake;
mod fields;
mod gateway;
mod joining;
mod outages;
mod paging;
mod reading;
pub(crate) mod world;
