//! Search, filters, orders, counts and facets.

use serde_json::{Value, json};

use crate::shop::{Shop, column, limited};

const LIST: &str = "query($query: String, $filter: ProductFilter, $sort: ProductSort, $first: Int = 100) {
    products(query: $query, filter: $filter, sort: $sort, first: $first) {
        totalCount nodes { id name brand updatedAt categories { code } variants { sku }
            attributes { code value { ... on OptionValue { code } ... on NumberValue { number } } } } } }";

async fn found(shop: &Shop, variables: Value) -> Vec<Value> {
    let answer = shop.query_with(LIST, variables).await;
    let nodes = answer
        .data("products.nodes")
        .as_array()
        .expect("products")
        .clone();
    assert!(!nodes.is_empty(), "something matches");
    nodes
}

fn attribute<'a>(product: &'a Value, code: &str) -> &'a Value {
    let attributes = product["attributes"].as_array().expect("attributes");
    let found = attributes.iter().find(|attribute| attribute["code"] == code);
    found.map_or(&Value::Null, |attribute| &attribute["value"])
}

#[tokio::test]
async fn a_category_includes_its_descendants() {
    let shop = Shop::start().await;
    let products = found(&shop, json!({ "filter": { "categories": ["helmets"] } })).await;
    for product in &products {
        let codes = column(&product["categories"], "code");
        assert!(codes.iter().any(|code| code.starts_with("helmets")), "{codes:?}");
    }
    let below = found(&shop, json!({ "filter": { "categories": ["helmets_modular"] } })).await;
    assert!(
        below
            .iter()
            .all(|product| column(&product["categories"], "code").contains(&"helmets_modular"))
    );
}

#[tokio::test]
async fn brands_attributes_and_text_all_must_hold() {
    let shop = Shop::start().await;
    let filter = json!({ "filter": { "brands": ["hanseat"], "categories": ["helmets"],
        "attributes": [{ "code": "material", "in": ["carbon_fibre"] }] }, "query": "hjälm" });
    for product in found(&shop, filter).await {
        assert_eq!(product["brand"], "Hanseat");
        assert_eq!(attribute(&product, "material")["code"], "carbon_fibre");
        assert!(
            product["name"]
                .as_str()
                .is_some_and(|name| name.to_lowercase().contains("hjälm"))
        );
    }
}

#[tokio::test]
async fn numbers_are_bounded_inclusively() {
    let shop = Shop::start().await;
    let years = |bounds: Value| {
        let mut condition = json!({ "code": "warranty_years" });
        for (name, bound) in bounds.as_object().expect("bounds") {
            condition[name] = bound.clone();
        }
        json!({ "filter": { "attributes": [condition] } })
    };
    let mut seen = std::collections::BTreeSet::new();
    for product in found(&shop, years(json!({ "min": "2", "max": "3" }))).await {
        seen.insert(
            attribute(&product, "warranty_years")["number"]
                .as_str()
                .expect("years")
                .to_owned(),
        );
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["2", "3"]);
    for product in found(&shop, years(json!({ "min": "5" }))).await {
        assert_eq!(attribute(&product, "warranty_years")["number"], "5");
    }
    let bare = shop.query_with(LIST, years(json!({}))).await;
    assert_eq!(bare.errors(), ["products BAD_USER_INPUT - final"]);
}

#[tokio::test]
async fn only_products_changed_since_are_listed() {
    let shop = Shop::start().await;
    let newest = found(&shop, json!({ "sort": "NEWEST", "first": 40 })).await;
    let dates = column(&Value::from(newest.clone()), "updatedAt").join(" ");
    let mut sorted: Vec<&str> = dates.split(' ').collect();
    sorted.sort_unstable();
    sorted.reverse();
    assert_eq!(sorted.join(" "), dates, "newest first");
    let since = newest[20]["updatedAt"].as_str().expect("a date");
    let changed = found(&shop, json!({ "filter": { "updatedSince": since } })).await;
    let different: std::collections::BTreeSet<&str> = changed
        .iter()
        .filter_map(|product| product["id"].as_str())
        .collect();
    assert!(
        (20..=21).contains(&different.len()),
        "{} since {since}",
        different.len()
    );
    assert!(
        changed
            .iter()
            .all(|product| product["updatedAt"].as_str() >= Some(since))
    );
}

