//! Answers and requests in gzip, br and zstd.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::shop::{Answer, Shop, limited, send};

const LONG: &str = "{ products(first: 40) { nodes { id name } } }";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*bytes, &mut coded, &parameters).expect("memory takes it");
    coded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 19).expect("memory takes it")
}

async fn post(shop: &Shop, coding: &str, body: Vec<u8>) -> Answer {
    let request = shop.post().header("content-type", "application/json");
    send(request.header("content-encoding", coding).body(body)).await
}

#[tokio::test]
async fn long_answers_are_coded_as_the_client_likes() {
    let shop = Shop::start().await;
    let plain = shop.query(LONG).await;
    assert!(!plain.headers.contains_key("content-encoding"));
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("gzip, br;q=0.5", "gzip"),
        ("deflate, br", "br"),
        ("gzip, br, zstd", "zstd"),
        ("identity;q=0.1, *", "zstd"),
    ] {
        let request = shop
            .post()
            .header("accept-encoding", accepted)
            .json(&json!({ "query": LONG }));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-encoding"], coding, "{accepted}");
        let vary = response.headers()["vary"].to_str().expect("ASCII").to_owned();
        assert!(vary.contains("accept-encoding"), "{vary}");
        let coded = response.bytes().await.expect("a body");
        let mut decoded = Vec::new();
        match coding {
            "gzip" => GzDecoder::new(&*coded).read_to_end(&mut decoded).map(drop),
            "br" => brotli::BrotliDecompress(&mut &*coded, &mut decoded),
            _ => zstd::stream::copy_decode(&*coded, &mut decoded),
        }
        .expect("it is what it says");
        let decoded: serde_json::Value = serde_json::from_slice(&decoded).expect("JSON");
        assert_eq!(decoded, plain.body);
        assert!(
            coded.len() * 2 < plain.body.to_string().len(),
            "{coding}: {}",
            coded.len()
        );
    }
    for (accepted, query) in [("gzip", "{ __typename }"), ("gzip;q=0, deflate", LONG)] {
        let request = shop.post().header("accept-encoding", accepted);
        let answer = send(request.json(&json!({ "query": query }))).await;
        assert!(!answer.headers.contains_key("content-encoding"), "{accepted}");
        let vary = answer.headers["vary"].to_str().expect("ASCII");
        assert!(vary.contains("accept-encoding"), "{vary}");
    }
}

#[tokio::test]
async fn requests_may_be_coded() {
    let shop = Shop::start().await;
    let body = json!({ "query": "{ __typename }" }).to_string().into_bytes();
    for (coding, coded) in [
        ("gzip", gzip(&body)),
        ("GZIP", gzip(&body)),
        ("x-gzip", gzip(&body)),
        ("br", brotli(&body)),
        ("zstd", zstd(&body)),
        ("identity", body.clone()),
    ] {
        let answer = post(&shop, coding, coded).await;
        assert_eq!(answer.data("__typename"), "Query", "{coding}");
    }
    for (coding, coded) in [
        ("gzip", body.clone()),
        ("gzip", gzip(&body)[..20].to_vec()),
        ("br", zstd(&body)),
        ("zstd", gzip(&body)),
        ("gzip", Vec::new()),
    ] {
        let answer = post(&shop, coding, coded).await;
        assert_eq!(
            (answer.status, answer.refusal().0),
            (400, "BAD_USER_INPUT"),
            "{coding}"
        );
    }
    for coding in ["deflate", "compress", "gzip, gzip", "gzip, br", ""] {
        let answer = post(&shop, coding, gzip(&gzip(&body))).await;
        assert_eq!(answer.status, 415, "{coding}");
        assert_eq!(answer.headers["accept-encoding"], "zstd, br, gzip");
        answer.refusal();
    }
}

#[tokio::test]
async fn a_bomb_is_given_up_where_it_passes_the_limit() {
    let shop = Shop::with(|yaml| limited(&yaml, "body_bytes: 100000")).await;
    // A thousand to one, and more.
    let query = format!("{{\"query\":\"{{ __typename }}\"{}}}", " ".repeat(90_000_000));
    for (coding, coded) in [
        ("gzip", gzip(query.as_bytes())),
        ("br", brotli(&query.as_bytes()[..9_000_000])),
        ("zstd", zstd(query.as_bytes())),
    ] {
        assert!(coded.len() < 100_000, "{coding}: {}", coded.len());
        let answer = post(&shop, coding, coded).await;
        assert_eq!(answer.status, 413, "{coding}");
        answer.refusal();
    }
    let fits = format!("{{\"query\":\"{{ __typename }}\"{}}}", " ".repeat(90_000));
    assert_eq!(post(&shop, "zstd", zstd(fits.as_bytes())).await.status, 200);
    // One that asks for a window of 128 MiB to be made room for.
    let mut wide = zstd::stream::Encoder::new(Vec::new(), 3).expect("an encoder");
    wide.window_log(27).expect("a window");
    wide.write_all(fits.as_bytes()).expect("memory takes it");
    let wide = wide.finish().expect("memory takes it");
    assert_eq!(post(&shop, "zstd", wide).await.status, 400);
}
