//! What a request is told of itself: how each lookup was answered, in numbers that agree with what the systems counted.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::shop::{Answer, STALE, Shop, send};

const LISTING: &str = "{ products(first: 50) { nodes { name variants { sku
    price { unitPrice { gross { amount } } } availability { status quantity } } } } }";

const VARIANT: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name
    price { unitPrice { gross { amount } } } availability { quantity } } }"#;

async fn traced(shop: &Shop, query: &str) -> Answer {
    let request = shop.post().header("x-skuery-explain", "trace");
    send(request.json(&json!({ "query": query }))).await
}

fn waves(answer: &Answer) -> &[Value] {
    let waves = answer.body["extensions"]["trace"]["waves"].as_array();
    waves.unwrap_or_else(|| panic!("no trace: {:#}", answer.body))
}

fn lookups(answer: &Answer) -> impl Iterator<Item = &Value> {
    waves(answer)
        .iter()
        .flat_map(|wave| wave["lookups"].as_array().expect("lookups"))
}

/// Each lookup as `1 erp prices: 3 keys, 3 fetched, 3 batched; 3/3 ok`, in the order of the trace; counts of nothing
/// are left out.
fn shown(answer: &Answer) -> Vec<String> {
    let lines = |wave: &Value| -> Vec<String> {
        let lookups = wave["lookups"].as_array().expect("lookups").iter();
        lookups.map(|lookup| line(&wave["wave"], lookup)).collect()
    };
    waves(answer).iter().flat_map(lines).collect()
}

fn line(wave: &Value, lookup: &Value) -> String {
    let text = |name: &str| lookup[name].as_str().expect("a text").to_owned();
    let mut line = format!(
        "{wave} {} {}: {} keys",
        text("system"),
        text("lookup"),
        lookup["keys"]
    );
    for name in ["hit", "absent", "stale", "shared", "fetched", "batched", "failed"] {
        let count = lookup[name].as_u64().expect("a count");
        if count > 0 {
            line += &format!(", {count} {name}");
        }
    }
    for call in lookup["calls"].as_array().expect("calls") {
        let outcome = call["outcome"].as_str().unwrap_or("under way");
        line += &format!("; {}/{} {outcome}", call["own"], call["keys"]);
    }
    line
}

/// By system: the HTTP requests and the keys of all calls.
fn asked(answer: &Answer) -> BTreeMap<&str, (u64, u64)> {
    let mut asked = BTreeMap::new();
    for lookup in lookups(answer) {
        let (requests, keys): &mut (u64, u64) = asked
            .entry(lookup["system"].as_str().expect("a system"))
            .or_default();
        for call in lookup["calls"].as_array().expect("calls") {
            *requests += call["requests"].as_u64().expect("an ended call");
            *keys += call["keys"].as_u64().expect("a number");
        }
    }
    asked
}

#[tokio::test]
async fn a_cold_trace_agrees_with_what_the_systems_counted() {
    let shop = Shop::start().await;
    let answer = traced(&shop, LISTING).await;
    for name in ["erp", "wms"] {
        let system = shop.system(name);
        assert_eq!(asked(&answer)[name], (system.calls(), system.keys()), "{name}");
    }
    // A search is a key to us, and none to the PIM.
    assert_eq!(asked(&answer)["pim"], (shop.system("pim").calls(), 1));
    let skus = shop.system("erp").keys();
    assert_eq!(
        shown(&answer),
        [
            "1 pim search: 1 keys, 1 fetched; 1/1 ok".to_owned(),
            format!("2 erp prices: {skus} keys, {skus} fetched, {skus} batched; {skus}/{skus} ok"),
            format!("2 wms stock: {skus} keys, {skus} fetched, {skus} batched; {skus}/{skus} ok"),
        ]
    );
    assert_eq!(answer.waves(), 2);
}

#[tokio::test]
async fn a_warm_trace_has_hits_and_no_call() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    traced(&shop, VARIANT).await;
    shop.calls();
    let again = traced(&shop, VARIANT).await;
    assert_eq!(
        shown(&again),
        [
            "1 pim variants: 1 keys, 1 hit",
            "1 erp prices: 1 keys, 1 hit",
            "1 wms stock: 1 keys, 1 hit",
        ]
    );
    assert_eq!(waves(&again)[0]["ms"].to_string(), "0.000");
    assert_eq!(again.waves(), 0);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_key_that_several_fields_ask_counts_once() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    let twice = r#"{ a: variant(sku: "MC-10008-WHT-M") { name availability { quantity } }
                     b: variant(sku: "MC-10008-WHT-M") { sku availability { status } } }"#;
    for expected in ["1 fetched; 1/1 ok", "1 hit"] {
        let answer = traced(&shop, twice).await;
        let stock = shown(&answer).pop().expect("a lookup");
        assert_eq!(stock, format!("1 wms stock: 1 keys, {expected}"));
    }
}

