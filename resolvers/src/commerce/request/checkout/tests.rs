//! Mutations through the whole gateway, before a desk that does as it is told.

mod answers;
mod desk;
mod inputs;
mod serial;
