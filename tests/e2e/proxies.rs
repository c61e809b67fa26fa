//! Proxies that are trusted to say who asks, and those that are not.

use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::raw::{answer, connect, question, rest};
use crate::shop::{LONG, Shop};
use crate::socket_client::{SUBPROTOCOL, Upgraded, upgrade};

const STOCK: &str = r#"subscription { availabilityChanged(skus: ["JKT-BLK-M"]) { sku } }"#;

async fn upgrade_for(shop: &Shop, forwarded_for: &str) -> Upgraded {
    upgrade(shop, &[SUBPROTOCOL, ("X-Forwarded-For", forwarded_for)]).await
}

#[tokio::test]
async fn sockets_through_a_trusted_proxy_are_counted_for_who_asked() {
    let shop = Shop::with_server("connections_per_address: 1, trusted_proxies: [127.0.0.0/8]").await;
    let mut of_the_proxy = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&shop).await;
        stream
            .write_all(question("").as_bytes())
            .await
            .expect("it is open");
        assert!(
            answer(&mut stream).await.is_some(),
            "the proxy itself has no share"
        );
        of_the_proxy.push(stream);
    }
    let socket = upgrade_for(&shop, "198.51.100.1").await.socket().await;
    let other = upgrade_for(&shop, "198.51.100.2, 127.0.0.9").await;
    assert_eq!(other.status, 101, "others have their own share");
    for again in [
        "198.51.100.1",
        "203.0.113.9, 198.51.100.1",
        "198.51.100.1:4711, 127.0.0.9",
    ] {
        assert_eq!(upgrade_for(&shop, again).await.status, 429, "{again}");
    }
    socket.close().await;
    // The gateway hears of it in its own time.
    while upgrade_for(&shop, "198.51.100.1").await.status != 101 {}
}

#[tokio::test]
async fn streams_through_a_trusted_proxy_are_counted_for_who_asked() {
    let more = "server: { trusted_proxies: ['127.0.0.1'] }\nsubscriptions: { streams_per_address: 1 }\n";
    let shop = Shop::with(|yaml| format!("{yaml}{LONG}{more}")).await;
    let stream = |forwarded_for: &str| {
        let request = shop.post().header("accept", "text/event-stream");
        let request = request.header("x-forwarded-for", forwarded_for);
        request.json(&json!({ "query": STOCK })).send()
    };
    let first = stream("198.51.100.1").await.expect("an answer");
    assert_eq!(first.status().as_u16(), 200);
    let second = stream("198.51.100.2").await.expect("an answer");
    assert_eq!(second.status().as_u16(), 200, "others have their own share");
    let refused = stream("203.0.113.9, 198.51.100.1").await.expect("an answer");
    assert_eq!(refused.status().as_u16(), 429);
    drop(first);
    // The gateway hears of it in its own time.
    while stream("198.51.100.1").await.expect("an answer").status().as_u16() != 200 {}
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let shop = Shop::with_server("connections_per_address: 2, trusted_proxies: [10.0.0.0/8]").await;
    let first = upgrade_for(&shop, "198.51.100.1").await;
    let second = upgrade_for(&shop, "198.51.100.2").await;
    assert_eq!((first.status, second.status), (101, 101));
    let mut third = connect(&shop).await;
    let ask = question("x-forwarded-for: 198.51.100.3\r\n");
    // Whether it is taken before the end is seen is chance.
    let _ = third.write_all(ask.as_bytes()).await;
    assert_eq!(rest(&mut third).await, "", "closed without a word");
}
