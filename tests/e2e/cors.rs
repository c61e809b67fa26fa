//! Pages of other sites: what browsers are told of them, for requests and for sockets.

use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::raw::question;
use crate::shop::{LONG, Shop, client};
use crate::socket_client::{SUBPROTOCOL, upgrade};

const CORS: &str = "cors: { origins: ['https://shop.example', 'http://localhost:3000'], headers: [x-mine], max_age_secs: 60 }\n";

async fn with(cors: &str) -> Shop {
    Shop::with(|yaml| format!("{yaml}{LONG}{cors}")).await
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().expect("ASCII"))
}

/// What a browser is told before it sends a question of a page.
async fn preflight(shop: &Shop, path: &str, origin: &str) -> (u16, HeaderMap) {
    let request = client()
        .request(Method::OPTIONS, format!("{}{path}", shop.url))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,authorization");
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.headers().clone())
}

async fn asked(shop: &Shop, origin: &str) -> HeaderMap {
    let body = question("");
    let (_, body) = body.split_once("\r\n\r\n").expect("a body");
    let request = shop
        .post()
        .header("origin", origin)
        .header("content-type", "application/json")
        .body(body.to_owned());
    let answer = request.send().await.expect("an answer");
    assert_eq!(
        answer.status(),
        200,
        "whoever is no browser is not kept from asking"
    );
    answer.headers().clone()
}

#[tokio::test]
async fn nothing_is_allowed_unless_it_is_configured() {
    let shop = Shop::start().await;
    let (status, headers) = preflight(&shop, "/graphql", "https://shop.example").await;
    assert_eq!(status, 405);
    assert_eq!(header(&headers, "access-control-allow-origin"), None);
    let headers = asked(&shop, "https://shop.example").await;
    assert!(
        headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control"))
    );
}

#[tokio::test]
async fn only_origins_that_are_named_are_allowed() {
    let shop = with(CORS).await;
    for (origin, allowed) in [
        ("https://shop.example", true),
        ("http://localhost:3000", true),
        ("http://shop.example", false),
        ("https://shop.example:8443", false),
        ("https://shop.example.evil.example", false),
        ("https://evil-shop.example", false),
        ("https://sub.shop.example", false),
        ("HTTPS://SHOP.EXAMPLE", false),
        ("https://shop.example/", false),
        ("http://localhost:3001", false),
        ("null", false),
        ("", false),
    ] {
        let expected = allowed.then_some(origin);
        let (status, headers) = preflight(&shop, "/graphql", origin).await;
        assert_eq!(status, 200, "{origin}");
        assert_eq!(
            header(&headers, "access-control-allow-origin"),
            expected,
            "{origin}"
        );
        assert_eq!(header(&headers, "access-control-allow-credentials"), None);
        let headers = asked(&shop, origin).await;
        assert_eq!(
            header(&headers, "access-control-allow-origin"),
            expected,
            "{origin}"
        );
        let vary = headers.get_all("vary").iter();
        assert!(
            vary.into_iter().any(|value| value == "origin"),
            "{origin}: a cache must not mix them up"
        );
    }
}

#[tokio::test]
async fn a_preflight_says_what_may_be_sent_and_what_may_be_read() {
    let shop = with(CORS).await;
    let (_, headers) = preflight(&shop, "/graphql", "https://shop.example").await;
    assert_eq!(header(&headers, "access-control-allow-methods"), Some("GET,POST"));
    assert_eq!(header(&headers, "access-control-max-age"), Some("60"));
    let allowed = header(&headers, "access-control-allow-headers").expect("a list");
    for name in [
        "content-type",
        "authorization",
        "x-channel",
        "x-act-as",
        "apollographql-client-name",
        "x-mine",
    ] {
        assert!(
            allowed.split(',').any(|allowed| allowed == name),
            "{name}: {allowed}"
        );
    }
    assert_eq!(header(&headers, "vary"), Some("origin"));
    let headers = asked(&shop, "https://shop.example").await;
    let exposed = header(&headers, "access-control-expose-headers").expect("a list");
    assert!(
        exposed.split(',').any(|name| name == "x-skuery-waves"),
        "{exposed}"
    );
    for path in ["/", "/metrics", "/health/ready"] {
        let (status, headers) = preflight(&shop, path, "https://shop.example").await;
        assert_eq!(status, 405, "{path}");
        assert_eq!(header(&headers, "access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn any_origin_is_any_but_null_and_never_with_credentials() {
    let shop = with("cors: { origins: ['*'] }\n").await;
    let (_, headers) = preflight(&shop, "/graphql", "https://anybody.example").await;
    assert_eq!(
        header(&headers, "access-control-allow-origin"),
        Some("https://anybody.example")
    );
    assert_eq!(header(&headers, "access-control-allow-credentials"), None);
    let (_, headers) = preflight(&shop, "/graphql", "null").await;
    assert_eq!(header(&headers, "access-control-allow-origin"), None);
    let shop = with("cors: { origins: ['https://shop.example'], credentials: true }\n").await;
    let (_, headers) = preflight(&shop, "/graphql", "https://shop.example").await;
    assert_eq!(header(&headers, "access-control-allow-credentials"), Some("true"));
}

#[tokio::test]
async fn sockets_are_opened_by_the_same_pages() {
    let shop = with(CORS).await;
    for (origin, status) in [
        ("https://shop.example", 101),
        (shop.url.as_str(), 101),
        ("https://evil.example", 403),
        ("null", 403),
    ] {
        let answer = upgrade(&shop, &[SUBPROTOCOL, ("Origin", origin)]).await;
        assert_eq!(answer.status, status, "{origin}");
    }
    let any = with("cors: { origins: ['*'] }\n").await;
    for (origin, status) in [("https://anybody.example", 101), ("null", 403)] {
        let answer = upgrade(&any, &[SUBPROTOCOL, ("Origin", origin)]).await;
        assert_eq!(answer.status, status, "{origin}");
    }
}
