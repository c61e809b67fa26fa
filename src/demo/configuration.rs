//! How the gateway is configured for the demo systems, and what the playground opens with.

use super::{Demo, logins};
use crate::front::Example;

const TEMPLATE: &str = include_str!("demo.yaml");

/// The configuration with the addresses of the running systems.
pub fn configuration(demo: &Demo) -> String {
    TEMPLATE
        .replace("${pim}", demo.pim_url())
        .replace("${erp}", demo.erp_url())
        .replace("${wms}", demo.wms_url())
}

/// The secrets that the configuration refers to.
pub fn secret(name: &str) -> Option<String> {
    let secret = match name {
        "DEMO_PIM_CLIENT_SECRET" => logins::PIM_CLIENT_SECRET,
        "DEMO_PIM_PASSWORD" => logins::PIM_PASSWORD,
        "DEMO_ERP_CLIENT_SECRET" => logins::ERP_CLIENT_SECRET,
        "DEMO_WMS_PASSWORD" => logins::WMS_PASSWORD,
        _ => return None,
    };
    Some(secret.to_owned())
}

/// What the playground opens with.
pub const EXAMPLES: &[Example] = &[
    Example {
        name: "Listing page",
        query: include_str!("examples/listing.graphql"),
        variables: "",
    },
    Example {
        name: "Variants by SKU, one wave",
        query: include_str!("examples/variants.graphql"),
        variables: "",
    },
    Example {
        name: "A system going down",
        query: include_str!("examples/outage.graphql"),
        variables: "",
    },
    Example {
        name: "Product page in Danish",
        query: include_str!("examples/product.graphql"),
        variables: "",
    },
    Example {
        name: "Dealer prices with tiers",
        query: include_str!("examples/dealer.graphql"),
        variables: "",
    },
    Example {
        name: "Search, filter and facets",
        query: include_str!("examples/search.graphql"),
        variables: "",
    },
    Example {
        name: "Fresher than the cache",
        query: include_str!("examples/fresher.graphql"),
        variables: "",
    },
    Example {
        name: "Connected systems",
        query: include_str!("examples/systems.graphql"),
        variables: "",
    },
];
