//! The presets against recorded exchanges: what they send is what was recorded, what they read is what was meant.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use skuery_schema::catalog::AttributeValue;
use skuery_schema::ids::{LocationCode, ProductCode, Sku};
use skuery_schema::price::PriceKind;

use super::{build, group, locales, recording};
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};
use crate::port::{PriceMode, Search, StockGroup};

/// Plays recordings: REST by exact address and body, JSON-RPC by method. Tokens are given to everyone.
pub(super) async fn play(preset: &str, names: &[&str]) -> Server {
    let mut replies: HashMap<(String, Option<Json>), Json> = HashMap::new();
    for name in names {
        let recorded = recording(preset, name);
        let request = &recorded["request"];
        let key = match request["body"]["method"].as_str() {
            Some(method) => (method.to_owned(), None),
            None => {
                let line = format!(
                    "{} {}",
                    request["method"].as_str().expect("a method"),
                    request["path"].as_str().expect("a path")
                );
                (line, Some(request["body"].clone()))
            }
        };
        replies.insert(key, recorded["response"]["body"].clone());
    }
    Server::start(move |seen| {
        if seen.line.contains("token") {
            return answer(&json!({"access_token": "t", "expires_in": 3600}));
        }
        let body: Json = serde_json::from_str(&seen.body).unwrap_or(Json::Null);
        let key = match body["method"].as_str() {
            Some(method) => (method.to_owned(), None),
            None => (seen.line.clone(), Some(body)),
        };
        match replies.get(&key) {
            Some(found) => answer(found),
            None => reply(404, "text/plain", format!("not recorded: {key:?}").as_bytes()),
        }
    })
    .await
}

fn akeneo(server: &Server) -> System {
    build(&format!(
        r#"
connector: akeneo
url: {url}
auth: {{ client_id: c, client_secret: {{ env: A }}, login: u, password: {{ env: B }} }}
languages: {{ sv: sv_SE, en: en_GB }}
settings:
  slug_attribute: slug
  brand_attribute: brand
  image_attributes: [image]
  media_url: "https://media.example/{{{{ value }}}}"
  option_attributes: [colour, size]
  variant_skus_attribute: variant_skus
  gtin_attribute: ean
  manufacturer_number_attribute: manufacturer_number
"#,
        url = server.url
    ))
    .expect("a system")
}

#[tokio::test]
async fn akeneo_products_are_read_in_the_wanted_language() {
    let server = play("akeneo", &["products"]).await;
    let catalog = akeneo(&server).catalog.expect("a catalogue");
    let codes = [ProductCode::new("MC-10003"), ProductCode::new("nope")];
    let products = catalog
        .products(call(5), &locales(&["sv", "en"]), &codes)
        .await
        .expect("an answer");
    assert_eq!(products.len(), 1, "an unknown code is absent");
    let product = products[&codes[0]].as_ref().expect("a product");
    assert_eq!(&*product.name, "Österlen Storm 1 mc-däck");
    assert_eq!(&*product.locale_used, "sv");
    assert_eq!(product.brand.as_deref(), Some("Österlen"));
    assert_eq!(
        product.slug.as_deref(),
        Some("osterlen-storm-1-motorcycle-tyre-10003")
    );
    assert_eq!(
        product.variants.as_deref(),
        Some(&[Sku::new("MC-10003-180-55-17"), Sku::new("MC-10003-190-50-17")][..])
    );
    assert_eq!(
        &*product.media[0].url,
        "https://media.example/1/0/0/mc-10003_1.svg"
    );
    let weight = product.attributes.iter().find(|it| &*it.code == "weight");
    match weight.and_then(|weight| weight.value.as_ref()) {
        Some(AttributeValue::Measure { amount, unit }) => {
            assert_eq!((amount.to_string().as_str(), &**unit), ("6.3440", "KILOGRAM"));
        }
        other => panic!("a measure, not {other:?}"),
    }
    assert!(product.updated_at.is_some());
}

#[tokio::test]
async fn akeneo_variants_keep_reserved_characters() {
    let server = play("akeneo", &["variants", "variants_of"]).await;
    let catalog = akeneo(&server).catalog.expect("a catalogue");
    let skus = ["MC-D'ARC-M", "MC-11991/A&B", "nope"].map(Sku::new);
    let variants = catalog
        .variants(call(5), &locales(&["sv", "en"]), &skus)
        .await
        .expect("an answer");
    assert_eq!(variants.len(), 2);
    let variant = variants[&skus[1]].as_ref().expect("a variant");
    assert_eq!(variant.product, Some(ProductCode::new("MC-11991")));
    assert!(variant.gtin.as_ref().is_some_and(|gtin| gtin.len() == 13));
    assert!(!variant.options.is_empty());
    let codes = [ProductCode::new("MC-10003"), ProductCode::new("nope")];
    let of = catalog
        .variants_of(call(5), &locales(&["sv", "en"]), &codes)
        .await
        .expect("an answer");
    assert_eq!(of[&codes[0]].as_ref().expect("variants").len(), 2);
    assert_eq!(of[&codes[1]].as_ref().expect("none").len(), 0);
}

