//! What a system was made of, to tell whether another configuration comes to the same.

use crate::connector::config::{AuthConfig, SystemConfig};
use crate::connector::mapping::Mapping;
use crate::door::Auth;

/// All that decides how a system is asked and what its answers mean, as it was understood: neither how it is written, nor
/// the file it stands in.
#[derive(PartialEq)]
pub(crate) struct MadeOf {
    // As `Debug` shows them. The order of keys counts in the JSON of a mapping and of settings, because they are sent in
    // that order, and is what comparing values of JSON leaves out.
    section: String,
    mapping: String,
    /// With the secrets themselves, which `Debug` does not show.
    auth: Auth,
}

impl MadeOf {
    pub(crate) fn new(section: &SystemConfig, mapping: &Mapping, auth: Auth) -> Self {
        // What the other two hold stands there in another form: as a reference, a file's name.
        let section = SystemConfig {
            auth: AuthConfig::default(),
            mapping: None,
            ..section.clone()
        };
        Self {
            section: format!("{section:?}"),
            mapping: format!("{mapping:?}"),
            auth,
        }
    }
}
