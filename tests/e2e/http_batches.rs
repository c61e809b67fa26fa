//! Several requests in one body.

use serde_json::{Value, json};

use crate::shop::{Answer, Shop, limited, send};

async fn shop(most: usize) -> Shop {
    Shop::with(|yaml| format!("{yaml}{}\nbatching: {{ most: {most} }}\n", crate::shop::LONG)).await
}

async fn ask(shop: &Shop, batch: &Value) -> Answer {
    send(shop.post().header("accept", "application/json").json(batch)).await
}

fn typename(alias: &str) -> Value {
    json!({ "query": format!("{{ {alias}: __typename }}") })
}

#[tokio::test]
async fn without_the_setting_there_are_none() {
    let shop = Shop::start().await;
    for batch in [
        json!([]),
        json!([typename("a")]),
        json!([typename("a"), typename("b")]),
    ] {
        let answer = ask(&shop, &batch).await;
        assert_eq!(answer.status, 400, "{batch}");
        assert!(answer.refusal().1.contains("batching"));
    }
}

#[tokio::test]
async fn each_request_is_answered_in_its_place() {
    let shop = shop(5).await;
    let answer = ask(
        &shop,
        &json!([
            typename("a"),
            { "query": "{ nope }" },
            { "query": "query($s: [String!]!) { variants(skus: $s) { sku } }", "variables": { "s": ["MC-10008-WHT-M"] } },
            { "query": "{ products(first: 101) { nodes { id } } }" },
            { "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } },
        ]),
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    let body = answer.body.as_array().expect("an array");
    assert_eq!(body.len(), 5);
    assert_eq!(body[0], json!({ "data": { "a": "Query" } }));
    assert!(body[1].get("data").is_none());
    assert_eq!(
        body[1]["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(body[2]["data"]["variants"][0]["sku"], "MC-10008-WHT-M");
    assert_eq!(body[3]["errors"][0]["path"], json!(["products"]));
    assert_eq!(body[4]["errors"][0]["message"], "PersistedQueryNotFound");
    // One is a batch, too.
    assert_eq!(
        ask(&shop, &json!([typename("a")])).await.body,
        json!([{ "data": { "a": "Query" } }])
    );
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole() {
    let shop = shop(3).await;
    for batch in [
        json!([]),
        json!([[typename("a")]]),
        json!([[]]),
        json!([null]),
        json!([1]),
        json!([typename("a"), "{ __typename }"]),
        json!([typename("a"), {}]),
        json!([typename("a"), { "query": 1 }]),
        json!([typename("a"), ["{ __typename }"]]),
    ] {
        let answer = ask(&shop, &batch).await;
        assert_eq!(answer.status, 400, "{batch}");
        answer.refusal();
    }
    let only_responses = shop.post().header("accept", "application/json;q=0");
    let client = crate::shop::builder().build().expect("a client");
    drop(only_responses);
    let request = client.post(format!("{}/graphql", shop.url));
    let request = request.header("accept", "application/graphql-response+json");
    assert_eq!(send(request.json(&json!([typename("a")]))).await.status, 406);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let shop = shop(3).await;
    let three: Vec<Value> = ["a", "b", "c"].into_iter().map(typename).collect();
    assert_eq!(ask(&shop, &json!(three)).await.status, 200);
    let flood: Vec<Value> = (0..20_000).map(|_| json!({ "query": "{a}" })).collect();
    for batch in [&flood[..4], &flood] {
        let answer = ask(&shop, &json!(batch)).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.refusal().0, "QUERY_TOO_COMPLEX");
        assert_eq!(answer.body["errors"][0]["extensions"]["limit"], "batching.most");
        assert_eq!(answer.body["errors"][0]["extensions"]["allowed"], 3);
    }
    let empty: Vec<Value> = (0..300_000).map(|_| json!([])).collect();
    assert_eq!(ask(&shop, &json!(empty)).await.status, 422);
}

#[tokio::test]
async fn together_they_may_cost_what_one_may() {
    let one = json!({ "query": "{ variant(sku: \"MC-10008-WHT-M\") { name } }" });
    let shop = Shop::with(|yaml| {
        let yaml = limited(&yaml, "cost_calls: 3, deadline_ms: 60000");
        format!("{yaml}\nbatching: {{ most: 10 }}\n")
    })
    .await;
    assert_eq!(ask(&shop, &one).await.status, 200);
    shop.calls();
    assert_eq!(ask(&shop, &json!([one, one])).await.status, 200);
    shop.calls();
    let refused = ask(&shop, &json!([one, one, one, one])).await;
    assert_eq!(refused.refusal().0, "QUERY_TOO_COMPLEX");
    let told = &refused.body["errors"][0]["extensions"];
    assert_eq!(
        (&told["limit"], &told["allowed"], &told["found"]),
        (&json!("cost_calls"), &json!(3), &json!(4))
    );
    assert_eq!(told["cost"]["calls"], 4);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0", "nobody was asked");
}

#[tokio::test]
async fn queries_of_a_batch_share_their_calls() {
    let shop = shop(10).await;
    let one = json!({ "query": "{ variant(sku: \"MC-10008-WHT-M\") { name } }" });
    let answer = ask(&shop, &json!([one, one, one, one])).await;
    assert_eq!(answer.status, 200);
    assert_eq!(shop.calls(), "pim 1, erp 0, wms 0");
}

#[tokio::test]
async fn what_changes_something_is_done_in_turn() {
    let shop = shop(10).await;
    let release = json!({ "query": "mutation { releaseCheckout(token: \"t\") { __typename } }" });
    let answer = ask(&shop, &json!([typename("a"), release, typename("b")])).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body[0]["data"], json!({ "a": "Query" }));
    assert!(answer.body[1]["errors"].is_array(), "{:#}", answer.body);
    assert_eq!(answer.body[2]["data"], json!({ "b": "Query" }));
    let told = json!({ "query": "subscription { availabilityChanged(skus: [\"a\"]) { sku } }" });
    let answer = ask(&shop, &json!([told, typename("b")])).await;
    assert_eq!(
        answer.body[0]["errors"][0]["extensions"]["code"],
        "OPERATION_NOT_ALLOWED"
    );
    assert_eq!(answer.body[1]["data"], json!({ "b": "Query" }));
}
