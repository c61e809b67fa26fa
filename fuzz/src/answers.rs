//! Answers of arbitrary bytes from a system, read by a preset's mapping: an answer or an error, and only asked keys.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use skuery_resolvers::connector::System;
use skuery_resolvers::connector::config::SystemConfig;
use skuery_resolvers::port::orders::{OrderList, OrderQuestion, Owner, Which};
use skuery_resolvers::port::{ByKey, Call, Catalog, Key, Locales, PriceGroup, Search, StockGroup};
use skuery_schema::ids::{CategoryCode, Currency, CustomerNumber, ProductCode, Sku, SystemName};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::server::Server;

/// Between two answers; what is asked after the last gets `null`.
const NEXT: &str = "\n===\n";

/// The first line is a preset, a lookup and keys; then what the system answers, one request after the other. Tokens are
/// given to everyone.
pub fn run(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let Ok(line) = std::str::from_utf8(&data[..end]) else {
        return;
    };
    let mut words = line.split(' ');
    let (Some(preset), Some(lookup)) = (words.next(), words.next()) else {
        return;
    };
    let keys: Vec<&str> = words.take(20).collect();
    let world = &*WORLD;
    let Some((_, system)) = world.systems.iter().find(|(name, _)| *name == preset) else {
        return;
    };
    world.server.answer_with(split(&data[end + 1..]));
    world.runtime.block_on(ask(system, lookup, &keys));
}

/// All presets over one server. Compiling them takes far longer than an answer, so they serve all inputs; tables that a
/// preset has learnt it still knows for the next.
struct World {
    runtime: Runtime,
    server: Server,
    systems: Vec<(&'static str, System)>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = runtime.block_on(Server::start());
    let systems = PRESETS.map(|(name, config)| {
        let config = config.replace("URL", &server.url);
        let config: SystemConfig = serde_saphyr::from_str(&config).expect("a configuration");
        let system = System::build(SystemName::new("it"), &config, &|_| Some("secret".to_owned()));
        (name, system.expect("a preset"))
    });
    World {
        runtime,
        server,
        systems: systems.into(),
    }
});

fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    while let Some(at) = bytes
        .windows(NEXT.len())
        .position(|window| window == NEXT.as_bytes())
    {
        answers.push(bytes[..at].to_vec());
        bytes = &bytes[at + NEXT.len()..];
    }
    answers.push(bytes.to_vec());
    answers
}

const PRESETS: [(&str, &str); 4] = [
    (
        "akeneo",
        "connector: akeneo\nurl: URL\nauth: { client_id: c, client_secret: { env: A }, login: u, password: { env: B } }\n\
         languages: { sv: sv_SE, en: en_GB }\nsettings:\n  slug_attribute: slug\n  brand_attribute: brand\n  \
         image_attributes: [image]\n  media_url: \"https://media.example/{{ value }}\"\n  option_attributes: [colour, size]\n  \
         variant_skus_attribute: variant_skus\n  gtin_attribute: ean\n",
    ),
    (
        "business-central",
        "connector: business-central\nurl: URL\nauth: { client_id: c, client_secret: { env: A } }\nsettings:\n  \
         tenant: demo-tenant\n  company: 9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11\n  currency: SEK\n  \
         token_url: /demo-tenant/oauth2/v2.0/token\nlocations: { STOCKHOLM: STO }\n",
    ),
    (
        "ongoing",
        "connector: ongoing\nurl: URL\nauth: { login: u, password: { env: B } }\nsettings: { goods_owner_id: 100 }\n\
         locations: { WH1: 1 }\n",
    ),
    (
        "tryton",
        "connector: tryton\nurl: URL\nauth: { login: u, password: { env: B } }\nsettings: { database: shop }\n\
         locations: { WH-NORTH: WH-N }\n",
    ),
];

fn call() -> Call {
    Call::interactive(Instant::now() + Duration::from_secs(20))
}

