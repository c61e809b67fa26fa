//! Tests of the merge: random histories against a plain reference, and single rules.

mod cursors;
mod driver;
mod fake;
mod fields;
mod gateway;
mod joining;
mod outages;
mod paging;
mod reading;
mod world;
