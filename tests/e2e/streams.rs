//! Streams over HTTP: graphql-sse in its distinct connections mode, and Apollo's multipart protocol.

use jiff::Timestamp;
use serde_json::json;
use url::form_urlencoded;

use crate::issuer::issuer;
use crate::shop::{LONG, Shop, send};
use crate::sign_in::Portal;
use crate::subscriber::{MULTIPART, Subscriber, Told, WAYS, Way};
use crate::subscriptions::OFTEN;

const STOCK: &str = r#"subscription { availabilityChanged(skus: ["MC-10008-WHT-M"]) { sku } }"#;

/// The body and media type of an answer that ends by itself.
async fn whole(shop: &Shop, accept: &str, query: &str) -> (u16, String, String) {
    let request = shop
        .post()
        .header("accept", accept)
        .json(&json!({ "query": query }));
    let response = request.send().await.expect("an answer");
    let media = response.headers()["content-type"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let status = response.status().as_u16();
    (status, media, response.text().await.expect("a whole body"))
}

#[tokio::test]
async fn operations_that_end_are_answered_as_streams_to_who_takes_nothing_else() {
    let shop = Shop::start().await;
    let typename = r#"{"data":{"__typename":"Query"}}"#;
    let (status, media, body) = whole(&shop, "text/event-stream", "{ __typename }").await;
    assert_eq!(
        (status, media.as_str()),
        (200, "text/event-stream; charset=utf-8")
    );
    assert_eq!(
        body,
        format!(":\n\nevent: next\ndata: {typename}\n\nevent: complete\ndata: \n\n")
    );
    let only = "multipart/mixed;subscriptionSpec=1.0";
    let (_, _, body) = whole(&shop, only, "{ __typename }").await;
    let head = "--graphql\r\nContent-Type: application/json\r\n\r\n";
    assert_eq!(
        body,
        format!("{head}{{\"payload\":{typename}}}\r\n--graphql--\r\n")
    );
    // A mutation, and what cannot be executed: errors are events, because a status could not be read by an EventSource.
    let (_, _, body) = whole(&shop, "text/event-stream", "mutation { __typename }").await;
    assert!(
        body.contains(r#"data: {"data":{"__typename":"Mutation"}}"#),
        "{body}"
    );
    let (status, _, body) = whole(&shop, "text/event-stream", "{ nope }").await;
    assert_eq!(status, 200);
    assert!(
        body.contains("event: next\ndata: {\"errors\":[{\"message\":"),
        "{body}"
    );
    assert!(body.ends_with("\n\nevent: complete\ndata: \n\n"), "{body}");
}

#[tokio::test]
async fn who_takes_both_gets_objects_for_what_ends_and_a_stream_for_what_goes_on() {
    let shop = Shop::start().await;
    let urql = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    for accept in [urql, MULTIPART] {
        for query in ["{ __typename }", "{ nope }"] {
            let request = shop
                .post()
                .header("accept", accept)
                .json(&json!({ "query": query }));
            let answer = send(request).await;
            let media = answer.headers["content-type"].to_str().expect("ASCII");
            assert!(media.contains("json"), "{accept}: {media}");
        }
    }
    let request = shop
        .post()
        .header("accept", urql)
        .json(&json!({ "query": STOCK }));
    let response = request.send().await.expect("an answer");
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    // And who takes no stream is told which there are.
    let refused = shop.query(STOCK).await;
    assert_eq!(refused.refusal().0, "OPERATION_NOT_ALLOWED");
}

#[tokio::test]
async fn streams_are_given_by_get_to_who_could_not_have_been_made_to_ask() {
    let shop = Shop::start().await;
    let get = |query: &str| {
        let path = format!(
            "/graphql?{}",
            form_urlencoded::Serializer::new(String::new())
                .append_pair("query", query)
                .finish()
        );
        shop.get(&path).header("accept", "text/event-stream")
    };
    let asked = get(STOCK).header("apollo-require-preflight", "1").send().await;
    let mut response = asked.expect("an answer");
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let mut text = String::new();
    while !text.contains("event: next\ndata: {\"data\":{\"availabilityChanged\":{\"sku\":") {
        let chunk = response.chunk().await.expect("a body").expect("it goes on");
        text += std::str::from_utf8(&chunk).expect("UTF-8");
    }
    let refused = get("mutation { __typename }").header("apollo-require-preflight", "1");
    let body = refused
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(body.contains("OPERATION_NOT_ALLOWED"), "{body}");
    assert_eq!(send(get(STOCK)).await.status, 400);
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_there_is_a_stream() {
    let shop = Shop::start().await;
    for accept in ["text/event-stream", MULTIPART] {
        let post = || shop.post().header("accept", accept);
        // As elsewhere, 400 for who knows only the older type.
        let malformed = 400;
        assert_eq!(send(post().json(&json!({}))).await.status, malformed);
        assert_eq!(send(post().body("{}")).await.status, 415);
        let signed = post().bearer_auth("nonsense").json(&json!({ "query": STOCK }));
        assert_eq!(send(signed).await.status, 401);
    }
}

#[tokio::test]
async fn streams_are_bounded_in_all_and_for_an_address() {
    for (limits, status) in [("streams: 2", 503), ("streams_per_address: 2", 429)] {
        let shop = Shop::with(|yaml| format!("{yaml}{LONG}subscriptions: {{ {limits} }}\n")).await;
        let mut first = Subscriber::open(&shop, Way::Sse, STOCK).await;
        let mut second = Subscriber::open(&shop, Way::Multipart, STOCK).await;
        first.data().await;
        second.data().await;
        let more = || {
            let request = shop.post().header("accept", "text/event-stream");
            request.json(&json!({ "query": STOCK }))
        };
        let refused = send(more()).await;
        assert_eq!(refused.status, status);
        assert_eq!(refused.refusal().0, "OPERATION_NOT_ALLOWED");
        // Sockets have bounds of their own, and what ends needs no place.
        Subscriber::open(&shop, Way::Socket, STOCK).await.data().await;
        whole(&shop, "text/event-stream", "{ __typename }").await;
        first.leave().await;
        while more().send().await.expect("an answer").status().as_u16() == status {}
        second.leave().await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let portal = Portal::with("RS256", |yaml| yaml + OFTEN).await;
    // Accepted for 30 seconds after its end, of which 20 have passed.
    let last = Timestamp::now().as_second() - 20;
    let token = issuer().token(json!({ "exp": last, "iat": last - 60, "nbf": last - 60 }));
    let mut all = Vec::new();
    for way in WAYS {
        let mut subscriber = Subscriber::open_as(&portal.shop, way, Some(&token), STOCK).await;
        subscriber.data().await;
        all.push((subscriber, way));
    }
    for (mut subscriber, way) in all {
        match (way, subscriber.told().await) {
            (Way::Socket, Told::Cut(why)) => assert_eq!(why, "4403 token expired"),
            (Way::Sse, Told::Next(response)) => {
                assert_eq!(response["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
                assert_eq!(subscriber.told().await, Told::Complete);
            }
            (Way::Multipart, Told::Errors(errors)) => {
                assert_eq!(errors[0]["extensions"]["code"], "UNAUTHENTICATED");
                assert_eq!(subscriber.told().await, Told::Complete);
            }
            (_, told) => panic!("{way:?}: {told:?}"),
        }
    }
}

#[tokio::test]
async fn streams_end_with_the_server_and_do_not_keep_it() {
    let shop = Shop::start().await;
    let mut all = Vec::new();
    for way in WAYS {
        let mut subscriber = Subscriber::open(&shop, way, STOCK).await;
        subscriber.data().await;
        all.push(subscriber);
    }
    let ended = tokio::spawn(shop.finish());
    for subscriber in &mut all {
        match subscriber.told().await {
            Told::Cut(why) => assert!(why.is_empty() || why == "1001 the server is stopping", "{why}"),
            Told::Errors(errors) => {
                assert_eq!(errors[0]["message"], "the server is stopping");
                assert_eq!(subscriber.told().await, Told::Complete);
            }
            told => panic!("{told:?}"),
        }
    }
    drop(all);
    ended.await.expect("it ends well");
}
