//! What the desk answers, as clients see it.

use std::sync::Arc;

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::json;
use skuery_schema::availability::{Location, LocationKind};
use skuery_schema::catalog::UnitOfMeasure;
use skuery_schema::checkout::{
    Allocation, Alternative, AlternativeKind, CheckoutOutcome, CheckoutVerification, HoldKind, LineStatus,
    StockPromise, UserError, UserErrorCode, VerifiedLine, VerifyCheckoutPayload, Warning,
};
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::{Currency, Sku};
use skuery_schema::price::{Money, Price, PriceChoice, PriceKind, QuantityRule, TaxedMoney};

use crate::commerce::orders::tests::fake::{ask, errors};
use crate::commerce::orders::tests::world::time;
use crate::commerce::request::checkout::tests::desk::shop;

fn money(amount: &str) -> Money {
    Money {
        amount: amount.parse().expect("a decimal"),
        currency: Currency::parse("EUR").expect("a currency"),
    }
}

fn net(amount: &str) -> TaxedMoney {
    TaxedMoney {
        net: Some(money(amount)),
        gross: None,
        tax: None,
        tax_rate: None,
    }
}

fn price() -> Price {
    Price {
        unit_price: net("12.50"),
        list_price: None,
        discount_percent: None,
        price_quantity: Decimal::ONE,
        unit: UnitOfMeasure {
            code: "PCS".into(),
            name: "Pieces".into(),
            decimals: 0,
        },
        tiers: Vec::new(),
        quantity_rule: QuantityRule {
            minimum: Decimal::ONE,
            maximum: None,
            increment: Decimal::ONE,
        },
        price_list: None,
        kind: PriceKind::Base,
        choice: PriceChoice::System,
        tax_display: Default::default(),
        valid_from: None,
        valid_until: None,
        freshness: Freshness {
            system: "erp".into(),
            fetched_at: time(1),
            age_ms: 0,
            state: FreshnessState::Live,
        },
    }
}

fn verification() -> VerifyCheckoutPayload {
    let warehouse = Arc::new(Location {
        code: "WH".into(),
        name: "Warehouse".into(),
        kind: LocationKind::Warehouse,
        address: None,
    });
    let line = VerifiedLine {
        line_id: "1".into(),
        sku: Sku::new("A-1"),
        status: LineStatus::PriceChanged,
        requested: Decimal::TWO,
        confirmed: Decimal::ONE,
        price: Some(price()),
        expected_unit_price: Some(money("12.00")),
        allocations: vec![Allocation {
            location: warehouse.clone(),
            quantity: Decimal::ONE,
            available_from: Some(date(2026, 12, 1)),
            hold_kind: HoldKind::Gateway,
            promise: StockPromise::GatewayOnly,
        }],
        alternatives: vec![
            Alternative {
                kind: AlternativeKind::OtherLocation,
                quantity: Decimal::ONE,
                date: None,
                location: Some(warehouse),
                sku: None,
            },
            Alternative {
                kind: AlternativeKind::Substitute,
                quantity: Decimal::ONE,
                date: Some(date(2026, 12, 2)),
                location: None,
                sku: Some(Sku::new("B-1")),
            },
        ],
    };
    VerifyCheckoutPayload {
        verification: Some(CheckoutVerification {
            checkout_id: "cart".into(),
            outcome: CheckoutOutcome::Changed,
            token: Some("v1.a.b.c".into()),
            expires_at: Some(time(2)),
            verified_at: time(1),
            lines: vec![line],
            subtotal: Some(net("12.50")),
            total: None,
            warnings: vec![Warning {
                code: "LATE".into(),
                message: "it is late".into(),
                line_id: Some("1".into()),
            }],
        }),
        user_errors: vec![UserError {
            code: UserErrorCode::DuplicateLine,
            message: "twice".into(),
            field: Some(vec!["input".into(), "lines".into(), "0".into()]),
            line_id: None,
        }],
    }
}