async fn ask(system: &System, lookup: &str, keys: &[&str]) {
    let skus: Vec<Sku> = keys.iter().map(|key| Sku::new(*key)).collect();
    if let Some(catalog) = &system.catalog {
        ask_catalog(&**catalog, lookup, keys, &skus).await;
    }
    if let (Some(prices), "prices") = (&system.prices, lookup) {
        let group = PriceGroup {
            customer: None,
            price_list: None,
            currency: Currency::parse("SEK").expect("a currency"),
            quantity: None,
            unit: None,
            date: None,
        };
        only_asked(prices.prices(call(), &group, &skus).await, &skus);
    }
    if let (Some(stock), "stock") = (&system.stock, lookup) {
        let location = stock
            .per_location()
            .then(|| stock.locations().first().cloned())
            .flatten();
        only_asked(stock.stock(call(), &StockGroup { location }, &skus).await, &skus);
    }
    let customers: Vec<CustomerNumber> = keys.iter().map(|key| CustomerNumber::new(*key)).collect();
    match (&system.customers, lookup) {
        (Some(port), "customers") => only_asked(port.customers(call(), &customers).await, &customers),
        (Some(port), "credit") => only_asked(port.credit(call(), &customers).await, &customers),
        _ => {}
    }
    let (Some(orders), Some(customer)) = (&system.orders, customers.first()) else {
        return;
    };
    let owner = Owner::Customer(customer.clone());
    let numbers: Vec<Arc<str>> = keys[1..].iter().map(|key| Arc::from(*key)).collect();
    match lookup {
        "orders" => {
            let question = OrderQuestion {
                list: OrderList::Orders,
                which: Which::Placed {
                    since: None,
                    until: None,
                    offset: 0,
                    limit: 20,
                },
            };
            if let Ok(page) = orders.orders(call(), &owner, &question).await {
                assert!(
                    page.orders.len() <= page.seen,
                    "more orders than the system handed over"
                );
            }
        }
        "fulfillments" => only_asked(orders.fulfillments(call(), &owner, &numbers).await, &numbers),
        "documents" => only_asked(orders.documents(call(), &owner, &numbers).await, &numbers),
        _ => {}
    }
}

async fn ask_catalog(catalog: &dyn Catalog, lookup: &str, keys: &[&str], skus: &[Sku]) {
    let locales = Locales(["sv".into(), "en".into()].into());
    let codes: Vec<ProductCode> = keys.iter().map(|key| ProductCode::new(*key)).collect();
    let texts: Vec<Arc<str>> = keys.iter().map(|key| Arc::from(*key)).collect();
    let categories: Vec<CategoryCode> = keys.iter().map(|key| CategoryCode::new(*key)).collect();
    match lookup {
        "products" => only_asked(catalog.products(call(), &locales, &codes).await, &codes),
        "products_by_slug" => only_asked(catalog.products_by_slug(call(), &locales, &texts).await, &texts),
        "variants" => only_asked(catalog.variants(call(), &locales, skus).await, skus),
        "variants_of" => only_asked(catalog.variants_of(call(), &locales, &codes).await, &codes),
        "categories" => only_asked(
            catalog.categories(call(), &locales, &categories).await,
            &categories,
        ),
        "category_children" => {
            let parents: Vec<Option<CategoryCode>> = categories.into_iter().map(Some).collect();
            only_asked(
                catalog.category_children(call(), &locales, &parents).await,
                &parents,
            );
        }
        "attribute_labels" => only_asked(catalog.attribute_labels(call(), &locales, &texts).await, &texts),
        "search" => {
            let search = Search {
                text: None,
                categories: Vec::new(),
                brands: Vec::new(),
                attributes: Vec::new(),
                updated_since: None,
                offset: 0,
                limit: 10,
                count: true,
            };
            if let Ok(page) = catalog.search(call(), &locales, &search).await {
                assert!(page.products.len() <= 10, "more products than were asked for");
            }
        }
        _ => {}
    }
}

/// A system's answer never holds a key that nobody asked for.
fn only_asked<K: Key, V>(answer: Result<ByKey<K, V>, impl std::fmt::Debug>, asked: &[K]) {
    if let Ok(found) = answer {
        for key in found.keys() {
            assert!(asked.contains(key), "{key:?} was not asked for");
        }
    }
}
