//! What is not an answer at all: garbage, login pages, broken and endless bodies, silence, refusals.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::script::{Reply, Script, with_address};
use crate::shop::{LONG, Shop};

const QUERY: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name price { unitPrice { gross { amount } } }
    availability { quantity } } }"#;
const GOOD: &str = r#"[{"articleNumber":"MC-10008-WHT-M","inventoryPerWarehouse":[{"warehouseId":1,"sellableNumberOfItems":42}]}]"#;

/// A shop whose warehouse is a script that is given this long to answer.
async fn shop(script: &Script, attempt_timeout_ms: u64) -> Shop {
    Shop::with(|yaml| {
        let patient = "upstream: { attempt_timeout_ms: 30000";
        let limited =
            format!("upstream: {{ max_response_bytes: 65536, attempt_timeout_ms: {attempt_timeout_ms}");
        assert!(yaml.contains(patient));
        with_address(&yaml, "wms", &script.url).replace(patient, &limited) + LONG
    })
    .await
}

const PATIENT: u64 = 30_000;

/// Cold: null with one error, and everything else comes. Then the system is well again, and nothing bad was kept.
async fn check(reply: Reply, expected: &str) {
    check_within(reply, PATIENT, expected).await;
}

async fn check_within(reply: Reply, attempt_timeout_ms: u64, expected: &str) {
    let script = Script::start(reply.clone()).await;
    let shop = shop(&script, attempt_timeout_ms).await;
    let answer = shop.query(QUERY).await;
    assert_eq!(answer.status, 294);
    assert!(answer.partial("variant.availability").is_null());
    assert_eq!(answer.partial("variant.name"), "Hanseat Vega 1 jethjälm");
    assert_eq!(answer.partial("variant.price.unitPrice.gross.amount"), "1709");
    assert_eq!(
        answer.errors(),
        [format!("variant.availability {expected}")],
        "{reply:?}"
    );
    let told = answer.body.to_string();
    for internal in ["127.0.0.1", "http", "<html", "inventoryPerWarehouse", "hunter2"] {
        assert!(
            !told.contains(internal),
            "{internal} of {reply:?} reached the client: {told}"
        );
    }
    assert_eq!(script.requests().len(), 1, "{reply:?}");
    script.say(Reply::json(GOOD));
    let healed = shop.query(QUERY).await;
    assert_eq!(
        healed.data("variant.availability.quantity"),
        "42",
        "after {reply:?}"
    );
    shop.finish().await;
}

const UNUSABLE: &str = "SYSTEM_REJECTED wms final";

#[tokio::test]
async fn garbage_is_refused_and_not_kept() {
    check(Reply::json("not json at all"), UNUSABLE).await;
    check(Reply::json(""), UNUSABLE).await;
    check(Reply::json(format!("\u{feff}{GOOD}")), UNUSABLE).await;
    check(Reply::json(&GOOD[..GOOD.len() - 3]), UNUSABLE).await;
    check(Reply::json(format!("{GOOD}{GOOD}")), UNUSABLE).await;
    check(Reply::json("{\"articleNumber\":\"MC-10008-WHT-M\"}"), UNUSABLE).await;
    check(Reply::json("null"), UNUSABLE).await;
    check(Reply::json("[".repeat(60_000)), UNUSABLE).await;
}

#[tokio::test]
async fn a_login_page_with_status_200_is_no_answer() {
    let page = "<html><body><form action=/login>password: hunter2</form></body></html>";
    check(
        Reply::Typed("text/html; charset=utf-8", page.to_owned()),
        UNUSABLE,
    )
    .await;
    check(Reply::json(page), UNUSABLE).await;
    check(Reply::Typed("text/plain", GOOD.to_owned()), UNUSABLE).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Script::start(Reply::json(GOOD)).await;
    let location = format!("location: {}/login", elsewhere.url);
    check(Reply::Headed(302, location.clone()), UNUSABLE).await;
    check(Reply::Headed(307, location), UNUSABLE).await;
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_or_never_ends_is_no_answer() {
    check(
        Reply::Truncated(GOOD.to_owned()),
        "SYSTEM_UNAVAILABLE wms retryable",
    )
    .await;
    check(Reply::Huge(70_000), UNUSABLE).await;
    check(Reply::Huge(50_000_000), UNUSABLE).await;
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn packed_answers_are_bounded_by_what_they_unfold_to() {
    let script = Script::start(Reply::Packed(packed(GOOD.as_bytes()))).await;
    let shop = shop(&script, PATIENT).await;
    let answer = shop.query(QUERY).await;
    assert_eq!(answer.data("variant.availability.quantity"), "42");
    let bomb = packed(&vec![b' '; 20_000_000]);
    assert!(bomb.len() < 100_000, "small on the wire");
    check(Reply::Packed(bomb), UNUSABLE).await;
    check(Reply::Packed(GOOD.as_bytes().to_vec()), UNUSABLE).await;
    let mut damaged = packed(GOOD.repeat(20).as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    check(Reply::Packed(damaged), UNUSABLE).await;
}

#[tokio::test]
async fn a_system_that_never_answers_is_given_up() {
    check_within(Reply::Silent, 1_500, "SYSTEM_TIMEOUT wms retryable").await;
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up_as_well() {
    check_within(
        Reply::Trickle(GOOD.to_owned()),
        1_500,
        "SYSTEM_TIMEOUT wms retryable",
    )
    .await;
}

#[tokio::test]
async fn statuses_say_whether_it_makes_sense_to_ask_again() {
    for (status, expected) in [
        (400, "SYSTEM_REJECTED wms final"),
        (401, "SYSTEM_REJECTED wms final"),
        (403, "SYSTEM_REJECTED wms final"),
        (404, "SYSTEM_REJECTED wms final"),
        (408, "SYSTEM_TIMEOUT wms retryable"),
        (429, "SYSTEM_OVERLOADED wms retryable"),
        (500, "SYSTEM_UNAVAILABLE wms retryable"),
        (502, "SYSTEM_UNAVAILABLE wms retryable"),
        (503, "SYSTEM_UNAVAILABLE wms retryable"),
    ] {
        check(
            Reply::Status(status, r#"{"message":"hunter2 at http://127.0.0.1"}"#.to_owned()),
            expected,
        )
        .await;
    }
}

#[tokio::test]
async fn a_price_service_that_redirects_its_pages_elsewhere_is_not_followed() {
    let elsewhere = Script::start(Reply::json(r#"{"value":[]}"#)).await;
    let page = format!(
        r#"{{"access_token":"t","expires_in":3600,"token_type":"Bearer","value":[],"@odata.nextLink":"{}/steal"}}"#,
        elsewhere.url
    );
    let script = Script::start(Reply::json(page)).await;
    let shop = Shop::with(|yaml| {
        let token = format!("token_url: {}/token", script.url);
        let yaml = with_address(&yaml, "erp", &script.url);
        let old = yaml
            .lines()
            .find(|line| line.contains("token_url:"))
            .expect("a token address")
            .trim()
            .to_owned();
        yaml.replace(&old, &token)
    })
    .await;
    let answer = shop.query(QUERY).await;
    assert!(answer.partial("variant.price").is_null());
    assert_eq!(answer.errors(), ["variant.price SYSTEM_REJECTED erp final"]);
    assert!(
        elsewhere.requests().is_empty(),
        "a next page is of the same origin"
    );
    assert_eq!(script.requests().len(), 2, "the login and the first page");
}
