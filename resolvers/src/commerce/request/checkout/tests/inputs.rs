//! What the desk is given, and what it never sees.

use serde_json::{Value as Json, json};
use skuery_schema::availability::Address;
use skuery_schema::checkout::VerifyCheckoutPayload;
use skuery_schema::ids::Sku;

use crate::checkout::input::{ExpectedPrice, LineInput, PaymentInput, PlaceInput, VerifyInput};
use crate::commerce::orders::tests::fake::{buyer, errors};
use crate::commerce::request::checkout::tests::desk::{refused, request, shop};

const VERIFY: &str =
    "mutation($input: VerifyCheckoutInput!) { verifyCheckout(input: $input) { userErrors { code } } }";
const PLACE: &str =
    "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { userErrors { code } } }";

fn address() -> (Json, Address) {
    let given = json!({
        "name": "Ann", "company": "Acme", "lines": ["Street 1", "2nd floor"], "postalCode": "111 22",
        "city": "Stockholm", "region": "AB", "country": "SE",
    });
    let read = Address {
        name: Some("Ann".into()),
        company: Some("Acme".into()),
        lines: vec!["Street 1".into(), "2nd floor".into()],
        postal_code: Some("111 22".into()),
        city: Some("Stockholm".into()),
        region: Some("AB".into()),
        country: "SE".into(),
    };
    (given, read)
}

fn line(id: &str) -> LineInput {
    LineInput {
        line_id: id.into(),
        sku: Sku::new("A-1"),
        quantity: "1.50".parse().expect("a decimal"),
        unit: None,
        expected_unit_price: None,
        accept_backorder: false,
        accept_partial: false,
    }
}

#[tokio::test(start_paused = true)]
async fn a_cart_reaches_the_desk_as_it_was_given() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let (given, read) = address();
    let input = json!({
        "idempotencyKey": "k", "checkoutId": 7, "shipTo": given, "pickupLocation": "WH", "reserve": false, "holdSeconds": 60,
        "lines": [
            { "lineId": "1", "sku": "A-1", "quantity": "1.50" },
            {
                "lineId": "2", "sku": "A-1", "quantity": "1.50", "unit": "BOX", "acceptBackorder": true,
                "acceptPartial": true, "expectedUnitPrice": { "net": "12.3400", "currency": "EUR" },
            },
        ],
    });
    let request = request(buyer("C1"), VERIFY, json!({ "input": input }));
    gateway.execute(&request).await.expect("it is executed");
    let full = LineInput {
        unit: Some("BOX".into()),
        accept_backorder: true,
        accept_partial: true,
        expected_unit_price: Some(ExpectedPrice {
            net: Some("12.3400".parse().expect("a decimal")),
            gross: None,
            currency: "EUR".into(),
        }),
        ..line("2")
    };
    let expected = VerifyInput {
        idempotency_key: "k".into(),
        checkout_id: "7".into(),
        lines: vec![line("1"), full],
        ship_to: Some(read),
        pickup_location: Some("WH".into()),
        reserve: false,
        hold_seconds: Some(60),
    };
    let verified = desk.verified.lock().expect("no panic");
    assert_eq!(*verified, [expected]);
    let price = verified[0].lines[1]
        .expected_unit_price
        .as_ref()
        .and_then(|price| price.net);
    assert_eq!(
        price.map(|net| net.to_string()).as_deref(),
        Some("12.3400"),
        "decimals stay as they are"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_absent_or_null_is_the_default() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let absent = json!({ "idempotencyKey": "k", "checkoutId": "c", "lines": [{ "lineId": "1", "sku": "A-1", "quantity": 1.50 }] });
    let null = json!({
        "idempotencyKey": "k", "checkoutId": "c", "shipTo": null, "pickupLocation": null, "reserve": null, "holdSeconds": null,
        "lines": [{ "lineId": "1", "sku": "A-1", "quantity": "1.50", "unit": null, "acceptBackorder": null, "acceptPartial": null, "expectedUnitPrice": null }],
    });
    for input in [absent, null] {
        let request = request(None, VERIFY, json!({ "input": input }));
        gateway.execute(&request).await.expect("it is executed");
    }
    let expected = VerifyInput {
        idempotency_key: "k".into(),
        checkout_id: "c".into(),
        lines: vec![line("1")],
        ship_to: None,
        pickup_location: None,
        reserve: true,
        hold_seconds: None,
    };
    assert_eq!(
        *desk.verified.lock().expect("no panic"),
        [expected.clone(), expected]
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_reaches_the_desk_as_it_was_given() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let (given, read) = address();
    let input = json!({
        "idempotencyKey": "k", "token": "placed W1", "customerReference": "PO 1", "billingAddress": given,
        "shippingAddress": given, "note": "ring twice",
        "payment": { "provider": "card", "authorization": "pi_1", "amount": "25.00", "currency": "EUR" },
    });
    let sparse = json!({ "idempotencyKey": "k", "token": "placed W1", "payment": null, "note": null });
    for input in [input, sparse] {
        let request = request(buyer("C1"), PLACE, json!({ "input": input }));
        gateway.execute(&request).await.expect("it is executed");
    }
    let bare = PlaceInput {
        idempotency_key: "k".into(),
        token: "placed W1".into(),
        customer_reference: None,
        billing_address: None,
        shipping_address: None,
        payment: None,
        note: None,
    };
    let full = PlaceInput {
        customer_reference: Some("PO 1".into()),
        billing_address: Some(read.clone()),
        shipping_address: Some(read),
        payment: Some(PaymentInput {
            provider: "card".into(),
            authorization: "pi_1".into(),
            amount: "25.00".parse().expect("a decimal"),
            currency: "EUR".into(),
        }),
        note: Some("ring twice".into()),
        ..bare.clone()
    };
    assert_eq!(*desk.placed.lock().expect("no panic"), [full, bare]);
}

#[tokio::test(start_paused = true)]
async fn tokens_and_seconds_reach_the_desk() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let query = "mutation { a: extendCheckout(token: \"t\") { userErrors { code } } \
        b: extendCheckout(token: \"t\", seconds: -5) { userErrors { code } } c: releaseCheckout(token: \"u\") { released } }";
    let answer = gateway
        .execute(&request(None, query, Json::Null))
        .await
        .expect("it is executed");
    let answer: Json = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(errors(&answer), Vec::<String>::new());
    let begun = desk.noted().into_iter().step_by(2).collect::<Vec<_>>();
    assert_eq!(
        begun,
        [
            "extend t by None begins for a guest after 0 calls",
            "extend t by Some(-5) begins for a guest after 0 calls",
            "release u begins for a guest after 0 calls",
        ]
    );
}