#[tokio::test]
async fn of_equal_requests_one_is_told_of_the_call_and_the_others_that_they_shared_it() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    for name in ["pim", "erp", "wms"] {
        shop.turn(name, json!({ "latencyMs": 300 }));
    }
    let answers = join_all((0..20).map(|_| traced(&shop, VARIANT))).await;
    for system in ["pim", "erp", "wms"] {
        let of_system = || {
            answers
                .iter()
                .flat_map(lookups)
                .filter(|lookup| lookup["system"] == system)
        };
        let sum = |name: &str| -> u64 { of_system().filter_map(|lookup| lookup[name].as_u64()).sum() };
        assert_eq!(sum("keys"), 20);
        assert_eq!(sum("fetched"), 1);
        assert_eq!(sum("shared") + sum("hit"), 19);
        assert!(sum("shared") > 0);
        let calls: Vec<&Value> = of_system().filter_map(|lookup| lookup["calls"].get(0)).collect();
        assert_eq!(calls.len(), 1, "one call of {system}");
    }
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn a_failed_call_is_told_and_so_is_what_stood_in_for_it() {
    let shop = Shop::with(|yaml| format!("{yaml}{STALE}")).await;
    traced(&shop, VARIANT).await;
    shop.set_down("erp", true);
    let answer = traced(&shop, VARIANT).await;
    assert_eq!(
        shown(&answer)[1],
        "1 erp prices: 1 keys, 1 stale; 1/1 unavailable"
    );
    let other = traced(&shop, &VARIANT.replace("WHT-M", "WHT-L")).await;
    assert_eq!(
        shown(&other)[1],
        "1 erp prices: 1 keys, 1 failed; 1/1 unavailable"
    );
}

#[tokio::test]
async fn a_wave_at_the_checkout_desk_is_told_without_lookups() {
    let shop = Shop::selling().await;
    let released = traced(
        &shop,
        r#"mutation { releaseCheckout(token: "none") { released } }"#,
    )
    .await;
    assert_eq!(waves(&released).len(), 1, "{:#}", released.body);
    assert_eq!(waves(&released)[0]["lookups"], json!([]));
}

#[tokio::test]
async fn who_does_not_ask_is_told_nothing_and_who_does_gets_the_same_answer() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    shop.query(VARIANT).await;
    let text = async |explain: Option<&str>| {
        let request = shop.post().json(&json!({ "query": VARIANT }));
        let request = match explain {
            Some(names) => request.header("x-skuery-explain", names),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        response.text().await.expect("a text")
    };
    let (untraced, traced) = (text(None).await, text(Some("trace")).await);
    assert!(!untraced.contains("extensions"), "{untraced}");
    let answer = untraced.strip_suffix('}').expect("an object");
    let rest = traced
        .strip_prefix(answer)
        .expect("the same answer, byte by byte");
    assert!(rest.starts_with(r#","extensions":{"trace":{"#), "{rest}");
}

#[tokio::test]
async fn who_may_not_see_traces_is_refused_by_name_before_anything_is_asked() {
    let anyone = "explain: { plan: anyone, trace: anyone }";
    let shop = Shop::with(|yaml| {
        assert!(yaml.contains(anyone), "the demo shows traces");
        yaml.replace(anyone, "explain: { plan: anyone, trace: staff }")
    })
    .await;
    let refused = traced(&shop, VARIANT).await;
    let (code, message) = refused.refusal();
    assert_eq!(code, "UNAUTHENTICATED");
    // The playground asks again without what such a message names.
    assert!(message.starts_with("extensions.trace "), "{message}");
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_trace_names_lookups_systems_and_outcomes_and_nothing_else() {
    let shop = Shop::start().await;
    let customer = shop.post().header("x-skuery-explain", "trace");
    let customer = customer.bearer_auth(shop.demo.token("10010").expect("a customer"));
    let query = format!(
        "{{ viewer {{ name orders(first: 3) {{ nodes {{ number }} }} }} {}",
        &VARIANT[1..]
    );
    let answer = send(customer.json(&json!({ "query": query }))).await;
    assert!(answer.data("viewer.name").is_string());
    let mut texts = BTreeSet::new();
    gather_texts(&answer.body["extensions"]["trace"], &mut texts);
    let lines = shown(&answer);
    let known: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| line.split(':').next().expect("a head").split(' ').skip(1))
        .chain(["ok"])
        .collect();
    assert_eq!(texts, known);
    assert!(
        known.contains("orders") && known.contains("customers"),
        "{known:?}"
    );
}

fn gather_texts<'a>(value: &'a Value, texts: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            texts.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| gather_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| gather_texts(member, texts)),
        _ => {}
    }
}
