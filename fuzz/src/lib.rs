//! What the fuzz targets do with their input; each must return, whatever the input is. An ordinary test
//! (`resolvers/tests/seeds.rs`) takes the same files and runs them over their seeds.

pub mod answers;
pub mod cursor;
pub mod mapping;
pub mod plan;
pub mod screen;

mod server;
