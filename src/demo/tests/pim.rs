//! The PIM: login, lists, searches, variants, structure and pictures.

use serde_json::{Value, json};

use super::{Bench, ODD, ok, refused};

const MODELS: &str = "/api/rest/v1/product-models";

fn items(body: &Value) -> &Vec<Value> {
    body["_embedded"]["items"].as_array().unwrap()
}

fn codes(body: &Value) -> Vec<&str> {
    items(body)
        .iter()
        .map(|item| item["code"].as_str().unwrap())
        .collect()
}

async fn search(bench: &Bench, search: Value) -> Value {
    let query = [
        ("search", search.to_string()),
        ("limit", "100".to_owned()),
        ("with_count", "true".to_owned()),
    ];
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    ok(bench.pim(MODELS, &query)).await
}

#[tokio::test]
async fn asks_for_a_login_and_accepts_a_refresh() {
    let bench = Bench::start().await;
    let url = format!("{}{MODELS}", bench.demo.pim_url());
    let body = refused(bench.client.get(&url), 401).await;
    assert_eq!(
        body,
        json!({"code": 401, "message": "Authentication is required"})
    );
    refused(bench.client.get(&url).bearer_auth("nonsense"), 401).await;
    let token_url = format!("{}/api/oauth/v1/token", bench.demo.pim_url());
    let wrong = bench
        .client
        .post(&token_url)
        .basic_auth("a", Some("b"))
        .json(&json!({"grant_type": "password"}));
    assert_eq!(refused(wrong, 422).await["code"], 422);
    let login = json!({"grant_type": "password", "username": super::logins::PIM_USERNAME, "password": super::logins::PIM_PASSWORD});
    let client = || {
        bench.client.post(&token_url).basic_auth(
            super::logins::PIM_CLIENT_ID,
            Some(super::logins::PIM_CLIENT_SECRET),
        )
    };
    let first = ok(client().json(&login)).await;
    assert_eq!(first["expires_in"], 3600);
    bench.demo.system("pim").unwrap().revoke_tokens();
    refused(bench.pim(MODELS, &[]), 401).await;
    let again =
        ok(client().json(&json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})))
            .await;
    ok(bench
        .client
        .get(&url)
        .bearer_auth(again["access_token"].as_str().unwrap()))
    .await;
}

#[tokio::test]
async fn answers_models_by_code_with_chosen_locales_and_attributes() {
    let bench = Bench::start().await;
    let wanted =
        json!({"identifier": [{"operator": "IN", "value": ["MC-10002", "MC-10001", "NOPE"]}]}).to_string();
    let query = [
        ("search", wanted.as_str()),
        ("locales", "sv_SE,en_GB"),
        ("attributes", "name,slug,brand,variant_skus"),
        ("with_attribute_options", "true"),
    ];
    let body = ok(bench.pim(MODELS, &query)).await;
    assert_eq!(codes(&body), ["MC-10001", "MC-10002"]);
    let item = &items(&body)[0];
    assert_eq!(item["values"].as_object().unwrap().len(), 4, "{item}");
    let locales: Vec<_> = item["values"]["name"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value["locale"].as_str().unwrap())
        .collect();
    assert_eq!(locales, ["sv_SE", "en_GB"]);
    assert!(item["values"]["brand"][0]["linked_data"]["labels"]["de_DE"].is_string());
    assert!(
        item["values"]["variant_skus"][0]["data"]
            .as_array()
            .is_some_and(|skus| !skus.is_empty())
    );
    assert_eq!(item["values"]["slug"][0]["locale"], Value::Null);
    assert_eq!(bench.demo.system("pim").unwrap().keys(), 3);
    assert_eq!(bench.demo.system("pim").unwrap().calls(), 1);
}

