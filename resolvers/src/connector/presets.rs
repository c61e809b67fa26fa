//! The mapping files shipped in the binary, one per product.

use crate::connector::config::ConfigError;
use crate::connector::mapping::Mapping;

const PRESETS: [(&str, &str); 5] = [
    ("akeneo", include_str!("../../presets/akeneo/preset.yaml")),
    (
        "business-central",
        include_str!("../../presets/business-central/preset.yaml"),
    ),
    ("ongoing", include_str!("../../presets/ongoing/preset.yaml")),
    ("stripe", include_str!("../../presets/stripe/preset.yaml")),
    ("tryton", include_str!("../../presets/tryton/preset.yaml")),
];

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

pub(crate) fn mapping(name: &str) -> Result<Mapping, ConfigError> {
    match PRESETS.iter().find(|(preset, _)| *preset == name) {
        Some((_, text)) => parse(&format!("presets/{name}/preset.yaml"), text),
        None => {
            let known: Vec<&str> = names().collect();
            Err(ConfigError::new(
                "connector",
                format!("`{name}` is unknown, use {}, rest or jsonrpc", known.join(", ")),
            ))
        }
    }
}

pub(crate) fn parse(file: &str, text: &str) -> Result<Mapping, ConfigError> {
    serde_saphyr::from_str(text).map_err(|error| ConfigError::new("mapping", format!("{file}: {error}")))
}