#[tokio::test]
async fn what_does_not_fit_the_schema_never_reaches_the_desk() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let line = json!({ "lineId": "1", "sku": "A-1", "quantity": "1" });
    let cart = |line: &Json| json!({ "idempotencyKey": "k", "checkoutId": "c", "lines": [line] });
    let with = |key: &str, value: Json| {
        let mut line = line.clone();
        line[key] = value;
        cart(&line)
    };
    for input in [
        Json::Null,
        json!({}),
        json!({ "idempotencyKey": "k", "checkoutId": "c" }),
        json!({ "idempotencyKey": "k", "checkoutId": "c", "lines": [null] }),
        json!({ "idempotencyKey": null, "checkoutId": "c", "lines": [line.clone()] }),
        with("quantity", json!("1e3")),
        with("quantity", json!("one")),
        with("quantity", Json::Null),
        with("sku", json!(1)),
        with("more", json!(1)),
        with("acceptPartial", json!("yes")),
        with("expectedUnitPrice", json!({ "net": "1" })),
        with("expectedUnitPrice", json!("1")),
    ] {
        let errors = refused(&gateway, VERIFY, json!({ "input": input })).await;
        assert_eq!(errors[0].code.as_str(), "BAD_USER_INPUT", "{input}: {errors:?}");
    }
    for document in [
        "mutation { placeOrder(input: { token: \"t\" }) { userErrors { code } } }",
        "mutation { placeOrder(input: { idempotencyKey: 1, token: \"t\", payment: { amount: 1 } }) { userErrors { code } } }",
        "mutation { verifyCheckout(input: { idempotencyKey: 1, checkoutId: 2, lines: [], holdSeconds: 1.5 }) { userErrors { code } } }",
        "mutation { extendCheckout(seconds: 1) { userErrors { code } } }",
        "mutation { releaseCheckout(token: \"t\") }",
        "{ placeOrder(input: { idempotencyKey: 1, token: \"t\" }) { userErrors { code } } }",
        "subscription { placeOrder { state } }",
    ] {
        let errors = refused(&gateway, document, Json::Null).await;
        assert_eq!(
            errors[0].code.as_str(),
            "GRAPHQL_VALIDATION_FAILED",
            "{document}: {errors:?}"
        );
    }
    assert!(desk.noted().is_empty());
}
