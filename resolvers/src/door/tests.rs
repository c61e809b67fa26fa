//! How the door behaves towards slow, broken and hostile systems.
