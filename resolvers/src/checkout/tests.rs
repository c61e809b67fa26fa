//! Promises of checkout, kept with systems in memory that can be told to fail.

pub(crate) mod fakes;
pub(crate) mod orders;
pub(crate) mod shop;
pub(crate) mod warehouse;
pub(crate) mod words;

mod extending;
mod holding;
mod keys;
mod lines;
mod outages;
mod pricing;
