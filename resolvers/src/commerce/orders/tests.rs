//! Tests of the merge: random histories against a plain reference, and single rules.

mod cursors;
mod driver;
mod joining;
mod outages;
mod paging;
mod reading;
mod world;
