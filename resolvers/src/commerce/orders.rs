//! Orders of many systems as one list, newest first: what is asked of whom, which records are one order, where it stands,
//! and what a cursor must remember so that no order is lost or shown twice.
//!
//! The parts below are pure: they say what to ask and take the answers, and never wait.
//!
//! # One order, many records
//!
//! A *source* is one list of one system. Two records are one order when they are of different systems and one's
//! `references` hold the other's number, or both hold the same reference; or when they are of the same system and have the
//! same number. The customer's own reference never joins anything: customers use one for many orders. Records further
//! apart than the join window are never one order. Being one order is transitive, and all records of one order must lie
//! within the window of each other; with records that do not, an order may be shown once for each of them.
//!
//! # Where an order stands
//!
//! A *position* is (placed at, newest first; the source's precedence; the number). An order stands at the position of its
//! identity record: the one whose source comes first in the precedence of the group `identity`.
//!
//! # What may be shown
//!
//! Sources are asked for stretches, newest first. Below a source's *horizon* (the last record it gave) nothing is known of
//! it. An order is complete when every source has been read further than the join window from it: then no copy of it can
//! still come, and nothing can come before it. Only complete orders are shown, so neither the order within a system's ties
//! nor the speed of systems changes a page. Records are read as far as one window before a page's first position too,
//! because copies lie on both sides of a page's border.
//!
//! Backwards, systems still answer newest first. So stretches of time are read from the cursor upwards, each to its end,
//! until there are enough complete orders.
//!
//! # What a cursor remembers
//!
//! Systems fail on one page and answer on the next. A cursor therefore carries, for each direction, a *trail* of the last
//! window:
//!
//! - orders that have been shown, by hashes of their numbers and references: any copy met later belongs to them;
//! - orders that are *pending*: a copy has been passed, the identity record lies ahead. With its position remembered, the
//!   order is shown there even when only the copy can still be read;
//! - sources that were missing, with the time they were missing for. An order whose identity record stands in such a time
//!   has not been shown, and is shown at the place of its next copy.
//!
//! An order whose identity record has been passed, and was not missing, was shown when it was passed (or did not match
//! the filter); a copy that lies ahead is left out.
//!
//! So an order is shown, once, if the system of its identity record answers on the page of that record, or the system of
//! its last record answers on the page of that one. An order of which no system answers when its place is passed is not
//! shown later: the page's `sources` name who did not answer. The trail is bounded; past the bound, those that need it
//! least are dropped, which only matters when systems fail at the same time.

pub mod rules;

pub(crate) mod assemble;
pub(crate) mod cursor;
pub(crate) mod filter;
pub(crate) mod join;
pub(crate) mod merge;
pub(crate) mod page;
pub(crate) mod position;
pub(crate) mod reader;
pub(crate) mod stretch;
pub(crate) mod trail;
pub(crate) mod window;

#[cfg(test)]
pub(crate) mod tests;