#[tokio::test]
async fn akeneo_labels_and_categories_are_read() {
    let names = ["attribute_labels", "category_roots", "category_children"];
    let server = play("akeneo", &names).await;
    let catalog = akeneo(&server).catalog.expect("a catalogue");
    let wanted = locales(&["sv", "en"]);
    let labels = catalog
        .attribute_labels(call(5), &wanted, &["brand".into(), "nope".into()])
        .await
        .expect("an answer");
    assert_eq!(labels.len(), 1);
    assert_eq!(labels["brand"].as_deref().ok(), Some("Varumärke"));
    let children = catalog
        .category_children(call(5), &wanted, &[None, Some("master".into())])
        .await
        .expect("an answer");
    let roots = children[&None].as_ref().expect("roots");
    assert_eq!(roots[0].0.as_str(), "master");
    let below = children[&Some("master".into())].as_ref().expect("children");
    assert_eq!(&*below[0].1.name, "Förarutrustning");
    assert_eq!(below.len(), 5);
}

#[tokio::test]
async fn akeneo_offsets_between_two_pages_fetch_both() {
    let server = play("akeneo", &["search_page_2", "search_page_3"]).await;
    let catalog = akeneo(&server).catalog.expect("a catalogue");
    let search = Search {
        text: None,
        categories: Vec::new(),
        brands: Vec::new(),
        attributes: Vec::new(),
        updated_since: None,
        offset: 3,
        limit: 2,
        count: true,
    };
    let page = catalog
        .search(call(5), &locales(&["sv", "en"]), &search)
        .await
        .expect("a page");
    let codes: Vec<&str> = page.products.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["MC-10003", "MC-10004"]);
    assert!(page.more);
    assert_eq!(page.total, Some(2000));
    assert_eq!(server.seen().len(), 3, "a token and two pages");
}

pub(super) fn business_central(server: &Server) -> System {
    build(&format!(
        r#"
connector: business-central
url: {url}
auth: {{ client_id: c, client_secret: {{ env: A }} }}
settings:
  tenant: demo-tenant
  company: 9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11
  currency: SEK
  token_url: /demo-tenant/oauth2/v2.0/token
  tracking_url: "https://track.example/{{{{ value }}}}"
locations: {{ STOCKHOLM: STO }}
price_lists: {{ DEALER: ["DEALER-{{{{ currency }}}}", "CAMP-SEASON-26-{{{{ currency }}}}"] }}
"#,
        url = server.url
    ))
    .expect("a system")
}

#[tokio::test]
async fn business_central_rows_keep_tiers_sides_and_kinds() {
    let server = play("business-central", &["items", "price_list_lines"]).await;
    let prices = business_central(&server).prices.expect("prices");
    assert_eq!(prices.price_mode(), PriceMode::Rows);
    let skus = ["MC-D'ARC-M", "MC-11991/A&B", "nope"].map(Sku::new);
    let rows = prices
        .prices(call(5), &group(Some("DEALER"), "SEK", None), &skus)
        .await
        .expect("an answer");
    assert_eq!(rows.len(), 2);
    let rows = rows[&skus[0]].as_ref().expect("rows");
    let tiers: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {:?} {:?} {:?}",
                row.minimum_quantity, row.net, row.gross, row.kind
            )
        })
        .collect();
    assert_eq!(
        tiers,
        [
            "1 Some(350.78) None Group",
            "10 Some(336.74) None Group",
            "50 Some(319.2) None Group",
            "1 None Some(487.2) Campaign",
        ]
    );
    assert_eq!(rows[0].valid_from, None, "the year 1 is an open end");
    assert!(rows[3].valid_from.is_some());
    let base = prices
        .prices(call(5), &group(None, "SEK", None), &skus)
        .await
        .expect("an answer");
    assert_eq!(base[&skus[0]].as_ref().expect("rows")[0].kind, PriceKind::Base);
    let other = prices
        .prices(call(5), &group(None, "EUR", None), &skus)
        .await
        .expect("an answer");
    assert!(other.is_empty(), "never a price in another currency");
}

