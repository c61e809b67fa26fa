//! The end of a gateway under load, with not one request lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use crate::http2::{answered, connection};
use crate::raw::{answer, connect, connect_to, question, rest};
use crate::shop::Shop;
use crate::socket_client::Socket;

/// What a load balancer believes, and what became of the requests it passed on.
#[derive(Default)]
struct Balancer {
    is_out: AtomicBool,
    answered: AtomicUsize,
    failed: AtomicUsize,
    closed: AtomicUsize,
}

impl Balancer {
    fn count(&self, is_answered: bool) {
        let counter = if is_answered { &self.answered } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps connections alive, and opens another as long as the gateway is in.
    async fn pass_on(self: Arc<Self>, shop: Arc<Shop>) {
        while !self.is_out.load(Ordering::Acquire) {
            let mut stream = connect(&shop).await;
            loop {
                let sent = stream.write_all(question("").as_bytes()).await;
                let heard = answer(&mut stream).await;
                self.count(sent.is_ok() && heard.is_some());
                match heard {
                    Some((head, _)) if !head.contains("connection: close") => {}
                    Some(_) => {
                        self.closed.fetch_add(1, Ordering::Relaxed);
                        break;
                    }
                    None => return,
                }
            }
        }
    }

    /// The same on one connection of HTTP/2, until it is told to go.
    async fn pass_on_together(self: Arc<Self>, shop: Arc<Shop>) {
        let (client, connection) = connection(&shop).await;
        while let Ok(ready) = client.clone().ready().await {
            match answered(ready, r#"{"query":"{ __typename }"}"#).await {
                Ok(_) => self.count(true),
                // Told to go before it could be sent: it goes elsewhere.
                Err(error) if !error.is_remote() => break,
                Err(error) if error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR) => break,
                Err(_) => self.count(false),
            }
        }
        connection.await.expect("no panic").expect("it ends well");
    }

    /// Asks whether the gateway is ready until it is not.
    async fn watch(self: Arc<Self>, shop: Arc<Shop>) -> Value {
        loop {
            let mut stream = connect(&shop).await;
            let head = b"GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n";
            stream.write_all(head).await.expect("the port is open");
            let (head, body) = answer(&mut stream).await.expect("an answer");
            if head.starts_with("http/1.1 503 ") {
                self.is_out.store(true, Ordering::Release);
                return serde_json::from_str(&body).expect("JSON");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_while_a_load_balancer_takes_a_gateway_out() {
    let mut shop = Shop::with_server("drain_delay_ms: 2000").await;
    let (sign, signed) = tokio::sync::oneshot::channel();
    let end = sign_off(&mut shop, signed);
    let shop = Arc::new(shop);
    let balancer = Arc::new(Balancer::default());
    let mut load = JoinSet::new();
    for _ in 0..16 {
        load.spawn(balancer.clone().pass_on(shop.clone()));
    }
    for _ in 0..4 {
        load.spawn(balancer.clone().pass_on_together(shop.clone()));
    }
    let watch = tokio::spawn(balancer.clone().watch(shop.clone()));
    while balancer.answered.load(Ordering::Relaxed) < 1_000 {
        tokio::task::yield_now().await;
    }
    sign.send(()).expect("it waits for it");
    let readiness = watch.await.expect("no panic");
    assert_eq!(readiness["ready"], false);
    assert_eq!(
        readiness["not_ready"],
        json!([{ "what": "process", "why": "stopping" }])
    );
    while let Some(passed) = load.join_next().await {
        passed.expect("no panic");
    }
    end.await.expect("no panic");
    assert_eq!(balancer.failed.load(Ordering::Relaxed), 0);
    assert!(
        balancer.closed.load(Ordering::Relaxed) >= 16,
        "each was told to go"
    );
    let late = connect_to(shop.address()).await;
    assert!(late.is_err(), "the port is closed");
}

/// The end of the gateway once it is asked for.
fn sign_off(shop: &mut Shop, signed: tokio::sync::oneshot::Receiver<()>) -> tokio::task::JoinHandle<()> {
    let end = shop.announced_end();
    tokio::spawn(async move {
        signed.await.expect("a sign");
        end().await.expect("no panic").expect("it ends well");
    })
}

#[tokio::test]
async fn at_the_end_requests_under_way_are_answered_and_silent_connections_end() {
    let shop = Shop::start().await;
    shop.turn("wms", json!({ "latencyMs": 500 }));
    let mut idle = connect(&shop).await;
    idle.write_all(question("").as_bytes()).await.expect("it is open");
    assert!(answer(&mut idle).await.is_some());
    let mut silent = connect(&shop).await;
    let mut begun = connect(&shop).await;
    let whole = question("");
    let (first, second) = whole.split_at(30);
    begun.write_all(first.as_bytes()).await.expect("it is open");
    let (client, on_http2) = connection(&shop).await;
    let query = r#"{"query":"{ variant(sku: \"MC-10008-WHT-M\") { availability { quantity } } }"}"#;
    let slow = tokio::spawn(answered(client, query));
    crate::socket_client::asked(&shop, "wms").await;
    let socket = Socket::ready(&shop).await;
    let ended = tokio::spawn(shop.finish());
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(socket.end().await.0, 1001);
    begun.write_all(second.as_bytes()).await.expect("it is open");
    let said = rest(&mut begun).await.to_ascii_lowercase();
    assert!(
        said.starts_with("http/1.1 200 ok") && said.contains("connection: close"),
        "{said}"
    );
    let (status, body) = slow.await.expect("no panic").expect("an answer");
    assert_eq!(status, 200);
    assert!(body.contains("\"59\""), "{body}");
    on_http2.await.expect("no panic").expect("it is told to go");
    assert_eq!(rest(&mut silent).await, "");
    ended.await.expect("the gateway ends well");
}
