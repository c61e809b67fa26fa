//! Who asks over a socket: said in the upgrade's headers, in the payload of `connection_init`, or in both alike.

use serde_json::{Value, json};

use crate::shop::Shop;
use crate::socket_client::{SUBPROTOCOL, Socket, upgrade};

/// How a socket with these headers and this payload ends, or `None` when it is acknowledged.
async fn refusal(shop: &Shop, headers: &[(&str, &str)], payload: Value) -> Option<(u16, String)> {
    let headers: Vec<_> = headers.iter().copied().chain([SUBPROTOCOL]).collect();
    let mut socket = upgrade(shop, &headers).await.socket().await;
    socket
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    socket.outcome().await
}

const NOBODY: &str = "Bearer nonsense";

#[tokio::test]
async fn a_token_that_is_not_accepted_is_never_ignored() {
    let shop = Shop::start().await;
    for (headers, payload) in [
        (vec![], json!({ "Authorization": NOBODY })),
        (vec![], json!({ "authorization": NOBODY })),
        (vec![], json!({ "headers": { "Authorization": NOBODY } })),
        (vec![], json!({ "Authorization": "Basic YTpi" })),
        (vec![], json!({ "Authorization": "" })),
        (vec![], json!({ "Authorization": "Bearer å" })),
        (vec![], json!({ "Authorization": "Bearer a\r\nX-Channel: se" })),
        (vec![], json!({ "Authorization": 1 })),
        (vec![], json!({ "Authorization": [NOBODY] })),
        (vec![], json!({ "X-Act-As": "C-1001" })),
        (vec![("Authorization", NOBODY)], json!({})),
        (
            vec![("Authorization", NOBODY)],
            json!({ "Authorization": NOBODY }),
        ),
        (vec![("Authorization", NOBODY)], json!({ "Authorization": null })),
        (vec![("X-Act-As", "C-1001")], json!({})),
    ] {
        let end = refusal(&shop, &headers, payload.clone()).await;
        assert_eq!(end.map(|end| end.0), Some(4403), "{headers:?} {payload}");
    }
    for payload in [
        json!(null),
        json!({}),
        json!({ "headers": {}, "more": NOBODY, "Authorization": null }),
    ] {
        assert_eq!(refusal(&shop, &[], payload.clone()).await, None, "{payload}");
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn what_is_said_twice_must_be_the_same() {
    let shop = Shop::start().await;
    for name in ["Authorization", "X-Act-As", "X-Channel"] {
        let differs = Some((4403, format!("{name} is given twice with different values")));
        assert_eq!(
            refusal(&shop, &[(name, "a")], json!({ name: "b" })).await,
            differs
        );
        let inside = json!({ name: "a", "headers": { name: "b" } });
        assert_eq!(refusal(&shop, &[], inside).await, differs);
        let cases = json!({ name: "a", name.to_lowercase(): "b" });
        assert_eq!(refusal(&shop, &[], cases).await, differs);
        // Two headers are refused before there is a socket.
        for headers in [&[(name, "a"), (name, "b")][..], &[(name, "\u{e5}")]] {
            let headers = [&[SUBPROTOCOL], headers].concat();
            assert_eq!(upgrade(&shop, &headers).await.status, 400, "{headers:?}");
        }
    }
    assert_eq!(
        refusal(
            &shop,
            &[("X-Channel", "dealer")],
            json!({ "x-channel": "dealer" })
        )
        .await,
        None
    );
}

#[tokio::test]
async fn the_channel_is_that_of_the_header_or_the_payload() {
    let shop = Shop::start().await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { price { unitPrice { gross { amount } net { amount } } priceList { code } } } }"#;
    let usual = shop.query(query).await.body;
    let dealer = shop.query_in("dealer", query).await.body;
    assert_ne!(usual, dealer);
    let by_header = upgrade(&shop, &[SUBPROTOCOL, ("X-Channel", "dealer")]).await;
    let mut by_header = by_header.socket().await;
    by_header.say(json!({ "type": "connection_init" })).await;
    assert_eq!(by_header.outcome().await, None);
    let by_payload = Socket::ready_with(&shop, json!({ "X-Channel": "dealer" })).await;
    let anybody = Socket::ready(&shop).await;
    for (mut socket, expected) in [(by_header, &dealer), (by_payload, &dealer), (anybody, &usual)] {
        socket.query("a", query).await;
        assert_eq!(socket.answer("a").await, *expected);
    }
    let mut unknown = Socket::ready_with(&shop, json!({ "X-Channel": "nowhere" })).await;
    unknown.query("a", query).await;
    assert_eq!(
        unknown.refusal("a").await,
        shop.query_in("nowhere", query).await.body["errors"]
    );
}