#[tokio::test]
async fn the_number_of_matches_is_asked_for_only_when_selected() {
    let shop = Shop::start().await;
    let all = shop
        .query("{ products(first: 1) { totalCount nodes { id } } }")
        .await;
    assert_eq!(all.data("products.totalCount"), 2000);
    let some = shop
        .query(r#"{ products(first: 1, filter: { categories: ["helmets"] }) { totalCount } }"#)
        .await;
    assert_eq!(some.data("products.totalCount"), 340);
    assert_eq!(shop.calls(), "pim 2, erp 0, wms 0");
    let none = shop
        .query(
            r#"{ products(first: 1, query: "no such words") { totalCount nodes { id } facets { code } } }"#,
        )
        .await;
    assert_eq!(
        none.data("products"),
        &json!({ "totalCount": 0, "nodes": [], "facets": [] })
    );
}

#[tokio::test]
async fn names_and_skus_sort_whatever_the_pim_can() {
    let shop = Shop::start().await;
    let names = found(
        &shop,
        json!({ "sort": "NAME", "filter": { "brands": ["hanseat"] } }),
    )
    .await;
    let names: Vec<String> = names
        .iter()
        .filter_map(|product| Some(product["name"].as_str()?.to_lowercase()))
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    let products = found(
        &shop,
        json!({ "sort": "SKU", "filter": { "brands": ["hanseat"] } }),
    )
    .await;
    let first = |product: &Value| {
        column(&product["variants"], "sku")
            .into_iter()
            .min()
            .map(str::to_owned)
    };
    let skus: Vec<_> = products.iter().map(first).collect();
    assert!(skus.is_sorted(), "{skus:?}");
    shop.calls();
    found(
        &shop,
        json!({ "sort": "NAME", "filter": { "brands": ["hanseat"] } }),
    )
    .await;
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn every_facet_says_what_to_add_to_the_filter_and_how_many_that_gives() {
    let shop = Shop::start().await;
    let base = json!({ "categories": ["helmets"] });
    let facets = shop
        .query_with(
            "query($filter: ProductFilter) { products(filter: $filter, first: 1) { facets { code label values { value label count input } } } }",
            json!({ "filter": base }),
        )
        .await;
    let facets = facets.data("products.facets").as_array().expect("facets").clone();
    let codes = column(&Value::from(facets.clone()), "code").join(" ");
    assert_eq!(codes, "category brand material season certification");
    assert_eq!(facets[2]["label"], "Material");
    let mut tried = 0;
    for facet in &facets {
        for value in facet["values"].as_array().expect("values").iter().take(3) {
            let mut filter = base.clone();
            for (name, condition) in value["input"].as_object().expect("an input") {
                filter[name] = condition.clone();
            }
            let answer = shop
                .query_with(LIST, json!({ "filter": filter, "first": 1 }))
                .await;
            assert_eq!(
                answer.data("products.totalCount"),
                &value["count"],
                "{} of {}",
                value,
                facet["code"]
            );
            tried += 1;
        }
    }
    assert!(tried >= 10);
}

#[tokio::test]
async fn an_unknown_filter_or_order_is_one_clear_error_and_asks_nobody() {
    let shop = Shop::start().await;
    for argument in [
        "filter: { colour: \"red\" }",
        "filter: { attributes: [{ in: [\"a\"] }] }",
        "filter: { attributes: [{ code: \"weight\", min: \"heavy\" }] }",
        "filter: { updatedSince: \"yesterday\" }",
        "sort: PRICE",
        "first: \"10\"",
        "where: {}",
    ] {
        let answer = shop
            .query(&format!("{{ products({argument}) {{ nodes {{ id }} }} }}"))
            .await;
        let (code, message) = answer.refusal();
        let status = match code {
            "GRAPHQL_VALIDATION_FAILED" => 422,
            "BAD_USER_INPUT" => 400,
            _ => panic!("{argument}: {code} {message}"),
        };
        assert_eq!(answer.status, status, "{argument}: {:#}", answer.body);
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_code_the_pim_does_not_know_is_an_error_and_not_an_empty_list() {
    let shop = Shop::start().await;
    for filter in [
        json!({ "categories": ["nope"] }),
        json!({ "brands": ["nope"] }),
        json!({ "attributes": [{ "code": "nope", "in": ["x"] }] }),
    ] {
        let answer = shop.query_with(LIST, json!({ "filter": filter })).await;
        assert!(answer.partial("products").is_null());
        assert_eq!(
            answer.errors(),
            ["products SYSTEM_REJECTED pim final"],
            "{filter}"
        );
    }
}

#[tokio::test]
async fn more_matches_than_may_be_read_are_refused_with_a_reason() {
    let shop = Shop::with(|yaml| limited(&yaml, "scan_products: 150, deadline_ms: 60000")).await;
    let answer = shop
        .query("{ products(sort: NAME, first: 5) { nodes { id } } }")
        .await;
    assert!(answer.partial("products").is_null());
    assert_eq!(answer.errors(), ["products BAD_USER_INPUT pim final"]);
    let narrow = shop
        .query(r#"{ products(sort: NAME, first: 5, filter: { categories: ["helmets_modular"] }) { nodes { id } } }"#)
        .await;
    assert_eq!(narrow.errors(), Vec::<String>::new());
}

#[tokio::test]
async fn only_the_attributes_that_are_configured_are_shown() {
    let shop = Shop::with(|yaml| {
        let chosen = yaml.replace(
            "      slug_attribute: slug\n",
            "      slug_attribute: slug\n      attributes: [weight, season]\n",
        );
        assert_ne!(chosen, yaml);
        chosen
    })
    .await;
    let answer = shop
        .query(r#"{ product(by: { sku: "MC-10008-WHT-M" }) { attributes { code } } }"#)
        .await;
    let attributes = answer.body["data"]["product"]["attributes"]
        .as_array()
        .expect("a list")
        .clone();
    let codes: Vec<&str> = attributes
        .iter()
        .filter_map(|attribute| attribute["code"].as_str())
        .collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(
        codes.contains(&"weight") && codes.contains(&"season"),
        "{codes:?}"
    );
}