#[tokio::test]
async fn ongoing_stock_is_split_by_our_locations() {
    let server = play("ongoing", &["inventory_per_warehouse"]).await;
    let system = build(&format!(
        r#"
connector: ongoing
url: {}
auth: {{ login: u, password: {{ env: A }} }}
settings: {{ goods_owner_id: 7 }}
locations: {{ STOCKHOLM: 1, WARSAW: 3 }}
"#,
        server.url
    ))
    .expect("a system");
    let stock = system.stock.expect("stock");
    let skus = ["MC-D'ARC-M", "MC-11991/A&B", "nope"].map(Sku::new);
    let figures = stock
        .stock(call(5), &StockGroup { location: None }, &skus)
        .await
        .expect("an answer");
    assert_eq!(figures.len(), 2);
    let figures = figures[&skus[0]].as_ref().expect("figures");
    assert_eq!(figures[0].location, LocationCode::new("STOCKHOLM"));
    assert_eq!(figures[0].available, Decimal::from(10));
    assert_eq!(figures[0].on_hand, Some(Decimal::from(13)));
    assert_eq!(figures[1].location, LocationCode::new("WARSAW"));
}

pub(super) fn tryton(server: &Server) -> System {
    build(&format!(
        r#"
connector: tryton
url: {}
auth: {{ login: gateway, password: {{ env: A }} }}
settings: {{ database: tryton }}
locations: {{ NORTH: WH-NORTH }}
price_lists: {{ GOLD: PL-GOLD }}
"#,
        server.url
    ))
    .expect("a system")
}

#[tokio::test]
async fn tryton_prices_ask_with_ids_and_keep_four_decimals() {
    let names = ["login_ok", "price_lists", "currencies", "prices_gold_quantity_10"];
    let server = play("tryton", &names).await;
    let prices = tryton(&server).prices.expect("prices");
    assert_eq!(prices.price_mode(), PriceMode::Calculated);
    let skus = ["SKU-0001", "SKU-0013", "SKU-9999"].map(Sku::new);
    for _ in 0..2 {
        let rows = prices
            .prices(call(5), &group(Some("GOLD"), "EUR", Some(10)), &skus)
            .await
            .expect("an answer");
        assert_eq!(
            rows.len(),
            2,
            "what was not asked for is dropped, what is unknown absent"
        );
        let row = &rows[&skus[0]].as_ref().expect("a price")[0];
        assert_eq!(row.net.map(|net| net.to_string()).as_deref(), Some("71.5530"));
        assert_eq!(row.unit.as_deref(), Some("u"));
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 5, "one login, each table once, two calls");
    let sent: Json = serde_json::from_str(&seen[4].body).expect("JSON");
    assert_eq!(
        sent["params"][5],
        json!({"company": 1, "price_list": 1, "currency": 1, "quantity": 10})
    );
    assert_eq!(
        sent.as_object().expect("an object").len(),
        3,
        "id, method and params only"
    );
    assert!(
        seen[4]
            .header("authorization")
            .is_some_and(|it| it.starts_with("Session "))
    );
}

#[tokio::test]
async fn tryton_stock_asks_one_location_by_its_id() {
    let server = play("tryton", &["login_ok", "warehouses", "stock_one_warehouse"]).await;
    let stock = tryton(&server).stock.expect("stock");
    assert!(stock.per_location());
    let group = StockGroup {
        location: Some(LocationCode::new("NORTH")),
    };
    let skus = ["SKU-0002"].map(Sku::new);
    let figures = stock.stock(call(5), &group, &skus).await.expect("an answer");
    let figure = &figures[&skus[0]].as_ref().expect("figures")[0];
    assert_eq!(figure.available, Decimal::from(174));
    assert_eq!(figure.on_hand, Some(Decimal::from(186)));
    let sent: Json = serde_json::from_str(&server.seen()[2].body).expect("JSON");
    assert_eq!(sent["params"][5]["locations"], json!([5]));
}

#[tokio::test]
async fn tryton_failures_inside_a_200_are_failures() {
    for name in ["error_unknown_field", "prices_without_company"] {
        let server = play("tryton", &["login_ok", "currencies", name]).await;
        let prices = tryton(&server).prices.expect("prices");
        let skus = ["SKU-0001"].map(Sku::new);
        let rows = prices.prices(call(5), &group(None, "EUR", Some(1)), &skus).await;
        match name {
            "error_unknown_field" => assert!(rows.is_err()),
            // A price of null is no price, never zero.
            _ => assert!(rows.expect("an answer").is_empty()),
        }
    }
}
