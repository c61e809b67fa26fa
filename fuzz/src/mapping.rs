//! A mapping file of arbitrary text: understood, or refused with words.

use skuery_resolvers::connector::System;
use skuery_resolvers::connector::config::{MappingSource, SystemConfig};
use skuery_resolvers::connector::mapping::{AuthSpec, Mapping};
use skuery_schema::ids::SystemName;

/// Compiles it as the mapping of a system.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(mapping) = serde_saphyr::from_str::<Mapping>(text) else {
        return;
    };
    let built = System::build(SystemName::new("it"), &config(mapping), &|_| None);
    if let Err(error) = built {
        assert!(error.path().starts_with("systems.it"), "{error}");
        assert!(
            error.to_string().len() > error.path().len() + 2,
            "it says what is wrong"
        );
    }
}

/// A system of one's own with this mapping. Credentials and settings that it asks for would be refused before the mapping
/// is looked at, so none are needed.
fn config(mut mapping: Mapping) -> SystemConfig {
    mapping.auth = AuthSpec::None;
    mapping
        .settings
        .values_mut()
        .for_each(|setting| setting.required = false);
    let connector = mapping.protocol.as_str();
    let yaml = format!("connector: {connector}\nurl: http://127.0.0.1:9\n");
    let mut config: SystemConfig = serde_saphyr::from_str(&yaml).expect("a configuration");
    config.mapping = Some(MappingSource {
        file: None,
        inline: Some(Box::new(mapping)),
    });
    config
}
