//! Calls to Tryton beside the gateway, for what a test must make or break there.

use serde_json::{Value, json};

/// Calls Tryton beside the gateway.
pub(crate) async fn rpc(authorization: Option<&str>, method: &str, params: Value) -> Value {
    let url = std::env::var("SKUERY_TRYTON_URL").expect("SKUERY_TRYTON_URL: scripts/test sets it");
    let body = json!({"id": 1, "method": method, "params": params}).to_string();
    let mut request = reqwest::Client::new()
        .post(format!("{url}rpc/"))
        .header("content-type", "application/json")
        .body(body);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let text = request
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a body");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert!(answer.get("error").is_none(), "{answer}");
    answer["result"].clone()
}

pub(crate) async fn session() -> String {
    use base64::Engine;
    let login = rpc(
        None,
        "common.db.login",
        json!(["gateway", {"password": "gateway-real-1"}]),
    )
    .await;
    let who = format!("gateway:{}:{}", login[0], login[1].as_str().expect("a token"));
    format!(
        "Session {}",
        base64::engine::general_purpose::STANDARD.encode(who)
    )
}
