//! How the gateway is configured for the demo systems, and what the playground opens with.

use super::{Demo, logins};
use crate::front::Example;

const TEMPLATE: &str = include_str!("demo.yaml");
/// The preset's own mapping, with what only the demo's WMS does below it.
const ONGOING: &str = include_str!("../../resolvers/presets/ongoing/preset.yaml");
const RESERVATIONS: &str = include_str!("reservations.yaml");
/// Mappings that are shipped in the binary, where a merchant would name a file.
const DEPOT: &str = include_str!("depot.yaml");
const POS: &str = include_str!("pos.yaml");
const MARKETPLACE: &str = include_str!("marketplace.yaml");

/// The configuration with the addresses of the running systems, and a ledger that ends with them.
pub fn configuration(demo: &Demo) -> String {
    configuration_with_ledger(demo, &demo.ledger())
}

/// The configuration with the addresses of the running systems and this ledger.
pub fn configuration_with_ledger(demo: &Demo, ledger: &str) -> String {
    let addresses = [
        ("pim", demo.pim_url()),
        ("erp", demo.erp_url()),
        ("wms", demo.wms_url()),
        ("depot", demo.depot_url()),
        ("pos", demo.pos_url()),
        ("marketplace", demo.marketplace_url()),
        ("identity", demo.identity_url()),
        ("payments", demo.payments_url()),
    ];
    with_addresses(&addresses, ledger)
}

/// The configuration with addresses at which nobody answers, for who only wants to know what it says.
pub fn configuration_without_systems() -> String {
    const SYSTEMS: [&str; 8] = [
        "pim",
        "erp",
        "wms",
        "depot",
        "pos",
        "marketplace",
        "identity",
        "payments",
    ];
    with_addresses(
        &SYSTEMS.map(|system| (system, "http://127.0.0.1:9")),
        "sqlite:none.db",
    )
}

fn with_addresses(addresses: &[(&str, &str)], ledger: &str) -> String {
    let wms = format!("{ONGOING}{RESERVATIONS}");
    let mut text = TEMPLATE.to_owned();
    for (system, address) in addresses {
        text = text.replace(&format!("${{{system}}}"), address);
    }
    text.replace("${ledger}", &serde_json::Value::from(ledger).to_string())
        .replace("        ${wms_mapping}\n", &indented(&wms))
        .replace("        ${depot_mapping}\n", &indented(DEPOT))
        .replace("        ${pos_mapping}\n", &indented(POS))
        .replace("        ${marketplace_mapping}\n", &indented(MARKETPLACE))
}

/// A file as the value of a key that stands as deep as `inline` does.
fn indented(file: &str) -> String {
    file.lines().map(|line| format!("        {line}\n")).collect()
}

/// The secrets that the configuration refers to.
pub fn secret(name: &str) -> Option<String> {
    let secret = match name {
        "DEMO_PIM_CLIENT_SECRET" => logins::PIM_CLIENT_SECRET,
        "DEMO_PIM_PASSWORD" => logins::PIM_PASSWORD,
        "DEMO_ERP_CLIENT_SECRET" => logins::ERP_CLIENT_SECRET,
        "DEMO_WMS_PASSWORD" => logins::WMS_PASSWORD,
        "DEMO_POS_PASSWORD" => logins::POS_PASSWORD,
        "DEMO_MARKETPLACE_KEY" => logins::MARKETPLACE_KEY,
        "DEMO_PAYMENTS_KEY" => logins::PAYMENTS_KEY,
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
        name: "Who is signed in",
        query: include_str!("examples/viewer.graphql"),
        variables: "",
    },
    Example {
        name: "My prices",
        query: include_str!("examples/my-prices.graphql"),
        variables: "",
    },
    Example {
        name: "My orders, of all systems",
        query: include_str!("examples/orders.graphql"),
        variables: "",
    },
    Example {
        name: "One order",
        query: include_str!("examples/order.graphql"),
        variables: "",
    },
    Example {
        name: "Checkout 1: verify and hold a cart",
        query: include_str!("examples/verify.graphql"),
        variables: "{\n  \"key\": \"verify-1\",\n  \"cart\": \"cart-1\"\n}",
    },
    Example {
        name: "Checkout 2: place the order",
        query: include_str!("examples/place.graphql"),
        variables: "{\n  \"key\": \"place-1\",\n  \"token\": \"from step 1\"\n}",
    },
    Example {
        name: "Checkout 2: place and pay",
        query: include_str!("examples/pay.graphql"),
        variables: "{\n  \"key\": \"pay-1\",\n  \"token\": \"from step 1\",\n  \"authorization\": \"pi_demo_500000_SEK_blue\",\n  \"amount\": \"2247\"\n}",
    },
    Example {
        name: "Checkout 2: an answer is lost",
        query: include_str!("examples/outage-order.graphql"),
        variables: "{\n  \"key\": \"place-2\",\n  \"token\": \"from step 1\"\n}",
    },
    Example {
        name: "Checkout: give a cart back",
        query: include_str!("examples/release.graphql"),
        variables: "{\n  \"token\": \"from step 1\"\n}",
    },
    Example {
        name: "Stock as it changes",
        query: include_str!("examples/watch.graphql"),
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