#[tokio::test]
async fn pages_through_everything_without_gaps_both_ways() {
    let bench = Bench::start().await;
    for paging in ["page", "search_after"] {
        let first = super::address(
            bench.demo.pim_url(),
            MODELS,
            &[
                ("pagination_type", paging),
                ("limit", "100"),
                ("attributes", "slug"),
            ],
        );
        let (mut next, mut seen) = (Some(first.to_string()), Vec::new());
        while let Some(url) = next {
            let body = ok(bench.client.get(url).bearer_auth(&bench.pim_token)).await;
            seen.extend(codes(&body).into_iter().map(str::to_owned));
            next = body["_links"]["next"]["href"].as_str().map(str::to_owned);
        }
        assert_eq!(
            (seen.len(), &*seen[0], &*seen[1999]),
            (2000, "MC-10000", "MC-11999"),
            "{paging}"
        );
    }
}

#[tokio::test]
async fn refuses_what_akeneo_refuses() {
    let bench = Bench::start().await;
    let many = vec!["MC-10000"; 101];
    for (query, status) in [
        (("limit", "101".to_owned()), 422),
        (("search", "{".to_owned()), 400),
        (
            (
                "search",
                json!({"nope": [{"operator": "=", "value": 1}]}).to_string(),
            ),
            422,
        ),
        (
            (
                "search",
                json!({"identifier": [{"operator": "IN", "value": many}]}).to_string(),
            ),
            422,
        ),
        (
            (
                "search",
                json!({"name": [{"operator": "CONTAINS", "value": "x"}]}).to_string(),
            ),
            422,
        ),
        (
            (
                "search",
                json!({"brand": [{"operator": "=", "value": "nordhelm"}]}).to_string(),
            ),
            422,
        ),
        (("attributes", "nope".to_owned()), 422),
        (("locales", "fr_FR".to_owned()), 422),
    ] {
        let body = refused(bench.pim(MODELS, &[(query.0, &query.1)]), status).await;
        assert_eq!(body["code"], status);
        assert!(body["message"].is_string());
    }
}