#[tokio::test(start_paused = true)]
async fn a_verification_is_told_in_full() {
    let (_, gateway) = shop(verification());
    // Asked by a fragment on the mutation's own type, as clients may.
    let query = r#"mutation Check { ...M } fragment M on Mutation { checked: verifyCheckout(
        input: { idempotencyKey: "k", checkoutId: "cart", lines: [] }) { __typename
        verification { checkoutId outcome token expiresAt verifiedAt subtotal { net { amount } gross { amount } } total { __typename }
            warnings { code message lineId }
            lines { lineId sku status requested confirmed expectedUnitPrice { amount currency }
                price { unitPrice { net { amount currency } } unit { code } freshness { system state } }
                allocations { location { code } quantity availableFrom holdKind promise }
                alternatives { kind quantity date location { code } variant { sku } } } }
        userErrors { code message field lineId } } }"#;
    let answer = ask(&gateway, None, query).await;
    assert_eq!(
        answer["data"]["checked"],
        json!({
            "__typename": "VerifyCheckoutPayload",
            "verification": {
                "checkoutId": "cart", "outcome": "CHANGED", "token": "v1.a.b.c",
                "expiresAt": time(2).to_string(), "verifiedAt": time(1).to_string(),
                "subtotal": { "net": { "amount": "12.50" }, "gross": null }, "total": null,
                "warnings": [{ "code": "LATE", "message": "it is late", "lineId": "1" }],
                "lines": [{
                    "lineId": "1", "sku": "A-1", "status": "PRICE_CHANGED", "requested": "2", "confirmed": "1",
                    "expectedUnitPrice": { "amount": "12.00", "currency": "EUR" },
                    "price": {
                        "unitPrice": { "net": { "amount": "12.50", "currency": "EUR" } }, "unit": { "code": "PCS" },
                        "freshness": { "system": "erp", "state": "LIVE" },
                    },
                    "allocations": [{
                        "location": { "code": "WH" }, "quantity": "1", "availableFrom": "2026-12-01",
                        "holdKind": "GATEWAY", "promise": "GATEWAY_ONLY",
                    }],
                    "alternatives": [
                        { "kind": "OTHER_LOCATION", "quantity": "1", "date": null, "location": { "code": "WH" }, "variant": null },
                        { "kind": "SUBSTITUTE", "quantity": "1", "date": "2026-12-02", "location": null, "variant": { "sku": "B-1" } },
                    ],
                }],
            },
            "userErrors": [{
                "code": "DUPLICATE_LINE", "message": "twice", "field": ["input", "lines", "0"], "lineId": null,
            }],
        })
    );
    // No system of these tests has products, so that a variant stands with its SKU alone.
    let bare = r#"["checked","verification","lines",0,"alternatives",1,"variant"]"#;
    assert!(
        errors(&answer).iter().all(|error| error.starts_with(bare)),
        "{answer:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_placement_is_told_in_full() {
    let (_, gateway) = shop(VerifyCheckoutPayload::default());
    let query = r#"mutation { placeOrder(input: { idempotencyKey: "k", token: "pending W1" }) { userErrors { code }
        placement { state idempotencyKey externalNumber orderNumber submittedAt } } }"#;
    let answer = ask(&gateway, None, query).await;
    let placement = json!({
        "state": "PENDING", "idempotencyKey": "k", "externalNumber": "SK-1", "orderNumber": "W1",
        "submittedAt": time(1).to_string(),
    });
    assert_eq!(
        answer,
        json!({ "data": { "placeOrder": { "userErrors": [], "placement": placement } } })
    );
}

/// What is kept in the ledger is read again after years.
#[test]
fn a_payload_is_the_same_after_it_was_kept_as_json() {
    let kept = serde_json::to_string(&verification()).expect("JSON");
    let read: VerifyCheckoutPayload = serde_json::from_str(&kept).expect("the same shape");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), kept);
    assert!(
        kept.contains("\"SUBSTITUTE\"")
            && kept.contains("\"GATEWAY_ONLY\"")
            && kept.contains("\"DUPLICATE_LINE\"")
    );
}
