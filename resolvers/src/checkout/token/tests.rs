//! A token opens only as it was signed, by a key that is known, for its buyer and in its time.

use super::*;

const NOW: &str = "2026-06-15T10:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn keys(names: &[&str]) -> Vec<Secret> {
    names.iter().map(|name| Secret::new(*name)).collect()
}

fn claims() -> Claims {
    Claims {
        buyer: Buyer {
            channel: "web".into(),
            customer: Some("C-1".into()),
        },
        checkout_id: "cart-1".into(),
        hold: Some("h-1".into()),
        currency: Currency::parse("EUR").expect("a code"),
        ship_to: None,
        pickup_location: None,
        lines: vec![AgreedLine {
            line_id: "1".into(),
            sku: "A".into(),
            quantity: "2.50".parse().expect("a number"),
            unit: None,
            net: Some("9.990".parse().expect("a number")),
            gross: None,
            price_quantity: Decimal::ONE,
            allocations: vec![AgreedPlace {
                location: "WH-1".into(),
                system: "wms".into(),
                quantity: "2.50".parse().expect("a number"),
                kind: HoldKind::Gateway,
                promise: StockPromise::GatewayOnly,
            }],
        }],
        issued_at: at(NOW),
        expires_at: at("2026-06-15T10:15:00Z"),
    }
}

fn signed(by: &[&str]) -> Arc<str> {
    claims().sign(&keys(by)).expect("there is a key")
}

#[test]
fn a_token_says_exactly_what_was_signed() {
    let token = signed(&["one"]);
    assert!(token.starts_with("v1."), "{token}");
    assert_eq!(Claims::open(&token, &keys(&["one"])), Ok(claims()));
    assert_eq!(claims().sign(&[]), None, "nothing is signed without a key");
}

#[test]
fn the_first_key_signs_and_all_are_accepted_until_they_are_taken_away() {
    let old = signed(&["old"]);
    assert_eq!(Claims::open(&old, &keys(&["new", "old"])), Ok(claims()));
    let new = signed(&["new", "old"]);
    assert_eq!(Claims::open(&new, &keys(&["new"])), Ok(claims()));
    assert_eq!(Claims::open(&old, &keys(&["new"])), Err(TokenFault::Invalid));
    assert_eq!(Claims::open(&old, &[]), Err(TokenFault::Invalid));
}

#[test]
fn a_changed_token_is_invalid_wherever_it_was_changed() {
    let token = signed(&["one"]);
    for index in 0..token.len() {
        let mut changed = token.to_string().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        let opened = Claims::open(&changed, &keys(&["one"]));
        assert_eq!(opened, Err(TokenFault::Invalid), "changed at {index}");
        let cut = Claims::open(&token[..index], &keys(&["one"]));
        assert_eq!(cut, Err(TokenFault::Invalid), "cut at {index}");
    }
}

#[test]
fn a_mac_by_another_key_under_a_known_id_is_invalid() {
    let own = signed(&["one"]);
    let foreign = signed(&["two"]);
    let id = |token: &str| token.split('.').nth(1).expect("an id").to_owned();
    let forged = foreign.replace(&id(&foreign), &id(&own));
    assert_eq!(Claims::open(&forged, &keys(&["one"])), Err(TokenFault::Invalid));
}

#[test]
fn another_version_is_invalid_even_when_signed_by_us() {
    let key = &keys(&["one"])[0];
    let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims()).expect("JSON"));
    for version in ["v2", "v0", "", "v1.v1"] {
        let text = format!("{version}.{}.{body}", key_id(key));
        let tag = URL_SAFE_NO_PAD.encode(mac(key, &text).finalize().into_bytes());
        let opened = Claims::open(&format!("{text}.{tag}"), &keys(&["one"]));
        assert_eq!(opened, Err(TokenFault::Invalid), "{version}");
    }
    let text = format!("v1.{}.{body}", key_id(key));
    let tag = URL_SAFE_NO_PAD.encode(mac(key, &text).finalize().into_bytes());
    let opened = Claims::open(&format!("{text}.{tag}"), &keys(&["one"]));
    assert_eq!(opened, Ok(claims()), "the same with the right version");
}

#[test]
fn nothing_that_is_no_token_opens() {
    let long = "A".repeat(LONGEST + 1);
    for text in ["", ".", "...", "v1...", "v1", "null", &long] {
        assert_eq!(Claims::open(text, &keys(&["one"])), Err(TokenFault::Invalid));
    }
}

#[test]
fn a_token_is_good_for_its_buyer_until_its_end() {
    let own = claims().buyer;
    let other = Buyer {
        customer: Some("C-2".into()),
        ..own.clone()
    };
    let guest = Buyer {
        customer: None,
        ..own.clone()
    };
    let elsewhere = Buyer {
        channel: "shop".into(),
        ..own.clone()
    };
    assert_eq!(claims().judge(&own, at(NOW)), Ok(()));
    assert_eq!(claims().judge(&own, at("2026-06-15T10:14:59Z")), Ok(()));
    let end = at("2026-06-15T10:15:00Z");
    assert_eq!(claims().judge(&own, end), Err(TokenFault::Expired));
    for buyer in [other, guest, elsewhere] {
        assert_eq!(claims().judge(&buyer, at(NOW)), Err(TokenFault::Mismatch));
        assert_eq!(claims().judge(&buyer, end), Err(TokenFault::Mismatch));
    }
}