#[tokio::test]
async fn filters_by_category_and_attributes() {
    let bench = Bench::start().await;
    let all = search(
        &bench,
        json!({"categories": [{"operator": "IN CHILDREN", "value": ["helmets"]}]}),
    )
    .await["items_count"]
        .as_u64()
        .unwrap();
    let direct = search(
        &bench,
        json!({"categories": [{"operator": "IN", "value": ["helmets"]}]}),
    )
    .await;
    assert!(all > 100 && direct["items_count"] == 0);
    let both = json!({
        "categories": [{"operator": "IN CHILDREN", "value": ["luggage"]}],
        "volume": [{"operator": ">=", "value": {"amount": "20", "unit": "LITER"}}, {"operator": "<", "value": 30}],
        "waterproof": [{"operator": "=", "value": true}],
        "brand": [{"operator": "IN", "value": ["nordhelm", "zefir", "vistula"]}],
        "updated": [{"operator": ">", "value": "2026-01-01 00:00:00"}],
        "name": [{"operator": "CONTAINS", "value": "BAG", "locale": "en_GB"}],
    });
    let body = search(&bench, both).await;
    assert!(!items(&body).is_empty());
    for item in items(&body) {
        let litres: f64 = item["values"]["volume"][0]["data"]["amount"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((20.0..30.0).contains(&litres) && item["values"]["waterproof"][0]["data"] == true);
    }
    let body = search(&bench, json!({"season": [{"operator": "IN", "value": ["winter"]}], "certification": [{"operator": "IN", "value": ["ce_aaa"]}]})).await;
    assert!(!items(&body).is_empty());
    let slug = items(&body)[0]["values"]["slug"][0]["data"].clone();
    let found = search(&bench, json!({"slug": [{"operator": "=", "value": slug}]})).await;
    assert_eq!(items(&found).len(), 1);
    let unclassified = search(&bench, json!({"categories": [{"operator": "UNCLASSIFIED"}]})).await;
    assert!(!items(&unclassified).is_empty());
}

#[tokio::test]
async fn finds_variants_by_odd_number_by_parent_and_by_gtin() {
    let bench = Bench::start().await;
    let post = |filter: Value| {
        let url = format!(
            "{}/api/rest/v1/products-uuid/search?limit=100&pagination_type=search_after",
            bench.demo.pim_url()
        );
        bench
            .client
            .post(url)
            .bearer_auth(&bench.pim_token)
            .json(&json!({"search": filter.to_string(), "locales": "sv_SE"}))
    };
    let body = ok(post(json!({"sku": [{"operator": "IN", "value": ODD}]}))).await;
    let found: Vec<_> = items(&body)
        .iter()
        .map(|item| item["values"]["sku"][0]["data"].as_str().unwrap())
        .collect();
    assert_eq!(found, ODD);
    let item = &items(&body)[0];
    assert!(item["values"]["variant_skus"].is_array() && item["uuid"].is_string() && item["enabled"] == true);
    let ean = item["values"]["ean"][0]["data"].clone();
    let by_ean = ok(post(json!({"ean": [{"operator": "=", "value": ean}]}))).await;
    assert_eq!(items(&by_ean)[0]["parent"], item["parent"]);
    let by_parent = ok(post(
        json!({"parent": [{"operator": "IN", "value": ["MC-10008"]}]}),
    ))
    .await;
    let model = search(
        &bench,
        json!({"identifier": [{"operator": "IN", "value": ["MC-10008"]}]}),
    )
    .await;
    let listed = items(&model)[0]["values"]["variant_skus"][0]["data"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!((items(&by_parent).len(), listed), (5, 5));
    let wanted = json!({"identifier": [{"operator": "=", "value": ODD[0]}]}).to_string();
    let classic = ok(bench.pim("/api/rest/v1/products", &[("search", &wanted)])).await;
    assert_eq!(items(&classic)[0]["identifier"], ODD[0]);
    let url = format!("{}/api/rest/v1/products-uuid/search", bench.demo.pim_url());
    refused(
        bench.client.post(url).bearer_auth(&bench.pim_token).body("{}"),
        415,
    )
    .await;
}

#[tokio::test]
async fn shows_categories_attributes_options_and_pictures() {
    let bench = Bench::start().await;
    let children = json!({"parent": [{"operator": "=", "value": "helmets"}]}).to_string();
    let body = ok(bench.pim(
        "/api/rest/v1/categories",
        &[("search", &children), ("limit", "100")],
    ))
    .await;
    assert_eq!(
        codes(&body),
        ["helmets_full_face", "helmets_modular", "helmets_open_face"]
    );
    assert_eq!(items(&body)[0]["labels"]["sv_SE"], "Integralhjälmar");
    let root = json!({"is_root": [{"operator": "=", "value": true}]}).to_string();
    assert_eq!(
        codes(&ok(bench.pim("/api/rest/v1/categories", &[("search", &root)])).await),
        ["master"]
    );
    let weight = json!({"code": [{"operator": "IN", "value": ["weight"]}]}).to_string();
    let body = ok(bench.pim("/api/rest/v1/attributes", &[("search", &weight)])).await;
    assert_eq!(
        (&items(&body)[0]["type"], &items(&body)[0]["default_metric_unit"]),
        (&json!("pim_catalog_metric"), &json!("KILOGRAM"))
    );
    let body = ok(bench.pim("/api/rest/v1/attributes/brand/options", &[("limit", "100")])).await;
    assert_eq!(items(&body).len(), 12);
    refused(bench.pim("/api/rest/v1/attributes/name/options", &[]), 404).await;
    let model = search(
        &bench,
        json!({"identifier": [{"operator": "IN", "value": ["MC-10002"]}]}),
    )
    .await;
    let path = items(&model)[0]["values"]["image"][0]["data"]
        .as_str()
        .unwrap()
        .to_owned();
    let calls = bench.demo.system("pim").unwrap().calls();
    let picture = bench
        .client
        .get(format!("{}/media/{path}", bench.demo.pim_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    assert!(picture.text().await.unwrap().starts_with("<svg"));
    assert_eq!(bench.demo.system("pim").unwrap().calls(), calls);
    refused(
        bench
            .client
            .get(format!("{}/media/1/0/0/mc-99999_1.svg", bench.demo.pim_url())),
        404,
    )
    .await;
}
