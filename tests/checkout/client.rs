//! What a storefront sends during a purchase.

use reqwest::Client;
use serde_json::{Value, json};

/// A storefront that buys for one customer.
#[derive(Clone)]
pub(crate) struct Storefront {
    http: Client,
    token: String,
    channel: &'static str,
}

const VERIFY: &str = "mutation Verify($input: VerifyCheckoutInput!) { verifyCheckout(input: $input) {
  verification { outcome token expiresAt total { net { amount currency } gross { amount currency } }
    lines { lineId status requested confirmed price { unitPrice { net { amount } gross { amount } } }
      allocations { location { code } quantity holdKind promise } alternatives { kind quantity } } }
  userErrors { code message lineId } } }";

const PLACE: &str = "mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) {
  placement { state externalNumber orderNumber submittedAt }
  userErrors { code message } } }";

const RELEASE: &str = "mutation Release($token: String!) { releaseCheckout(token: $token) { released userErrors { code message } } }";

const EXTEND: &str =
    "mutation Extend($token: String!, $seconds: Int) { extendCheckout(token: $token, seconds: $seconds) {
  verification { outcome token expiresAt } userErrors { code message } } }";

impl Storefront {
    pub(crate) fn new(http: &Client, channel: &'static str, token: String) -> Self {
        let http = http.clone();
        Self { http, token, channel }
    }

    /// The mutation's payload; `None` when the gateway did not answer, or not with data.
    async fn send(&self, url: &str, query: &str, variables: Value, field: &str) -> Option<Value> {
        let request = self
            .http
            .post(url)
            .bearer_auth(&self.token)
            .header("x-channel", self.channel);
        let body = json!({ "query": query, "variables": variables });
        let answer = request.json(&body).send().await.ok()?;
        let mut answer: Value = answer.json().await.ok()?;
        assert!(
            answer.get("errors").is_none_or(Value::is_null),
            "a purchase has no request errors: {answer:#}"
        );
        Some(answer["data"][field].take()).filter(Value::is_object)
    }

    pub(crate) async fn verify(
        &self,
        url: &str,
        key: &str,
        cart: &str,
        lines: Value,
        hold: Option<i32>,
    ) -> Option<Value> {
        let mut input = json!({ "idempotencyKey": key, "checkoutId": cart, "lines": lines });
        if let Some(seconds) = hold {
            input["holdSeconds"] = json!(seconds);
        }
        self.send(url, VERIFY, json!({ "input": input }), "verifyCheckout")
            .await
    }

    pub(crate) async fn place(&self, url: &str, key: &str, token: &str) -> Option<Value> {
        self.place_with(url, key, token, json!({})).await
    }

    /// Places with more than the key and the token, such as a payment.
    pub(crate) async fn place_with(&self, url: &str, key: &str, token: &str, more: Value) -> Option<Value> {
        let mut input = json!({ "idempotencyKey": key, "token": token });
        if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
            input.extend(more.clone());
        }
        self.send(url, PLACE, json!({ "input": input }), "placeOrder")
            .await
    }

    pub(crate) async fn release(&self, url: &str, token: &str) -> Option<Value> {
        self.send(url, RELEASE, json!({ "token": token }), "releaseCheckout")
            .await
    }

    pub(crate) async fn extend(&self, url: &str, token: &str, seconds: i32) -> Option<Value> {
        let variables = json!({ "token": token, "seconds": seconds });
        self.send(url, EXTEND, variables, "extendCheckout").await
    }
}

/// One line of a cart.
pub(crate) fn line(sku: &str, quantity: u32) -> Value {
    json!({ "lineId": "1", "sku": sku, "quantity": quantity.to_string() })
}

/// The token of a verification, where it can be ordered.
pub(crate) fn token(payload: &Value) -> Option<&str> {
    payload["verification"]["token"].as_str()
}

/// The codes of the user errors.
pub(crate) fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array();
    errors
        .into_iter()
        .flatten()
        .filter_map(|error| error["code"].as_str())
        .collect()
}
