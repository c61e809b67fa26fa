//! What goes wrong for one key, one location or one row is nobody else's trouble, and never silent.

use serde_json::{Value, json};

use crate::shop::{LONG, Shop};

#[tokio::test]
async fn a_key_that_no_system_can_know_spoils_no_other() {
    let shop = Shop::start().await;
    let query =
        "query($skus: [String!]!) { variants(skus: $skus) { sku price { kind } availability { status } } }";
    let long = "x".repeat(300);
    for odd in ["bad\nsku", "bad\u{85}sku", "", "\u{0}", long.as_str()] {
        let answer = shop
            .query_with(query, json!({ "skus": [odd, "MC-10002-GRY"] }))
            .await;
        assert_eq!(answer.body.get("errors"), None, "for {odd:?}");
        assert_eq!(answer.body["data"]["variants"][0], Value::Null, "for {odd:?}");
        assert_eq!(
            answer.body["data"]["variants"][1]["price"]["kind"], "PRICE_LIST",
            "for {odd:?}"
        );
    }
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn one_stock_system_down_is_said_and_its_part_is_not_guessed() {
    let shop = Shop::with(|yaml| {
        // Copenhagen's stock moves to a system that does not answer.
        let moved = yaml
            .replace("WH-CPH: 2, ", "")
            .replace("\nlocations:\n", &format!("{BROKEN}\nlocations:\n"));
        assert_ne!(moved, yaml);
        format!("{moved}{LONG}")
    })
    .await;
    let query = "{ variant(sku: \"MC-10008-WHT-M\") { availability {
        status quantity quantityDisplay
        levels { location { code } status available freshness { state } }
    } } }";
    let answer = shop.query(query).await;
    let error = &answer.body["errors"][0];
    assert_eq!(error["path"], json!(["variant", "availability"]));
    assert_eq!(error["extensions"]["system"], "broken");
    assert_eq!(error["extensions"]["retryable"], true);
    let stock = &answer.body["data"]["variant"]["availability"];
    assert_eq!(
        stock["status"], "IN_STOCK",
        "what is known is enough to say so: {stock}"
    );
    assert_eq!(
        stock["quantity"],
        Value::Null,
        "a sum with a part missing is no quantity"
    );
    assert_eq!(stock["quantityDisplay"], Value::Null);
    let levels = stock["levels"].as_array().expect("levels");
    let copenhagen = levels
        .iter()
        .find(|level| level["location"]["code"] == "WH-CPH")
        .expect("it serves the channel");
    assert_eq!(copenhagen["status"], "UNKNOWN");
    assert_eq!(copenhagen["available"], Value::Null);
    assert_ne!(copenhagen["freshness"]["state"], "LIVE");
    let stockholm = levels
        .iter()
        .find(|level| level["location"]["code"] == "WH-STO")
        .expect("it serves the channel");
    assert_eq!(stockholm["freshness"]["state"], "LIVE");
}

const BROKEN: &str = "
  broken:
    connector: ongoing
    url: http://127.0.0.1:1
    auth: { login: nobody, password: { env: GIVEN_NOTHING } }
    settings: { goods_owner_id: 1 }
    locations: { WH-CPH: 2 }
";

#[tokio::test]
async fn introspection_that_goes_round_in_circles_is_refused() {
    let shop = Shop::start().await;
    let mut inside = "name".to_owned();
    for _ in 0..6 {
        inside = format!("interfaces {{ possibleTypes {{ {inside} }} }}");
    }
    let direct = shop
        .query(&format!("{{ __schema {{ types {{ {inside} }} }} }}"))
        .await;
    assert_eq!(
        direct.body["errors"][0]["extensions"]["code"],
        "QUERY_TOO_COMPLEX"
    );
    let hidden = format!("{{ __type(name: \"Product\") {{ ...a }} }} fragment a on __Type {{ {inside} }}");
    let hidden = shop.query(&hidden).await;
    assert_eq!(
        hidden.body["errors"][0]["extensions"]["code"],
        "QUERY_TOO_COMPLEX"
    );
    let usual = shop
        .query("{ __schema { types { name fields { name args { name } } possibleTypes { name } } } }")
        .await;
    assert_eq!(usual.body.get("errors"), None);
}

#[tokio::test]
async fn the_last_of_the_first_are_there_on_a_short_list_too() {
    let shop = Shop::start().await;
    for sort in ["RELEVANCE", "NAME"] {
        let page = |arguments: &str| {
            format!(
                "{{ products(query: \"Vega 3\", sort: {sort}, {arguments}) {{
                    nodes {{ id }} pageInfo {{ hasPreviousPage hasNextPage }} }} }}"
            )
        };
        let all = shop.query(&page("first: 100")).await;
        let all = all.body["data"]["products"]["nodes"]
            .as_array()
            .expect("nodes")
            .clone();
        assert!(all.len() > 3 && all.len() < 100, "{} match", all.len());
        let last = shop.query(&page("first: 100, last: 3")).await;
        let last = &last.body["data"]["products"];
        assert_eq!(
            last["nodes"].as_array().expect("nodes").as_slice(),
            &all[all.len() - 3..],
            "{sort}"
        );
        assert_eq!(
            last["pageInfo"],
            json!({ "hasPreviousPage": true, "hasNextPage": false }),
            "{sort}"
        );
    }
}
