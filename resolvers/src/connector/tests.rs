//! How mappings are compiled, how requests are escaped and how answers are read, for the presets and for odd answers.

mod presets;
